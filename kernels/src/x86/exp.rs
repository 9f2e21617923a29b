//! e^x on eight floats.

use std::arch::x86_64::*;

use super::lanes;
use crate::exp::{HIGHEST, LN_SMALLEST_NORMAL, LN2_HIGH, LN2_LOW, LOWEST, POLYNOMIAL, ROUND};

/// e^x, within 1 ULP of the correctly rounded value: subnormal results are right, what overflows
/// is ∞, what is below them is 0, NaN stays NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn exp(x: __m256) -> __m256 {
    // Past these the result is 0 and ∞. A NaN is the second operand, and so comes through.
    let x = _mm256_max_ps(_mm256_set1_ps(LOWEST), x);
    let x = _mm256_min_ps(_mm256_set1_ps(HIGHEST), x);
    let (n, expm1) = reduce(x);
    let mantissa = _mm256_add_ps(expm1, _mm256_set1_ps(1.0));
    // 2^n itself may be no float; its two halves are, and only the second product can round.
    let n = _mm256_sub_epi32(n, _mm256_castps_si256(_mm256_set1_ps(ROUND)));
    let half = _mm256_srai_epi32::<1>(n);
    let scaled = _mm256_mul_ps(mantissa, power_of_two(half));
    _mm256_mul_ps(scaled, power_of_two(_mm256_sub_epi32(n, half)))
}

/// e^x for x ≤ 0, as softmax needs it: below ln 2⁻¹²⁶, where results are subnormal, it is 0.
/// Elsewhere the bits are those of [`exp`]; NaN stays NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn exp_nonpositive(x: __m256) -> __m256 {
    let (n, expm1) = reduce(x);
    let mantissa = _mm256_add_ps(expm1, _mm256_set1_ps(1.0));
    // The rounding constant's own bits are shifted out at the top.
    let result = _mm256_mul_ps(mantissa, power_of_two(n));
    let vanishes = _mm256_cmp_ps::<_CMP_LT_OQ>(x, _mm256_set1_ps(LN_SMALLEST_NORMAL));
    _mm256_andnot_ps(vanishes, result)
}

/// e^x − 1 for 0 ≤ x < 88, without cancellation near 0; NaN stays NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn expm1_nonnegative(x: __m256) -> __m256 {
    let (n, expm1) = reduce(x);
    let scale = power_of_two(n);
    _mm256_fmadd_ps(scale, expm1, _mm256_sub_ps(scale, _mm256_set1_ps(1.0)))
}

/// n in the low bits of each lane, and e^r − 1.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn reduce(x: __m256) -> (__m256i, __m256) {
    let round = _mm256_set1_ps(ROUND);
    let shifted = _mm256_fmadd_ps(x, _mm256_set1_ps(std::f32::consts::LOG2_E), round);
    let n = _mm256_sub_ps(shifted, round);
    let r = _mm256_fnmadd_ps(n, _mm256_set1_ps(LN2_HIGH), x);
    let r = _mm256_fnmadd_ps(n, _mm256_set1_ps(LN2_LOW), r);
    // In pairs (Estrin's scheme): the chain of dependent operations is half as long as Horner's.
    let [p5, p4, p3, p2, p1, p0] = POLYNOMIAL.map(|p| _mm256_set1_ps(p));
    let r2 = _mm256_mul_ps(r, r);
    let high = _mm256_fmadd_ps(p5, r, p4);
    let middle = _mm256_fmadd_ps(p3, r, p2);
    let low = _mm256_fmadd_ps(p1, r, p0);
    let p = _mm256_fmadd_ps(_mm256_fmadd_ps(high, r2, middle), r2, low);
    (_mm256_castps_si256(shifted), _mm256_fmadd_ps(p, r2, r))
}

/// 2^n for −127 < n < 128, n in the low nine bits.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn power_of_two(n: __m256i) -> __m256 {
    let biased = _mm256_add_epi32(n, _mm256_set1_epi32(127));
    _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
}

/// x ← e^x.
#[target_feature(enable = "avx2,fma")]
pub(super) fn exp_slice(x: &mut [f32]) {
    lanes::map(x, |x| exp(x));
}
