//! e^x on eight floats, as the AVX2 twin has it, but without fused multiply-adds.

use wide::{bytemuck::cast, f32x8, i32x8};

use crate::exp::{HIGHEST, LN_SMALLEST_NORMAL, LN2_HIGH, LN2_LOW, LOWEST, POLYNOMIAL, ROUND};

/// e^x within 1 ULP: subnormal results are right, what overflows is ∞, NaN stays NaN.
pub(super) fn exp(x: f32x8) -> f32x8 {
    // Past these the result is 0 and ∞; neither comparison holds of a NaN.
    let (low, high) = (f32x8::splat(LOWEST), f32x8::splat(HIGHEST));
    let x = x.simd_lt(low).bitselect(low, x);
    let x = x.simd_gt(high).bitselect(high, x);
    let (n, expm1) = reduce(x);
    let mantissa = expm1 + f32x8::ONE;
    // 2^n itself may be no float; its two halves are, and only the second product can round.
    let half: i32x8 = n >> 1;
    mantissa * power_of_two(half) * power_of_two(n - half)
}

/// e^x for x ≤ 0; below ln 2⁻¹²⁶, where results are subnormal, it is 0.
pub(super) fn exp_nonpositive(x: f32x8) -> f32x8 {
    let (n, expm1) = reduce(x);
    let vanishes = x.simd_lt(f32x8::splat(LN_SMALLEST_NORMAL));
    vanishes.bitselect(f32x8::ZERO, (expm1 + f32x8::ONE) * power_of_two(n))
}

/// e^x − 1 for 0 ≤ x < 88, without cancellation near 0; NaN stays NaN.
pub(super) fn expm1_nonnegative(x: f32x8) -> f32x8 {
    let (n, expm1) = reduce(x);
    let scale = power_of_two(n);
    scale * expm1 + (scale - f32x8::ONE)
}

/// n and e^r − 1 for x = n·ln 2 + r.
fn reduce(x: f32x8) -> (i32x8, f32x8) {
    let round = f32x8::splat(ROUND);
    let shifted = x * f32x8::splat(std::f32::consts::LOG2_E) + round;
    let n = shifted - round;
    let r = x - n * f32x8::splat(LN2_HIGH) - n * f32x8::splat(LN2_LOW);
    let mut p = f32x8::ZERO;
    for coefficient in POLYNOMIAL {
        p = p * r + f32x8::splat(coefficient);
    }
    let n = cast::<f32x8, i32x8>(shifted) - cast::<f32x8, i32x8>(round);
    (n, p * r * r + r)
}

/// 2^n for −127 < n < 128.
fn power_of_two(n: i32x8) -> f32x8 {
    let bits: i32x8 = (n + i32x8::splat(127)) << 23;
    cast(bits)
}
