//! Products of few terms on AVX2.

use std::{arch::x86_64::*, ops::Range};

use super::HeldColumns;
use crate::x86::{
    gemm::{parts::steps, transpose::columns_of_fours},
    lanes::Tail,
};
use crate::{MatMut, MatRef};

/// Columns of B that are held.
const LANES: usize = 8;
/// Rows of A that pass side by side: with eleven terms and one element of A they fill the registers,
/// and a twelfth term is read from the stack. One row after the other is a third slower, for the chain
/// of a row's sum then waits for itself.
const ROWS: usize = 4;

/// A·B into C.
///
/// # Safety
/// A's rows of K terms and C's rows are contiguous and inside their slices.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn terms_in_registers<const K: usize>(
    a: MatRef<'_>,
    b: MatRef<'_>,
    mut c: MatMut<'_>,
) {
    let (m, n) = (c.rows(), c.cols());
    let (a_stride, c_stride) = (a.row_stride(), c.row_stride());
    for columns in steps(0..n, LANES) {
        let terms = if b.col_stride() == 1 {
            rows_of::<K>(b, &columns)
        } else {
            columns_of::<K>(b, &columns)
        };
        let mut pass = Pass {
            terms,
            a: a.data().as_ptr(),
            a_stride,
            c: c.data().as_mut_ptr().wrapping_add(columns.start),
            c_stride,
            tail: Tail::of_some(columns.len()),
        };
        // SAFETY: m rows in all, for which the caller vouches.
        unsafe {
            for _ in 0..m / ROWS {
                pass.rows::<ROWS>();
            }
            for _ in 0..m % ROWS {
                pass.rows::<1>();
            }
        }
    }
}

/// Rows of A on their way along up to eight columns of B.
struct Pass<const K: usize> {
    terms: [__m256; K],
    /// The next row of A.
    a: *const f32,
    a_stride: usize,
    /// The columns of the next row of C.
    c: *mut f32,
    c_stride: usize,
    /// Which columns there are.
    tail: Tail,
}

impl<const K: usize> Pass<K> {
    /// Computes the columns of the next R rows of C.
    ///
    /// # Safety
    /// R rows of A have K floats there, and as many of C the columns under the mask.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn rows<const R: usize>(&mut self) {
        let mut sums = [_mm256_setzero_ps(); R];
        for (p, &row) in self.terms.iter().enumerate() {
            for (r, sum) in sums.iter_mut().enumerate() {
                // SAFETY: term p < K of row r < R, for which the caller vouches.
                let a = unsafe { _mm256_broadcast_ss(&*self.a.add(r * self.a_stride + p)) };
                *sum = _mm256_fmadd_ps(a, row, *sum);
            }
        }
        for sum in sums {
            // SAFETY: the caller vouches for the columns under the mask.
            unsafe { self.tail.store_at(self.c, sum) };
            self.c = self.c.wrapping_add(self.c_stride);
        }
        self.a = self.a.wrapping_add(R * self.a_stride);
    }
}

/// The terms of up to 8 columns of a B whose rows are contiguous.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn rows_of<const K: usize>(b: MatRef<'_>, columns: &Range<usize>) -> [__m256; K] {
    let tail = Tail::of_some(columns.len());
    let mut terms = [_mm256_setzero_ps(); K];
    for (p, term) in terms.iter_mut().enumerate() {
        let row = &b.data()[p * b.row_stride() + columns.start..][..columns.len()];
        // SAFETY: the mask has as many lanes as the slice has floats.
        *term = unsafe { tail.load_at(row.as_ptr()) };
    }
    terms
}

/// The terms of up to 8 columns that are contiguous themselves.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn columns_of<const K: usize>(b: MatRef<'_>, columns: &Range<usize>) -> [__m256; K] {
    let columns = HeldColumns::new::<K>(b, columns);
    // SAFETY: as `fill` and `fours_fit` say.
    unsafe {
        if columns.fill(LANES) && columns.fours_fit {
            columns_at::<K, true>(columns)
        } else {
            columns_at::<K, false>(columns)
        }
    }
}

/// Lanes past the columns hold what the last one does.
///
/// # Safety
/// If the columns are `WHOLE`, they fill the lanes and fours fit.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn columns_at<const K: usize, const WHOLE: bool>(columns: HeldColumns<'_>) -> [__m256; K] {
    let mut terms = [_mm256_setzero_ps(); K];
    for (first, terms) in (0..).step_by(4).zip(terms.chunks_mut(4)) {
        let tail = Tail::of_some(terms.len());
        let of_fours = columns_of_fours(|lane| {
            let from = columns.lane::<LANES, WHOLE>(lane, first);
            // SAFETY: terms of a column that there is, of which K were checked: four, or under a mask where four need
            // not fit.
            unsafe {
                if WHOLE || terms.len() == 4 {
                    _mm_loadu_ps(from)
                } else {
                    tail.load_four(from)
                }
            }
        });
        terms.copy_from_slice(&of_fours[..terms.len()]);
    }
    terms
}
