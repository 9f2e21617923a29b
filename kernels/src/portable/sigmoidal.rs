//! The sigmoidal activations, tanh and the logistic function, and their backward passes.

use wide::f32x8;

use super::{
    exp::{exp, expm1_nonnegative},
    lanes,
};
use crate::exp::TANH_IS_ONE;

/// x ← tanh x: with t = e^2|x| − 1 it is t/(t + 2), which near 0 loses nothing, and the sign of x.
pub(super) fn tanh(x: &mut [f32]) {
    lanes::map(x, |x| {
        let (magnitude, limit) = (x.abs(), f32x8::splat(TANH_IS_ONE));
        // The comparison does not hold of a NaN, which so comes through.
        let magnitude = magnitude.simd_gt(limit).bitselect(limit, magnitude);
        let t = expm1_nonnegative(magnitude + magnitude);
        (t / (t + f32x8::splat(2.0))).flip_signs(x)
    });
}

/// x ← 1/(1 + e^−x): with z = e^−|x|, which never overflows, 1/(1 + z), or z/(1 + z) where x is
/// negative.
pub(super) fn sigmoid(x: &mut [f32]) {
    lanes::map(x, |x| {
        let z = exp(-x.abs());
        let numerator = x.simd_lt(f32x8::ZERO).bitselect(z, f32x8::ONE);
        numerator / (f32x8::ONE + z)
    });
}

/// g ← g·(1 − a²).
pub(super) fn tanh_backward(activation: &[f32], gradient: &mut [f32]) {
    // As a product, which has no cancellation: near ±1 one factor is exact.
    lanes::zip(activation, gradient, |a, g| {
        g * ((f32x8::ONE - a) * (f32x8::ONE + a))
    });
}

/// g ← g·a·(1 − a).
pub(super) fn sigmoid_backward(activation: &[f32], gradient: &mut [f32]) {
    lanes::zip(activation, gradient, |a, g| g * (a * (f32x8::ONE - a)));
}
