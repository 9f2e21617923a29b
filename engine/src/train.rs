//! A run: from a configuration and a seed to what training came to.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use kernels::{BatchLoss, Kernels};

use crate::{
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    input_path::InputPath,
    optim::Adam,
    rng::Streams,
    workspace::Workspace,
};

/// What is the same for all runs of a worker: the network's shape and how it is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainConfig {
    /// Width of each hidden layer, input side first; none makes a linear classifier.
    pub hidden: Vec<usize>,
    /// The activation of the hidden layers.
    pub activation: Activation,
    /// Passes over the training examples, at least 1.
    pub epochs: usize,
    /// Examples per step, at least 1; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// The optimizer.
    pub adam: Adam,
    /// Which layers the initializer under study is given to.
    pub init_scope: InitScope,
    /// How often the training examples are shuffled.
    pub shuffle: Shuffle,
    /// How the first layer reads its input.
    pub input: InputPath,
}

/// How often the training examples are shuffled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shuffle {
    /// Anew for each epoch.
    #[default]
    EachEpoch,
    /// Before the first epoch only: all epochs visit the examples in one order. This is what
    /// Keras 3 on TensorFlow does after `set_random_seed`, because its pipeline draws the same
    /// permutation whenever it is iterated anew.
    Once,
}

impl Shuffle {
    /// The name under which files and flags know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EachEpoch => "each-epoch",
            Self::Once => "once",
        }
    }

    /// The epoch whose shuffle epoch `epoch` uses.
    pub(crate) fn epoch(self, epoch: usize) -> usize {
        match self {
            Self::EachEpoch => epoch,
            Self::Once => 0,
        }
    }
}

/// What one epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochMetrics {
    /// Mean cross-entropy in nats over the epoch's batches, each before its step.
    pub train_loss: f64,
    /// Share of hits over the same batches: the weights change underway.
    pub train_accuracy: f64,
    /// Mean cross-entropy of the validation examples after the epoch.
    pub val_loss: f64,
    /// Share of hits on the validation examples after the epoch.
    pub val_accuracy: f64,
    /// Wall time of the epoch, validation included.
    pub time: Duration,
}

/// The trained network on the test examples.
#[derive(Clone, Debug, PartialEq)]
pub struct TestMetrics {
    /// Mean cross-entropy in nats.
    pub loss: f64,
    /// Share of hits.
    pub accuracy: f64,
    /// The predicted class of each example, in file order.
    pub predictions: Vec<u8>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// All epochs done.
    Finished(TestMetrics),
    /// A loss was not finite in this epoch, from 1; no later metric exists.
    Diverged {
        /// The epoch.
        epoch: usize,
    },
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The finished epochs.
    pub epochs: Vec<EpochMetrics>,
    /// How it ended.
    pub ending: Ending,
    /// Wall time from the first weight drawn to the last test example.
    pub time: Duration,
}

/// The batches of an epoch in this order, the last perhaps smaller, each with the one after it, which after the last
/// is empty.
///
/// # Panics
/// If `batch_size` is 0.
pub fn batches(order: &[u32], batch_size: usize) -> impl ExactSizeIterator<Item = [&[u32]; 2]> {
    let batches = order.chunks(batch_size);
    let mut after = batches.clone().skip(1);
    batches.map(move |rows| [rows, after.next().unwrap_or_default()])
}

/// How an epoch ended.
enum EpochEnd {
    Finished(EpochMetrics),
    /// A loss was not finite.
    Diverged,
    /// Somebody asked for it.
    Stopped,
}

/// One worker's means to train: makes its buffers once, and runs any number of seeds.
#[derive(Debug)]
pub struct Trainer<'d> {
    dataset: &'d Dataset,
    config: TrainConfig,
    workspace: Workspace,
    order: Vec<u32>,
    val_predictions: Vec<u8>,
}

