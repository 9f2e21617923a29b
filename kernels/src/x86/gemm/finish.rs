//! What becomes of a tile once its sums are complete, while they are still in registers.

use std::arch::x86_64::*;

use crate::x86::lanes::Tail;
use crate::{Epilogue, MatMut};

/// The epilogue of a tile.
#[derive(Clone, Copy)]
pub(super) struct Finish<'a> {
    /// Whether what C holds is added.
    pub(super) add: bool,
    pub(super) bias: Bias<'a>,
    pub(super) relu: bool,
}

/// What is added to each element besides the product.
#[derive(Clone, Copy)]
pub(super) enum Bias<'a> {
    None,
    /// One value per column.
    Columns(&'a [f32]),
    /// One value per row: a transposed product.
    Rows(&'a [f32]),
}

/// Where a tile goes: element (i, j) to `i·row_stride + j·col_stride`.
pub(super) struct Target<'a> {
    pub(super) c: &'a mut [f32],
    pub(super) row_stride: usize,
    pub(super) col_stride: usize,
    pub(super) cols: usize,
}

impl<'a> Finish<'a> {
    /// The epilogue of a whole product, whose bias runs along the rows if it is `transposed`.
    pub(super) fn new(epilogue: Epilogue<'a>, transposed: bool) -> Self {
        let bias = |values| {
            if transposed {
                Bias::Rows(values)
            } else {
                Bias::Columns(values)
            }
        };
        let plain = Self {
            add: false,
            bias: Bias::None,
            relu: false,
        };
        match epilogue {
            Epilogue::Store => plain,
            Epilogue::Add => Self { add: true, ..plain },
            Epilogue::Bias(values) => Self {
                bias: bias(values),
                ..plain
            },
            Epilogue::BiasRelu(values) => Self {
                bias: bias(values),
                relu: true,
                ..plain
            },
        }
    }

    /// This epilogue's part in one of several blocks of k: all but the `first` add to the sum so
    /// far, and none but the `last` goes on from it.
    pub(super) fn of_block(self, first: bool, last: bool) -> Self {
        let add = self.add || !first;
        if last {
            Self { add, ..self }
        } else {
            Self {
                add,
                bias: Bias::None,
                relu: false,
            }
        }
    }

    /// The epilogue of the tile whose first element is (i, j).
    pub(super) fn at(self, i: usize, j: usize) -> Self {
        let bias = match self.bias {
            Bias::None => Bias::None,
            Bias::Columns(values) => Bias::Columns(&values[j..]),
            Bias::Rows(values) => Bias::Rows(&values[i..]),
        };
        Self { bias, ..self }
    }

    /// Whether the sums are all that C becomes.
    pub(super) fn is_store(&self) -> bool {
        !self.add && matches!(self.bias, Bias::None) && !self.relu
    }

    /// Whether there is neither bias nor ReLU, and C has rows of whole vectors.
    pub(super) fn is_plain(&self, target: &Target<'_>) -> bool {
        matches!(self.bias, Bias::None)
            && !self.relu
            && target.col_stride == 1
            && target.cols.is_multiple_of(8)
    }

