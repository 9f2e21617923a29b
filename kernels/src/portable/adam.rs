//! Adam on eight weights, and one pass of it over a tensor.

use wide::f32x8;

use super::lanes::{rest, set_rest};
use crate::{AdamStep, Moments};

/// Eight weights and their moments.
struct State {
    w: f32x8,
    m: f32x8,
    v: f32x8,
}

impl State {
    /// The state after a step with gradient g.
    fn step(self, step: AdamStep, g: f32x8) -> Self {
        let Self { w, m, v } = self;
        let mut m = m + f32x8::splat(step.one_minus_beta1) * (g - m);
        let mut v = v + f32x8::splat(step.one_minus_beta2) * (g * g - v);
        if step.flush_subnormals {
            m = flush_subnormal(m);
            v = flush_subnormal(v);
        }
        let direction = m / (v.sqrt() + f32x8::splat(step.epsilon));
        Self {
            w: w - f32x8::splat(step.alpha) * direction,
            m,
            v,
        }
    }
}

/// Zero where |x| is below the smallest normal float, x elsewhere, NaN included.
fn flush_subnormal(x: f32x8) -> f32x8 {
    let tiny = x.abs().simd_lt(f32x8::splat(f32::MIN_POSITIVE));
    tiny.bitselect(f32x8::ZERO, x)
}

/// One step over a tensor.
pub(super) fn adam(step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
    let (gradient, last) = gradient.as_chunks();
    let gradient = gradient.iter().map(|g| f32x8::new(*g));
    let gradient = gradient.chain([rest(last, 0.0)]);
    update(w, moments, gradient, |state, g| state.step(step, g));
}

/// Steps with gradient 0, one after the other.
pub(super) fn adam_idle(steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
    let gradient = std::iter::repeat(f32x8::ZERO);
    update(w, moments, gradient, |state, g| {
        steps.iter().fold(state, |state, &step| state.step(step, g))
    });
}

/// Eight by eight, the state of a tensor after `step` with the gradient.
fn update(
    w: &mut [f32],
    moments: Moments<'_>,
    mut gradient: impl Iterator<Item = f32x8>,
    step: impl Fn(State, f32x8) -> State,
) {
    let (w, w_rest) = w.as_chunks_mut();
    let (m, m_rest) = moments.m.as_chunks_mut();
    let (v, v_rest) = moments.v.as_chunks_mut();
    // The gradient second: `zip` would take one too many of it first.
    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(&mut gradient) {
        let state = State {
            w: f32x8::new(*w),
            m: f32x8::new(*m),
            v: f32x8::new(*v),
        };
        let state = step(state, g);
        *w = state.w.to_array();
        *m = state.m.to_array();
        *v = state.v.to_array();
    }
    if let Some(g) = gradient.next() {
        let state = State {
            w: rest(w_rest, 0.0),
            m: rest(m_rest, 0.0),
            v: rest(v_rest, 0.0),
        };
        let state = step(state, g);
        set_rest(w_rest, state.w);
        set_rest(m_rest, state.m);
        set_rest(v_rest, state.v);
    }
}
