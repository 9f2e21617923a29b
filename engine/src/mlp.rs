//! The network: dense layers and their weights.

use kernels::{Buffer, MatRef};

use crate::{
    activation::Activation,
    init::{InitScope, Initializer},
    rng::Streams,
};

/// A dense layer: z = a·W + b, W inputs×outputs by rows.
///
/// A hidden layer's columns are stored with some more of zeros, which stay (`stored_columns` in `workspace`).
#[derive(Clone, Debug)]
pub struct Layer {
    inputs: usize,
    outputs: usize,
    /// Columns that are stored, the outputs' first.
    stored: usize,
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

    /// W, inputs×outputs.
    #[must_use]
    pub fn weights(&self) -> MatRef<'_> {
        self.of_outputs(&self.weights)
    }

    /// b, one value per output.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        &self.bias[..self.outputs]
    }

    /// W row after row, then b.
    pub fn parameters(&self) -> impl Iterator<Item = f32> + Clone {
        let weights = self.weights();
        let rows = (0..self.inputs).flat_map(move |input| weights.row(input));
        rows.chain(self.bias()).copied()
    }

    /// How many columns W and b are stored with, and z is made with: the outputs' and, after them, zeros.
    pub(crate) fn stored_columns(&self) -> usize {
        self.stored
    }

    /// W as it is stored.
    pub(crate) fn stored_weights(&self) -> MatRef<'_> {
        MatRef::new(&self.weights, self.inputs, self.stored)
    }

    /// b as it is stored.
    pub(crate) fn stored_bias(&self) -> &[f32] {
        &self.bias
    }

    pub(crate) fn weights_mut(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    pub(crate) fn bias_mut(&mut self) -> &mut [f32] {
        &mut self.bias
    }

    /// The outputs of a batch, batch×outputs, in rows of as many values as there are stored columns.
    pub(crate) fn outputs_of<'a>(&self, stored: &'a [f32], batch: usize) -> MatRef<'a> {
        let stored = &stored[..batch * self.stored];
        MatRef::with_strides(stored, batch, self.outputs, self.stored, 1)
    }

    /// What belongs to the outputs in one value for each stored weight.
    pub(crate) fn of_outputs<'a>(&self, stored: &'a [f32]) -> MatRef<'a> {
        MatRef::with_strides(stored, self.inputs, self.outputs, self.stored, 1)
    }
}

impl Mlp {
    /// A network of zeros: `widths[0]` inputs, then each layer's outputs, with an activation in the
    /// hidden layers; and each layer's columns as they are stored, no fewer than its outputs.
    pub(crate) fn zeros(widths: &[usize], stored: &[usize], activation: Activation) -> Self {
        let layer = |(pair, &stored): (&[usize], &usize)| Layer {
            inputs: pair[0],
            outputs: pair[1],
            stored,
            weights: Buffer::page_aligned_zeros(pair[0] * stored),
            bias: Buffer::page_aligned_zeros(stored),
        };
        Self {
            layers: widths.windows(2).zip(stored).map(layer).collect(),
            activation,
        }
    }

    /// Begins anew: weights drawn from the streams, biases zero.
    pub fn initialize(&mut self, initializer: Initializer, scope: InitScope, streams: Streams) {
        let last = self.layers.len().saturating_sub(1);
        for (index, layer) in self.layers.iter_mut().enumerate() {
            layer.bias.fill(0.0);
            // What is beyond the outputs, too: in a run that diverged it may have become NaN.
            layer.weights.fill(0.0);
            let chosen = scope.initializer(initializer, index == last);
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            let rows = layer.weights.chunks_mut(layer.stored.max(1));
            let weights = rows.flat_map(|row| &mut row[..outputs]);
            chosen.draw(streams, index, inputs, outputs, weights);
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
