//! The activation of the hidden layers.

use kernels::{Epilogue, Kernels};

/// What a hidden layer makes of z = a·W + b, value by value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activation {
    /// max(z, 0), its slope at 0 taken as 0.
    #[default]
    Relu,
    /// tanh z.
    Tanh,
    /// The logistic function, 1/(1 + e^−z).
    Sigmoid,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Self; 3] = [Self::Relu, Self::Tanh, Self::Sigmoid];

    /// The name under which files and flags know it, which is Keras's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }

    /// The activation of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == name)
    }

    /// How the product a·W ends: with the bias, and with as much of the activation as is done
    /// before the product reaches memory. [`finish`](Self::finish) does the rest.
    pub(crate) fn epilogue(self, bias: &[f32]) -> Epilogue<'_> {
        match self {
            Self::Relu => Epilogue::BiasRelu(bias),
            Self::Tanh | Self::Sigmoid => Epilogue::Bias(bias),
        }
    }

    /// From what [`epilogue`](Self::epilogue) left to the activations, in place.
    pub(crate) fn finish(self, kernels: Kernels, output: &mut [f32]) {
        match self {
            Self::Relu => {}
            Self::Tanh => kernels.tanh(output),
            Self::Sigmoid => kernels.sigmoid(output),
        }
    }

    /// From the loss's gradient by the activations to that by z, in place.
    pub(crate) fn backward(self, kernels: Kernels, output: &[f32], gradient: &mut [f32]) {
        match self {
            Self::Relu => kernels.relu_backward(output, gradient),
            Self::Tanh => kernels.tanh_backward(output, gradient),
            Self::Sigmoid => kernels.sigmoid_backward(output, gradient),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Activation;

    #[test]
    fn an_activation_is_found_by_its_name_and_by_no_other() {
        for activation in Activation::ALL {
            assert_eq!(Activation::named(activation.name()), Some(activation));
        }
        for name in ["", "ReLU", "tanh ", "softmax"] {
            assert_eq!(Activation::named(name), None, "{name:?}");
        }
    }
}
