//! A single row times a matrix: every float of B is used once, so the bound is how fast it comes.
//!
//! Some rows of B at a time pass over a stretch of the sums, which stays in L1; so B is read along
//! its rows, as the prefetchers like it. Each sum takes its terms in the order in which a tile
//! does, and so has the same bits.

use std::arch::x86_64::*;

use super::finish::Finish;
use crate::x86::lanes::Tail;
use crate::{MatMut, MatRef};

/// Sums that are made at a time: 4 KB of L1.
const STRETCH: usize = 1024;
/// Rows of B that pass at a time: a value of A for each stays in a register. Rows whole pages apart fall into one set
/// of L1, which has eight ways in most CPUs: eight rows and the sums are one line too many.
const ROWS: usize = 6;

/// A·B into C by `finish` where A has one row and B's rows are contiguous; `block` gives the terms
/// of each block.
#[target_feature(enable = "avx2,fma")]
pub(super) fn row_times_matrix(
    a: MatRef<'_>,
    b: MatRef<'_>,
    mut c: MatMut<'_>,
    finish: Finish<'_>,
    block: impl Iterator<Item = std::ops::Range<usize>> + Clone,
) {
    let (n, k) = (b.cols(), a.cols());
    let col_stride = c.col_stride();
    let mut sums = [0.0; STRETCH];
    for first in (0..n).step_by(STRETCH) {
        let sums = &mut sums[..STRETCH.min(n - first)];
        for terms in block.clone() {
            let finish = finish.of_block(terms.start == 0, terms.end == k);
            sums.fill(0.0);
            let mut p = terms.start;
            while p < terms.end {
                let rows = &b.data()[p * b.row_stride() + first..];
                p += match terms.end - p {
                    ROWS.. => add_rows::<ROWS>(sums, a, p, rows, b.row_stride()),
                    2.. => add_rows::<2>(sums, a, p, rows, b.row_stride()),
                    _ => add_rows::<1>(sums, a, p, rows, b.row_stride()),
                };
            }
            if col_stride == 1 {
                finish.apply_row(first, sums, &mut c.data()[first..][..sums.len()]);
                continue;
            }
            for (j, &sum) in (first..).zip(&*sums) {
                let c = &mut c.data()[j * col_stride];
                *c = finish.value(0, j, sum, *c);
            }
        }
    }
}

/// Adds to each sum the values of A from p on, times the `R` rows that begin `stride` apart in `rows`, one after the
/// other; how many they are.
#[target_feature(enable = "avx2,fma")]
fn add_rows<const R: usize>(
    sums: &mut [f32],
    a: MatRef<'_>,
    p: usize,
    rows: &[f32],
    stride: usize,
) -> usize {
    let n = sums.len();
    assert!((R - 1) * stride + n <= rows.len(), "rows reach outside B");
    let values: [_; R] = std::array::from_fn(|r| _mm256_set1_ps(a.at(0, p + r)));
    let (sums, rows) = (sums.as_mut_ptr(), rows.as_ptr());
    let whole = n - n % 8;
    for j in (0..whole).step_by(8) {
        // SAFETY: j + 8 ≤ n, which is the length of `sums`, and of each row by the assertion.
        unsafe {
            let mut sum = _mm256_loadu_ps(sums.add(j));
            for (r, &value) in values.iter().enumerate() {
                sum = _mm256_fmadd_ps(value, _mm256_loadu_ps(rows.add(r * stride + j)), sum);
            }
            _mm256_storeu_ps(sums.add(j), sum);
        }
    }
    if whole < n {
        let tail = Tail::of_some(n - whole);
        // SAFETY: the lanes under the mask are the floats from `whole` to n.
        unsafe {
            let mut sum = tail.load_at(sums.add(whole));
            for (r, &value) in values.iter().enumerate() {
                sum = _mm256_fmadd_ps(value, tail.load_at(rows.add(r * stride + whole)), sum);
            }
            tail.store_at(sums.add(whole), sum);
        }
    }
    R
}
