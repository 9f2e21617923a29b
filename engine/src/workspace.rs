//! What a worker makes once and uses for every run: the network, Adam's state and every buffer of
//! a step. A training step allocates nothing.
//!
//! The first layer reads the images' non-zeros or, where the data is not sparse, all values of the
//! pixels that some image of the batch touches; the layers after it are dense. Rows of the first
//! layer's weights whose pixel no image touches are left for later ([`DeferredAdam`]).

use kernels::{
    AdamArray, AdamStep, BatchColumns, BatchLoss, Buffer, DeferredAdam, DenseBatch, Epilogue,
    Kernels, MatMut, MatRef, SparseRows,
};

use crate::{
    activation::Activation,
    dataset::{Dataset, Examples, Part},
    init::{InitScope, Initializer},
    input_path::InputPath,
    mlp::{Layer, Mlp, row_strides},
    optim::AdamState,
    rng::Streams,
};

/// Rows that are evaluated together: enough to amortise reading the weights, and few enough that
/// inputs and outputs stay in L2. Against 256 a run takes 3 to 5 % less on the dense path, 2 % on the
/// sparse one.
const EVALUATION_BATCH: usize = 64;

/// The network of one architecture and the buffers to train it.
#[derive(Debug)]
pub struct Workspace {
    kernels: Kernels,
    mlp: Mlp,
    input: Input,
    /// Adam's state of the first layer's weights.
    input_state: DeferredAdam,
    /// The same of each layer after it.
    weight_states: Vec<AdamState>,
    bias_states: Vec<AdamState>,
    /// Each layer's output, padded as the layer is: activations, the logits last. On what the padding holds, 0 or what
    /// the activation makes of it, no result depends.
    outputs: Vec<Buffer>,
    /// The gradient of the loss by each hidden layer's output; the logits turn into their own.
    gradients: Vec<Buffer>,
    bias_gradient: Buffer,
    labels: Vec<u8>,
    batch_size: usize,
}

/// The batch as the first layer reads it.
#[derive(Debug)]
enum Input {
    Sparse(BatchColumns),
    Dense(DenseBatch),
}

impl Input {
    /// Takes in a batch of these images.
    fn fill(&mut self, kernels: Kernels, images: &SparseRows, rows: &[u32]) {
        match self {
            Self::Sparse(columns) => columns.fill(kernels, images, rows),
            Self::Dense(batch) => batch.fill(kernels, images, rows),
        }
    }

    /// What of the batch is not zero, by pixel.
    fn columns(&self) -> &BatchColumns {
        match self {
            Self::Sparse(columns) => columns,
            Self::Dense(batch) => batch.columns(),
        }
    }
}

impl Workspace {
    /// Room for networks with these hidden layers, and this activation in them, on this data set,
    /// trained in batches of up to `batch_size`, or of up to all training examples where those are fewer:
    /// with 40 of them [`train_batch`](Self::train_batch) refuses a batch of 64 whatever `batch_size` is.
    ///
    /// Until [`initialize`](Self::initialize) is called all weights are 0.
    ///
    /// # Panics
    /// If so many weights have no addresses.
    #[must_use]
    pub fn new(
        kernels: Kernels,
        dataset: &Dataset,
        hidden: &[usize],
        activation: Activation,
        batch_size: usize,
        input: InputPath,
    ) -> Self {
        let features = dataset.features();
        let widths = [&[features], hidden, &[dataset.classes()]].concat();
        let batch_size = batch_size.min(dataset.train().rows.len());
        let largest_batch = batch_size.max(EVALUATION_BATCH);
        let strides = row_strides(kernels.isa(), &widths, input);
        let mlp = Mlp::zeros(&widths, &strides, activation);
        let input = match input {
            InputPath::Sparse => Input::Sparse(BatchColumns::new(features, batch_size)),
            InputPath::Dense => Input::Dense(DenseBatch::new(features, largest_batch)),
        };
        let layers = mlp.layers();
        let strides = || layers.iter().map(Layer::row_stride);
        let buffer = |batch: usize| move |stride| Buffer::zeros(batch * stride);
        Self {
            kernels,
            input_state: DeferredAdam::new(features, layers[0].row_stride()),
            weight_states: layers[1..]
                .iter()
                .map(|layer| AdamState::zeros(layer.inputs() * layer.row_stride()))
                .collect(),
            bias_states: strides().map(AdamState::zeros).collect(),
            outputs: strides().map(buffer(largest_batch)).collect(),
            gradients: strides()
                .take(hidden.len())
                .map(buffer(batch_size))
                .collect(),
            bias_gradient: Buffer::adam_zeros(AdamArray::Gradient, strides().max().unwrap_or(0)),
            labels: Vec::with_capacity(batch_size),
            batch_size,
            input,
            mlp,
        }
    }

