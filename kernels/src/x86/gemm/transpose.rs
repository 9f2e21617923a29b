//! Rows to columns, in registers of AVX2.

use std::arch::x86_64::*;

/// The columns of eight rows.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn transpose_8x8(r: [__m256; 8]) -> [__m256; 8] {
    // Pairs within each half, then fours, then the halves.
    let pair = |a, b| (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    let ((a0, a1), (a2, a3)) = (pair(r[0], r[1]), pair(r[2], r[3]));
    let ((a4, a5), (a6, a7)) = (pair(r[4], r[5]), pair(r[6], r[7]));
    let four = |a, b| {
        (
            _mm256_shuffle_ps::<0b01_00_01_00>(a, b),
            _mm256_shuffle_ps::<0b11_10_11_10>(a, b),
        )
    };
    let ((b0, b1), (b2, b3)) = (four(a0, a2), four(a1, a3));
    let ((b4, b5), (b6, b7)) = (four(a4, a6), four(a5, a7));
    let low = |a, b| _mm256_permute2f128_ps::<0x20>(a, b);
    let high = |a, b| _mm256_permute2f128_ps::<0x31>(a, b);
    [
        low(b0, b4),
        low(b1, b5),
        low(b2, b6),
        low(b3, b7),
        high(b0, b4),
        high(b1, b5),
        high(b2, b6),
        high(b3, b7),
    ]
}

/// The four columns of eight rows of four floats, which are put together as they are loaded: that takes no shuffles, and
/// what is left to turn lies within halves.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn columns_of_fours(row: impl Fn(usize) -> __m128) -> [__m256; 4] {
    turn_halves(std::array::from_fn(|i| _mm256_set_m128(row(i + 4), row(i))))
}

/// Rows to columns, in each half of the vectors.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn turn_halves(rows: [__m256; 4]) -> [__m256; 4] {
    let pairs = |a, b| {
        let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        (_mm256_castps_pd(low), _mm256_castps_pd(high))
    };
    let ((a, b), (c, d)) = (pairs(rows[0], rows[1]), pairs(rows[2], rows[3]));
    [
        _mm256_unpacklo_pd(a, c),
        _mm256_unpackhi_pd(a, c),
        _mm256_unpacklo_pd(b, d),
        _mm256_unpackhi_pd(b, d),
    ]
    .map(|column| _mm256_castpd_ps(column))
}
