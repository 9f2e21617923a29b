//! Softmax along rows, its cross-entropy, and the first of a row's largest values.
//!
//! A row is read for its largest value, turned into exponentials while their sum forms, and
//! scaled; the three passes find it in L1. Sums are formed in f64.

use std::arch::x86_64::*;

use super::{
    exp::exp_nonpositive,
    lanes::{Tail, load, max_lane, store, sum_lanes},
    softmax_narrow,
};
use crate::{BatchLoss, MatMut, MatRef};

/// Each row z becomes e^z / Σ e^z.
#[target_feature(enable = "avx2,fma")]
pub(super) fn softmax_rows(mut x: MatMut<'_>) {
    if x.cols() <= softmax_narrow::WIDEST {
        return softmax_narrow::softmax_rows(x);
    }
    for i in 0..x.rows() {
        let row = x.row_mut(i);
        let sum = exponentials(row, largest(row));
        scale(row, (1.0 / sum) as f32);
    }
}

/// The loss of a batch of logits, which become their gradient.
#[target_feature(enable = "avx2,fma")]
pub(super) fn softmax_cross_entropy(
    mut logits: MatMut<'_>,
    labels: &[u8],
    gradient_scale: f32,
) -> BatchLoss {
    if logits.cols() <= softmax_narrow::WIDEST {
        return softmax_narrow::softmax_cross_entropy(logits, labels, gradient_scale);
    }
    let mut total = BatchLoss::default();
    let mut logs = LogProduct::default();
    for (i, &label) in labels.iter().enumerate() {
        let row = logits.row_mut(i);
        let label = usize::from(label);
        let best = argmax(row);
        let (max, hit) = (row[best], row[label]);
        let sum = exponentials(row, max);
        total.loss += f64::from(max) - f64::from(hit);
        total.correct += usize::from(best == label);
        logs.multiply(sum);
        scale(row, (f64::from(gradient_scale) / sum) as f32);
        row[label] -= gradient_scale;
    }
    total.loss += logs.total();
    total
}

/// The loss of a batch of logits, its hits and its predictions.
#[target_feature(enable = "avx2,fma")]
pub(super) fn evaluate_logits(
    logits: MatRef<'_>,
    labels: &[u8],
    predictions: &mut [u8],
) -> BatchLoss {
    if logits.cols() <= softmax_narrow::WIDEST {
        return softmax_narrow::evaluate_logits(logits, labels, predictions);
    }
    let mut total = BatchLoss::default();
    let mut logs = LogProduct::default();
    for ((i, &label), prediction) in labels.iter().enumerate().zip(predictions) {
        let row = logits.row(i);
        let label = usize::from(label);
        let best = argmax(row);
        total.loss += f64::from(row[best]) - f64::from(row[label]);
        total.correct += usize::from(best == label);
        logs.multiply(sum_of_exponentials(row, row[best]));
        *prediction = best as u8;
    }
    total.loss += logs.total();
    total
}

/// The index of the first of each row's largest values.
#[target_feature(enable = "avx2,fma")]
pub(super) fn argmax_rows(x: MatRef<'_>, indices: &mut [u32]) {
    for (i, index) in indices.iter_mut().enumerate() {
        *index = argmax(x.row(i)) as u32;
    }
}

/// The first of the largest values; the first NaN, if there is one. 0 for an empty row.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn argmax(row: &[f32]) -> usize {
    let max = _mm256_set1_ps(largest(row));
    let (eights, rest) = row.as_chunks();
    let mut first = None;
    for (i, x) in eights.iter().enumerate() {
        let (nan, equal) = (unordered(load(x)), equals(load(x), max));
        if nan != 0 {
            return 8 * i + nan.trailing_zeros() as usize;
        }
        if equal != 0 && first.is_none() {
            first = Some(8 * i + equal.trailing_zeros() as usize);
        }
    }
    if !rest.is_empty() {
        let tail = Tail::new(rest.len());
        let x = tail.load(rest);
        let nan = unordered(x);
        if nan != 0 {
            return row.len() - rest.len() + nan.trailing_zeros() as usize;
        }
        // Zeros past the end may equal the largest value, but only after a lane of the row does.
        first = first
            .or_else(|| Some(row.len() - rest.len() + equals(x, max).trailing_zeros() as usize));
    }
    first.unwrap_or(0)
}

