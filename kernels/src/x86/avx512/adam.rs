//! Adam on sixteen weights in registers, and a pass of it over a tensor: the operations of
//! [`adam`](crate::x86::adam), one for one but for how a subnormal moment is told and, in a pass with
//! an ε that allows it, how some roots are made.

use std::arch::x86_64::*;

use super::{
    lanes::{Tail, load, store},
    root::{Roots, four_roots},
    underway::{Four, GROUP, Underway},
};
use crate::{AdamStep, Moments};

/// One step's numbers, each in all lanes.
#[derive(Clone, Copy)]
pub(super) struct AdamLanes {
    pub(super) alpha: __m512,
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
        self.apply(w, self.moments(m, v, g))
    }

    /// The state after a step with gradient 0: the same bits as `step(state, 0)`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn idle(self, State { w, m, v }: State) -> State {
        self.apply(w, self.idle_moments(m, v))
    }

    /// The moments after a step with gradient 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn idle_moments(self, m: __m512, v: __m512) -> (__m512, __m512) {
        let m = _mm512_fnmadd_ps(self.one_minus_beta1, m, m);
        let v = _mm512_fnmadd_ps(self.one_minus_beta2, v, v);
        self.kept(m, v)
    }

    /// The moments after a step with gradient g.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn moments(self, m: __m512, v: __m512, g: __m512) -> (__m512, __m512) {
        let m = _mm512_fmadd_ps(self.one_minus_beta1, _mm512_sub_ps(g, m), m);
        let v = _mm512_fmadd_ps(self.one_minus_beta2, _mm512_fmsub_ps(g, g, v), v);
        self.kept(m, v)
    }

    /// The moments of four vectors after a step with gradient g, in their place, and their √v + ε.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn moments_and_denominators<const BY_MULTIPLY_ADDS: usize>(
        self,
        m: &mut Four,
        v: &mut Four,
        g: [__m512; 4],
    ) -> [__m512; 4] {
        let mut new_v = g;
        for (((new_v, m), v), g) in new_v.iter_mut().zip(m).zip(v).zip(g) {
            let (kept_m, kept_v) = self.moments(load(m), load(v), g);
            store(m, kept_m);
            store(v, kept_v);
            *new_v = kept_v;
        }
        let mut denominators = four_roots::<BY_MULTIPLY_ADDS>(new_v);
        for denominator in &mut denominators {
            *denominator = self.denominator(*denominator);
        }
        denominators
    }

    /// m / (√v + ε), which times α is what weights move by.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn direction(self, m: __m512, root: __m512) -> __m512 {
        _mm512_div_ps(m, self.denominator(root))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn denominator(self, root: __m512) -> __m512 {
        _mm512_add_ps(root, self.epsilon)
    }

    /// New moments as they are kept.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn kept(self, m: __m512, v: __m512) -> (__m512, __m512) {
        if self.flush_subnormals {
            (flush_subnormal(m), flush_subnormal(v))
        } else {
            (m, v)
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn apply(self, w: __m512, (m, v): (__m512, __m512)) -> State {
        let w = moved(w, self.alpha, self.direction(m, _mm512_sqrt_ps(v)));
        State { w, m, v }
    }
}

/// The weights after a step of α in a direction.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn moved(w: __m512, alpha: __m512, direction: __m512) -> __m512 {
    _mm512_fnmadd_ps(alpha, direction, w)
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
    with_roots(step, Roots::of(&step), w, moments, gradient);
}

