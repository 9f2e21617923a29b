//! Activations and their backward passes, element by element.
//!
//! A backward pass is given the activation's output, not its input: the slope of each of these
//! functions is a function of its value.

use crate::Kernels;

impl Kernels {
    /// max(x, 0) in place; NaN stays NaN.
    pub fn relu(&self, x: &mut [f32]) {
        self.backend.relu(x);
    }

    /// Zeroes the gradient where the activation is not positive (so the slope at 0 is 0).
    ///
    /// # Panics
    /// If the lengths differ.
    #[track_caller]
    pub fn relu_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        check(activation, gradient);
        self.backend.relu_backward(activation, gradient);
    }

    /// tanh x in place, within 2 ULP of the correctly rounded value and never outside [−1, 1]:
    /// what is too small for tanh x to differ from x keeps its bits, −0 included, and NaN stays
    /// NaN.
    pub fn tanh(&self, x: &mut [f32]) {
        self.backend.tanh(x);
    }

    /// Multiplies the gradient by the slope of tanh, 1 − a² for the activation a, computed as
    /// (1 − a)·(1 + a); all instruction sets give the same bits.
    ///
    /// # Panics
    /// If the lengths differ.
    #[track_caller]
    pub fn tanh_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        check(activation, gradient);
        self.backend.tanh_backward(activation, gradient);
    }

    /// The logistic function 1/(1 + e^−x) in place, within 2 ULP of the correctly rounded value
    /// and never outside [0, 1]: subnormal results are right, NaN stays NaN.
    pub fn sigmoid(&self, x: &mut [f32]) {
        self.backend.sigmoid(x);
    }

    /// Multiplies the gradient by the slope of the logistic function, a·(1 − a) for the
    /// activation a; all instruction sets give the same bits.
    ///
    /// # Panics
    /// If the lengths differ.
    #[track_caller]
    pub fn sigmoid_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        check(activation, gradient);
        self.backend.sigmoid_backward(activation, gradient);
    }
}

#[track_caller]
fn check(activation: &[f32], gradient: &[f32]) {
    assert_eq!(
        activation.len(),
        gradient.len(),
        "a gradient of {} values does not fit {} activations",
        gradient.len(),
        activation.len()
    );
}