/// A bit for each lane that is NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn unordered(x: __m256) -> i32 {
    _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_UNORD_Q>(x, x))
}

/// A bit for each lane of x that equals that of y.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn equals(x: __m256, y: __m256) -> i32 {
    _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_EQ_OQ>(x, y))
}

/// The largest value that is not NaN; −∞ where there is none.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn largest(row: &[f32]) -> f32 {
    let none = _mm256_set1_ps(f32::NEG_INFINITY);
    let (eights, rest) = row.as_chunks();
    let (fours, odd) = eights.as_chunks::<4>();
    // Four maxima hide the latency of each; a NaN, the first operand, is dropped.
    let mut max = [none; 4];
    for four in fours {
        for (max, x) in max.iter_mut().zip(four) {
            *max = _mm256_max_ps(load(x), *max);
        }
    }
    for x in odd {
        max[0] = _mm256_max_ps(load(x), max[0]);
    }
    if !rest.is_empty() {
        let tail = Tail::new(rest.len());
        max[1] = _mm256_max_ps(tail.or(tail.load(rest), none), max[1]);
    }
    max_lane(_mm256_max_ps(
        _mm256_max_ps(max[0], max[1]),
        _mm256_max_ps(max[2], max[3]),
    ))
}

/// z ← e^(z − max) along a row, and the sum of these.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn exponentials(row: &mut [f32], max: f32) -> f64 {
    let max = _mm256_set1_ps(max);
    let mut sum = Sum::new();
    let (eights, rest) = row.as_chunks_mut();
    for x in eights {
        let e = exp_nonpositive(_mm256_sub_ps(load(x), max));
        store(x, e);
        sum.add(e);
    }
    if !rest.is_empty() {
        let tail = Tail::new(rest.len());
        let e = exp_nonpositive(_mm256_sub_ps(tail.load(rest), max));
        tail.store(rest, e);
        sum.add(tail.or(e, _mm256_setzero_ps()));
    }
    sum.total()
}

/// Σ e^(z − max) along a row, added as [`exponentials`] adds.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn sum_of_exponentials(row: &[f32], max: f32) -> f64 {
    let max = _mm256_set1_ps(max);
    let mut sum = Sum::new();
    let (eights, rest) = row.as_chunks();
    for x in eights {
        sum.add(exp_nonpositive(_mm256_sub_ps(load(x), max)));
    }
    if !rest.is_empty() {
        let tail = Tail::new(rest.len());
        let e = exp_nonpositive(_mm256_sub_ps(tail.load(rest), max));
        sum.add(tail.or(e, _mm256_setzero_ps()));
    }
    sum.total()
}

/// Σ ln xᵢ for factors of at least 1, as ln Π xᵢ: one logarithm for many rows.
pub(super) struct LogProduct {
    product: f64,
    logs: f64,
}

impl Default for LogProduct {
    fn default() -> Self {
        Self {
            product: 1.0,
            logs: 0.0,
        }
    }
}

impl LogProduct {
    /// Takes in a factor below 2⁵¹², such as the sum of a row's exponentials.
    #[inline]
    pub(super) fn multiply(&mut self, factor: f64) {
        const FULL: f64 = 1e150;
        if self.product > FULL {
            self.logs += self.product.ln();
            self.product = 1.0;
        }
        self.product *= factor;
    }

    #[inline]
    pub(super) fn total(self) -> f64 {
        self.logs + self.product.ln()
    }
}

/// Eight running sums in f64.
pub(super) struct Sum {
    low: __m256d,
    high: __m256d,
}

impl Sum {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn new() -> Self {
        Self {
            low: _mm256_setzero_pd(),
            high: _mm256_setzero_pd(),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add(&mut self, x: __m256) {
        let low = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
        let high = _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(x));
        self.low = _mm256_add_pd(self.low, low);
        self.high = _mm256_add_pd(self.high, high);
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn total(self) -> f64 {
        sum_lanes(_mm256_add_pd(self.low, self.high))
    }
}

/// x ← x·factor along a row.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn scale(row: &mut [f32], factor: f32) {
    let factor = _mm256_set1_ps(factor);
    super::lanes::map(row, |x| _mm256_mul_ps(x, factor));
}
