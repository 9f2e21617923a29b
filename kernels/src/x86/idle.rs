//! Steps of Adam without a gradient, one after the other, over weights whose moments stay in registers
//! meanwhile.
//!
//! A step by the divider waits for a root and a quotient. Without a gradient v shrinks by the same factor in
//! every step, so 1/√v grows by the same factor, and that is an estimate from which multiply-adds make the
//! root, to the bit; the divider is left the quotients, and on some CPUs half of the roots (benches/tried.md has what
//! it gains). Where it is certain that sixteen of them move no weight ([`still`](super::still)), only the moments take
//! them.

use std::{arch::x86_64::*, array};

use super::{
    adam::{AdamLanes, State, moved},
    idle_roots::{STEPS_OF_ESTIMATE, divides_half, growth},
    lanes::{Tail, load, store},
    root::{MIN_EPSILON, NEGLIGIBLE, roots},
    still::reach,
};
use crate::{AdamStep, Moments};

/// The steps over a tensor.
#[target_feature(enable = "avx2,fma")]
pub(super) fn adam_idle(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    if divides_half() {
        all::<1>(steps, w, moments);
    } else {
        all::<2>(steps, w, moments);
    }
}

/// The steps, and of each pair of vectors so many roots by multiply-adds, if [`growth`] gives what they are made from.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn all<const BY_MULTIPLY_ADDS: usize>(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    let growth = growth(steps);
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    let (pairs_w, w) = w.as_chunks_mut::<2>();
    let (pairs_m, m) = m.as_chunks_mut::<2>();
    let (pairs_v, v) = v.as_chunks_mut::<2>();
    for ((w, m), v) in pairs_w.iter_mut().zip(pairs_m).zip(pairs_v) {
        vectors::<2, BY_MULTIPLY_ADDS>(steps, growth, w, m, v);
    }
    for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
        let [w, m, v] = [w, m, v].map(array::from_mut);
        vectors::<1, 1>(steps, growth, w, m, v);
    }
    if !w_rest.is_empty() {
        let tail = Tail::new(w_rest.len());
        let state = by_divider(steps, State::load_tail(tail, w_rest, m_rest, v_rest));
        state.store_tail(tail, w_rest, m_rest, v_rest);
    }
}

/// The steps of some vectors.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn vectors<const N: usize, const BY_MULTIPLY_ADDS: usize>(
    steps: &[AdamStep],
    growth: Option<f32>,
    w: &mut [[f32; 8]; N],
    m: &mut [[f32; 8]; N],
    v: &mut [[f32; 8]; N],
) {
    if let Some(growth) = growth {
        by_multiply_adds::<N, BY_MULTIPLY_ADDS>(steps, growth, w, m, v);
        return;
    }
    for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
        by_divider(steps, State::load(w, m, v)).store(w, m, v);
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn by_divider(steps: &[AdamStep], mut state: State) -> State {
    for step in steps {
        state = AdamLanes::new(step).idle(state);
    }
    state
}

/// The steps with roots by multiply-adds, for a v of no less than 0, or NaN. An infinite v is NaN after its first
/// step, as ∞ − x·∞ is, and the root of NaN is NaN either way. The weights of a step move in the next one, when their
/// quotients are made, and wait in memory: sixteen registers are too few for them.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn by_multiply_adds<const N: usize, const BY_MULTIPLY_ADDS: usize>(
    steps: &[AdamStep],
    growth: f32,
    w: &mut [[f32; 8]; N],
    m: &mut [[f32; 8]; N],
    v: &mut [[f32; 8]; N],
) {
    let growth = _mm256_set1_ps(growth);
    let zero = [_mm256_setzero_ps(); N];
    let (mut ms, mut vs, mut halves) = (zero, zero, zero);
    for (((ms, vs), m), v) in ms.iter_mut().zip(&mut vs).zip(&*m).zip(&*v) {
        (*ms, *vs) = (load(m), load(v));
    }
    // Of no step yet: what they move stays where it is.
    let (mut alpha, mut directions) = (_mm256_setzero_ps(), zero);
    for steps in steps.chunks(STEPS_OF_ESTIMATE) {
        for (half, &v) in halves.iter_mut().zip(&vs) {
            *half = half_reciprocal_root(v);
        }
        let is_whole = steps.len() == STEPS_OF_ESTIMATE;
        // The first vector, its last move still to come, tells whether it is worth while to look at all; a few steps
        // are not.
        if is_whole && are_still(&steps[..1], &w[..1], &ms, &vs, &halves) {
            move_all(w, alpha, &directions);
            (alpha, directions) = (_mm256_setzero_ps(), zero);
            if are_still(steps, w, &ms, &vs, &halves) {
                for step in steps {
                    let lanes = AdamLanes::new(step);
                    for (m, v) in ms.iter_mut().zip(&mut vs) {
                        (*m, *v) = lanes.idle_moments(*m, *v);
                    }
                }
                continue;
            }
        }
        for step in steps {
            move_all(w, alpha, &directions);
            let lanes = AdamLanes::new(step);
            for (m, v) in ms.iter_mut().zip(&mut vs) {
                (*m, *v) = lanes.idle_moments(*m, *v);
            }
            for half in &mut halves {
                *half = _mm256_mul_ps(growth, *half);
            }
            alpha = lanes.alpha;
            directions = roots::<N, BY_MULTIPLY_ADDS>(vs, halves);
            for (direction, &m) in directions.iter_mut().zip(&ms) {
                *direction = lanes.direction(m, *direction);
            }
        }
    }
    move_all(w, alpha, &directions);
    for (((m, v), &ms), &vs) in m.iter_mut().zip(v).zip(&ms).zip(&vs) {
        store(m, ms);
        store(v, vs);
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn move_all<const N: usize>(w: &mut [[f32; 8]; N], alpha: __m256, directions: &[__m256; N]) {
    for (w, &direction) in w.iter_mut().zip(directions) {
        let moved = moved(load(w), alpha, direction);
        store(w, moved);
    }
}

/// Whether it is certain that the steps move no weight of these vectors, as [`still`](super::still) has it.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn are_still(
    steps: &[AdamStep],
    w: &[[f32; 8]],
    m: &[__m256],
    v: &[__m256],
    half_reciprocal_roots: &[__m256],
) -> bool {
    let sign = _mm256_set1_ps(-0.0);
    let [reach, largest, epsilon] =
        [reach(steps), f32::MAX, MIN_EPSILON].map(|x| _mm256_set1_ps(x));
    let mut moving = 0;
    for (((w, &m), &v), &half) in w.iter().zip(m).zip(v).zip(half_reciprocal_roots) {
        let root = _mm256_mul_ps(v, _mm256_add_ps(half, half));
        let (magnitude, w) = (_mm256_andnot_ps(sign, m), load(w));
        let taken = _mm256_mul_ps(reach, magnitude);
        // Of two operands the second, if one is NaN.
        let weight = _mm256_min_ps(largest, _mm256_andnot_ps(sign, w));
        let either = _mm256_castps_si256(_mm256_or_ps(magnitude, w));
        let is_zero = _mm256_castsi256_ps(_mm256_cmpeq_epi32(either, _mm256_setzero_si256()));
        let weight = _mm256_or_ps(weight, _mm256_and_ps(is_zero, largest));
        let weight = _mm256_mul_ps(weight, _mm256_add_ps(root, epsilon));
        moving |= _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NLT_UQ>(taken, weight));
    }
    moving == 0
}

