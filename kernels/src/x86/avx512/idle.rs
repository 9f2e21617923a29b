//! The steps of [`idle`](crate::x86::idle) with sixteen lanes, four vectors together.

use std::{arch::x86_64::*, array};

use super::{
    adam::{AdamLanes, State, moved},
    lanes::Tail,
    root::roots,
};
use crate::{
    AdamStep, Moments,
    x86::{
        idle_roots::{STEPS_OF_ESTIMATE, divides_half, growth},
        root::{MIN_EPSILON, NEGLIGIBLE},
        still::reach,
    },
};

/// The steps over a tensor.
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::x86) fn adam_idle(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    if divides_half() {
        all::<2>(steps, w, moments);
    } else {
        all::<4>(steps, w, moments);
    }
}

/// The steps, and of each four vectors so many roots by multiply-adds, if [`growth`] gives what they are made from.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn all<const BY_MULTIPLY_ADDS: usize>(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    let growth = growth(steps);
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    let (fours_w, w) = w.as_chunks_mut::<4>();
    let (fours_m, m) = m.as_chunks_mut::<4>();
    let (fours_v, v) = v.as_chunks_mut::<4>();
    for ((w, m), v) in fours_w.iter_mut().zip(fours_m).zip(fours_v) {
        vectors::<4, BY_MULTIPLY_ADDS>(steps, growth, w, m, v);
    }
    for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
        let [w, m, v] = [w, m, v].map(array::from_mut);
        vectors::<1, 1>(steps, growth, w, m, v);
    }
    if !w_rest.is_empty() {
        let tail = Tail::new(w_rest.len());
        let mut state = [State::load_tail(tail, w_rest, m_rest, v_rest)];
        by_divider(steps, &mut state);
        state[0].store_tail(tail, w_rest, m_rest, v_rest);
    }
}

