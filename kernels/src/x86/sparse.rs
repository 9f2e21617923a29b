//! Products with a sparse left side: a row of the result is a linear combination of the rows of
//! a dense matrix, formed in registers.
//!
//! Whatever the blocking, an element of the result begins at 0, at its bias or at what it was,
//! and takes its terms by fused multiply-adds in rising order.

use std::arch::x86_64::*;

use super::{
    lanes::{Tail, load, store},
    relu::relu_lanes,
};
use crate::{
    BatchColumns, Epilogue, MatMut, MatRef, SparseRows,
    sparse::{BLOCK, Terms},
};

/// Rows of X whose results are kept at hand while a block of W is: 32 rows of 128 floats are
/// 16 KB, half of L1.
const GROUP: usize = 32;

/// X·W into C for the rows `rows` of x.
///
/// W is walked once for each group of rows, 64 rows of W at a time, so that those are in L1 when
/// the next row of X wants them.
#[target_feature(enable = "avx2,fma")]
pub(super) fn sparse_gemm(
    x: &SparseRows,
    rows: &[u32],
    w: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    let blocks = x.blocks_per_row();
    for (group, rows) in rows.chunks(GROUP).enumerate() {
        x.prefetch(rows);
        for b in 0..blocks {
            let part = Part {
                begin: (b == 0).then_some(epilogue),
                relu: b + 1 == blocks && matches!(epilogue, Epilogue::BiasRelu(_)),
            };
            for (i, &row) in rows.iter().enumerate() {
                let terms = x.terms(row as usize, b);
                if terms.is_empty() && !part.must_run() {
                    continue;
                }
                let run = std::iter::once((b * BLOCK, terms));
                combine(run, w, c.row_mut(group * GROUP + i), part);
            }
        }
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
    let part = Part {
        begin: Some(epilogue),
        relu: matches!(epilogue, Epilogue::BiasRelu(_)),
    };
    for j in 0..x.cols() {
        combine(x.lines(j), dz, c.row_mut(j), part);
    }
}

/// What runs of terms are of a whole sum.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// For the first: what the sum begins with. Later ones go on from what is in C.
    begin: Option<Epilogue<'a>>,
    /// Whether the sum is then complete, and goes through ReLU.
    relu: bool,
}

impl Part<'_> {
    /// Whether even no terms change C.
    fn must_run(self) -> bool {
        self.relu || self.begin.is_some()
    }
}

/// Adds Σ value·(row first + k of `w`) over the terms (k, value) of each (first, terms) to `out`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn combine<'a, const L: usize>(
    runs: impl Iterator<Item = (usize, Terms<'a, L>)> + Clone,
    w: MatRef<'_>,
    out: &mut [f32],
    part: Part<'_>,
) {
    let mut j = 0;
    // Eight sums hide the latency of a multiply-add; with the value, 9 of the 16 registers.
    while out.len() - j >= 64 {
        combine_block::<8, L>(runs.clone(), w, j, out, part);
        j += 64;
    }
    if out.len() - j >= 32 {
        combine_block::<4, L>(runs.clone(), w, j, out, part);
        j += 32;
    }
    while out.len() - j >= 8 {
        combine_block::<1, L>(runs.clone(), w, j, out, part);
        j += 8;
    }
    if j < out.len() {
        combine_tail(runs, w, j, out, part);
    }
}

/// The 8·V columns from j.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn combine_block<'a, const V: usize, const L: usize>(
    runs: impl Iterator<Item = (usize, Terms<'a, L>)>,
    w: MatRef<'_>,
    j: usize,
    out: &mut [f32],
    part: Part<'_>,
) {
    let mut sums = match part.begin {
        Some(Epilogue::Store) => [_mm256_setzero_ps(); V],
        Some(Epilogue::Bias(bias) | Epilogue::BiasRelu(bias)) => load_block(&bias[j..]),
        Some(Epilogue::Add) | None => load_block(&out[j..]),
    };
    for (first, terms) in runs {
        sums = add_terms(sums, terms, first, w, j);
    }
    if part.relu {
        for sum in &mut sums {
            *sum = relu_lanes(*sum);
        }
    }
    let (out, _) = out[j..j + 8 * V].as_chunks_mut();
    for (out, sum) in out.iter_mut().zip(sums) {
        store(out, sum);
    }
}

/// The last columns, from j: fewer than eight.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn combine_tail<'a, const L: usize>(
    runs: impl Iterator<Item = (usize, Terms<'a, L>)>,
    w: MatRef<'_>,
    j: usize,
    out: &mut [f32],
    part: Part<'_>,
) {
    let out = &mut out[j..];
    let tail = Tail::new(out.len());
    let mut sum = match part.begin {
        Some(Epilogue::Store) => _mm256_setzero_ps(),
        Some(Epilogue::Bias(bias) | Epilogue::BiasRelu(bias)) => tail.load(&bias[j..]),
        Some(Epilogue::Add) | None => tail.load(out),
    };
    for (first, terms) in runs {
        sum = add_terms_tail(sum, terms, first, w, j, tail);
    }
    if part.relu {
        sum = relu_lanes(sum);
    }
    tail.store(out, sum);
}

/// The first 8·V floats of `x`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn load_block<const V: usize>(x: &[f32]) -> [__m256; V] {
    let (eights, _) = x[..8 * V].as_chunks();
    std::array::from_fn(|i| load(&eights[i]))
}

/// `sums` + Σ value·(columns j … j + 8·V of row first + k of w), in the order of the terms (k,
/// value).
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn add_terms<const V: usize, const L: usize>(
    mut sums: [__m256; V],
    terms: Terms<'_, L>,
    first: usize,
    w: MatRef<'_>,
    j: usize,
) -> [__m256; V] {
    for (k, value) in terms {
        let value = _mm256_set1_ps(value);
        let start = (first + k) * w.row_stride() + j;
        let (row, _) = w.data()[start..start + 8 * V].as_chunks();
        for (sum, w) in sums.iter_mut().zip(row) {
            *sum = _mm256_fmadd_ps(value, load(w), *sum);
        }
    }
    sums
}

/// `sum` + Σ value·(the tail of row k of w, from j), in the order of the terms.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn add_terms_tail<const L: usize>(
    mut sum: __m256,
    terms: Terms<'_, L>,
    first: usize,
    w: MatRef<'_>,
    j: usize,
    tail: Tail,
) -> __m256 {
    for (k, value) in terms {
        let row = &w.data()[(first + k) * w.row_stride() + j..];
        sum = _mm256_fmadd_ps(_mm256_set1_ps(value), tail.load(row), sum);
    }
    sum
}
