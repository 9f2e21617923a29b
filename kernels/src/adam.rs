//! Adam: the numbers of a step, the state that goes with a tensor, and a step of all of it.

use std::ops::Range;

use crate::{BatchColumns, Kernels, MatRef, checks::check_sparse_gradient};

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

impl Kernels {
    /// One step of Adam over a tensor.
    ///
    /// # Panics
    /// If weights, moments and gradient differ in length.
    #[track_caller]
    pub fn adam(&self, step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
        moments.check(w.len());
        assert_eq!(
            gradient.len(),
            w.len(),
            "a gradient of {} values does not fit {} weights",
            gradient.len(),
            w.len()
        );
        self.backend.adam(step, w, moments, gradient);
    }

    /// Steps of Adam with a gradient of 0, one after the other: the same bits as [`Self::adam`]
    /// once for each, with one pass over the arrays.
    ///
    /// # Panics
    /// If weights and moments differ in length.
    #[track_caller]
    pub fn adam_idle(&self, steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
        moments.check(w.len());
        self.backend.adam_idle(steps, w, moments);
    }

    /// One step of Adam over w, row-major, with the gradient Xᵀ·dZ: the same bits as
    /// [`Self::sparse_tn_gemm`] and [`Self::adam`], but no gradient of all of w is ever stored.
    ///
    /// # Panics
    /// If X, dZ, weights and moments do not fit each other, or dZ's rows are not contiguous.
    #[track_caller]
    pub fn sparse_tn_adam(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        mut moments: Moments<'_>,
    ) {
        check_sparse_gradient(x, dz, w.len());
        moments.check(w.len());
        let n = dz.cols();
        let mut from = 0;
        for to in x
            .touched()
            .iter()
            .map(|&row| row as usize)
            .chain([x.cols()])
        {
            // The rows between two that the batch touches.
            let between = from * n..to * n;
            let w = &mut w[between.clone()];
            self.backend.adam_idle(&[step], w, moments.slice(between));
            from = to + 1;
        }
        self.backend.sparse_tn_adam(x, dz, step, w, moments);
    }
}
