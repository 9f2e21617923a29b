//! Softmax along rows, its cross-entropy, and the first of a row's largest values.

use wide::f32x8;

use super::{
    exp::exp_nonpositive,
    lanes::{map, rest, set_rest},
};
use crate::{BatchLoss, MatMut, MatRef};

/// Each row z becomes e^z / Σ e^z.
pub(super) fn softmax_rows(mut x: MatMut<'_>) {
    for i in 0..x.rows() {
        let row = x.row_mut(i);
        let sum = exponentials(row, largest(row));
        scale(row, (1.0 / sum) as f32);
    }
}

/// The loss of a batch of logits, which become their gradient.
pub(super) fn softmax_cross_entropy(
    mut logits: MatMut<'_>,
    labels: &[u8],
    gradient_scale: f32,
) -> BatchLoss {
    let mut total = BatchLoss::default();
    for (i, &label) in labels.iter().enumerate() {
        let row = logits.row_mut(i);
        let label = usize::from(label);
        let best = argmax(row);
        let (max, hit) = (row[best], row[label]);
        let sum = exponentials(row, max);
        total.loss += sum.ln() + f64::from(max) - f64::from(hit);
        total.correct += usize::from(best == label);
        scale(row, (f64::from(gradient_scale) / sum) as f32);
        row[label] -= gradient_scale;
    }
    total
}

/// The loss of a batch of logits, its hits and its predictions.
pub(super) fn evaluate_logits(
    logits: MatRef<'_>,
    labels: &[u8],
    predictions: &mut [u8],
) -> BatchLoss {
    let mut total = BatchLoss::default();
    for ((i, &label), prediction) in labels.iter().enumerate().zip(predictions) {
        let row = logits.row(i);
        let label = usize::from(label);
        let best = argmax(row);
        total.loss +=
            sum_of_exponentials(row, row[best]).ln() + f64::from(row[best]) - f64::from(row[label]);
        total.correct += usize::from(best == label);
        *prediction = best as u8;
    }
    total
}

/// The first of the largest values; the first NaN, if there is one. 0 for an empty row.
pub(super) fn argmax(row: &[f32]) -> usize {
    let mut best = 0;
    for (j, &x) in row.iter().enumerate() {
        if !row[best].is_nan() && (x > row[best] || x.is_nan()) {
            best = j;
        }
    }
    best
}

/// The largest value that is not NaN; −∞ where there is none.
fn largest(row: &[f32]) -> f32 {
    let (eights, last) = row.as_chunks();
    let mut max = rest(last, f32::NEG_INFINITY);
    max = max.is_nan().bitselect(f32x8::splat(f32::NEG_INFINITY), max);
    for x in eights {
        max = max.max(f32x8::new(*x));
    }
    max.to_array().into_iter().fold(f32::NEG_INFINITY, f32::max)
}

/// z ← e^(z − max) along a row, and the sum of these.
fn exponentials(row: &mut [f32], max: f32) -> f64 {
    let max = f32x8::splat(max);
    let mut sums = [0.0; 8];
    let (eights, last) = row.as_chunks_mut();
    for x in eights {
        *x = exp_nonpositive(f32x8::new(*x) - max).to_array();
        add(&mut sums, x);
    }
    set_rest(last, exp_nonpositive(rest(last, 0.0) - max));
    add(&mut sums, last);
    sums.iter().sum()
}

/// Σ e^(z − max) along a row, added as [`exponentials`] adds.
fn sum_of_exponentials(row: &[f32], max: f32) -> f64 {
    let max = f32x8::splat(max);
    let mut sums = [0.0; 8];
    let (eights, last) = row.as_chunks();
    for x in eights {
        let e = exp_nonpositive(f32x8::new(*x) - max).to_array();
        add(&mut sums, &e);
    }
    let e = exp_nonpositive(rest(last, 0.0) - max).to_array();
    add(&mut sums, &e[..last.len()]);
    sums.iter().sum()
}

/// Adds up to eight floats to as many running sums.
fn add(sums: &mut [f64; 8], x: &[f32]) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        *sum += f64::from(x);
    }
}

/// x ← x·factor along a row.
fn scale(row: &mut [f32], factor: f32) {
    map(row, |x| x * f32x8::splat(factor));
}
