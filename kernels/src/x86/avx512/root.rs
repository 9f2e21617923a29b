//! Square roots by multiply-adds, sixteen lanes at a time: those of [`root`](crate::x86::root), and from the CPU's
//! estimate those of steps with a gradient.
//!
//! Of sixteen floats Emerald Rapids makes a quotient in 10 cycles, a root in 12, an estimate of its reciprocal
//! in two and two multiply-adds a cycle; Zen 4 takes 6 and 10 for the first two, and makes one multiply-add a cycle.
//! So either leaves some of the roots to the divider, Zen 4 more of them. No other CPU with AVX-512 was measured, so
//! the maker stands for them. No result tells which way was taken.

use std::{arch::x86_64::*, array};

use crate::{
    AdamStep,
    x86::{cpu::is_intel, root::MIN_EPSILON},
};

/// How the roots of a step with a gradient are made: of each four vectors so many by multiply-adds, for an ε of at
/// least [`MIN_EPSILON`] only, as small roots are not exact; the others by the divider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    Divider,
    TwoByMultiplyAdds,
    ThreeByMultiplyAdds,
}

impl Roots {
    /// The quickest of those that are right for this step, going by the one CPU of each maker that was measured.
    pub(super) fn of(step: &AdamStep) -> Self {
        match (step.epsilon >= MIN_EPSILON, is_intel()) {
            (false, _) => Self::Divider,
            (true, false) => Self::TwoByMultiplyAdds,
            (true, true) => Self::ThreeByMultiplyAdds,
        }
    }
}

/// Four bits for each kind of v: 8 makes the root 0, for kind 2, ±0; 1 makes it v, for kind 5, ∞; 0 leaves it. The
/// estimates of those two are ∞ and 0, which multiply-adds make NaN of.
const FIXUPS: i32 = 8 << (4 * 2) | 1 << (4 * 5);

/// √v rounded correctly, or, of a v below [`NEGLIGIBLE`](crate::x86::root::NEGLIGIBLE), what is off by little and
/// so nothing beside an ε of [`MIN_EPSILON`] either; for a v of no less than 0, or NaN. The remainders of a v below
/// some 2⁻¹⁰² are subnormal, which Intel's cores are slow to make; in training few v are so small.
///
/// The first `BY_MULTIPLY_ADDS` are made by multiply-adds: all four so take 1.05 of the time for the sparse gradient and
/// its Adam on Emerald Rapids, 1.1 on Zen 4, as the divider has time for some beside the quotients.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn four_roots<const BY_MULTIPLY_ADDS: usize>(v: [__m512; 4]) -> [__m512; 4] {
    let mut estimates = v;
    for estimate in &mut estimates {
        *estimate = _mm512_rsqrt14_ps(*estimate);
    }
    let mut roots = roots::<4, BY_MULTIPLY_ADDS>(v, estimates);
    for (root, v) in roots.iter_mut().zip(v).take(BY_MULTIPLY_ADDS) {
        *root = _mm512_fixupimm_ps::<0>(*root, v, _mm512_set1_epi32(FIXUPS));
    }
    roots
}

/// The roots of some vectors, of the first `BY_MULTIPLY_ADDS` as [`root`] makes them, of the others by the divider.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn roots<const N: usize, const BY_MULTIPLY_ADDS: usize>(
    v: [__m512; N],
    reciprocals: [__m512; N],
) -> [__m512; N] {
    let made =
        root::<BY_MULTIPLY_ADDS>(array::from_fn(|i| v[i]), array::from_fn(|i| reciprocals[i]));
    array::from_fn(|i| {
        if i < BY_MULTIPLY_ADDS {
            made[i]
        } else {
            _mm512_sqrt_ps(v[i])
        }
    })
}

