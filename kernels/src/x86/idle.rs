//! Steps of Adam without a gradient, one after the other, over weights whose moments stay in registers
//! meanwhile.
//!
//! A step by the divider waits for a root and a quotient. Without a gradient v shrinks by the same factor in
//! every step, so 1/√v grows by the same factor, and that is an estimate from which multiply-adds make the
//! root, to the bit; the divider is left the quotients (benches/README.md has what it gains). Where it
//! is certain that sixteen of them move no weight ([`still`](super::still)), only the moments take them.

use std::{arch::x86_64::*, array};

use super::{
    adam::{AdamLanes, State, moved},
    lanes::{Tail, load, store},
    root::{MIN_EPSILON, NEGLIGIBLE, root},
    still::reach,
};
use crate::{AdamStep, Moments};

/// Steps after which an estimate is made anew.
pub(super) const STEPS_OF_ESTIMATE: usize = 16;

/// By what 1/√v grows in each of these steps, if they are of the kind whose roots can be made so: with the
/// same β2 and close to 1, and an ε beside which small roots are nothing.
///
/// Of the series of 1/√(1−x) three terms: for an x of at most 2⁻⁶ that is off by less than 2⁻¹⁹, and 16 such
/// factors, each product and each v rounded, are off by less than 2⁻¹⁵: with the estimate's 2⁻¹⁴ less than the
/// 2⁻¹³ that a root may be given.
pub(super) fn growth(steps: &[AdamStep]) -> Option<f32> {
    const LARGEST: f32 = 1.0 / 64.0;
    let x = steps.first()?.one_minus_beta2;
    let all_alike = steps
        .iter()
        .all(|step| step.one_minus_beta2 == x && step.epsilon >= MIN_EPSILON);
    (all_alike && (0.0..=LARGEST).contains(&x)).then_some(1.0 + x * (0.5 + 0.375 * x))
}

/// The steps over a tensor.
#[target_feature(enable = "avx2,fma")]
pub(super) fn adam_idle(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    let growth = growth(steps);
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    let (pairs_w, w) = w.as_chunks_mut::<2>();
    let (pairs_m, m) = m.as_chunks_mut::<2>();
    let (pairs_v, v) = v.as_chunks_mut::<2>();
    for ((w, m), v) in pairs_w.iter_mut().zip(pairs_m).zip(pairs_v) {
        vectors(steps, growth, w, m, v);
    }
    for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
        let [w, m, v] = [w, m, v].map(array::from_mut);
        vectors(steps, growth, w, m, v);
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
fn vectors<const N: usize>(
    steps: &[AdamStep],
    growth: Option<f32>,
    w: &mut [[f32; 8]; N],
    m: &mut [[f32; 8]; N],
    v: &mut [[f32; 8]; N],
) {
    if let Some(growth) = growth {
        by_multiply_adds(steps, growth, w, m, v);
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
fn by_multiply_adds<const N: usize>(
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
            directions = root(vs, halves);
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
        let taken = _mm256_mul_ps(reach, _mm256_andnot_ps(sign, m));
        // Of two operands the second, if one is NaN.
        let weight = _mm256_min_ps(largest, _mm256_andnot_ps(sign, load(w)));
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
            root::tests::radicands,
            still::tests::{beside, check},
        },
    };

    fn step(one_minus_beta2: f32, epsilon: f32) -> AdamStep {
        AdamStep {
            one_minus_beta2,
            epsilon,
            ..AdamStep::KERAS
        }
    }

    #[test]
    fn estimates_are_within_what_a_root_wants_until_they_are_made_anew() {
        let bound = 2_f64.powi(-13);
        for x in [0.0, 1e-7, 1e-3, (1.0 / 64.0_f32).next_down(), 1.0 / 64.0] {
            let growth = growth(&[step(x, 1e-7)]).unwrap();
            for significand in (0..1 << 23).step_by(4099) {
                // The poorest estimate is that of AVX-512, off by 2⁻¹⁴.
                for off in [-1.0, 1.0] {
                    let mut v = f32::from_bits(1_f32.to_bits() + significand);
                    let exact = 1.0 / f64::from(v).sqrt();
                    let mut y = (exact * (1.0 + off * 2_f64.powi(-14))) as f32;
                    for _ in 0..STEPS_OF_ESTIMATE {
                        v = (-x).mul_add(v, v);
                        y *= growth;
                        let off = f64::from(y) * f64::from(v).sqrt() - 1.0;
                        assert!(off.abs() <= bound, "{v:e}, {x:e}: {off:e}");
                    }
                }
            }
        }
    }

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
    fn only_steps_that_are_alike_and_of_the_right_kind_have_their_roots_by_multiply_adds() {
        let good = step(1e-3, 1e-7);
        let largest = 1.0 / 64.0_f32;
        assert!(growth(&[good, good, step(1e-3, MIN_EPSILON)]).is_some());
        assert!(growth(&[step(largest, 1e-7)]).is_some());
        for bad in [
            step(1e-3_f32.next_up(), 1e-7),
            step(1e-3, MIN_EPSILON.next_down()),
            step(1e-3, f32::NAN),
        ] {
            assert_eq!(growth(&[good, good, bad]), None);
        }
        for x in [largest.next_up(), -1e-3, f32::NAN] {
            assert_eq!(growth(&[step(x, 1e-7)]), None);
        }
        assert_eq!(growth(&[]), None);
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
