//! A run's first steps laid open, for others to repeat: weights before and after, the order of
//! the examples, the loss of each step.

use kernels::Kernels;

use crate::{
    dataset::Dataset, init::Initializer, mlp::Mlp, rng::Streams, train::TrainConfig,
    workspace::Workspace,
};

/// What happened in the first steps of a run.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The network before the first step.
    pub initial: Mlp,
    /// The training examples in the order in which the steps visit them, by index in the file.
    pub order: Vec<u32>,
    /// How many of them each step takes.
    pub batch_sizes: Vec<usize>,
    /// The mean cross-entropy of each step's batch before the step, in nats.
    pub losses: Vec<f64>,
    /// The network after the last step.
    pub trained: Mlp,
}

/// Takes the first `steps` steps of the run of `initializer` and `streams`, over as many epochs
/// as that needs.
///
/// # Panics
/// If the batch size is 0, or one of Adam's numbers is out of its range.
#[must_use]
#[track_caller]
pub fn replay(
    kernels: Kernels,
    dataset: &Dataset,
    config: &TrainConfig,
    initializer: Initializer,
    streams: Streams,
    steps: usize,
) -> Replay {
    let TrainConfig {
        hidden,
        activation,
        batch_size,
        adam,
        init_scope,
        shuffle,
        input,
        ..
    } = config;
    assert!(*batch_size > 0, "a batch has an example at least");
    adam.check();
    let mut workspace = Workspace::new(kernels, dataset, hidden, *activation, *batch_size, *input);
    workspace.initialize(initializer, *init_scope, streams);
    let initial = workspace.mlp().clone();
    let examples = dataset.train().examples;
    let mut epoch_order = vec![0; dataset.train().rows.len()];
    let batches = epoch_order.len().div_ceil(*batch_size);
    let (mut order, mut batch_sizes, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for step in 0..steps {
        if step % batches == 0 {
            streams.batch_order(shuffle.epoch(step / batches), &mut epoch_order);
        }
        let start = step % batches * batch_size;
        let rows = &epoch_order[start..epoch_order.len().min(start + batch_size)];
        let loss = workspace.train_batch(examples, rows, &[], adam.step(step + 1));
        losses.push(loss.loss / rows.len() as f64);
        batch_sizes.push(rows.len());
        order.extend_from_slice(rows);
    }
    Replay {
        initial,
        order,
        batch_sizes,
        losses,
        trained: workspace.mlp().clone(),
    }
}
