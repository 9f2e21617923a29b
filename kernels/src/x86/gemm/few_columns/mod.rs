//! Products of few columns: the lanes are rows of A, for C's columns would leave some idle, and each column of B
//! makes a sum. Of an A that lies by rows four terms are turned as they are loaded; where it lies by columns nothing
//! is to turn. Complete sums are turned back. When all that is for a product; the loops are those of [`avx2`] and of
//! [`avx512`](super::avx512).

mod avx2;

use std::ops::Range;

use super::{
    avx512::few_columns as few_columns_wide,
    few_terms::MOST_TERMS,
    finish::Finish,
    parts::{split, steps},
    plan::{PANEL, most_terms},
    tiling::Tiling,
};
use crate::{Epilogue, MatMut, MatRef};
use avx2::few_columns;

/// Rows of A that AVX2 takes together.
const LANES: usize = 8;
/// Terms from which on that is quicker than tiles, or than all terms in registers. Where nothing is to turn, AVX-512
/// has no such bound.
const LEAST_TERMS: usize = MOST_TERMS + 1;

/// A·B into C, if shapes and strides are for it: whether they were.
#[target_feature(enable = "avx2,fma")]
pub(super) fn narrow_product(
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: &mut MatMut<'_>,
    epilogue: Epilogue<'_>,
    tiling: Tiling,
) -> bool {
    let (m, n) = (a.rows(), b.cols());
    let lanes = if tiling.is_wide() { PANEL } else { LANES };
    // The last rows come with some that are done: with more than a third of all, tiles are quicker.
    let again = m.next_multiple_of(lanes) - m;
    let fills = m >= lanes && 3 * again <= m;
    let by_rows = a.col_stride() == 1;
    // A single column of an A by columns is a row that streams.
    let by_columns = !by_rows && a.row_stride() == 1 && n > 1;
    let least_terms = if by_columns && tiling.is_wide() {
        1
    } else {
        LEAST_TERMS
    };
    // With one unit of AVX-512 that was not measured. A C by columns is made by its transpose, whose blocks of terms
    // are those of B: a single column of it, too, or its bits would depend on how many rows there are.
    if tiling.has_one_unit()
        || !(fills && (by_rows || by_columns))
        || a.cols() < least_terms
        || (n > 1 && b.col_stride() != 1)
        || c.col_stride() != 1
    {
        return false;
    }
    let finish = Finish::new(epilogue, false);
    macro_rules! of_columns {
        ($loops:ident: $($n:literal)*) => {
            match n {
                $($n => $loops::<$n>(a, b, c.reborrow(), finish),)*
                _ => return false,
            }
        };
    }
    // SAFETY: A has as many rows as there are lanes, a term, and rows or columns that are contiguous; B's are n, by the
    // match, and contiguous or single; a wide `Tiling` is proof of AVX-512.
    unsafe {
        if tiling.is_wide() {
            of_columns!(few_columns_wide: 1 2 3 4 5 6 7 8 9 10 11 12);
        } else {
            // Eight fill a vector, and for eleven there are no registers.
            of_columns!(few_columns: 1 2 3 4 5 6 7 9 10);
        }
    }
    true
}

/// The rows of A in parts that pass along all blocks of terms before the next do: where there are several, and A lies by
/// rows, so few that they come from afar once and whole.
pub(super) fn parts_of(a: MatRef<'_>, lanes: usize) -> impl Iterator<Item = Range<usize>> {
    let (m, k) = (a.rows(), a.cols());
    let at_once = if a.col_stride() == 1 && most_terms(k) < k {
        lanes
    } else {
        m
    };
    steps(0..m, at_once)
}

/// Some terms of all rows of A, and the rows of B that they stand for, which are all there.
pub(super) struct Block<'a> {
    a: MatRef<'a>,
    b: MatRef<'a>,
    terms: Range<usize>,
}

/// Where a vector's rows of A, and those of B, begin for a block of terms.
#[derive(Clone, Copy)]
pub(super) struct Operands {
    pub(super) a: *const f32,
    /// From row to row of A if it lies by rows, else from column to column.
    pub(super) a_stride: usize,
    pub(super) b: *const f32,
    pub(super) b_stride: usize,
    pub(super) terms: usize,
}

impl<'a> Block<'a> {
    /// All of A and B in blocks of terms.
    ///
    /// # Panics
    /// If their last elements are not there.
    pub(super) fn all(a: MatRef<'a>, b: MatRef<'a>) -> impl Iterator<Item = Self> + Clone {
        let (m, n, k) = (a.rows(), b.cols(), a.cols());
        debug_assert_eq!(k, b.rows(), "terms of A and of B");
        assert!(
            (m - 1) * a.row_stride() + (k - 1) * a.col_stride() < a.data().len()
                && (k - 1) * b.row_stride() + n <= b.data().len(),
            "a product of few columns reaches outside its factors"
        );
        split(k, most_terms(k)).map(move |terms| Self { a, b, terms })
    }

