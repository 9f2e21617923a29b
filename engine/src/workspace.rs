//! What a worker makes once and uses for every run: the network and every buffer of a step.
//!
//! A training step allocates nothing. The first layer reads the data set's non-zeros or, where
//! the data is not sparse, values gathered into a dense batch; the layers after it are dense.

use kernels::{AdamStep, BatchColumns, BatchLoss, Epilogue, Kernels, MatMut, MatRef};

use crate::{
    dataset::{Dataset, Examples, Part},
    init::{InitScope, Initializer},
    mlp::{Layer, Mlp},
    rng::Streams,
};

/// How the first layer reads its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputPath {
    /// Along the non-zeros only.
    Sparse,
    /// Every pixel.
    Dense,
}

/// Density under which skipping zeros pays: two thirds zero, where XNNPACK draws the line too.
const SPARSE_BELOW: f64 = 1.0 / 3.0;

/// Rows that are evaluated together: enough to amortise reading the weights.
const EVALUATION_BATCH: usize = 256;

/// The network of one architecture and the buffers to train it.
#[derive(Debug)]
pub struct Workspace {
    kernels: Kernels,
    mlp: Mlp,
    input: InputPath,
    /// Each layer's output: activations after ReLU, the logits last.
    outputs: Vec<Vec<f32>>,
    /// The gradient of the loss by each layer's output before ReLU, for all but the last layer,
    /// whose logits turn into their own gradient.
    gradients: Vec<Vec<f32>>,
    weight_gradient: Vec<f32>,
    bias_gradient: Vec<f32>,
    columns: BatchColumns,
    dense_input: Vec<f32>,
    labels: Vec<u8>,
}

impl InputPath {
    /// The faster path for a data set.
    #[must_use]
    pub fn for_density(density: f64) -> Self {
        if density < SPARSE_BELOW {
            Self::Sparse
        } else {
            Self::Dense
        }
    }

    /// The name under which files and flags know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sparse => "sparse",
            Self::Dense => "dense",
        }
    }
}

impl Workspace {
    /// Room for networks with these hidden layers on this data set, trained in batches of up to
    /// `batch_size`.
    #[must_use]
    pub fn new(
        kernels: Kernels,
        dataset: &Dataset,
        hidden: &[usize],
        batch_size: usize,
        input: InputPath,
    ) -> Self {
        let mut widths = vec![dataset.features()];
        widths.extend(hidden);
        widths.push(dataset.classes());
        let largest_batch = batch_size.max(EVALUATION_BATCH);
        let mlp = Mlp::zeros(&widths);
        let largest_layer = mlp.layers().iter().map(|l| l.weights().value().len()).max();
        let (columns, dense) = match input {
            InputPath::Sparse => (batch_size, 0),
            InputPath::Dense => (0, largest_batch * dataset.features()),
        };
        Self {
            kernels,
            input,
            outputs: widths[1..]
                .iter()
                .map(|w| vec![0.0; largest_batch * w])
                .collect(),
            gradients: hidden.iter().map(|w| vec![0.0; batch_size * w]).collect(),
            weight_gradient: vec![0.0; largest_layer.unwrap_or(0)],
            bias_gradient: vec![0.0; widths[1..].iter().copied().max().unwrap_or(0)],
            columns: BatchColumns::new(dataset.features(), columns),
            dense_input: vec![0.0; dense],
            labels: Vec::with_capacity(batch_size),
            mlp,
        }
    }

    /// The network.
    #[must_use]
    pub fn mlp(&self) -> &Mlp {
        &self.mlp
    }

    /// Begins a run: weights from the streams, Adam's state zero.
    pub fn initialize(&mut self, initializer: Initializer, scope: InitScope, streams: Streams) {
        self.mlp.initialize(initializer, scope, streams);
    }

    /// One step of Adam down the mean cross-entropy of the batch `rows`; what the batch came to
    /// before the step.
    ///
    /// # Panics
    /// If the batch is larger than the workspace, or a row is not in `examples`.
    pub fn train_batch(&mut self, examples: &Examples, rows: &[u32], step: AdamStep) -> BatchLoss {
        self.forward(examples, rows);
        let loss = self.loss_gradient(examples, rows);
        self.backward(examples, rows, step);
        loss
    }

    /// Loss, hits and predicted classes of the network as it stands, over a part of a file.
    ///
    /// # Panics
    /// If there is not one prediction per row.
    pub fn evaluate(&mut self, part: &Part<'_>, predictions: &mut [u8]) -> BatchLoss {
        assert_eq!(
            predictions.len(),
            part.rows.len(),
            "one prediction for each row"
        );
        let mut total = BatchLoss::default();
        let mut start = part.rows.start;
        for predictions in predictions.chunks_mut(EVALUATION_BATCH) {
            let batch = predictions.len();
            let rows: [u32; EVALUATION_BATCH] = std::array::from_fn(|i| (start + i) as u32);
            self.forward(part.examples, &rows[..batch]);
            let labels = &part.examples.labels()[start..start + batch];
            let logits = self.outputs.last().map_or(&[][..], |logits| &logits[..]);
            let classes = self.classes();
            let logits = MatRef::new(&logits[..batch * classes], batch, classes);
            let loss = self.kernels.evaluate_logits(logits, labels, predictions);
            total.loss += loss.loss;
            total.correct += loss.correct;
            start += batch;
        }
        total
    }

