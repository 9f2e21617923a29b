//! Quotients by multiply-adds, where the divider takes longer, with the divider's bits.
//!
//! Of sixteen floats Emerald Rapids makes a quotient in some 8 cycles and a root in 12, and two multiply-adds
//! a cycle; Zen 4 takes 6 and 10, and makes one. No other CPU with AVX-512 was measured, so the maker stands
//! for them. No result tells which way was taken.

use std::{arch::x86_64::*, sync::OnceLock};

/// How quotients are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Division {
    Divider,
    MultiplyAdds,
}

impl Division {
    /// What is quicker on the CPU of this maker that was measured.
    pub(super) fn of_this_cpu() -> Self {
        // Kept, for in a virtual machine it is the host that answers.
        static QUICKER: OnceLock<Division> = OnceLock::new();
        *QUICKER.get_or_init(|| {
            if is_intel() {
                Self::MultiplyAdds
            } else {
                Self::Divider
            }
        })
    }

    /// m/t rounded correctly, for a t above 0 or NaN.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn quotient(self, m: __m512, t: __m512) -> __m512 {
        if self == Self::MultiplyAdds && !is_special(m) {
            let quotient = from_estimate(m, t, _mm512_rcp14_ps(t));
            // A 1/t or an m·(1/t) that overflowed has become NaN; by a large t it may be subnormal.
            let is_nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(quotient, quotient);
            let is_large = _mm512_cmp_ps_mask::<_CMP_NLT_UQ>(t, _mm512_set1_ps(LARGE));
            if is_nan | is_large == 0 {
                return quotient;
            }
        }
        _mm512_div_ps(m, t)
    }
}

/// 2³⁰: what is no less than 2⁻⁹⁵, divided by less than that, is no subnormal number.
const LARGE: f32 = (1 << 30) as f32;

/// Whether a quotient is the divider's, for its dividend's sake: that of a power of two is rounded wrongly
/// if all bits of t's significand are set, and that of much less than 2⁻⁹⁵ has a remainder that is no float.
/// From 2⁻⁹⁵ on, the nearest limit that three bits tell, few remainders are subnormal numbers, which Intel's
/// cores are slow to make: without this a step took 1.3 times as long. Zeros count as either.
#[inline]
#[target_feature(enable = "avx512f")]
fn is_special(m: __m512) -> bool {
    /// The upper three bits of the exponent: with none of them it is below 32 − 127.
    const UPPER_EXPONENT: i32 = 0x7000_0000;
    const SIGNIFICAND: i32 = 0x007f_ffff;
    let bits = _mm512_castps_si512(m);
    let small = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(UPPER_EXPONENT));
    let power = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(SIGNIFICAND));
    small | power != 0
}

/// m/t rounded correctly, where m is not special, from an estimate of 1/t that is off by less than 2⁻¹⁴
/// of it, which is what both makers promise.
///
/// Two steps of Newton's method make it 1/t rounded to nearest, or what is next to that; then one
/// correction by the remainder rounds the quotient as the divider does (Markstein 1990, "Computation of
/// elementary functions on the IBM RISC System/6000 processor"). After one step it does not always: the
/// tests have quotients that tell.
#[inline]
#[target_feature(enable = "avx512f")]
fn from_estimate(m: __m512, t: __m512, mut reciprocal: __m512) -> __m512 {
    for _ in 0..2 {
        let error = _mm512_fnmadd_ps(t, reciprocal, _mm512_set1_ps(1.0));
        reciprocal = _mm512_fmadd_ps(reciprocal, error, reciprocal);
    }
    let quotient = _mm512_mul_ps(m, reciprocal);
    let excess = _mm512_fmsub_ps(quotient, t, m);
    _mm512_fnmadd_ps(excess, reciprocal, quotient)
}

fn is_intel() -> bool {
    let leaf = __cpuid(0);
    let vendor = [leaf.ebx, leaf.edx, leaf.ecx].map(u32::to_le_bytes);
    vendor.as_flattened() == b"GenuineIntel"
}

#[cfg(test)]
mod tests {
    use super::{
        super::lanes::{load, store},
        *,
    };
    use crate::Isa;

    /// Whether this CPU has AVX-512; says so where not.
    fn is_available() -> bool {
        let is_available = Isa::Avx512.is_available();
        if !is_available {
            eprintln!("this CPU has no AVX-512: its quotients were NOT checked");
        }
        is_available
    }

