//! Adam on eight weights in registers, and one pass of it over a tensor.
//!
//! The update is the same sequence of operations whatever lane a weight falls in and whoever
//! calls it (the pass below, or the epilogue of a gradient's product), so a weight's trajectory
//! depends on its gradients alone, to the bit.

use std::arch::x86_64::*;

use super::lanes::{Tail, load, store};
use crate::{AdamStep, Moments};

/// One step's numbers, each in all lanes.
#[derive(Clone, Copy)]
pub(super) struct AdamLanes {
    pub(super) alpha: __m256,
    one_minus_beta1: __m256,
    one_minus_beta2: __m256,
    epsilon: __m256,
    flush_subnormals: bool,
}

/// Eight weights and their moments.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) w: __m256,
    pub(super) m: __m256,
    pub(super) v: __m256,
}

impl State {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn load(w: &[f32; 8], m: &[f32; 8], v: &[f32; 8]) -> Self {
        Self {
            w: load(w),
            m: load(m),
            v: load(v),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn store(self, w: &mut [f32; 8], m: &mut [f32; 8], v: &mut [f32; 8]) {
        store(w, self.w);
        store(m, self.m);
        store(v, self.v);
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn load_tail(tail: Tail, w: &[f32], m: &[f32], v: &[f32]) -> Self {
        Self {
            w: tail.load(w),
            m: tail.load(m),
            v: tail.load(v),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn store_tail(self, tail: Tail, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        tail.store(w, self.w);
        tail.store(m, self.m);
        tail.store(v, self.v);
    }
}

impl AdamLanes {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn new(step: &AdamStep) -> Self {
        Self {
            alpha: _mm256_set1_ps(step.alpha),
            one_minus_beta1: _mm256_set1_ps(step.one_minus_beta1),
            one_minus_beta2: _mm256_set1_ps(step.one_minus_beta2),
            epsilon: _mm256_set1_ps(step.epsilon),
            flush_subnormals: step.flush_subnormals,
        }
    }

    /// The state after a step with gradient g. Products are fused into the sums they belong to;
    /// the root and the quotient are rounded correctly.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn step(self, State { w, m, v }: State, g: __m256) -> State {
        let m = _mm256_fmadd_ps(self.one_minus_beta1, _mm256_sub_ps(g, m), m);
        let v = _mm256_fmadd_ps(self.one_minus_beta2, _mm256_fmsub_ps(g, g, v), v);
        self.apply(w, self.kept(m, v))
    }

    /// The state after a step with gradient 0: the same bits as `step(state, 0)`, in fewer
    /// operations.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn idle(self, State { w, m, v }: State) -> State {
        self.apply(w, self.idle_moments(m, v))
    }

    /// The moments after a step with gradient 0.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn idle_moments(self, m: __m256, v: __m256) -> (__m256, __m256) {
        let m = _mm256_fnmadd_ps(self.one_minus_beta1, m, m);
        let v = _mm256_fnmadd_ps(self.one_minus_beta2, v, v);
        self.kept(m, v)
    }

    /// m / (√v + ε), which times α is what weights move by.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn direction(self, m: __m256, root: __m256) -> __m256 {
        _mm256_div_ps(m, _mm256_add_ps(root, self.epsilon))
    }

    /// New moments as they are kept.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn kept(self, m: __m256, v: __m256) -> (__m256, __m256) {
        if self.flush_subnormals {
            (flush_subnormal(m), flush_subnormal_square(v))
        } else {
            (m, v)
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn apply(self, w: __m256, (m, v): (__m256, __m256)) -> State {
        let w = moved(w, self.alpha, self.direction(m, _mm256_sqrt_ps(v)));
        State { w, m, v }
    }
}

/// The weights after a step of α in a direction.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn moved(w: __m256, alpha: __m256, direction: __m256) -> __m256 {
    _mm256_fnmadd_ps(alpha, direction, w)
}

/// Zero where |x| is below the smallest normal float, x elsewhere, NaN included.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn flush_subnormal(x: __m256) -> __m256 {
    let magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0), x);
    let keep = _mm256_cmp_ps::<_CMP_NLT_UQ>(magnitude, _mm256_set1_ps(f32::MIN_POSITIVE));
    _mm256_and_ps(x, keep)
}

/// The same for a mean of squares, which is no less than 0, or NaN.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn flush_subnormal_square(v: __m256) -> __m256 {
    let keep = _mm256_cmp_ps::<_CMP_NLT_UQ>(v, _mm256_set1_ps(f32::MIN_POSITIVE));
    _mm256_and_ps(v, keep)
}

/// One step over a tensor, one pass over its four arrays.
#[target_feature(enable = "avx2,fma")]
pub(super) fn adam(step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
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