/// The same, its roots made in one of the ways.
#[target_feature(enable = "avx512f,avx512dq")]
fn with_roots(step: AdamStep, roots: Roots, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
    let lanes = AdamLanes::new(&step);
    let Moments { m, v } = moments;
    let done = match roots {
        Roots::ThreeByMultiplyAdds => whole_groups::<3>(&step, w, Moments { m, v }, gradient),
        Roots::TwoByMultiplyAdds => whole_groups::<2>(&step, w, Moments { m, v }, gradient),
        Roots::Divider => 0,
    };
    let (w, w_rest) = w[done..].as_chunks_mut();
    let (m, m_rest) = m[done..].as_chunks_mut();
    let (v, v_rest) = v[done..].as_chunks_mut();
    let (g, g_rest) = gradient[done..].as_chunks();
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

/// The step of as many weights as are whole 64s; how many they are.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn whole_groups<const BY_MULTIPLY_ADDS: usize>(
    step: &AdamStep,
    w: &mut [f32],
    moments: Moments<'_>,
    gradient: &[f32],
) -> usize {
    let mut underway = Underway::<BY_MULTIPLY_ADDS>::new(step, w, moments);
    let mut at = 0;
    for g in gradient.as_chunks().0.as_chunks().0 {
        let [a, b, c, d] = g;
        underway.step(at, [load(a), load(b), load(c), load(d)]);
        at += GROUP;
    }
    underway.finish();
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;

    /// Weights and moments after some steps, their roots by one way.
    fn after(
        steps: &[AdamStep],
        roots: Roots,
        start: &[Vec<f32>; 3],
        gradient: &[f32],
    ) -> [Vec<f32>; 3] {
        let [mut w, mut m, mut v] = start.clone();
        for &step in steps {
            let (m, v) = (&mut m[..], &mut v[..]);
            // SAFETY: the test has seen that this CPU has what `Isa::Avx512` stands for.
            unsafe { with_roots(step, roots, &mut w, Moments { m, v }, gradient) };
        }
        [w, m, v]
    }

    #[test]
    fn a_pass_has_the_same_bits_however_roots_are_made() {
        if !Isa::Avx512.is_available() {
            eprintln!("this CPU has no AVX-512: its ways of Adam were NOT compared");
            return;
        }
        let step = |flush_subnormals| AdamStep {
            flush_subnormals,
            ..AdamStep::KERAS
        };
        let steps = [false, true, false].map(step);
        for len in [0, 1, 16, 63, 64, 65, 128, 150, 500] {
            let numbers = |seed: usize| (0..len).map(move |i| (((i + seed) * 7919) as f32).sin());
            let special = [
                0.0,
                1e-45,
                1e-40,
                1e-31,
                1e-25,
                1e30,
                3e38,
                f32::INFINITY,
                f32::NAN,
            ];
            let v = numbers(3).enumerate().map(|(i, v)| match i % 23 {
                at if at < special.len() => special[at],
                _ => v * v,
            });
            let start = [numbers(1).collect(), numbers(2).collect(), v.collect()];
            let gradient: Vec<f32> = numbers(4)
                .enumerate()
                .map(|(i, g)| {
                    if i % 5 == 0 {
                        0.0
                    } else {
                        g * 10_f32.powi((i % 60) as i32 - 40)
                    }
                })
                .collect();
            let expected = after(&steps, Roots::Divider, &start, &gradient);
            for roots in [Roots::TwoByMultiplyAdds, Roots::ThreeByMultiplyAdds] {
                let got = after(&steps, roots, &start, &gradient);
                let pairs = expected.iter().flatten().zip(got.iter().flatten());
                for (i, (a, b)) in pairs.enumerate() {
                    assert!(
                        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                        "{len} weights, {i}: {a:e} and, {roots:?}, {b:e}"
                    );
                }
            }
            let [mut w, mut m, mut v] = start.clone();
            let (m, v) = (&mut m[..], &mut v[..]);
            // SAFETY: as above.
            let in_groups =
                unsafe { whole_groups::<2>(&steps[0], &mut w, Moments { m, v }, &gradient) };
            assert_eq!(in_groups, len / 64 * 64);
            let moved = expected[0]
                .iter()
                .zip(&start[0])
                .any(|(a, b)| a.to_bits() != b.to_bits());
            assert!(moved || len == 0);
        }
    }
}
