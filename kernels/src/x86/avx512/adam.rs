//! Adam on sixteen weights in registers, and passes of it over a tensor: the operations of
//! [`adam`](crate::x86::adam), one for one but for how a subnormal moment is told and, on some CPUs, how
//! the quotient is made.

use std::{arch::x86_64::*, array};

use super::{
    division::Division,
    lanes::{Tail, load, store},
};
use crate::{AdamStep, Moments};

/// One step's numbers, each in all lanes, and how it divides.
#[derive(Clone, Copy)]
pub(super) struct AdamLanes {
    alpha: __m512,
    one_minus_beta1: __m512,
    one_minus_beta2: __m512,
    epsilon: __m512,
    flush_subnormals: bool,
    division: Division,
}

/// Sixteen weights and their moments.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) w: __m512,
    pub(super) m: __m512,
    pub(super) v: __m512,
}

impl State {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn load(w: &[f32; 16], m: &[f32; 16], v: &[f32; 16]) -> Self {
        Self {
            w: load(w),
            m: load(m),
            v: load(v),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn store(self, w: &mut [f32; 16], m: &mut [f32; 16], v: &mut [f32; 16]) {
        store(w, self.w);
        store(m, self.m);
        store(v, self.v);
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn load_tail(tail: Tail, w: &[f32], m: &[f32], v: &[f32]) -> Self {
        Self {
            w: tail.load(w),
            m: tail.load(m),
            v: tail.load(v),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn store_tail(self, tail: Tail, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        tail.store(w, self.w);
        tail.store(m, self.m);
        tail.store(v, self.v);
    }
}

impl AdamLanes {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn new(step: &AdamStep, division: Division) -> Self {
        Self {
            alpha: _mm512_set1_ps(step.alpha),
            one_minus_beta1: _mm512_set1_ps(step.one_minus_beta1),
            one_minus_beta2: _mm512_set1_ps(step.one_minus_beta2),
            epsilon: _mm512_set1_ps(step.epsilon),
            flush_subnormals: step.flush_subnormals,
            division,
        }
    }

    /// The state after a step with gradient g.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn step(self, State { w, m, v }: State, g: __m512) -> State {
        let (m, v, denominator) = self.moments(m, v, g);
        State {
            w: self.weights(w, m, denominator),
            m,
            v,
        }
    }

    /// The first half of a step: the moments after it, and √v + ε.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn moments(self, m: __m512, v: __m512, g: __m512) -> (__m512, __m512, __m512) {
        let m = _mm512_fmadd_ps(self.one_minus_beta1, _mm512_sub_ps(g, m), m);
        let v = _mm512_fmadd_ps(self.one_minus_beta2, _mm512_fmsub_ps(g, g, v), v);
        self.rooted(m, v)
    }

    /// The second half: the weights after it.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn weights(self, w: __m512, m: __m512, denominator: __m512) -> __m512 {
        let direction = self.division.quotient(m, denominator);
        _mm512_fnmadd_ps(self.alpha, direction, w)
    }

    /// The states after a step with gradient 0: the same bits as `step(state, 0)`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn idle<const N: usize>(self, states: &mut [State; N]) {
        let mut denominators = [self.epsilon; N];
        for (State { m, v, .. }, denominator) in states.iter_mut().zip(&mut denominators) {
            let idle_m = _mm512_fnmadd_ps(self.one_minus_beta1, *m, *m);
            let idle_v = _mm512_fnmadd_ps(self.one_minus_beta2, *v, *v);
            (*m, *v, *denominator) = self.rooted(idle_m, idle_v);
        }
        for (State { w, m, .. }, denominator) in states.iter_mut().zip(denominators) {
            *w = self.weights(*w, *m, denominator);
        }
    }

    /// New moments as they are kept, and √v + ε.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn rooted(self, mut m: __m512, mut v: __m512) -> (__m512, __m512, __m512) {
        if self.flush_subnormals {
            m = flush_subnormal(m);
            v = flush_subnormal(v);
        }
        (m, v, _mm512_add_ps(_mm512_sqrt_ps(v), self.epsilon))
    }
}

/// Zero where |x| is below the smallest normal float, x elsewhere, NaN included.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn flush_subnormal(x: __m512) -> __m512 {
    // Subnormals and −0, which becomes 0 as in the AVX2 kernels.
    const FLUSHED: i32 = 0x20 | 0x04;
    let keep = _knot_mask16(_mm512_fpclass_ps_mask::<FLUSHED>(x));
    _mm512_maskz_mov_ps(keep, x)
}

/// One step over a tensor, one pass over its four arrays.
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::x86) fn adam(step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
    let lanes = AdamLanes::new(&step, Division::of_this_cpu());
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    let (g, g_rest) = gradient.as_chunks();
    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
        lanes.step(State::load(w, m, v), load(g)).store(w, m, v);
    }
    if !g_rest.is_empty() {
        let tail = Tail::new(g_rest.len());
        let state = State::load_tail(tail, w_rest, m_rest, v_rest);
        let state = lanes.step(state, tail.load(g_rest));
        state.store_tail(tail, w_rest, m_rest, v_rest);
    }
}

/// Steps with gradient 0, one after the other, over weights that stay in registers meanwhile.
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::x86) fn adam_idle(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    let division = Division::of_this_cpu();
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    let (fours_w, w) = w.as_chunks_mut::<4>();
    let (fours_m, m) = m.as_chunks_mut::<4>();
    let (fours_v, v) = v.as_chunks_mut::<4>();
    for ((w, m), v) in fours_w.iter_mut().zip(fours_m).zip(fours_v) {
        idle_steps(steps, division, w, m, v);
    }
    for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
        let [w, m, v] = [w, m, v].map(array::from_mut);
        idle_steps(steps, division, w, m, v);
    }
    if !w_rest.is_empty() {
        let tail = Tail::new(w_rest.len());
        let mut state = [State::load_tail(tail, w_rest, m_rest, v_rest)];
        for step in steps {
            AdamLanes::new(step, division).idle(&mut state);
        }
        state[0].store_tail(tail, w_rest, m_rest, v_rest);
    }
}

/// Steps with gradient 0 of `N` vectors that wait for their roots together: four take 0.9 of the time of
/// one after the other (benches/README.md).
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn idle_steps<const N: usize>(
    steps: &[AdamStep],
    division: Division,
    w: &mut [[f32; 16]; N],
    m: &mut [[f32; 16]; N],
    v: &mut [[f32; 16]; N],
) {
    let mut states = [State::load(&w[0], &m[0], &v[0]); N];
    for i in 1..N {
        states[i] = State::load(&w[i], &m[i], &v[i]);
    }
    for step in steps {
        AdamLanes::new(step, division).idle(&mut states);
    }
    for (((w, m), v), state) in w.iter_mut().zip(m).zip(v).zip(states) {
        state.store(w, m, v);
    }
}
