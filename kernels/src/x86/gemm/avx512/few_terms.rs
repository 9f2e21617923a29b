//! Products of at most 16 terms on AVX-512: all terms of a panel of B, or of two, stay in registers while the
//! rows of A pass, so nothing is packed and no tile begins or ends.
//!
//! A row's sum is one chain of multiply-adds, but the rows' chains are independent of each other, so
//! that the core runs many of them at once: 80 GFLOP/s on 32×128×10 where tiles made 70 (Zen 4).

use std::{arch::x86_64::*, ops::Range};

use super::{
    tile::{WIDE_COLS, first_lanes},
    transpose::{columns_of_fours, first_of_four},
};
use crate::x86::gemm::{
    few_terms::HeldColumns,
    parts::{panels_of, steps},
    plan::PANEL,
    tiling::Tiling,
};
use crate::{MatMut, MatRef};

/// Up to so many terms two panels are held where a core makes two multiply-adds a cycle: a value of A that is loaded
/// for one alone is as many loads as it makes. With twelve it was no faster on Granite Rapids.
const MOST_IN_PAIRS: usize = 10;

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
    tiling: Tiling,
) {
    let n = c.cols();
    // With one unit that was not measured.
    let paired = if tiling.has_two_units() && K <= MOST_IN_PAIRS {
        n - n % WIDE_COLS
    } else {
        0
    };
    // SAFETY: the caller's promise; all columns are C's.
    unsafe {
        for columns in steps(0..paired, WIDE_COLS) {
            along::<K, 2>(a, b, columns, c.reborrow());
        }
        for columns in panels_of(paired..n) {
            along::<K, 1>(a, b, columns, c.reborrow());
        }
    }
}

/// Some columns of C: a pair of whole panels or one that may be narrower.
///
/// # Safety
/// As of `terms_in_registers`, and the columns are C's, more than NV − 1 panels and at most NV.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
unsafe fn along<const K: usize, const NV: usize>(
    a: MatRef<'_>,
    b: MatRef<'_>,
    columns: Range<usize>,
    mut c: MatMut<'_>,
) {
    let (m, a_stride, c_stride) = (c.rows(), a.row_stride(), c.row_stride());
    debug_assert!((PANEL * (NV - 1) + 1..=PANEL * NV).contains(&columns.len()));
    let first_of = |v| columns.start + PANEL * v;
    let terms: [_; NV] = std::array::from_fn(|v| {
        let columns = first_of(v)..columns.end.min(first_of(v + 1));
        if b.col_stride() == 1 {
            rows_of::<K>(b, &columns)
        } else {
            columns_of::<K>(b, &columns)
        }
    });
    let mask = first_lanes(columns.end - first_of(NV - 1));
    let is_whole = columns.len() == PANEL * NV;
    let mut a = a.data().as_ptr();
    let mut c = c.data().as_mut_ptr().wrapping_add(columns.start);
    for _ in 0..m {
        let mut sums = [_mm512_setzero_ps(); NV];
        // SAFETY: `a` is at a row of A, `c` at the first of the columns of that row of C, for which the caller
        // vouches; the mask is that of the last vector's columns.
        unsafe {
            for p in 0..K {
                let x = _mm512_set1_ps(*a.add(p));
                for (sum, terms) in sums.iter_mut().zip(&terms) {
                    *sum = _mm512_fmadd_ps(x, terms[p], *sum);
                }
            }
            for (v, sum) in sums.into_iter().enumerate() {
                let c = c.add(PANEL * v);
                if is_whole || v + 1 < NV {
                    _mm512_storeu_ps(c, sum);
                } else {
                    _mm512_mask_storeu_ps(c, mask, sum);
                }
            }
        }
        a = a.wrapping_add(a_stride);
        c = c.wrapping_add(c_stride);
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
    let columns = HeldColumns::new::<K>(b, columns);
    // SAFETY: as `fill` and `fours_fit` say.
    unsafe {
        if columns.fill(PANEL) && columns.fours_fit {
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
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
unsafe fn columns_at<const K: usize, const WHOLE: bool>(columns: HeldColumns<'_>) -> [__m512; K] {
    let mut terms = [_mm512_setzero_ps(); K];
    for (first, terms) in (0..).step_by(4).zip(terms.chunks_mut(4)) {
        let mask = first_of_four(terms.len());
        let of_fours = columns_of_fours(|lane| {
            let from = columns.lane::<PANEL, WHOLE>(lane, first);
            // SAFETY: terms of a column that there is, of which K were checked: four, or under a mask where four need
            // not fit.
            unsafe {
                if WHOLE || terms.len() == 4 {
                    _mm_loadu_ps(from)
                } else {
                    _mm_maskz_loadu_ps(mask, from)
                }
            }
        });
        terms.copy_from_slice(&of_fours[..terms.len()]);
    }
    terms
}
