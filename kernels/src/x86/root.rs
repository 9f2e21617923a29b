//! Square roots by multiply-adds from an estimate, with the divider's bits: the divider takes longer, where
//! an estimate is at hand and quotients keep it busy.
//!
//! They serve [`idle`](super::idle) and, with sixteen lanes and an estimate of the CPU's, `avx512/root.rs`.

use std::{arch::x86_64::*, array};

/// 2⁻¹⁰⁰. From a quarter of it on, the remainder of a root is a float, and v shrinks to no less than half of it
/// before an estimate is made anew. What is less has a root below 2⁻⁵⁰.
pub(super) const NEGLIGIBLE: f32 = f32::from_bits((127 - 100) << 23);

/// 2⁻²⁴. Half the last place of an ε from here on is at least 2⁻⁴⁸, so to add a root below 2⁻⁵⁰ leaves it as it
/// is, whether that root is exact, off by a little or taken for 0. Keras's 10⁻⁷ is above; PyTorch's 10⁻⁸ is
/// below, and there the divider makes the roots.
pub(super) const MIN_EPSILON: f32 = f32::from_bits((127 - 24) << 23);

/// The roots of some vectors, of the first `BY_MULTIPLY_ADDS` as [`root`] makes them, of the others by the divider.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn roots<const N: usize, const BY_MULTIPLY_ADDS: usize>(
    v: [__m256; N],
    h: [__m256; N],
) -> [__m256; N] {
    let made = root::<BY_MULTIPLY_ADDS>(array::from_fn(|i| v[i]), array::from_fn(|i| h[i]));
    array::from_fn(|i| {
        if i < BY_MULTIPLY_ADDS {
            made[i]
        } else {
            _mm256_sqrt_ps(v[i])
        }
    })
}