    fn classes(&self) -> usize {
        self.mlp.layers().last().map_or(0, Layer::outputs)
    }

    /// Every layer's output for the batch `rows`.
    fn forward(&mut self, examples: &Examples, rows: &[u32]) {
        let batch = rows.len();
        let last = self.mlp.layers().len() - 1;
        for (index, layer) in self.mlp.layers().iter().enumerate() {
            let bias = layer.bias().value();
            let epilogue = if index == last {
                Epilogue::Bias(bias)
            } else {
                Epilogue::BiasRelu(bias)
            };
            let (before, from_here) = self.outputs.split_at_mut(index);
            let output = MatMut::new(
                &mut from_here[0][..batch * layer.outputs()],
                batch,
                layer.outputs(),
            );
            let weights = layer.weights_view();
            if let Some(input) = before.last() {
                let input = MatRef::new(&input[..batch * layer.inputs()], batch, layer.inputs());
                self.kernels.gemm(input, weights, output, epilogue);
                continue;
            }
            match self.input {
                InputPath::Sparse => {
                    self.kernels
                        .sparse_gemm(examples.nonzeros(), rows, weights, output, epilogue);
                }
                InputPath::Dense => {
                    let input = &mut self.dense_input[..batch * layer.inputs()];
                    examples.gather(rows, MatMut::new(input, batch, layer.inputs()));
                    let input = MatRef::new(input, batch, layer.inputs());
                    self.kernels.gemm(input, weights, output, epilogue);
                }
            }
        }
    }

    /// Turns the logits into the gradient of the mean loss by them.
    fn loss_gradient(&mut self, examples: &Examples, rows: &[u32]) -> BatchLoss {
        self.labels.clear();
        let labels = rows.iter().map(|&row| examples.labels()[row as usize]);
        self.labels.extend(labels);
        let batch = rows.len();
        let classes = self.classes();
        let logits = self
            .outputs
            .last_mut()
            .map_or(&mut [][..], |logits| &mut logits[..]);
        let logits = MatMut::new(&mut logits[..batch * classes], batch, classes);
        let scale = 1.0 / batch as f32;
        self.kernels
            .softmax_cross_entropy(logits, &self.labels, scale)
    }

    /// From the gradient by the logits to a step of every parameter, output side first.
    fn backward(&mut self, examples: &Examples, rows: &[u32], step: AdamStep) {
        let kernels = self.kernels;
        let batch = rows.len();
        for (index, layer) in self.mlp.layers_mut().iter_mut().enumerate().rev() {
            let (inputs, outputs) = (layer.inputs(), layer.outputs());
            let (below, here) = self.gradients.split_at_mut(index);
            // The output layer has no buffer of its own: its logits hold the gradient.
            let dz = here.first().unwrap_or(&self.outputs[index]);
            let dz = MatRef::new(&dz[..batch * outputs], batch, outputs);
            if let Some(below) = below.last_mut() {
                // Before the weights move.
                let below = &mut below[..batch * inputs];
                let da = MatMut::new(below, batch, inputs);
                kernels.gemm(dz, layer.weights_view().t(), da, Epilogue::Store);
                let activation = &self.outputs[index - 1][..batch * inputs];
                kernels.relu_backward(activation, below);
            }
            let bias_gradient = &mut self.bias_gradient[..outputs];
            kernels.column_sums(dz, bias_gradient);
            let weight_gradient = &mut self.weight_gradient[..inputs * outputs];
            let dw = MatMut::new(weight_gradient, inputs, outputs);
            if index > 0 {
                let activation = &self.outputs[index - 1][..batch * inputs];
                let activation = MatRef::new(activation, batch, inputs);
                kernels.gemm(activation.t(), dz, dw, Epilogue::Store);
            } else {
                match self.input {
                    InputPath::Sparse => {
                        self.columns.fill(examples.nonzeros(), rows);
                        kernels.sparse_tn_gemm(&self.columns, dz, dw, Epilogue::Store);
                    }
                    InputPath::Dense => {
                        let input = &self.dense_input[..batch * inputs];
                        let input = MatRef::new(input, batch, inputs);
                        kernels.gemm(input.t(), dz, dw, Epilogue::Store);
                    }
                }
            }
            let (weights, bias) = layer.parameters_mut();
            weights.adam(kernels, step, weight_gradient);
            bias.adam(kernels, step, bias_gradient);
        }
    }
}