/// Half of 1/√v but for 2⁻²¹ of it, or 0 for a v below `NEGLIGIBLE`, or NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn half_reciprocal_root(v: __m256) -> __m256 {
    // Off by at most 1.5·2⁻¹², as both makers promise; a step of Newton's method leaves 1.5 times
    // its square.
    let y = _mm256_rsqrt_ps(v);
    let h = _mm256_mul_ps(_mm256_set1_ps(0.5), y);
    let off = _mm256_fnmadd_ps(_mm256_mul_ps(v, y), h, _mm256_set1_ps(0.5));
    let is_kept = _mm256_cmp_ps::<_CMP_GE_OQ>(v, _mm256_set1_ps(NEGLIGIBLE));
    _mm256_and_ps(_mm256_fmadd_ps(h, off, h), is_kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Isa,
        x86::{
            idle_roots::tests::check_same_bits,
            root::tests::radicands,
            still::tests::{beside, check},
        },
    };

    #[target_feature(enable = "avx2,fma")]
    fn is_one_still(steps: &[AdamStep], [w, m, v]: [f32; 3]) -> bool {
        // Beside others that are.
        let (m, v) = (load(&beside(m, 0.0)), load(&beside(v, 1.0)));
        let half = half_reciprocal_root(v);
        are_still(steps, &[beside(w, 1.0)], &[m], &[v], &[half])
    }

    #[test]
    fn weights_are_still_when_steps_do_not_move_them() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: whether weights are still was NOT checked");
            return;
        }
        // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for, FMA among it.
        check(|steps, state| unsafe { is_one_still(steps, state) });
    }

    #[test]
    fn steps_have_the_same_bits_whoever_makes_the_roots() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: its two ways of idle steps were NOT compared");
            return;
        }
        check_same_bits([all::<1>, all::<2>].map(|all| {
            // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for, FMA among it.
            move |steps: &_, [w, m, v]: [&mut _; 3]| unsafe { all(steps, w, Moments { m, v }) }
        }));
    }

    #[target_feature(enable = "avx2,fma")]
    fn estimate(v: f32) -> f32 {
        let mut out = [0.0; 8];
        store(&mut out, half_reciprocal_root(_mm256_set1_ps(v)));
        out[0]
    }

    #[test]
    fn estimates_are_as_close_as_they_say_and_zero_for_what_is_negligible() {
        if !Isa::Avx2.is_available() {
            eprintln!("this CPU has no AVX2: its estimates were NOT checked");
            return;
        }
        for scale in [NEGLIGIBLE, 1.0, 2_f32.powi(126)] {
            for v in radicands().step_by(7).map(|v| v * scale) {
                // SAFETY: the CPU was just seen to have what `Isa::Avx2` stands for, FMA among it.
                let off = 2.0 * f64::from(unsafe { estimate(v) }) * f64::from(v).sqrt() - 1.0;
                assert!(off.abs() <= 2_f64.powi(-21), "{v:e}: {off:e}");
            }
        }
        for v in [0.0, 1e-45, NEGLIGIBLE.next_down(), f32::NAN] {
            // SAFETY: as above.
            assert_eq!(unsafe { estimate(v) }, 0.0, "{v:e}");
        }
    }
}