    /// Numbers of any bits, the same on every run.
    fn any_bits(state: &mut u64) -> u32 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 32) as u32
    }

    #[target_feature(enable = "avx512f")]
    fn quotients(division: Division, m: &[f32; 16], t: &[f32; 16]) -> [f32; 16] {
        let mut out = [0.0; 16];
        store(&mut out, division.quotient(load(m), load(t)));
        out
    }

    fn assert_quotients(m: &[f32; 16], t: &[f32; 16]) {
        for division in [Division::Divider, Division::MultiplyAdds] {
            // SAFETY: the tests asked whether the CPU has AVX-512.
            let got = unsafe { quotients(division, m, t) };
            for ((m, t), got) in m.iter().zip(t).zip(got) {
                let expected = m / t;
                assert!(
                    got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan(),
                    "{m:e} / {t:e} is {expected:e} and not {got:e}, by {division:?}"
                );
            }
        }
    }

    #[test]
    fn quotients_have_the_bits_of_a_division() {
        if !is_available() {
            return;
        }
        let limits = [
            0.0,
            1.0,
            f32::MIN_POSITIVE,
            2_f32.powi(-128),
            2_f32.powi(-95),
            LARGE,
            f32::MAX,
        ];
        let mut special = vec![1e-45, 1e-40, 1e-30, 1e-29, 1e-28, 1e-7, 0.75, 1e30];
        // All bits of the significand set; infinity; NaN.
        special.extend([0x3fff_ffff, 0x7f80_0000, 0x7fc0_0000].map(f32::from_bits));
        for limit in limits {
            special.extend(
                [-2_i32, -1, 0, 1, 2]
                    .map(|step| f32::from_bits(limit.to_bits().saturating_add_signed(step))),
            );
        }
        for m in special.iter().flat_map(|&m| [m, -m]) {
            for &t in special.iter().filter(|&&t| t != 0.0) {
                assert_quotients(&[m; 16], &[t; 16]);
                // One among others that are like any.
                let mut mixed = [[0.3; 16], [0.7; 16]];
                (mixed[0][5], mixed[1][5]) = (m, t);
                assert_quotients(&mixed[0], &mixed[1]);
            }
        }
        let mut state = 1;
        for _ in 0..100_000 {
            let [m, t] = [(); 2].map(|()| any_bits(&mut state));
            let t = f32::from_bits(t & 0x7fff_ffff);
            if t != 0.0 {
                assert_quotients(&[f32::from_bits(m); 16], &[t; 16]);
            }
            // In [2⁻³¹, 2), where no lane is special.
            let vector = [(); 2].map(|()| {
                [(); 16].map(|()| f32::from_bits(0x3000_0000 | any_bits(&mut state) >> 4))
            });
            assert_quotients(&vector[0], &vector[1]);
        }
    }

    /// The dividends in [2²³, 2²⁴) whose quotients by t, in the same range, are so close to the middle
    /// between two floats that |2m·2ˢ − (2q + 1)·t| is 1 to 4.
    fn hard_dividends(t: u64) -> Vec<u64> {
        // The distance is as often divisible by two as t, and then odd.
        let twos = t.trailing_zeros();
        let odd = t >> twos;
        let mut found = Vec::new();
        // The quotient has 24 bits for s = 23 where m ≥ t, else for s = 24.
        for s in [23, 24] {
            let inverse = inverse_of_power_of_two(s + 1 - twos, odd);
            for distance in [1, 3].into_iter().filter(|distance| distance << twos <= 4) {
                let first = inverse * distance % odd;
                for residue in [first, odd - first] {
                    let dividends = (residue..1 << 24).step_by(odd as usize);
                    found.extend(dividends.filter(|&m| m >= 1 << 23 && (m >= t) == (s == 23)));
                }
            }
        }
        found
    }

    /// 2⁻ᵉ modulo an odd number.
    fn inverse_of_power_of_two(e: u32, modulus: u64) -> u64 {
        (0..e).fold(1, |x: u64, _| {
            if x.is_multiple_of(2) {
                x / 2
            } else {
                (x + modulus) / 2
            }
        })
    }

    /// How many quotients m/t, from any float within 2⁻¹⁴ of 1/t as its estimate, are not those of a
    /// division; t in [1, 2).
    #[target_feature(enable = "avx512f")]
    fn wrong(m: f32, t: f32) -> u32 {
        let exact = 1.0 / f64::from(t);
        let off = exact / 16384.0;
        // Bits of positive floats rise with them. The ends are rounded, so they may lie just outside.
        let [first, last] = [exact - off, exact + off].map(|end| (end as f32).to_bits() as i32);
        let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let expected = _mm512_set1_ps(m / t);
        (first..=last)
            .step_by(16)
            .map(|bits| {
                let bits = _mm512_add_epi32(_mm512_set1_epi32(bits), lanes);
                let bits = _mm512_min_epi32(bits, _mm512_set1_epi32(last));
                let estimate = _mm512_castsi512_ps(bits);
                let got = from_estimate(_mm512_set1_ps(m), _mm512_set1_ps(t), estimate);
                _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(got, expected).count_ones()
            })
            .sum()
    }

    /// All others are further from the middle than the last correction can err. With t an integer of 24
    /// bits let the unit be 1/(2t) of the quotient's last place, in which `hard_dividends` counts distances,
    /// whole numbers. The quotient before is off by at most 3/2 of its last place, times the t·2⁻⁴⁸ by which
    /// t·(1/t) is off at most, or next to nothing more: 3·(t·2⁻²⁴)² < 3 units. The remainder has up to 25
    /// bits, of which the last is lost: 2 more. Together that is less than 5.
    ///
    /// One in seven; all that are hard: `cargo test -p kernels --features long-tests --lib`.
    #[test]
    fn the_hardest_quotients_are_rounded_correctly_from_any_estimate() {
        if !is_available() {
            return;
        }
        let step = if cfg!(feature = "long-tests") { 1 } else { 7 };
        let some = ((1 << 23)..1_u64 << 24).step_by(step);
        // All bits set; three by which one step of Newton's method is not enough; and some divisors of
        // 2⁴⁸ − 1, whose 1/t is close to the middle between two floats.
        let near = [
            16_777_215, 16_777_213, 16_777_211, 16_777_209, 15_732_721, 15_793_935, 16_527_927,
            16_646_655,
        ];
        let mut hard = 0;
        for t in some.chain(near).filter(|t| t.trailing_zeros() <= 2) {
            for m in hard_dividends(t)
                .into_iter()
                .filter(|m| !m.is_power_of_two())
            {
                let (m, t) = (m as f32, t as f32 / (1 << 23) as f32);
                // SAFETY: the CPU was just seen to have AVX-512.
                assert_eq!(unsafe { wrong(m, t) }, 0, "{m} / {t:e}");
                hard += 1;
            }
        }
        assert!(hard > 3_000_000, "{hard}");
    }
}