    /// What of an epilogue comes with these terms.
    pub(super) fn finish<'f>(&self, finish: Finish<'f>) -> Finish<'f> {
        finish.of_block(self.terms.start == 0, self.terms.end == self.a.cols())
    }

    /// From this row of A on, of which there is at least that one.
    #[inline(always)]
    pub(super) fn operands_at(&self, row: usize) -> Operands {
        let Self { a, b, terms } = self;
        let by_rows = a.col_stride() == 1;
        let at = row * a.row_stride() + terms.start * a.col_stride();
        Operands {
            a: a.data().as_ptr().wrapping_add(at),
            a_stride: if by_rows {
                a.row_stride()
            } else {
                a.col_stride()
            },
            b: b.data().as_ptr().wrapping_add(terms.start * b.row_stride()),
            b_stride: b.row_stride(),
            terms: terms.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;

    /// Floats between C's rows.
    const GAP: usize = 3;

    fn numbers(len: usize) -> Vec<f32> {
        let mix = |i: usize| (i as u32).wrapping_mul(2_654_435_761) >> 8;
        (0..len)
            .map(|i| mix(i + len) as f32 / (1 << 23) as f32 - 1.0)
            .collect()
    }

    /// The sums of an element's blocks of terms, one term after the other.
    fn blocks(a: MatRef<'_>, b: MatRef<'_>, i: usize, j: usize) -> Vec<f32> {
        let k = a.cols();
        let term = |sum: f32, p: usize| a.at(i, p).mul_add(b.at(p, j), sum);
        split(k, most_terms(k))
            .map(|block| block.fold(0.0, term))
            .collect()
    }

    /// What the element becomes.
    fn expected(blocks: &[f32], old: f32, epilogue: Epilogue<'_>, column: usize) -> f32 {
        let first = if let Epilogue::Add = epilogue {
            old + blocks[0]
        } else {
            blocks[0]
        };
        let sum = blocks[1..].iter().fold(first, |sum, block| sum + block);
        match epilogue {
            Epilogue::Store | Epilogue::Add => sum,
            Epilogue::Bias(bias) => sum + bias[column],
            Epilogue::BiasRelu(bias) => (sum + bias[column]).max(0.0),
        }
    }

    /// Whether a shape is for these loops, in words of its own.
    fn is_taken([m, n, k]: [usize; 3], by_rows: bool, tiling: Tiling) -> bool {
        let (most_idle, columns, least_terms): (_, &[usize], _) = match (tiling.is_wide(), by_rows)
        {
            _ if tiling.has_one_unit() => return false,
            (true, true) => (16, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 17),
            (true, false) => (16, &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 1),
            (false, true) => (8, &[1, 2, 3, 4, 5, 6, 7, 9, 10], 17),
            (false, false) => (8, &[2, 3, 4, 5, 6, 7, 9, 10], 17),
        };
        let rows_fill = match most_idle {
            16 => [16, 24, 32, 45, 48, 64].contains(&m),
            _ => [8, 16, 22, 24, 32, 45, 48, 64].contains(&m),
        };
        rows_fill && columns.contains(&n) && k >= least_terms
    }

    #[test]
    fn every_sum_takes_its_terms_one_after_the_other() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: products of few columns were NOT checked");
            return;
        }
        let tilings: Vec<_> = Tiling::wide_here()
            .into_iter()
            .chain([Tiling::AVX2])
            .collect();
        for m in [7, 8, 11, 16, 17, 22, 24, 32, 45, 48, 64] {
            for n in 1..=13 {
                for k in [1, 9, 16, 17, 18, 19, 40] {
                    check([m, n, k], &tilings);
                }
            }
        }
        // Three blocks of terms.
        for m in [24, 45, 48] {
            for n in [1, 3, 9, 10, 12] {
                check([m, n, 1030], &tilings);
            }
        }
    }

    /// A and B with and without gaps, every epilogue.
    fn check([m, n, k]: [usize; 3], tilings: &[Tiling]) {
        let (a_data, b_data, bias) = (numbers(m * k), numbers(k * n), numbers(n));
        // The same numbers, as if their axes were these far apart.
        let spread = |from: &[f32], [rows, cols]: [usize; 2], [row, col]: [usize; 2]| {
            let mut data = vec![f32::NAN; (rows - 1) * row + (cols - 1) * col + 1];
            for (at, &x) in from.iter().enumerate() {
                data[at / cols * row + at % cols * col] = x;
            }
            data
        };
        let (a_shape, b_shape) = ([m, k], [k, n]);
        for (by_rows, gap) in [(true, 0), (true, 3), (false, 0), (false, 2)] {
            let a_strides = if by_rows { [k + gap, 1] } else { [1, m + gap] };
            let b_strides = [n + gap, 1];
            let a = spread(&a_data, a_shape, a_strides);
            let b = spread(&b_data, b_shape, b_strides);
            let a = MatRef::with_strides(&a, m, k, a_strides[0], a_strides[1]);
            let b = MatRef::with_strides(&b, k, n, b_strides[0], b_strides[1]);
            let sums: Vec<_> = (0..m * n).map(|at| blocks(a, b, at / n, at % n)).collect();
            let stride = n + GAP;
            let before = numbers(m * stride);
            for epilogue in [
                Epilogue::Store,
                Epilogue::Add,
                Epilogue::Bias(&bias),
                Epilogue::BiasRelu(&bias),
            ] {
                for &tiling in tilings {
                    let what = format!("{m}×{n}×{k}, by rows: {by_rows}, {epilogue:?}, {tiling:?}");
                    let mut after = before.clone();
                    let mut c = MatMut::with_strides(&mut after, m, n, stride, 1);
                    // SAFETY: the test has AVX2, and FMA with it.
                    let taken = unsafe { narrow_product(a, b, &mut c, epilogue, tiling) };
                    // Of one row or term both orders are one.
                    if k > 1 {
                        assert_eq!(taken, is_taken([m, n, k], by_rows, tiling), "{what}");
                    }
                    for (at, (&before, &after)) in before.iter().zip(&after).enumerate() {
                        let (i, j) = (at / stride, at % stride);
                        let expected = if taken && j < n {
                            expected(&sums[i * n + j], before, epilogue, j)
                        } else {
                            before
                        };
                        assert_eq!(after.to_bits(), expected.to_bits(), "({i}, {j}) of {what}");
                    }
                }
            }
        }
    }
}
