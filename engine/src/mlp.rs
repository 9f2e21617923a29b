//! The network's parameters: dense layers, and the state that Adam keeps for each.

use kernels::{AdamStep, Kernels, MatRef, Moments};

use crate::{
    init::{InitScope, Initializer},
    rng::Streams,
};

/// A tensor that is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    value: Vec<f32>,
    m: Vec<f32>,
    v: Vec<f32>,
}

/// A dense layer: z = a·W + b, W inputs×outputs by rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    inputs: usize,
    outputs: usize,
    weights: Parameter,
    bias: Parameter,
}

/// Dense layers, ReLU between them, logits at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    layers: Vec<Layer>,
}

impl Parameter {
    fn zeros(len: usize) -> Self {
        Self {
            value: vec![0.0; len],
            m: vec![0.0; len],
            v: vec![0.0; len],
        }
    }

    fn reset(&mut self) {
        self.value.fill(0.0);
        self.m.fill(0.0);
        self.v.fill(0.0);
    }

    /// The values.
    #[must_use]
    pub fn value(&self) -> &[f32] {
        &self.value
    }

    /// Adam's running mean of the gradient.
    #[must_use]
    pub fn m(&self) -> &[f32] {
        &self.m
    }

    /// Adam's running mean of the squared gradient.
    #[must_use]
    pub fn v(&self) -> &[f32] {
        &self.v
    }

    pub(crate) fn adam(&mut self, kernels: Kernels, step: AdamStep, gradient: &[f32]) {
        let moments = Moments {
            m: &mut self.m,
            v: &mut self.v,
        };
        kernels.adam(step, &mut self.value, moments, gradient);
    }
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
    pub fn weights(&self) -> &Parameter {
        &self.weights
    }

    /// b, one value per output.
    #[must_use]
    pub fn bias(&self) -> &Parameter {
        &self.bias
    }

    pub(crate) fn weights_view(&self) -> MatRef<'_> {
        MatRef::new(&self.weights.value, self.inputs, self.outputs)
    }

    pub(crate) fn parameters_mut(&mut self) -> (&mut Parameter, &mut Parameter) {
        (&mut self.weights, &mut self.bias)
    }
}

impl Mlp {
    /// A network of zeros: `widths[0]` inputs, then each layer's outputs.
    #[must_use]
    pub fn zeros(widths: &[usize]) -> Self {
        let layer = |pair: &[usize]| Layer {
            inputs: pair[0],
            outputs: pair[1],
            weights: Parameter::zeros(pair[0] * pair[1]),
            bias: Parameter::zeros(pair[1]),
        };
        Self {
            layers: widths.windows(2).map(layer).collect(),
        }
    }

    /// Begins anew: weights drawn from the streams, biases and Adam's state zero.
    pub fn initialize(&mut self, initializer: Initializer, scope: InitScope, streams: Streams) {
        let last = self.layers.len().saturating_sub(1);
        for (index, layer) in self.layers.iter_mut().enumerate() {
            layer.bias.reset();
            layer.weights.reset();
            let chosen = scope.initializer(initializer, index == last);
            let (inputs, outputs) = (layer.inputs, layer.outputs);
            chosen.draw(streams, index, inputs, outputs, &mut layer.weights.value);
        }
    }

    /// The layers, input side first.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    pub(crate) fn layers_mut(&mut self) -> &mut [Layer] {
        &mut self.layers
    }
}
