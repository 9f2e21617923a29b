//! Products with a sparse left side: a row of the result is a linear combination of the rows of
//! a dense matrix, formed in registers, 64 columns at a time.

use std::arch::x86_64::*;

use super::{
    lanes::{Tail, load, store},
    relu::relu_lanes,
};
use crate::{BatchColumns, Epilogue, MatMut, MatRef, SparseRows};

/// X·W into C for the rows `rows` of x.
#[target_feature(enable = "avx2,fma")]
pub(super) fn sparse_gemm(
    x: &SparseRows,
    rows: &[u32],
    w: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    for (i, &row) in rows.iter().enumerate() {
        combine(x.row(row as usize), w, c.row_mut(i), epilogue);
    }
}

/// Xᵀ·dZ into C.
#[target_feature(enable = "avx2,fma")]
pub(super) fn sparse_tn_gemm(
    x: &BatchColumns,
    dz: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    for j in 0..x.cols() {
        combine(x.column(j), dz, c.row_mut(j), epilogue);
    }
}

/// Σ value·(row k of `w`) over the terms (k, value), finished into `out`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn combine(
    terms: impl Iterator<Item = (usize, f32)> + Clone,
    w: MatRef<'_>,
    out: &mut [f32],
    epilogue: Epilogue<'_>,
) {
    let mut j = 0;
    while out.len() - j >= 64 {
        block::<8>(terms.clone(), w, j, &mut out[j..j + 64], epilogue);
        j += 64;
    }
    if out.len() - j >= 32 {
        block::<4>(terms.clone(), w, j, &mut out[j..j + 32], epilogue);
        j += 32;
    }
    while out.len() - j >= 8 {
        block::<1>(terms.clone(), w, j, &mut out[j..j + 8], epilogue);
        j += 8;
    }
    if j < out.len() {
        let tail = Tail::new(out.len() - j);
        let sum = combine_tail(terms, w, j, tail);
        let out = &mut out[j..];
        let value = match epilogue {
            Epilogue::Store => sum,
            Epilogue::Add => _mm256_add_ps(tail.load(out), sum),
            Epilogue::Bias(bias) => _mm256_add_ps(sum, tail.load(&bias[j..])),
            Epilogue::BiasRelu(bias) => relu_lanes(_mm256_add_ps(sum, tail.load(&bias[j..]))),
        };
        tail.store(out, value);
    }
}

/// The 8·V columns from j of a combination, finished into `out`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn block<const V: usize>(
    terms: impl Iterator<Item = (usize, f32)>,
    w: MatRef<'_>,
    j: usize,
    out: &mut [f32],
    epilogue: Epilogue<'_>,
) {
    let sums = combine_block::<V>(terms, w, j);
    let (out, _) = out.as_chunks_mut();
    for (i, (out, sum)) in out.iter_mut().zip(sums).enumerate() {
        let bias = |bias: &[f32]| {
            let (eights, _) = bias[j..].as_chunks();
            _mm256_add_ps(sum, load(&eights[i]))
        };
        let value = match epilogue {
            Epilogue::Store => sum,
            Epilogue::Add => _mm256_add_ps(load(out), sum),
            Epilogue::Bias(values) => bias(values),
            Epilogue::BiasRelu(values) => relu_lanes(bias(values)),
        };
        store(out, value);
    }
}

/// The 8·V columns from j of Σ value·(row k of w), added in the order of the terms.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn combine_block<const V: usize>(
    terms: impl Iterator<Item = (usize, f32)>,
    w: MatRef<'_>,
    j: usize,
) -> [__m256; V] {
    let mut sums = [_mm256_setzero_ps(); V];
    for (k, value) in terms {
        let value = _mm256_set1_ps(value);
        let start = k * w.row_stride() + j;
        let (row, _) = w.data()[start..start + 8 * V].as_chunks();
        for (sum, w) in sums.iter_mut().zip(row) {
            *sum = _mm256_fmadd_ps(value, load(w), *sum);
        }
    }
    sums
}

/// The last columns, from j, of a combination.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn combine_tail(
    terms: impl Iterator<Item = (usize, f32)>,
    w: MatRef<'_>,
    j: usize,
    tail: Tail,
) -> __m256 {
    let mut sum = _mm256_setzero_ps();
    for (k, value) in terms {
        let row = &w.data()[k * w.row_stride() + j..];
        sum = _mm256_fmadd_ps(_mm256_set1_ps(value), tail.load(row), sum);
    }
    sum
}
