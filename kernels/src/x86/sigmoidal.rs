//! The sigmoidal activations, tanh and the logistic function, and their backward passes.

use std::arch::x86_64::*;

use super::{
    exp::{exp, expm1_nonnegative},
    lanes,
};
use crate::exp::TANH_IS_ONE;

/// x ← tanh x.
#[target_feature(enable = "avx2,fma")]
pub(super) fn tanh(x: &mut [f32]) {
    lanes::map(x, |x| tanh_lanes(x));
}

/// x ← 1/(1 + e^−x).
#[target_feature(enable = "avx2,fma")]
pub(super) fn sigmoid(x: &mut [f32]) {
    lanes::map(x, |x| sigmoid_lanes(x));
}

/// g ← g·(1 − a²).
#[target_feature(enable = "avx2,fma")]
pub(super) fn tanh_backward(activation: &[f32], gradient: &mut [f32]) {
    lanes::zip(activation, gradient, |a, g| {
        let one = _mm256_set1_ps(1.0);
        // As a product, which has no cancellation: near ±1 one factor is exact.
        let slope = _mm256_mul_ps(_mm256_sub_ps(one, a), _mm256_add_ps(one, a));
        _mm256_mul_ps(g, slope)
    });
}

/// g ← g·a·(1 − a).
#[target_feature(enable = "avx2,fma")]
pub(super) fn sigmoid_backward(activation: &[f32], gradient: &mut [f32]) {
    lanes::zip(activation, gradient, |a, g| {
        let slope = _mm256_mul_ps(a, _mm256_sub_ps(_mm256_set1_ps(1.0), a));
        _mm256_mul_ps(g, slope)
    });
}

/// With t = e^2|x| − 1 it is t/(t + 2), which near 0 loses nothing, and the sign of x.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn tanh_lanes(x: __m256) -> __m256 {
    let sign_bit = _mm256_set1_ps(-0.0);
    // Of a number and a NaN the instruction returns the second, so that a NaN comes through.
    let magnitude = _mm256_andnot_ps(sign_bit, x);
    let magnitude = _mm256_min_ps(_mm256_set1_ps(TANH_IS_ONE), magnitude);
    let t = expm1_nonnegative(_mm256_add_ps(magnitude, magnitude));
    let tanh = _mm256_div_ps(t, _mm256_add_ps(t, _mm256_set1_ps(2.0)));
    _mm256_or_ps(tanh, _mm256_and_ps(sign_bit, x))
}

/// With z = e^−|x|, which never overflows, it is 1/(1 + z), or z/(1 + z) where x is negative.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn sigmoid_lanes(x: __m256) -> __m256 {
    let one = _mm256_set1_ps(1.0);
    let z = exp(_mm256_or_ps(_mm256_set1_ps(-0.0), x));
    // The choice is by the sign bit; at −0 both are 1.
    let numerator = _mm256_blendv_ps(one, z, x);
    _mm256_div_ps(numerator, _mm256_add_ps(one, z))
}