    /// Finishes a tile of a strip whose epilogue is plain, its first element at `c`.
    ///
    /// # Safety
    /// All of the tile lies in C.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn apply_plain<const MR: usize, const NV: usize>(
        &self,
        mut acc: [[__m256; NV]; MR],
        c: *mut f32,
        stride: usize,
    ) {
        // SAFETY: the caller vouches for MR rows, `stride` apart, of 8·NV floats from `c`, which no
        // other reference covers.
        unsafe {
            if self.add {
                for (i, row) in acc.iter_mut().enumerate() {
                    for (v, x) in row.iter_mut().enumerate() {
                        *x = _mm256_add_ps(_mm256_loadu_ps(c.add(i * stride + 8 * v)), *x);
                    }
                }
            }
            for (i, row) in acc.iter().enumerate() {
                for (v, x) in row.iter().enumerate() {
                    _mm256_storeu_ps(c.add(i * stride + 8 * v), *x);
                }
            }
        }
    }

    /// Finishes the tile `acc`, whose first row is `row` of the target's and of whose last vectors
    /// only the lanes in `tail` are columns.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn apply<const MR: usize, const NV: usize>(
        &self,
        acc: &mut [[__m256; NV]; MR],
        row: usize,
        tail: Tail,
        target: &mut Target<'_>,
    ) {
        let cols = 8 * (NV - 1) + tail.len();
        if target.col_stride != 1 {
            self.scatter(&spill(acc), row, target);
            return;
        }
        let stride = target.row_stride;
        assert!(
            (row + MR - 1) * stride + cols <= target.c.len(),
            "a tile reaches outside C"
        );
        let c = target.c[row * stride..].as_mut_ptr();
        let whole = tail.len() == 8;
        if self.add {
            for (i, row) in acc.iter_mut().enumerate() {
                for (v, x) in row.iter_mut().enumerate() {
                    // SAFETY: row i < MR and its `cols` columns lie in C by the assertion above;
                    // the last vector is read under its mask unless all its lanes are columns.
                    let old = unsafe {
                        let from = c.add(i * stride + 8 * v);
                        if v == NV - 1 && !whole {
                            tail.load_at(from)
                        } else {
                            _mm256_loadu_ps(from)
                        }
                    };
                    *x = _mm256_add_ps(old, *x);
                }
            }
        }
        match self.bias {
            Bias::None => {}
            Bias::Columns(values) => {
                assert!(values.len() >= cols, "a tile reaches outside the bias");
                for v in 0..NV {
                    // SAFETY: the assertion above; the last vector reads only columns.
                    let bias = unsafe {
                        let from = values.as_ptr().add(8 * v);
                        if v == NV - 1 {
                            tail.load_at(from)
                        } else {
                            _mm256_loadu_ps(from)
                        }
                    };
                    for row in &mut *acc {
                        row[v] = _mm256_add_ps(row[v], bias);
                    }
                }
            }
            Bias::Rows(values) => {
                for (row, bias) in acc.iter_mut().zip(&values[row..][..MR]) {
                    for x in row {
                        *x = _mm256_add_ps(*x, _mm256_broadcast_ss(bias));
                    }
                }
            }
        }
        if self.relu {
            let zero = _mm256_setzero_ps();
            for x in acc.as_flattened_mut() {
                // The second operand is what comes of a NaN.
                *x = _mm256_max_ps(zero, *x);
            }
        }
        for (i, row) in acc.iter().enumerate() {
            for (v, x) in row.iter().enumerate() {
                // SAFETY: as for the loads: row i < MR, and only lanes that are columns of C are
                // written.
                unsafe {
                    let to = c.add(i * stride + 8 * v);
                    if v == NV - 1 && !whole {
                        tail.store_at(to, *x);
                    } else {
                        _mm256_storeu_ps(to, *x);
                    }
                }
            }
        }
    }

    /// What element (i, j) becomes, by its sum and what C held.
    pub(super) fn value(&self, i: usize, j: usize, sum: f32, old: f32) -> f32 {
        let sum = if self.add { old + sum } else { sum };
        let x = match self.bias {
            Bias::None => sum,
            Bias::Columns(values) => sum + values[j],
            Bias::Rows(values) => sum + values[i],
        };
        // Not `max`, which would drop a NaN.
        if self.relu && x < 0.0 { 0.0 } else { x }
    }

    /// Finishes row 0 from column `first` on, in place of `value` for each element.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn apply_row(&self, first: usize, sums: &[f32], c: &mut [f32]) {
        if self.add {
            c.iter_mut().zip(sums).for_each(|(c, sum)| *c += sum);
        } else {
            c.copy_from_slice(sums);
        }
        match self.bias {
            Bias::None => {}
            Bias::Columns(values) => {
                c.iter_mut()
                    .zip(&values[first..])
                    .for_each(|(c, bias)| *c += bias);
            }
            Bias::Rows(values) => c.iter_mut().for_each(|c| *c += values[0]),
        }
        if self.relu {
            c.iter_mut()
                .for_each(|c| *c = if *c < 0.0 { 0.0 } else { *c });
        }
    }

    /// Finishes a tile whose columns in C are not adjacent, element by element.
    #[cold]
    pub(super) fn scatter<const LANES: usize, const NV: usize>(
        &self,
        sums: &[[[f32; LANES]; NV]],
        row: usize,
        target: &mut Target<'_>,
    ) {
        for (i, sums) in (row..).zip(sums) {
            for (j, &sum) in sums.as_flattened()[..target.cols].iter().enumerate() {
                let c = &mut target.c[i * target.row_stride + j * target.col_stride];
                *c = self.value(i, j, sum, *c);
            }
        }
    }
}

impl<'a> Target<'a> {
    /// All of C.
    pub(super) fn new(c: &'a mut MatMut<'_>) -> Self {
        let (row_stride, col_stride, cols) = (c.row_stride(), c.col_stride(), c.cols());
        Self {
            c: c.data(),
            row_stride,
            col_stride,
            cols,
        }
    }

    pub(super) fn reborrow(&mut self) -> Target<'_> {
        Target { c: self.c, ..*self }
    }
}

/// A tile of registers as floats in memory, row by row.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn spill<const MR: usize, const NV: usize>(acc: &[[__m256; NV]; MR]) -> [[[f32; 8]; NV]; MR] {
    let mut sums = [[[0.0; 8]; NV]; MR];
    for (sums, acc) in sums.as_flattened_mut().iter_mut().zip(acc.as_flattened()) {
        // SAFETY: `sums` is an array of 8 floats.
        unsafe { _mm256_storeu_ps(sums.as_mut_ptr(), *acc) };
    }
    sums
}