/// Those of [`root`](crate::x86::root::root), but from the estimate itself: to halve it is one operation, as
/// it is there to double its half, and the CPU's estimate is whole.
#[inline]
#[target_feature(enable = "avx512f")]
fn root<const N: usize>(v: [__m512; N], reciprocal: [__m512; N]) -> [__m512; N] {
    let half = _mm512_set1_ps(0.5);
    let (mut g, mut h, mut off, mut out) = (v, v, v, v);
    for ((g, h), &y) in g.iter_mut().zip(&mut h).zip(&reciprocal) {
        *g = _mm512_mul_ps(*g, y);
        *h = _mm512_mul_ps(half, y);
    }
    for ((off, &g), &h) in off.iter_mut().zip(&g).zip(&h) {
        *off = _mm512_fnmadd_ps(g, h, half);
    }
    for ((g, h), &off) in g.iter_mut().zip(&mut h).zip(&off) {
        *g = _mm512_fmadd_ps(*g, off, *g);
        *h = _mm512_fmadd_ps(*h, off, *h);
    }
    for (remainder, &g) in out.iter_mut().zip(&g) {
        *remainder = _mm512_fnmadd_ps(g, g, *remainder);
    }
    for ((out, &g), &h) in out.iter_mut().zip(&g).zip(&h) {
        *out = _mm512_fmadd_ps(*out, h, g);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Isa,
        x86::{
            avx512::lanes::{load, store},
            root::{
                NEGLIGIBLE,
                tests::{around, radicands},
            },
        },
    };

    /// Whether this CPU has AVX-512; says so where not.
    fn is_available() -> bool {
        let is_available = Isa::Avx512.is_available();
        if !is_available {
            eprintln!("this CPU has no AVX-512: its roots were NOT checked");
        }
        is_available
    }

    /// How many roots of v, from any float between these as its estimate, are not those of the divider.
    #[target_feature(enable = "avx512f")]
    fn wrong(v: f32, [first, last]: [u32; 2]) -> u32 {
        let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let (expected, last) = (_mm512_set1_ps(v.sqrt()), last as i32);
        (first as i32..=last)
            .step_by(64)
            .map(|bits| {
                let mut estimates = [_mm512_setzero_ps(); 4];
                for (estimate, offset) in estimates.iter_mut().zip([0, 16, 32, 48]) {
                    let bits = _mm512_add_epi32(_mm512_set1_epi32(bits + offset), lanes);
                    let bits = _mm512_min_epi32(bits, _mm512_set1_epi32(last));
                    *estimate = _mm512_castsi512_ps(bits);
                }
                let roots = root([_mm512_set1_ps(v); 4], estimates);
                let mut wrong = 0;
                for root in roots {
                    wrong += _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(root, expected).count_ones();
                }
                wrong
            })
            .sum()
    }

    #[test]
    fn roots_are_rounded_correctly_from_any_estimate() {
        if !is_available() {
            return;
        }
        for v in radicands() {
            let estimates = around(1.0 / f64::from(v).sqrt());
            // SAFETY: the CPU was just seen to have what `Isa::Avx512` stands for.
            assert_eq!(unsafe { wrong(v, estimates) }, 0, "{v:e}");
        }
    }

    #[target_feature(enable = "avx512f")]
    fn roots_of<const BY_MULTIPLY_ADDS: usize>(v: [f32; 4]) -> [[f32; 16]; 4] {
        let mut out = [[0.0; 16]; 4];
        let roots = four_roots::<BY_MULTIPLY_ADDS>(v.map(|v| load(&[v; 16])));
        for (out, root) in out.iter_mut().zip(roots) {
            store(out, root);
        }
        out
    }

    #[test]
    fn beside_epsilon_roots_of_any_size_are_those_of_the_divider() {
        if !is_available() {
            return;
        }
        let mut special = vec![
            0.0,
            -0.0,
            f32::INFINITY,
            f32::NAN,
            f32::MAX,
            1e-45,
            1e-40,
            0.3,
        ];
        special.extend((-126..128).map(|exponent| 2_f32.powi(exponent) * 1.2345));
        for &v in &special {
            let beside = [v, 0.7, v, v];
            // SAFETY: the CPU was just seen to have what `Isa::Avx512` stands for.
            let roots = unsafe { [roots_of::<2>(beside), roots_of::<3>(beside)] };
            let expected = beside.map(|v| [v; 16]);
            let pairs = roots
                .iter()
                .flat_map(|roots| roots.as_flattened().iter().zip(expected.as_flattened()));
            for (root, v) in pairs {
                let [got, expected] = [*root, v.sqrt()].map(|root| root + MIN_EPSILON);
                assert!(
                    got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan(),
                    "√{v:e} + ε is {expected:e} and not {got:e}"
                );
                if *v >= NEGLIGIBLE {
                    assert_eq!(root.to_bits(), v.sqrt().to_bits(), "√{v:e}");
                }
            }
        }
    }

    #[test]
    fn the_divider_makes_the_last_ones() {
        if !is_available() {
            return;
        }
        // By multiply-adds, an estimate of 0 makes a root of 0.
        #[target_feature(enable = "avx512f")]
        fn of_zero<const BY_MULTIPLY_ADDS: usize>() -> [f32; 4] {
            let estimates = [_mm512_setzero_ps(); 4];
            roots::<4, BY_MULTIPLY_ADDS>([_mm512_set1_ps(4.0); 4], estimates)
                .map(|root| _mm512_cvtss_f32(root))
        }
        // SAFETY: the CPU was just seen to have what `Isa::Avx512` stands for.
        let got = unsafe { [of_zero::<4>(), of_zero::<3>(), of_zero::<2>()] };
        assert_eq!(got, [[0.0; 4], [0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 2.0, 2.0]]);
    }

    #[test]
    fn an_epsilon_beside_which_a_small_root_counts_leaves_roots_to_the_divider() {
        let step = |epsilon| AdamStep {
            epsilon,
            ..AdamStep::KERAS
        };
        for epsilon in [1e-8, f32::NAN] {
            assert_eq!(Roots::of(&step(epsilon)), Roots::Divider);
        }
        let of_this_cpu = if is_intel() {
            Roots::ThreeByMultiplyAdds
        } else {
            Roots::TwoByMultiplyAdds
        };
        assert_eq!(Roots::of(&step(1e-7)), of_this_cpu);
    }
}