/// √v rounded correctly, from half an estimate of 1/√v that is off by at most 2⁻¹³ of it, for any
/// finite v of at least half [`NEGLIGIBLE`]; 0 by an estimate of 0, if v is finite; NaN for a v that is NaN.
///
/// A step of Newton's method for the root g and h, half of its reciprocal, together, and a correction by the
/// remainder v − g² (Markstein 1990, "Computation of elementary functions on the IBM RISC System/6000
/// processor"; the coupled iteration is Goldschmidt's). A test below tries every significand with
/// every estimate, if it is given time (`long-tests`).
#[inline]
#[target_feature(enable = "avx2,fma")]
fn root<const N: usize>(v: [__m256; N], mut h: [__m256; N]) -> [__m256; N] {
    let half = _mm256_set1_ps(0.5);
    let (mut g, mut off, mut out) = (v, v, v);
    // Each operation for all vectors before the next, for none waits for another's.
    for (g, &h) in g.iter_mut().zip(&h) {
        *g = _mm256_mul_ps(*g, _mm256_add_ps(h, h));
    }
    for ((off, &g), &h) in off.iter_mut().zip(&g).zip(&h) {
        *off = _mm256_fnmadd_ps(g, h, half);
    }
    for ((g, h), &off) in g.iter_mut().zip(&mut h).zip(&off) {
        *g = _mm256_fmadd_ps(*g, off, *g);
        *h = _mm256_fmadd_ps(*h, off, *h);
    }
    for (remainder, &g) in out.iter_mut().zip(&g) {
        *remainder = _mm256_fnmadd_ps(g, g, *remainder);
    }
    for ((out, &g), &h) in out.iter_mut().zip(&g).zip(&h) {
        *out = _mm256_fmadd_ps(*out, h, g);
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        Isa,
        x86::lanes::{load, store},
    };

    /// Floats of [1, 4): those whose root comes out wrong by a correction with the h before Newton's step or
    /// from an estimate off by 2⁻¹², the two before 4, whose roots are next to a middle between floats, and one
    /// in 31 of all; all with `long-tests`.
    pub(in crate::x86) fn radicands() -> impl Iterator<Item = f32> {
        const NEAR: [u32; 12] = [
            0x407f_ffff,
            0x407f_fffe,
            0x3f80_0001,
            0x3f80_0003,
            0x3f86_6f2b,
            0x3f89_33bf,
            0x3fba_0a0c,
            0x3fc7_65d8,
            0x3fd8_3edc,
            0x3ffc_114a,
            0x405a_e03b,
            0x406e_9372,
        ];
        let step = if cfg!(feature = "long-tests") { 1 } else { 31 };
        let some = (1_f32.to_bits()..4_f32.to_bits()).step_by(step);
        NEAR.into_iter().chain(some).map(f32::from_bits)
    }

    /// The bits of the first and the last float within 2⁻¹³ of x; as bits of positive floats rise with them, the
    /// range between holds every float. The ends are rounded, so they may lie just outside.
    pub(in crate::x86) fn around(x: f64) -> [u32; 2] {
        [x - x / 8192.0, x + x / 8192.0].map(|end| (end as f32).to_bits())
    }

    #[target_feature(enable = "avx2,fma")]
    fn four_roots(v: f32, halves: &[[f32; 8]; 4]) -> [[f32; 8]; 4] {
        let [a, b, c, d] = halves;
        let roots = root([_mm256_set1_ps(v); 4], [load(a), load(b), load(c), load(d)]);
        let mut out = [[0.0; 8]; 4];
        for (out, root) in out.iter_mut().zip(roots) {
            store(out, root);
        }
        out
    }

    /// Scaling v by a power of four and its estimates by one of two changes nothing but exponents, as long as
    /// nothing overflows or loses bits as a subnormal, which the next test tries at both ends.
    #[test]
    fn roots_are_rounded_correctly_from_any_estimate() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: its roots were NOT checked");
            return;
        }
        for v in radicands() {
            let [first, last] = around(0.5 / f64::from(v).sqrt());
            let mut bits = first..=last;
            while !bits.is_empty() {
                let halves =
                    [(); 4].map(|()| [(); 8].map(|()| f32::from_bits(bits.next().unwrap_or(last))));
                // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for, FMA among it.
                let got = unsafe { four_roots(v, &halves) };
                assert_eq!(got, [[v.sqrt(); 8]; 4], "{v:e} from {halves:?}");
            }
        }
    }

    #[test]
    fn the_divider_makes_the_last_one() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: its roots were NOT checked");
            return;
        }
        // By multiply-adds, an estimate of 0 makes a root of 0.
        #[target_feature(enable = "avx2,fma")]
        fn of_zero<const BY_MULTIPLY_ADDS: usize>() -> [f32; 2] {
            let estimates = [_mm256_setzero_ps(); 2];
            roots::<2, BY_MULTIPLY_ADDS>([_mm256_set1_ps(4.0); 2], estimates)
                .map(|root| _mm256_cvtss_f32(root))
        }
        // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for, FMA among it.
        let got = unsafe { [of_zero::<2>(), of_zero::<1>()] };
        assert_eq!(got, [[0.0; 2], [0.0, 2.0]]);
    }

    #[test]
    fn the_least_and_the_largest_have_their_roots_and_an_estimate_of_zero_gives_zero() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: its roots were NOT checked");
            return;
        }
        for scale in [0.5 * NEGLIGIBLE, NEGLIGIBLE, 2_f32.powi(126)] {
            for v in radicands().step_by(7).map(|v| v * scale) {
                let half = (0.5 / f64::from(v).sqrt()) as f32;
                // SAFETY: as above.
                let got = unsafe {
                    four_roots(
                        v,
                        &[[half; 8], [half * 1.0001; 8], [half * 0.9999; 8], [0.0; 8]],
                    )
                };
                let expected = v.sqrt();
                assert_eq!(
                    got,
                    [[expected; 8], [expected; 8], [expected; 8], [0.0; 8]],
                    "{v:e}"
                );
            }
        }
    }
}
