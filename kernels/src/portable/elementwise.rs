//! ReLU, its backward pass, and the sums of columns.

use wide::f32x8;

use super::lanes::map;
use crate::MatRef;

/// max(x, 0); NaN stays NaN, of which the comparison does not hold.
pub(super) fn relu_lanes(x: f32x8) -> f32x8 {
    x.simd_lt(f32x8::ZERO).bitselect(f32x8::ZERO, x)
}

/// x ← max(x, 0).
pub(super) fn relu(x: &mut [f32]) {
    map(x, relu_lanes);
}

/// Zeroes the gradient where the activation is not positive.
pub(super) fn relu_backward(activation: &[f32], gradient: &mut [f32]) {
    for (&a, g) in activation.iter().zip(gradient) {
        *g = if a > 0.0 { *g } else { 0.0 };
    }
}

/// The sum of each column, rows added first to last.
pub(super) fn column_sums(x: MatRef<'_>, sums: &mut [f32]) {
    sums.fill(0.0);
    for i in 0..x.rows() {
        for (sum, x) in sums.iter_mut().zip(x.row(i)) {
            *sum += x;
        }
    }
}
