//! The network: dense layers and their weights.

use kernels::{Buffer, MatRef};

use crate::{
    activation::Activation,
    init::{InitScope, Initializer},
    rng::Streams,
};

/// A dense layer: z = a·W + b, W inputs×outputs by rows.
#[derive(Clone, Debug)]
pub struct Layer {
    inputs: usize,
    outputs: usize,
    weights: Buffer,
    bias: Buffer,
}

/// Dense layers, one activation between them, logits at the end.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    activation: Activation,
}

impl Layer {
    /// Values that come in.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Values that go out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// W, inputs×outputs by rows.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// b, one value per output.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    pub(crate) fn weights_view(&self) -> MatRef<'_> {
        MatRef::new(&self.weights, self.inputs, self.outputs)
    }

    pub(crate) fn weights_mut(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    pub(crate) fn bias_mut(&mut self) -> &mut [f32] {
        &mut self.bias
    }
}

impl Mlp {
    /// A network of zeros: `widths[0]` inputs, then each layer's outputs, with an activation in the
    /// hidden layers.
    #[must_use]
    pub fn zeros(widths: &[usize], activation: Activation) -> Self {
        let layer = |pair: &[usize]| Layer {
            inputs: pair[0],
            outputs: pair[1],
            weights: Buffer::page_aligned_zeros(pair[0] * pair[1]),
            bias: Buffer::page_aligned_zeros(pair[1]),
        };
        Self {
            layers: widths.windows(2).map(layer).collect(),
            activation,
        }
    }

    /// Begins anew: weights drawn from the streams, biases zero.
    pub fn initialize(&mut self, initializer: Initializer, scope: InitScope, streams: Streams) {
        let last = self.layers.len().saturating_sub(1);
        for (index, layer) in self.layers.iter_mut().enumerate() {
            layer.bias.fill(0.0);
            let chosen = scope.initializer(initializer, index == last);
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            chosen.draw(streams, index, inputs, outputs, &mut layer.weights);
        }
    }

    /// The layers, input side first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The activation of the hidden layers.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    pub(crate) fn layers_mut(&mut self) -> &mut [Layer] {
        &mut self.layers
    }
}
