//! The transpose of 16×16 floats in registers.

use std::arch::x86_64::*;

/// Rows to columns: within each quarter of the vectors first, then the quarters.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
pub(in crate::x86::gemm) fn transpose_16x16(r: [__m512; 16]) -> [__m512; 16] {
    let mut fours = [_mm512_setzero_ps(); 16];
    for (i, rows) in r.as_chunks::<4>().0.iter().enumerate() {
        let [a, b, c, d] = *rows;
        let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
        // Vector q: of rows 4·i to 4·i + 3, columns q, q + 4, q + 8 and q + 12.
        fours[4 * i] = _mm512_shuffle_ps::<0b01_00_01_00>(ab_low, cd_low);
        fours[4 * i + 1] = _mm512_shuffle_ps::<0b11_10_11_10>(ab_low, cd_low);
        fours[4 * i + 2] = _mm512_shuffle_ps::<0b01_00_01_00>(ab_high, cd_high);
        fours[4 * i + 3] = _mm512_shuffle_ps::<0b11_10_11_10>(ab_high, cd_high);
    }
    let mut columns = [_mm512_setzero_ps(); 16];
    for q in 0..4 {
        // A 4×4 transpose of quarters.
        let [a, b, c, d] = [fours[q], fours[4 + q], fours[8 + q], fours[12 + q]];
        let ab_even = _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b);
        let ab_odd = _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b);
        let cd_even = _mm512_shuffle_f32x4::<0b10_00_10_00>(c, d);
        let cd_odd = _mm512_shuffle_f32x4::<0b11_01_11_01>(c, d);
        columns[q] = _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_even, cd_even);
        columns[8 + q] = _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_even, cd_even);
        columns[4 + q] = _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_odd, cd_odd);
        columns[12 + q] = _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_odd, cd_odd);
    }
    columns
}
