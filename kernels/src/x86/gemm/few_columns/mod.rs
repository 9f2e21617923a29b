//! Products of few columns: the lanes are rows of A, for C's columns would leave some idle, and each column of B
//! makes a sum. Of an A that lies by rows four terms are turned as they are loaded; where it lies by columns nothing
//! is to turn. Complete sums are turned back. When all that is for a product; the loops are those of [`avx2`] and of
//! [`avx512`](super::avx512).

mod avx2;

use std::ops::Range;

use super::{
    avx512::few_columns as few_columns_wide,
    finish::Finish,
    parts::split,
    plan::{PANEL, most_terms},
    tiling::Tiling,
};
use crate::{Epilogue, MatMut, MatRef};
use avx2::few_columns;

/// Rows of A that AVX2 takes together.
const ROWS: usize = 8;
/// Terms from which on that is quicker than tiles, or than all terms in registers. Where nothing is to turn, AVX-512
/// has no such bound.
const LEAST_TERMS: usize = PANEL + 1;

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
    let rows = if tiling.is_wide() { PANEL } else { ROWS };
    // The last rows come with some that are done: with more than a third of all, tiles are quicker.
    let again = m.next_multiple_of(rows) - m;
    let fills = m >= rows && 3 * again <= m;
    let by_rows = a.col_stride() == 1;
    // A single column of an A by columns is a row that streams.
    let by_columns = !by_rows && a.row_stride() == 1 && n > 1;
    let least_terms = if by_columns && tiling.is_wide() {
        1
    } else {
        LEAST_TERMS
    };
    // With one unit of AVX-512 that was not measured.
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
    // SAFETY: all that the loops ask for was just seen; a wide `Tiling` is proof of AVX-512.
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

/// Some terms of all rows of A, and the rows of B that they stand for, which are all there.
pub(super) struct Block<'a> {
    a: MatRef<'a>,
    b: MatRef<'a>,
    terms: Range<usize>,
}

/// Where a vector's rows of A, and those of B, begin for a block of terms.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) a: *const f32,
    /// From row to row of A if it lies by rows, else from column to column.
    pub(super) a_stride: usize,
    pub(super) b: *const f32,
    pub(super) b_stride: usize,
    pub(super) terms: usize,
}

impl<'a> Block<'a> {
    /// All of A and B in blocks of terms.
    pub(super) fn all(a: MatRef<'a>, b: MatRef<'a>) -> impl Iterator<Item = Self> {
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

    /// From the row `first` of A on, of which there is at least that one.
    #[inline(always)]
    pub(super) fn rows(&self, first: usize) -> Rows {
        let Self { a, b, terms } = self;
        let by_rows = a.col_stride() == 1;
        let at = first * a.row_stride() + terms.start * a.col_stride();
        Rows {
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

    /// What an element becomes, term after term.
    fn expected(terms: &[(f32, f32)], old: f32, epilogue: Epilogue<'_>, column: usize) -> f32 {
        let mut blocks = split(terms.len(), most_terms(terms.len())).map(|block| {
            let terms = terms[block].iter();
            terms.fold(0.0, |sum, &(a, b): &(f32, f32)| a.mul_add(b, sum))
        });
        let first = blocks.next().unwrap_or(0.0);
        let first = if let Epilogue::Add = epilogue {
            old + first
        } else {
            first
        };
        let sum = blocks.fold(first, |sum, block| sum + block);
        match epilogue {
            Epilogue::Store | Epilogue::Add => sum,
            Epilogue::Bias(bias) => sum + bias[column],
            Epilogue::BiasRelu(bias) => (sum + bias[column]).max(0.0),
        }
    }

    #[test]
    fn every_sum_takes_its_terms_one_after_the_other() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: products of few columns were NOT checked");
            return;
        }
        let tilings = Tiling::wide_here().into_iter().chain([Tiling::AVX2]);
        for tiling in tilings {
            let mut taken = 0;
            for (m, k) in [8, 11, 16, 22, 24, 32, 45, 48, 64]
                .into_iter()
                .flat_map(|m| [1, 9, 16, 17, 18, 19, 40, 1030].map(|k| (m, k)))
            {
                for n in 1..=13 {
                    taken += check(m, n, k, tiling);
                }
            }
            assert_eq!(taken == 0, tiling.has_one_unit(), "{tiling:?}: {taken}");
        }
    }

    /// How many of the products of one shape took these loops; all that did are as expected.
    fn check(m: usize, n: usize, k: usize, tiling: Tiling) -> usize {
        let (by_rows, b, bias) = (numbers(m * k), numbers(k * n), numbers(n));
        let by_columns: Vec<f32> = (0..m * k).map(|i| by_rows[i % m * k + i / m]).collect();
        let stride = n + GAP;
        let before = numbers(m * stride);
        let mut taken = 0;
        for a in [
            MatRef::new(&by_rows, m, k),
            MatRef::new(&by_columns, k, m).t(),
        ] {
            for epilogue in [
                Epilogue::Store,
                Epilogue::Add,
                Epilogue::Bias(&bias),
                Epilogue::BiasRelu(&bias),
            ] {
                let mut after = before.clone();
                let mut c = MatMut::with_strides(&mut after, m, n, stride, 1);
                let b = MatRef::new(&b, k, n);
                // SAFETY: the test has AVX2, and FMA with it.
                if !unsafe { narrow_product(a, b, &mut c, epilogue, tiling) } {
                    continue;
                }
                taken += 1;
                for (at, (&before, &after)) in before.iter().zip(&after).enumerate() {
                    let (i, j) = (at / stride, at % stride);
                    let expected = if j < n {
                        let terms: Vec<_> = (0..k).map(|p| (a.at(i, p), b.at(p, j))).collect();
                        expected(&terms, before, epilogue, j)
                    } else {
                        before
                    };
                    assert_eq!(
                        after.to_bits(),
                        expected.to_bits(),
                        "{m}×{n}×{k} at ({i}, {j}), {epilogue:?}, {tiling:?}"
                    );
                }
            }
        }
        taken
    }
}
