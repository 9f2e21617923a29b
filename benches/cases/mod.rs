//! Training steps of one architecture, each at its least time of many rounds.

use std::time::Instant;

use engine::{
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    input_path::InputPath,
    optim::Adam,
    rng::Streams,
    train::batches,
    workspace::Workspace,
};
use kernels::Kernels;

/// What is trained, and how long each step took at least.
pub struct Case {
    batch: usize,
    workspace: Workspace,
    /// Seconds.
    least: Vec<f64>,
}

impl Case {
    pub fn new(
        kernels: Kernels,
        dataset: &Dataset,
        hidden: &[usize],
        batch: usize,
        input: InputPath,
    ) -> Self {
        Self {
            batch,
            workspace: Workspace::new(kernels, dataset, hidden, Activation::Relu, batch, input),
            least: Vec::new(),
        }
    }

    /// Trains on these examples, the same in every round, from the beginning.
    pub fn round(&mut self, dataset: &Dataset, order: &[u32]) {
        let (workspace, examples) = (&mut self.workspace, dataset.train().examples);
        workspace.initialize(Initializer::HeNormal, InitScope::Hidden, Streams::new(0));
        let steps = order.len() / self.batch;
        self.least.resize(steps, f64::INFINITY);
        let batches = batches(&order[..steps * self.batch], self.batch);
        for ((t, [rows, next]), least) in (1..).zip(batches).zip(&mut self.least) {
            let start = Instant::now();
            workspace.train_batch(examples, rows, next, Adam::default().step(t));
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }

    /// Time of a step, the mean of the least times of all.
    pub fn seconds(&self) -> f64 {
        self.least.iter().sum::<f64>() / self.least.len() as f64
    }
}
