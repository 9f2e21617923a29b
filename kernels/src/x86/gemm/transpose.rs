//! Rows to columns, in registers of AVX2.

use std::arch::x86_64::*;

/// The columns of eight rows.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn transpose_8x8(r: [__m256; 8]) -> [__m256; 8] {
    let first = turn_halves([r[0], r[1], r[2], r[3]]);
    let last = turn_halves([r[4], r[5], r[6], r[7]]);
    std::array::from_fn(|i| {
        let (a, b) = (first[i % 4], last[i % 4]);
        if i < 4 {
            _mm256_permute2f128_ps::<0x20>(a, b)
        } else {
            _mm256_permute2f128_ps::<0x31>(a, b)
        }
    })
}

/// The four columns of eight rows of four floats, which are put together as they are loaded: that takes no shuffles,
/// and what is left to turn lies within halves.
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
