//! One step of Adam: its numbers, and the state that goes with a tensor.

use std::ops::Range;

/// The numbers of one step of Adam with ε outside the bias correction (Kingma & Ba 2015, the
/// formulation just before section 2.1; what Keras computes):
/// m ← m + (1−β1)(g−m), v ← v + (1−β2)(g²−v), w ← w − α_t·(m / (√v + ε)).
///
/// With moments and gradient of 0 the update is exactly 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// α_t = α·√(1−β2^t) / (1−β1^t).
    pub alpha: f32,
    /// 1 − β1.
    pub one_minus_beta1: f32,
    /// 1 − β2.
    pub one_minus_beta2: f32,
    /// ε, added to √v; above 0, or the first step without a gradient divides 0 by 0.
    pub epsilon: f32,
    /// Whether moments below 2⁻¹²⁶ become 0. Floats there are subnormal and slow on many CPUs, and a
    /// weight without gradient would keep such an m for ever; the root of such a v is below 10⁻¹⁹,
    /// far under any ε in use. One step in sixteen is enough: a flush in each takes Adam up to a
    /// quarter longer (benches/README.md).
    pub flush_subnormals: bool,
}

#[cfg(test)]
impl AdamStep {
    /// A late step with Keras's numbers, for unit tests.
    pub(crate) const KERAS: Self = Self {
        alpha: 1e-3,
        one_minus_beta1: 0.1,
        one_minus_beta2: 1e-3,
        epsilon: 1e-7,
        flush_subnormals: false,
    };
}

/// The running moments of a tensor's gradient, in the tensor's own layout.
#[derive(Debug)]
pub struct Moments<'a> {
    /// Mean of g.
    pub m: &'a mut [f32],
    /// Mean of g²: no less than 0, or NaN. What becomes of a weight whose v is less is not promised.
    pub v: &'a mut [f32],
}

impl Moments<'_> {
    /// Those of some of the weights.
    pub(crate) fn slice(&mut self, weights: Range<usize>) -> Moments<'_> {
        Moments {
            m: &mut self.m[weights.clone()],
            v: &mut self.v[weights],
        }
    }

    /// # Panics
    /// Unless both have one value per weight.
    #[track_caller]
    pub(crate) fn check(&self, weights: usize) {
        assert!(
            self.m.len() == weights && self.v.len() == weights,
            "moments of {} and {} values do not fit {weights} weights",
            self.m.len(),
            self.v.len()
        );
    }
}
