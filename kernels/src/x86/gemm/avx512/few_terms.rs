//! Products of at most 16 terms on AVX-512: all terms of a panel of B stay in registers while the
//! rows of A pass, so nothing is packed and no tile begins or ends.
//!
//! A row's sum is one chain of multiply-adds, but the rows' chains are independent of each other, so
//! that the core runs many of them at once: 80 GFLOP/s on 32×128×10 where tiles made 70 (Zen 4).

use std::{arch::x86_64::*, ops::Range};

use super::{tile::first_lanes, transpose::transpose_16x16};
use crate::x86::gemm::{parts::panels_of, plan::PANEL};
use crate::{MatMut, MatRef};

/// A·B into C.
///
/// # Safety
/// A's rows of K terms and C's rows are contiguous and inside their slices.
#[inline(never)]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
pub(in crate::x86::gemm) unsafe fn terms_in_registers<const K: usize>(
    a: MatRef<'_>,
    b: MatRef<'_>,
    mut c: MatMut<'_>,
) {
    let (m, n) = (c.rows(), c.cols());
    let (a_stride, c_stride) = (a.row_stride(), c.row_stride());
    let (a, c) = (a.data(), c.data());
    for columns in panels_of(0..n) {
        let mask = first_lanes(columns.len());
        let terms = if b.col_stride() == 1 {
            rows_of::<K>(b, &columns)
        } else {
            columns_of::<K>(b, &columns)
        };
        let mut a = a.as_ptr();
        let mut c = c.as_mut_ptr().wrapping_add(columns.start);
        for _ in 0..m {
            let mut sum = _mm512_setzero_ps();
            // SAFETY: `a` is at a row of A, `c` at the panel's columns of that row of C, for which the
            // caller vouches.
            unsafe {
                for (p, &row) in terms.iter().enumerate() {
                    sum = _mm512_fmadd_ps(_mm512_set1_ps(*a.add(p)), row, sum);
                }
                if columns.len() == PANEL {
                    _mm512_storeu_ps(c, sum);
                } else {
                    _mm512_mask_storeu_ps(c, mask, sum);
                }
            }
            a = a.wrapping_add(a_stride);
            c = c.wrapping_add(c_stride);
        }
    }
}

/// The terms of up to 16 columns of a B whose rows are contiguous.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
fn rows_of<const K: usize>(b: MatRef<'_>, columns: &Range<usize>) -> [__m512; K] {
    let mask = first_lanes(columns.len());
    let mut terms = [_mm512_setzero_ps(); K];
    for (p, term) in terms.iter_mut().enumerate() {
        let row = &b.data()[p * b.row_stride() + columns.start..][..columns.len()];
        // SAFETY: the mask has as many lanes as the slice has floats.
        *term = unsafe { _mm512_maskz_loadu_ps(mask, row.as_ptr()) };
    }
    terms
}

/// The terms of up to 16 columns that are contiguous themselves.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
fn columns_of<const K: usize>(b: MatRef<'_>, columns: &Range<usize>) -> [__m512; K] {
    let mask = first_lanes(K);
    let mut square = [_mm512_setzero_ps(); PANEL];
    for (line, j) in square.iter_mut().zip(columns.clone()) {
        let column = &b.data()[j * b.col_stride()..];
        assert!(column.len() >= K, "a column reaches outside B");
        // SAFETY: the column has K floats; what follows it is read where there are floats, which is
        // quicker than a mask, and not used.
        *line = unsafe {
            if column.len() >= PANEL {
                _mm512_loadu_ps(column.as_ptr())
            } else {
                _mm512_maskz_loadu_ps(mask, column.as_ptr())
            }
        };
    }
    let square = transpose_16x16(square);
    std::array::from_fn(|p| square[p])
}
