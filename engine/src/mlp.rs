//! The network: dense layers and their weights.

use kernels::{AdamArray, Buffer, Isa, MatRef};

use crate::{
    activation::Activation,
    init::{InitScope, Initializer},
    input_path::InputPath,
    rng::Streams,
};

/// A dense layer: z = a·W + b, W inputs×outputs by rows.
///
/// A hidden layer is padded: its rows have some columns more (`row_strides`), whose weights and bias are 0 and stay so
/// while a run does not diverge. Nobody reads what becomes of them.
#[derive(Clone, Debug)]
pub struct Layer {
    inputs: usize,
    outputs: usize,
    /// How far apart rows are: the outputs and the padding.
    row_stride: usize,
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
        self.without_padding(&self.weights)
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

    /// How far apart the rows of W and of z are: the outputs and the padding.
    pub(crate) fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// W with its padding, inputs×row_stride.
    pub(crate) fn padded_weights(&self) -> MatRef<'_> {
        MatRef::new(&self.weights, self.inputs, self.row_stride)
    }

    /// b with its padding.
    pub(crate) fn padded_bias(&self) -> &[f32] {
        &self.bias
    }

    pub(crate) fn weights_mut(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    pub(crate) fn bias_mut(&mut self) -> &mut [f32] {
        &mut self.bias
    }

    /// Of one value for each weight, padded as W is, those of the weights, inputs×outputs.
    pub(crate) fn without_padding<'a>(&self, padded: &'a [f32]) -> MatRef<'a> {
        MatRef::with_strides(padded, self.inputs, self.outputs, self.row_stride, 1)
    }

    /// Of one value for each output of a batch and its padding, those of the outputs, batch×outputs.
    pub(crate) fn batch_outputs<'a>(&self, padded: &'a [f32], batch: usize) -> MatRef<'a> {
        let padded = &padded[..batch * self.row_stride];
        MatRef::with_strides(padded, batch, self.outputs, self.row_stride, 1)
    }
}

/// What is said of a network past all memory.
const NO_ADDRESSES: &str = "so many weights have no addresses";

/// How far apart the rows of each layer of a network of these widths are best. A hidden layer's are padded to whole
/// vectors, as one that begins anywhere is two cache lines to read. On the sparse path, whose products read single rows
/// of the first layer, a line more keeps its rows from lying a multiple of 2 KB apart, where they share a few sets of L1
/// (benches/README.md has what both gain).
///
/// The portable kernels choose their products, which round otherwise, by their sizes, and stay without padding.
pub(crate) fn row_strides(isa: Isa, widths: &[usize], input: InputPath) -> Vec<usize> {
    // Floats of a cache line, and of 2 KB.
    const LINE: usize = 16;
    const ALIASING: usize = 512;
    let lanes = match isa {
        Isa::Portable => return widths[1..].to_vec(),
        Isa::Avx2 => 8,
        Isa::Avx512 => 16,
    };
    let of_layer = |(layer, &outputs): (usize, &usize)| {
        let whole = outputs.checked_next_multiple_of(lanes).expect(NO_ADDRESSES);
        let is_sparse = layer == 0 && matches!(input, InputPath::Sparse);
        if layer + 2 == widths.len() {
            outputs
        } else if is_sparse && whole.is_multiple_of(ALIASING) {
            whole + LINE
        } else {
            whole
        }
    };
    widths[1..].iter().enumerate().map(of_layer).collect()
}

impl Mlp {
    /// A network of zeros: `widths[0]` inputs, then each layer's outputs, with an activation in the
    /// hidden layers; each layer's rows as far apart as `row_strides` says, no less than its outputs.
    pub(crate) fn zeros(widths: &[usize], row_strides: &[usize], activation: Activation) -> Self {
        let layer = |(pair, &row_stride): (&[usize], &usize)| {
            let weights = pair[0].checked_mul(row_stride).expect(NO_ADDRESSES);
            Layer {
                inputs: pair[0],
                outputs: pair[1],
                row_stride,
                weights: Buffer::adam_zeros(AdamArray::Weights, weights),
                bias: Buffer::adam_zeros(AdamArray::Weights, row_stride),
            }
        };
        Self {
            layers: widths.windows(2).zip(row_strides).map(layer).collect(),
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
            let rows = layer.weights.chunks_mut(layer.row_stride.max(1));
            let weights = rows.flat_map(|row| {
                let (weights, padding) = row.split_at_mut(outputs);
                // A run that diverged may have made NaN of it.
                padding.fill(0.0);
                weights
            });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_hidden_layers_are_padded_to_whole_vectors_and_away_from_aliasing() {
        let strides = |isa, input| {
            [50, 512, 1017, 128].map(|hidden| row_strides(isa, &[784, hidden, 10], input))
        };
        let cases = [
            (Isa::Avx512, InputPath::Sparse, [64, 528, 1040, 128]),
            (Isa::Avx512, InputPath::Dense, [64, 512, 1024, 128]),
            (Isa::Avx2, InputPath::Sparse, [56, 528, 1040, 128]),
            (Isa::Portable, InputPath::Sparse, [50, 512, 1017, 128]),
        ];
        for (isa, input, hidden) in cases {
            assert_eq!(
                strides(isa, input),
                hidden.map(|hidden| [hidden, 10]),
                "{isa:?}, {input:?}"
            );
        }
        let two = row_strides(Isa::Avx512, &[784, 100, 512, 10], InputPath::Sparse);
        assert_eq!(two, [112, 512, 10]);
        assert_eq!(
            row_strides(Isa::Avx512, &[784, 10], InputPath::Sparse),
            [10]
        );
    }
}
