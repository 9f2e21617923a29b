//! Adam (Kingma & Ba 2015) with the hyper-parameters and the ε placement of Keras.

use kernels::{AdamArray, AdamStep, Buffer, Moments};

/// Adam's hyper-parameters; the default is Keras's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// α; positive and finite, also as an `f32`.
    pub learning_rate: f64,
    /// β1, the decay of the mean gradient; 0 to less than 1.
    pub beta1: f64,
    /// β2, the decay of the mean squared gradient; 0 to less than 1.
    pub beta2: f64,
    /// ε, outside the bias correction; positive and finite, also as an `f32`.
    pub epsilon: f64,
}

/// Steps from one flush of subnormal moments to the next: seldom enough to cost little, and often
/// enough that a weight that has lost its gradient is slow for a few steps only. When it happens is
/// seen in no result: such an m moves a weight by less than 10⁻³³, and such a v is lost beside ε.
const SUBNORMALS_FLUSHED_EVERY: usize = 16;

/// Adam's state for one tensor.
#[derive(Clone, Debug)]
pub(crate) struct AdamState {
    m: Buffer,
    v: Buffer,
}

impl AdamState {
    /// The state before the first step for a tensor of `len` values.
    pub(crate) fn zeros(len: usize) -> Self {
        Self {
            m: Buffer::adam_zeros(AdamArray::FirstMoment, len),
            v: Buffer::adam_zeros(AdamArray::SecondMoment, len),
        }
    }

    pub(crate) fn reset(&mut self) {
        self.m.fill(0.0);
        self.v.fill(0.0);
    }

    /// The running mean of the gradient.
    pub(crate) fn m(&self) -> &[f32] {
        &self.m
    }

    /// The state, to take a step with.
    pub(crate) fn moments(&mut self) -> Moments<'_> {
        Moments {
            m: &mut self.m,
            v: &mut self.v,
        }
    }
}

impl Default for Adam {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-7,
        }
    }
}

/// Whether Adam can train at this rate: positive and finite in single precision, too.
#[must_use]
pub fn is_learning_rate(rate: f64) -> bool {
    let rate = rate as f32;
    rate > 0.0 && rate.is_finite()
}

impl Adam {
    /// # Panics
    /// If a hyper-parameter is out of its range, in single precision.
    #[track_caller]
    pub(crate) fn check(&self) {
        assert!(
            is_learning_rate(self.learning_rate),
            "Adam's learning rate of {:?} is not a positive finite number in single precision; give it one",
            self.learning_rate
        );
        let epsilon = self.epsilon as f32;
        assert!(
            epsilon > 0.0 && epsilon.is_finite(),
            "Adam's epsilon of {:?} is not a positive finite number in single precision; give it one, as 1e-7",
            self.epsilon
        );
        for (name, beta) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            assert!(
                (0.0..1.0).contains(&beta),
                "Adam's {name} of {beta:?} is no number from 0 to less than 1; give it one"
            );
        }
    }

    /// The numbers of step t, from 1.
    ///
    /// # Panics
    /// If t is 0, which would divide 0 by 0.
    #[must_use]
    pub fn step(&self, t: usize) -> AdamStep {
        assert!(t > 0, "Adam's steps count from 1");
        let exponent = t as f64;
        let correction =
            (1.0 - self.beta2.powf(exponent)).sqrt() / (1.0 - self.beta1.powf(exponent));
        AdamStep {
            alpha: (self.learning_rate * correction) as f32,
            one_minus_beta1: (1.0 - self.beta1) as f32,
            one_minus_beta2: (1.0 - self.beta2) as f32,
            epsilon: self.epsilon as f32,
            flush_subnormals: t.is_multiple_of(SUBNORMALS_FLUSHED_EVERY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_moves_by_the_learning_rate() {
        // At t = 1, α_1·(1−β1)g / √((1−β2)g²) = α·sign(g).
        let step = Adam::default().step(1);
        let moved = step.alpha * step.one_minus_beta1 / step.one_minus_beta2.sqrt();
        assert!((moved - 1e-3).abs() < 1e-9);
    }

    #[test]
    #[should_panic(expected = "Adam's steps count from 1")]
    fn there_is_no_step_before_the_first() {
        let _ = Adam::default().step(0);
    }

    #[test]
    fn subnormal_moments_are_flushed_again_and_again() {
        let flushes = |t: &usize| Adam::default().step(*t).flush_subnormals;
        let steps: Vec<usize> = (1..=40).filter(flushes).collect();
        assert_eq!(steps, [16, 32]);
    }

    #[test]
    fn the_correction_fades() {
        assert!((Adam::default().step(100_000).alpha - 1e-3).abs() < 1e-9);
    }
}