    /// Begins a run: weights from the streams, Adam's state zero.
    pub fn initialize(&mut self, initializer: Initializer, scope: InitScope, streams: Streams) {
        self.mlp.initialize(initializer, scope, streams);
        self.input_state.reset();
        self.weight_states.iter_mut().for_each(AdamState::reset);
        self.bias_states.iter_mut().for_each(AdamState::reset);
        // No product writes the padding of these, but a run that diverged makes NaN of it.
        self.gradients
            .iter_mut()
            .for_each(|gradient| gradient.fill(0.0));
    }

    /// The network, brought up to date.
    pub fn mlp(&mut self) -> &Mlp {
        self.bring_up_to_date();
        &self.mlp
    }

    /// Adam's running mean of the gradient by a layer's weights, inputs×outputs, and by its bias, as far as the
    /// layer's rows have come.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    pub fn mean_gradient(&self, layer: usize) -> (MatRef<'_>, &[f32]) {
        let weights = match layer.checked_sub(1) {
            None => self.input_state.moments().0,
            Some(after) => self.weight_states[after].m(),
        };
        let bias = self.bias_states[layer].m();
        let layer = &self.mlp.layers()[layer];
        (layer.without_padding(weights), &bias[..layer.outputs()])
    }

    /// One step of Adam down the mean cross-entropy of the batch `rows`; what the batch came to
    /// before the step. The rows `next` are those of the batch after it, if it is known: on the sparse path the
    /// memory is asked for them meanwhile. They change no result.
    ///
    /// Without [`initialize`](Self::initialize) before it, it goes on from where the last step left off: at
    /// first from zeros, from which hidden layers learn nothing, as their units stay alike.
    ///
    /// # Panics
    /// If the batch is larger than the workspace, or a row is not in `examples`; those of `next` may go unseen.
    pub fn train_batch(
        &mut self,
        examples: &Examples,
        rows: &[u32],
        next: &[u32],
        step: AdamStep,
    ) -> BatchLoss {
        assert!(
            rows.len() <= self.batch_size,
            "a batch of {} in a workspace for {}",
            rows.len(),
            self.batch_size
        );
        self.input.fill(self.kernels, examples.images(), rows);
        let weights = self.mlp.layers_mut()[0].weights_mut();
        self.kernels
            .catch_up(self.input.columns(), weights, &mut self.input_state);
        self.forward(examples, rows, next);
        let loss = self.loss_gradient(examples, rows);
        self.backward(rows.len(), step);
        loss
    }

    /// Loss, hits and predicted classes of the network as it stands, over a part of a file.
    ///
    /// # Panics
    /// If there is not one prediction per row, or the part is not within its file.
    pub fn evaluate(&mut self, part: &Part<'_>, predictions: &mut [u8]) -> BatchLoss {
        assert_eq!(
            predictions.len(),
            part.rows.len(),
            "one prediction for each row"
        );
        self.bring_up_to_date();
        let mut total = BatchLoss::default();
        let mut start = part.rows.start;
        for predictions in predictions.chunks_mut(EVALUATION_BATCH) {
            let batch = predictions.len();
            let rows: [u32; 2 * EVALUATION_BATCH] = std::array::from_fn(|i| (start + i) as u32);
            let known = rows.len().min(part.rows.end - start);
            let (rows, next) = rows[..known].split_at(batch);
            // The sparse product reads the images where they are.
            if let Input::Dense(input) = &mut self.input {
                input.fill(self.kernels, part.examples.images(), rows);
            }
            self.forward(part.examples, rows, next);
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

    /// The class that the network as it stands sees in each of these images, which lie one after the other
    /// in `pixels`, as large as those that it is trained on.
    ///
    /// # Panics
    /// If `pixels` is no whole number of images.
    #[must_use]
    #[track_caller]
    pub fn predict(&mut self, pixels: &[u8]) -> Vec<u8> {
        let features = self.mlp.layers()[0].inputs();
        assert!(
            pixels.len().is_multiple_of(features),
            "{} bytes are no whole number of images of {features}",
            pixels.len()
        );
        // Any label will do: the loss and the hits by it go nowhere.
        let images = Examples::new(pixels, features, vec![0; pixels.len() / features]);
        let mut predictions = vec![0; images.len()];
        self.evaluate(&images.all(), &mut predictions);
        predictions
    }

    fn bring_up_to_date(&mut self) {
        let weights = self.mlp.layers_mut()[0].weights_mut();
        self.kernels.flush(weights, &mut self.input_state);
    }

    fn classes(&self) -> usize {
        self.mlp.layers().last().map_or(0, Layer::outputs)
    }

    /// Every layer's output for the batch `rows`, with which a dense input was filled; `next` as in `train_batch`.
    fn forward(&mut self, examples: &Examples, rows: &[u32], next: &[u32]) {
        let kernels = self.kernels;
        let batch = rows.len();
        let last = self.mlp.layers().len() - 1;
        for (index, layer) in self.mlp.layers().iter().enumerate() {
            let columns = layer.row_stride();
            let activation = (index != last).then_some(self.mlp.activation());
            let epilogue = match activation {
                Some(activation) => activation.epilogue(layer.padded_bias()),
                None => Epilogue::Bias(layer.padded_bias()),
            };
            let weights = layer.padded_weights();
            let (before, from_here) = self.outputs.split_at_mut(index);
            let output = MatMut::new(&mut from_here[0][..batch * columns], batch, columns);
            match (before.last(), &self.input) {
                (Some(input), _) => {
                    let layer_below = &self.mlp.layers()[index - 1];
                    let input = layer_below.batch_outputs(input, batch);
                    kernels.gemm(input, weights, output, epilogue);
                }
                (None, Input::Sparse(_)) => {
                    let images = examples.images();
                    kernels.sparse_gemm_prefetching(images, rows, next, weights, output, epilogue);
                }
                (None, Input::Dense(batch)) => kernels.dense_gemm(batch, weights, output, epilogue),
            }
            if let Some(activation) = activation {
                activation.finish(kernels, &mut from_here[0][..batch * columns]);
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
    fn backward(&mut self, batch: usize, step: AdamStep) {
        let kernels = self.kernels;
        let activation = self.mlp.activation();
        for index in (0..self.mlp.layers().len()).rev() {
            let (layers_below, layer) = self.mlp.layers_mut().split_at_mut(index);
            let layer = &mut layer[0];
            let columns = layer.row_stride();
            let (below, here) = self.gradients.split_at_mut(index);
            // The output layer has no buffer of its own: its logits hold the gradient.
            let padded_dz = here.first().unwrap_or(&self.outputs[index]);
            let dz = MatRef::new(&padded_dz[..batch * columns], batch, columns);
            let bias_gradient = &mut self.bias_gradient[..columns];
            kernels.column_sums(dz, bias_gradient);
            let moments = self.bias_states[index].moments();
            kernels.adam(step, layer.bias_mut(), moments, bias_gradient);
            if let (Some(below), Some(layer_below)) = (below.last_mut(), layers_below.last()) {
                // Before the weights move.
                let stride = layer_below.row_stride();
                let below = &mut below[..batch * stride];
                let da = MatMut::with_strides(below, batch, layer.inputs(), stride, 1);
                let dz_outputs = layer.batch_outputs(padded_dz, batch);
                kernels.gemm(dz_outputs, layer.weights().t(), da, Epilogue::Store);
                let input = &self.outputs[index - 1][..batch * stride];
                activation.backward(kernels, input, below);
                let input = layer_below.batch_outputs(input, batch).t();
                let moments = self.weight_states[index - 1].moments();
                kernels.gemm_adam(input, dz, step, layer.weights_mut(), moments);
                continue;
            }
            let (weights, state) = (layer.weights_mut(), &mut self.input_state);
            match &self.input {
                Input::Sparse(columns) => {
                    kernels.sparse_tn_adam_deferred(columns, dz, step, weights, state);
                }
                Input::Dense(batch) => {
                    kernels.dense_tn_adam_deferred(batch, dz, step, weights, state);
                }
            }
        }
    }
}