/// The steps of some vectors.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn vectors<const N: usize, const BY_MULTIPLY_ADDS: usize>(
    steps: &[AdamStep],
    growth: Option<f32>,
    w: &mut [[f32; 16]; N],
    m: &mut [[f32; 16]; N],
    v: &mut [[f32; 16]; N],
) {
    let mut states = [State::load(&w[0], &m[0], &v[0]); N];
    for i in 1..N {
        states[i] = State::load(&w[i], &m[i], &v[i]);
    }
    match growth {
        Some(growth) => by_multiply_adds::<N, BY_MULTIPLY_ADDS>(steps, growth, &mut states),
        None => by_divider(steps, &mut states),
    }
    for (((w, m), v), state) in w.iter_mut().zip(m).zip(v).zip(states) {
        state.store(w, m, v);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn by_divider<const N: usize>(steps: &[AdamStep], states: &mut [State; N]) {
    for step in steps {
        let lanes = AdamLanes::new(step);
        for state in &mut *states {
            *state = lanes.idle(*state);
        }
    }
}

/// The steps with roots by multiply-adds, the weights of each moved in the next one, when their quotients are made.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn by_multiply_adds<const N: usize, const BY_MULTIPLY_ADDS: usize>(
    steps: &[AdamStep],
    growth: f32,
    states: &mut [State; N],
) {
    let growth = _mm512_set1_ps(growth);
    let mut reciprocals = [_mm512_setzero_ps(); N];
    // Of no step yet: what they move stays where it is.
    let (mut alpha, mut directions) = (_mm512_setzero_ps(), reciprocals);
    for steps in steps.chunks(STEPS_OF_ESTIMATE) {
        for (reciprocal, state) in reciprocals.iter_mut().zip(&*states) {
            *reciprocal = reciprocal_root(state.v);
        }
        let is_whole = steps.len() == STEPS_OF_ESTIMATE;
        // The first vector, its last move still to come, tells whether it is worth while to look at all; a few steps
        // are not.
        if is_whole && are_still(&steps[..1], &states[..1], &reciprocals) {
            move_all(states, alpha, &directions);
            (alpha, directions) = (_mm512_setzero_ps(), [_mm512_setzero_ps(); N]);
            if are_still(steps, states, &reciprocals) {
                for step in steps {
                    let lanes = AdamLanes::new(step);
                    for state in &mut *states {
                        (state.m, state.v) = lanes.idle_moments(state.m, state.v);
                    }
                }
                continue;
            }
        }
        for step in steps {
            move_all(states, alpha, &directions);
            let lanes = AdamLanes::new(step);
            let mut v = reciprocals;
            for ((state, v), reciprocal) in states.iter_mut().zip(&mut v).zip(&mut reciprocals) {
                (state.m, state.v) = lanes.idle_moments(state.m, state.v);
                *v = state.v;
                *reciprocal = _mm512_mul_ps(growth, *reciprocal);
            }
            alpha = lanes.alpha;
            directions = roots::<N, BY_MULTIPLY_ADDS>(v, reciprocals);
            for (direction, state) in directions.iter_mut().zip(&*states) {
                *direction = lanes.direction(state.m, *direction);
            }
        }
    }
    move_all(states, alpha, &directions);
}

#[inline]
#[target_feature(enable = "avx512f")]
fn move_all<const N: usize>(states: &mut [State; N], alpha: __m512, directions: &[__m512; N]) {
    for (state, &direction) in states.iter_mut().zip(directions) {
        state.w = moved(state.w, alpha, direction);
    }
}

/// Whether it is certain that the steps move no weight of these vectors, as [`still`](crate::x86::still) has it.
#[inline]
#[target_feature(enable = "avx512f")]
fn are_still(steps: &[AdamStep], states: &[State], reciprocal_roots: &[__m512]) -> bool {
    let [reach, largest, epsilon] =
        [reach(steps), f32::MAX, MIN_EPSILON].map(|x| _mm512_set1_ps(x));
    let mut moving = 0;
    for (&State { w, m, v }, &reciprocal) in states.iter().zip(reciprocal_roots) {
        let root = _mm512_mul_ps(v, reciprocal);
        let magnitude = _mm512_abs_ps(m);
        let taken = _mm512_mul_ps(reach, magnitude);
        // Of two operands the second, if one is NaN.
        let weight = _mm512_min_ps(largest, _mm512_abs_ps(w));
        let either = _mm512_or_si512(_mm512_castps_si512(magnitude), _mm512_castps_si512(w));
        let is_zero = _mm512_testn_epi32_mask(either, either);
        let weight = _mm512_mask_mov_ps(weight, is_zero, largest);
        let weight = _mm512_mul_ps(weight, _mm512_add_ps(root, epsilon));
        moving |= _mm512_cmp_ps_mask::<_CMP_NLT_UQ>(taken, weight);
    }
    moving == 0
}

/// 1/√v but for 2⁻¹⁴ of it, or 0 for a v below `NEGLIGIBLE`, or NaN.
#[inline]
#[target_feature(enable = "avx512f")]
fn reciprocal_root(v: __m512) -> __m512 {
    let is_kept = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(v, _mm512_set1_ps(NEGLIGIBLE));
    _mm512_maskz_rsqrt14_ps(is_kept, v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Isa, Kernels,
        x86::{
            idle_roots::tests::check_same_bits,
            still::tests::{beside, check},
        },
    };

    #[target_feature(enable = "avx512f")]
    fn is_one_still(steps: &[AdamStep], [w, m, v]: [f32; 3]) -> bool {
        // Beside others that are.
        let state = State::load(&beside(w, 1.0), &beside(m, 0.0), &beside(v, 1.0));
        let states = [state, State::load(&[1.0; 16], &[0.0; 16], &[1.0; 16])];
        are_still(
            steps,
            &states,
            &[0, 1].map(|i| reciprocal_root(states[i].v)),
        )
    }

    #[test]
    fn weights_are_still_when_steps_do_not_move_them() {
        if Kernels::get(Isa::Avx512).is_err() {
            eprintln!("this CPU has no AVX-512: whether weights are still was NOT checked");
            return;
        }
        // SAFETY: the test has the kernels of AVX-512, so this CPU has what they are compiled for.
        check(|steps, state| unsafe { is_one_still(steps, state) });
    }

    #[test]
    fn steps_have_the_same_bits_whoever_makes_the_roots() {
        if Kernels::get(Isa::Avx512).is_err() {
            eprintln!("this CPU has no AVX-512: its two ways of idle steps were NOT compared");
            return;
        }
        check_same_bits([all::<2>, all::<4>].map(|all| {
            // SAFETY: the test has the kernels of AVX-512, so this CPU has what they are compiled for.
            move |steps: &_, [w, m, v]: [&mut _; 3]| unsafe { all(steps, w, Moments { m, v }) }
        }));
    }
}
