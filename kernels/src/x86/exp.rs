//! e^x on eight floats.
//!
//! x = n·ln 2 + r with |r| ≤ ln 2 / 2, e^x = 2^n·e^r, and e^r is the polynomial of Cephes' `expf`
//! (Moshier 1989): r by Cody and Waite's two constants, the first of which has so few bits that
//! n times it is exact.

use std::arch::x86_64::*;

use super::lanes;

/// ln 2 = LN2_HIGH + LN2_LOW.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// 1.5·2²³: a float of this size has no bits after the point, so adding it rounds to an integer,
/// which then stands in its lowest bits.
const ROUND: f32 = 12_582_912.0;

/// e^x, within 1 ULP of the correctly rounded value: subnormal results are right, what overflows
/// is ∞, what is below them is 0, NaN stays NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn exp(x: __m256) -> __m256 {
    // Past these the result is 0 and ∞. A NaN is the second operand, and so comes through.
    let x = _mm256_max_ps(_mm256_set1_ps(-104.0), x);
    let x = _mm256_min_ps(_mm256_set1_ps(89.0), x);
    let (n, mantissa) = reduce(x);
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
    const LN_SMALLEST_NORMAL: f32 = -87.336_54;
    let (n, mantissa) = reduce(x);
    // The rounding constant's own bits are shifted out at the top.
    let result = _mm256_mul_ps(mantissa, power_of_two(n));
    let vanishes = _mm256_cmp_ps::<_CMP_LT_OQ>(x, _mm256_set1_ps(LN_SMALLEST_NORMAL));
    _mm256_andnot_ps(vanishes, result)
}

/// n in the low bits of each lane, and e^r.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn reduce(x: __m256) -> (__m256i, __m256) {
    let round = _mm256_set1_ps(ROUND);
    let shifted = _mm256_fmadd_ps(x, _mm256_set1_ps(std::f32::consts::LOG2_E), round);
    let n = _mm256_sub_ps(shifted, round);
    let r = _mm256_fnmadd_ps(n, _mm256_set1_ps(LN2_HIGH), x);
    let r = _mm256_fnmadd_ps(n, _mm256_set1_ps(LN2_LOW), r);
    let mut p = _mm256_set1_ps(1.987_569_1e-4);
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_6e-1,
        5e-1,
    ] {
        p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(coefficient));
    }
    let p = _mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r);
    (
        _mm256_castps_si256(shifted),
        _mm256_add_ps(p, _mm256_set1_ps(1.0)),
    )
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