impl<'d> Trainer<'d> {
    /// The means to train networks of `config` on `dataset`.
    ///
    /// # Panics
    /// If epochs or batch size are 0, or one of Adam's numbers is out of its range.
    #[must_use]
    #[track_caller]
    pub fn new(kernels: Kernels, dataset: &'d Dataset, config: TrainConfig) -> Self {
        assert!(
            config.epochs > 0 && config.batch_size > 0,
            "nothing to train: {config:?}"
        );
        config.adam.check();
        let TrainConfig {
            hidden,
            activation,
            batch_size,
            input,
            ..
        } = &config;
        Self {
            dataset,
            workspace: Workspace::new(kernels, dataset, hidden, *activation, *batch_size, *input),
            order: vec![0; dataset.train().rows.len()],
            val_predictions: vec![0; dataset.validation().rows.len()],
            config,
        }
    }

    /// One run: draws the weights, trains all epochs, judges the result. `None` where `stop`
    /// turned true underway: the run is dropped then, within a step.
    pub fn run(
        &mut self,
        initializer: Initializer,
        streams: Streams,
        stop: &AtomicBool,
    ) -> Option<Outcome> {
        let start = Instant::now();
        self.workspace
            .initialize(initializer, self.config.init_scope, streams);
        let mut epochs = Vec::new();
        let mut diverged = None;
        while epochs.len() < self.config.epochs && diverged.is_none() {
            match self.epoch(streams, epochs.len(), stop) {
                EpochEnd::Finished(metrics) => epochs.push(metrics),
                EpochEnd::Diverged => diverged = Some(epochs.len() + 1),
                EpochEnd::Stopped => return None,
            }
        }
        let ending = match diverged {
            Some(epoch) => Ending::Diverged { epoch },
            None => self.test(),
        };
        Some(Outcome {
            epochs,
            ending,
            time: start.elapsed(),
        })
    }

    /// The workspace with the network as the last run left it: to look into it, and to predict.
    pub fn workspace(&mut self) -> &mut Workspace {
        &mut self.workspace
    }

    /// Trains epoch `index`, from 0, and validates.
    fn epoch(&mut self, streams: Streams, index: usize, stop: &AtomicBool) -> EpochEnd {
        let start = Instant::now();
        let train = self.dataset.train();
        streams.batch_order(self.config.shuffle.epoch(index), &mut self.order);
        let mut total = BatchLoss::default();
        let batches = batches(&self.order, self.config.batch_size);
        let first_step = index * batches.len() + 1;
        for (step, [rows, next]) in (first_step..).zip(batches) {
            let step = self.config.adam.step(step);
            let loss = self.workspace.train_batch(train.examples, rows, next, step);
            total.loss += loss.loss;
            total.correct += loss.correct;
            if !total.loss.is_finite() {
                return EpochEnd::Diverged;
            }
            if stop.load(Ordering::Relaxed) {
                return EpochEnd::Stopped;
            }
        }
        let validation = self.dataset.validation();
        let val = self
            .workspace
            .evaluate(&validation, &mut self.val_predictions);
        let (n, n_val) = (self.order.len() as f64, validation.rows.len() as f64);
        if !val.loss.is_finite() {
            return EpochEnd::Diverged;
        }
        EpochEnd::Finished(EpochMetrics {
            train_loss: total.loss / n,
            train_accuracy: total.correct as f64 / n,
            val_loss: val.loss / n_val,
            val_accuracy: val.correct as f64 / n_val,
            time: start.elapsed(),
        })
    }

    fn test(&mut self) -> Ending {
        let test = self.dataset.test();
        let mut predictions = vec![0; test.rows.len()];
        let result = self.workspace.evaluate(&test, &mut predictions);
        if !result.loss.is_finite() {
            return Ending::Diverged {
                epoch: self.config.epochs,
            };
        }
        let n = test.rows.len() as f64;
        Ending::Finished(TestMetrics {
            loss: result.loss / n,
            accuracy: result.correct as f64 / n,
            predictions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_batch_comes_with_the_one_after_it() {
        let order = [7, 5, 3, 1, 0];
        let expected: [[&[u32]; 2]; 3] = [[&[7, 5], &[3, 1]], [&[3, 1], &[0]], [&[0], &[]]];
        assert!(batches(&order, 2).eq(expected));
        assert_eq!(batches(&[], 2).len(), 0);
    }
}
