//! Adam on sixteen weights in registers, and passes of it over a tensor: the operations of
//! [`adam`](crate::x86::adam), one for one but for how a subnormal moment is told.

use std::arch::x86_64::*;

use super::lanes::{Tail, load, store};
use crate::{AdamStep, Moments};

/// One step's numbers, each in all lanes.
#[derive(Clone, Copy)]
pub(super) struct AdamLanes {
    alpha: __m512,
    one_minus_beta1: __m512,
    one_minus_beta2: __m512,
    epsilon: __m512,
    flush_subnormals: bool,
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
    pub(super) fn new(step: &AdamStep) -> Self {
        Self {
            alpha: _mm512_set1_ps(step.alpha),
            one_minus_beta1: _mm512_set1_ps(step.one_minus_beta1),
            one_minus_beta2: _mm512_set1_ps(step.one_minus_beta2),
            epsilon: _mm512_set1_ps(step.epsilon),
            flush_subnormals: step.flush_subnormals,
        }
    }

    /// The state after a step with gradient g.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn step(self, State { w, m, v }: State, g: __m512) -> State {
        let m = _mm512_fmadd_ps(self.one_minus_beta1, _mm512_sub_ps(g, m), m);
        let v = _mm512_fmadd_ps(self.one_minus_beta2, _mm512_fmsub_ps(g, g, v), v);
        self.apply(w, m, v)
    }

    /// The state after a step with gradient 0: the same bits as `step(state, 0)`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn idle(self, State { w, m, v }: State) -> State {
        let m = _mm512_fnmadd_ps(self.one_minus_beta1, m, m);
        let v = _mm512_fnmadd_ps(self.one_minus_beta2, v, v);
        self.apply(w, m, v)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn apply(self, w: __m512, mut m: __m512, mut v: __m512) -> State {
        if self.flush_subnormals {
            m = flush_subnormal(m);
            v = flush_subnormal(v);
        }
        let direction = _mm512_div_ps(m, _mm512_add_ps(_mm512_sqrt_ps(v), self.epsilon));
        State {
            w: _mm512_fnmadd_ps(self.alpha, direction, w),
            m,
            v,
        }
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
    let lanes = AdamLanes::new(&step);
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
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
        idle_steps(steps, State::load(w, m, v)).store(w, m, v);
    }
    if !w_rest.is_empty() {
        let tail = Tail::new(w_rest.len());
        let state = idle_steps(steps, State::load_tail(tail, w_rest, m_rest, v_rest));
        state.store_tail(tail, w_rest, m_rest, v_rest);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn idle_steps(steps: &[AdamStep], mut state: State) -> State {
    for step in steps {
        state = AdamLanes::new(step).idle(state);
    }
    state
}
