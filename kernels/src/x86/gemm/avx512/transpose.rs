//! Rows to columns, in registers of AVX-512.

use std::arch::x86_64::*;

use crate::x86::gemm::plan::PANEL;

/// The columns of up to twelve rows: a column's lanes past the rows hold anything.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
pub(super) fn columns_of_rows<const MR: usize>(rows: [__m512; MR]) -> [__m512; PANEL] {
    const { assert!(MR <= 12) };
    let row = |i: usize| rows.get(i).copied().unwrap_or(_mm512_setzero_ps());
    let fours: [_; 3] =
        std::array::from_fn(|i| turn_quarters(std::array::from_fn(|r| row(4 * i + r))));
    // Turned quarters are put together, of each column a quarter of each four rows.
    let mut columns = [_mm512_setzero_ps(); PANEL];
    for q in 0..4 {
        let [a, b, c] = fours.map(|four| four[q]);
        let even = _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b);
        let odd = _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b);
        columns[q] = _mm512_shuffle_f32x4::<0b00_00_10_00>(even, c);
        columns[4 + q] = _mm512_shuffle_f32x4::<0b01_01_10_00>(odd, c);
        columns[8 + q] = _mm512_shuffle_f32x4::<0b10_10_11_01>(even, c);
        columns[12 + q] = _mm512_shuffle_f32x4::<0b11_11_11_01>(odd, c);
    }
    columns
}

/// The first lanes of four.
#[inline]
pub(super) fn first_of_four(lanes: usize) -> __mmask8 {
    (1 << lanes) - 1
}

/// The four columns of sixteen rows of four floats, which are put together as they are loaded: that takes no shuffles,
/// and what is left to turn lies within quarters.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
pub(super) fn columns_of_fours(row: impl Fn(usize) -> __m128) -> [__m512; 4] {
    turn_quarters(std::array::from_fn(|i| {
        let rows = _mm512_castps128_ps512(row(i));
        let rows = _mm512_insertf32x4::<1>(rows, row(i + 4));
        let rows = _mm512_insertf32x4::<2>(rows, row(i + 8));
        _mm512_insertf32x4::<3>(rows, row(i + 12))
    }))
}

/// Rows to columns, in each quarter of the vectors.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
fn turn_quarters(rows: [__m512; 4]) -> [__m512; 4] {
    let pairs = |a, b| {
        let (low, high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        (_mm512_castps_pd(low), _mm512_castps_pd(high))
    };
    let ((a, b), (c, d)) = (pairs(rows[0], rows[1]), pairs(rows[2], rows[3]));
    [
        _mm512_unpacklo_pd(a, c),
        _mm512_unpackhi_pd(a, c),
        _mm512_unpacklo_pd(b, d),
        _mm512_unpackhi_pd(b, d),
    ]
    .map(|column| _mm512_castpd_ps(column))
}
