//! ReLU, its backward pass, and the sums of columns.

use std::arch::x86_64::*;

use super::lanes::{self, Tail, load, store};
use crate::MatRef;

/// max(x, 0); NaN stays NaN, and −0 stays −0.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn relu_lanes(x: __m256) -> __m256 {
    // Of a NaN and a number, and of equal operands, the instruction returns the second.
    _mm256_max_ps(_mm256_setzero_ps(), x)
}

/// x ← max(x, 0).
#[target_feature(enable = "avx2,fma")]
pub(super) fn relu(x: &mut [f32]) {
    lanes::map(x, |x| relu_lanes(x));
}

/// Zeroes the gradient where the activation is not positive.
#[target_feature(enable = "avx2,fma")]
pub(super) fn relu_backward(activation: &[f32], gradient: &mut [f32]) {
    lanes::zip(activation, gradient, |a, g| where_positive(a, g));
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn where_positive(a: __m256, g: __m256) -> __m256 {
    _mm256_and_ps(g, _mm256_cmp_ps::<_CMP_GT_OQ>(a, _mm256_setzero_ps()))
}

/// The sum of each column, rows added first to last.
#[target_feature(enable = "avx2,fma")]
pub(super) fn column_sums(x: MatRef<'_>, sums: &mut [f32]) {
    let mut j = 0;
    // Eight sums at a time are enough to hide the latency of an addition.
    while sums.len() - j >= 64 {
        sum_block::<8>(x, j, &mut sums[j..j + 64]);
        j += 64;
    }
    while sums.len() - j >= 8 {
        sum_block::<1>(x, j, &mut sums[j..j + 8]);
        j += 8;
    }
    if j < sums.len() {
        let tail = Tail::new(sums.len() - j);
        let mut sum = _mm256_setzero_ps();
        for i in 0..x.rows() {
            sum = _mm256_add_ps(sum, tail.load(&x.data()[i * x.row_stride() + j..]));
        }
        tail.store(&mut sums[j..], sum);
    }
}

/// Sums of the 8·V columns from j.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn sum_block<const V: usize>(x: MatRef<'_>, j: usize, sums: &mut [f32]) {
    let mut total = [_mm256_setzero_ps(); V];
    for i in 0..x.rows() {
        let start = i * x.row_stride() + j;
        let (row, _) = x.data()[start..start + 8 * V].as_chunks();
        for (total, x) in total.iter_mut().zip(row) {
            *total = _mm256_add_ps(*total, load(x));
        }
    }
    let (sums, _) = sums.as_chunks_mut();
    for (sum, total) in sums.iter_mut().zip(total) {
        store(sum, total);
    }
}
