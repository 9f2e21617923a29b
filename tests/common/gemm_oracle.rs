//! The naive product in double precision, and what a single-precision one may differ by.
//!
//! Never optimised: every dense product of the crate is held against it, for good.

#![allow(dead_code, reason = "each test file takes what it needs")]

use kernels::{Epilogue, MatMut, MatRef};

/// A matrix with its shape and strides, whose floats outside the view are NaN: a kernel that
/// reads one of them shows it.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub data: Vec<f32>,
    pub rows: usize,
    pub cols: usize,
    pub row_stride: usize,
    pub col_stride: usize,
}

/// How a matrix lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Contiguous rows, `gap` floats between them.
    Rows { gap: usize },
    /// Contiguous columns, `gap` floats between them.
    Columns { gap: usize },
    /// Neither: every second float of rows with one float between them.
    Spread,
}

pub const LAYOUTS: [Layout; 5] = [
    Layout::Rows { gap: 0 },
    Layout::Rows { gap: 3 },
    Layout::Columns { gap: 0 },
    Layout::Columns { gap: 5 },
    Layout::Spread,
];

impl Matrix {
    pub fn new(rows: usize, cols: usize, layout: Layout, mut next: impl FnMut() -> f32) -> Self {
        let (row_stride, col_stride) = match layout {
            Layout::Rows { gap } => (cols + gap, 1),
            Layout::Columns { gap } => (1, rows + gap),
            Layout::Spread => (2 * cols + 1, 2),
        };
        let len = if rows == 0 || cols == 0 {
            0
        } else {
            (rows - 1) * row_stride + (cols - 1) * col_stride + 1
        };
        let mut matrix = Self {
            data: vec![f32::NAN; len],
            rows,
            cols,
            row_stride,
            col_stride,
        };
        for i in 0..rows {
            for j in 0..cols {
                matrix.data[i * row_stride + j * col_stride] = next();
            }
        }
        matrix
    }

    pub fn view(&self) -> MatRef<'_> {
        self.view_of(&self.data)
    }

    /// `data`, which lie elsewhere, as these.
    pub fn view_of<'a>(&self, data: &'a [f32]) -> MatRef<'a> {
        MatRef::with_strides(data, self.rows, self.cols, self.row_stride, self.col_stride)
    }

    pub fn view_mut(&mut self) -> MatMut<'_> {
        MatMut::with_strides(
            &mut self.data,
            self.rows,
            self.cols,
            self.row_stride,
            self.col_stride,
        )
    }

    pub fn view_mut_of<'a>(&self, data: &'a mut [f32]) -> MatMut<'a> {
        MatMut::with_strides(data, self.rows, self.cols, self.row_stride, self.col_stride)
    }
}

/// A sum of products in double precision, and that of their sizes.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    terms: usize,
    value: f64,
    size: f64,
}

/// An element of the product in double precision, and how far a float of it may be off.
#[derive(Clone, Copy, Debug)]
pub struct Exact {
    pub value: f64,
    pub bound: f64,
}

impl Sum {
    fn of(terms: usize) -> Self {
        let (value, size) = (0.0, 0.0);
        Self { terms, value, size }
    }

    fn add(&mut self, a: f64, b: f64) {
        let term = a * b;
        self.value += term;
        self.size += term.abs();
    }

    /// What `epilogue` makes of it in column j of a C that held `old`.
    ///
    /// The bound is that of a sum of k products in any order, (k + 3)·ε·Σ|a||b| with ε the unit
    /// roundoff 2⁻²⁴ (Higham 2002, section 3.1), the epilogue's two additions included.
    pub fn exact(self, old: f32, epilogue: Epilogue<'_>, j: usize) -> Exact {
        let other = match epilogue {
            Epilogue::Store => 0.0,
            Epilogue::Add => f64::from(old),
            Epilogue::Bias(bias) | Epilogue::BiasRelu(bias) => f64::from(bias[j]),
        };
        let mut value = self.value + other;
        let mut size = self.size + other.abs();
        if matches!(epilogue, Epilogue::BiasRelu(_)) && value < 0.0 {
            if value.is_infinite() {
                // Clipped exactly: its size says nothing of an error.
                size = 0.0;
            }
            value = 0.0;
        }
        let unit = f64::from(f32::EPSILON) / 2.0;
        Exact {
            value,
            bound: (self.terms + 3) as f64 * unit * size,
        }
    }
}

/// Element (i, j) of A·B.
pub fn sum(a: MatRef<'_>, b: MatRef<'_>, i: usize, j: usize) -> Sum {
    let mut sum = Sum::of(a.cols());
    for k in 0..a.cols() {
        sum.add(f64::from(a.at(i, k)), f64::from(b.at(k, j)));
    }
    sum
}

/// All elements of A·B, row after row: as `sum` has them, but without a look-up for each term.
pub fn sums(a: MatRef<'_>, b: MatRef<'_>) -> Vec<Sum> {
    let n = b.cols();
    let wide = |x: MatRef<'_>| -> Vec<f64> {
        let rows = (0..x.rows()).flat_map(|i| (0..x.cols()).map(move |j| x.at(i, j)));
        rows.map(f64::from).collect()
    };
    let (left, right) = (wide(a), wide(b));
    let mut sums = vec![Sum::of(a.cols()); a.rows() * n];
    for (i, row) in sums.chunks_exact_mut(n.max(1)).enumerate() {
        for k in 0..a.cols() {
            for (sum, &b) in row.iter_mut().zip(&right[k * n..]) {
                sum.add(left[i * a.cols() + k], b);
            }
        }
    }
    sums
}

/// Why `got` is not the `exact` value, or nothing where it is, NaN and infinities included.
pub fn difference(got: f32, exact: Exact) -> Option<String> {
    let same = if exact.value.is_finite() {
        (f64::from(got) - exact.value).abs() <= exact.bound
    } else if exact.value.is_nan() {
        got.is_nan()
    } else {
        f64::from(got) == exact.value
    };
    (!same).then(|| format!("{got} is not {} ± {:e}", exact.value, exact.bound))
}
