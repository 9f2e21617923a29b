//! Products of few terms: those of some columns of B stay in registers while the rows of A pass, so
//! nothing is packed and no tile begins or ends. When they are for a product, and the loops of AVX2;
//! those of AVX-512 hold up to 16 terms of 16 columns, or ten of 32.

use std::{arch::x86_64::*, ops::Range};

use super::{avx512, parts::steps, tiling::Tiling, transpose::columns_of_fours};
use crate::x86::lanes::Tail;
use crate::{MatMut, MatRef};

/// Terms that the loops of AVX2 are for.
const MOST_TERMS: usize = 12;
/// Columns of B that are held.
const LANES: usize = 8;
/// Rows of A that pass side by side: with eleven terms and one element of A they fill the registers,
/// and a twelfth term is read from the stack. One row after the other is a third slower, for the chain
/// of a row's sum then waits for itself.
const ROWS: usize = 4;
/// Floats of a dense A, which passes once for each eight columns, that stay in L1 meanwhile.
const RESIDENT: usize = 4096;

/// A·B into C where that is all, if the shapes and strides are for it: whether they were.
#[target_feature(enable = "avx2,fma")]
pub(super) fn short_product(a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, tiling: Tiling) -> bool {
    let contiguous = a.col_stride() == 1 && c.col_stride() == 1;
    let readable = b.row_stride() == 1 || b.col_stride() == 1;
    let few = tiling.is_wide() || (a.cols() <= MOST_TERMS && a.rows() * a.cols() <= RESIDENT);
    if !(contiguous && readable && few) {
        return false;
    }
    // SAFETY: `contiguous`, and each K is the number of A's columns.
    unsafe {
        match a.cols() {
            1 => product::<1>(a, b, c, tiling),
            2 => product::<2>(a, b, c, tiling),
            3 => product::<3>(a, b, c, tiling),
            4 => product::<4>(a, b, c, tiling),
            5 => product::<5>(a, b, c, tiling),
            6 => product::<6>(a, b, c, tiling),
            7 => product::<7>(a, b, c, tiling),
            8 => product::<8>(a, b, c, tiling),
            9 => product::<9>(a, b, c, tiling),
            10 => product::<10>(a, b, c, tiling),
            11 => product::<11>(a, b, c, tiling),
            12 => product::<12>(a, b, c, tiling),
            13 => product::<13>(a, b, c, tiling),
            14 => product::<14>(a, b, c, tiling),
            15 => product::<15>(a, b, c, tiling),
            16 => product::<16>(a, b, c, tiling),
            _ => return false,
        }
    }
    true
}

/// A product of K terms.
///
/// # Safety
/// A's rows of K terms and C's rows are contiguous.
#[target_feature(enable = "avx2,fma")]
unsafe fn product<const K: usize>(a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>, tiling: Tiling) {
    let last = c.rows() - 1;
    assert!(
        last * a.row_stride() + K <= a.data().len()
            && last * c.row_stride() + c.cols() <= c.data().len(),
        "a short product reaches outside its operands"
    );
    // SAFETY: the caller's promise; the assertion checked the last row of A and of C; a wide `Tiling` is proof of
    // AVX-512.
    unsafe {
        if tiling.is_wide() {
            avx512::terms_in_registers::<K>(a, b, c, tiling);
        } else {
            terms_in_registers::<K>(a, b, c);
        }
    }
}

/// The loops of AVX2.
///
/// # Safety
/// A's rows of K terms and C's rows are contiguous and inside their slices.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
unsafe fn terms_in_registers<const K: usize>(a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>) {
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
    let stride = b.col_stride();
    let last = columns.len() - 1;
    let from = &b.data()[columns.start * stride..];
    assert!(
        last * stride + K <= from.len(),
        "a column reaches outside B"
    );
    let fours_fit = last * stride + K.next_multiple_of(4) <= from.len();
    // SAFETY: the assertion checked the last column, and `fours_fit` what is read past its terms.
    unsafe {
        if columns.len() == LANES && fours_fit {
            columns_at::<K, true>(from.as_ptr(), stride, LANES - 1)
        } else {
            columns_at::<K, false>(from.as_ptr(), stride, last)
        }
    }
}

/// The terms of the columns up to `last`, `stride` apart; lanes past those hold what the last one does.
///
/// # Safety
/// K floats are readable of each column; if all are `WHOLE`, `last` is that of 8, and of each K up to the next multiple of
/// four are.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn columns_at<const K: usize, const WHOLE: bool>(
    from: *const f32,
    stride: usize,
    last: usize,
) -> [__m256; K] {
    // What it is, the compiler then knows.
    let last = if WHOLE { LANES - 1 } else { last };
    let mut terms = [_mm256_setzero_ps(); K];
    for (first, terms) in (0..).step_by(4).zip(terms.chunks_mut(4)) {
        let tail = Tail::of_some(terms.len());
        let columns = columns_of_fours(|column| {
            // SAFETY: terms of a column that there is, under a mask where four need not be readable.
            unsafe {
                let from = from.add(column.min(last) * stride + first);
                if WHOLE || terms.len() == 4 {
                    _mm_loadu_ps(from)
                } else {
                    tail.load_four(from)
                }
            }
        });
        terms.copy_from_slice(&columns[..terms.len()]);
    }
    terms
}
