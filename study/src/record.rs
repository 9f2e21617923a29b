//! A finished run as the store keeps it and everything after it reads it.

use engine::{
    init::Initializer,
    train::{Ending, Outcome},
};

use crate::plan::{ACTIVATION, Protocol, hidden_text};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All epochs done.
    Ok,
    /// A loss was not finite in this epoch, from 1.
    Diverged {
        /// The epoch.
        epoch: usize,
    },
}

/// What one epoch came to, accuracies as fractions of 1, losses in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochRecord {
    /// Loss over the epoch's batches, each before its step.
    pub train_loss: f64,
    /// Accuracy over the same batches.
    pub train_accuracy: f64,
    /// Validation loss after the epoch.
    pub val_loss: f64,
    /// Validation accuracy after the epoch.
    pub val_accuracy: f64,
    /// Wall time.
    pub seconds: f64,
}

/// A finished run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its identity.
    pub run_id: String,
    /// Name of the data set.
    pub dataset: String,
    /// The initializer under study.
    pub initializer: Initializer,
    /// Which layers it was given to.
    pub init_scope: String,
    /// The seed.
    pub seed: u64,
    /// How it ended.
    pub status: Status,
    /// Widths of the hidden layers.
    pub hidden: String,
    /// Their activation.
    pub activation: String,
    /// Epochs that were asked for.
    pub epochs_planned: usize,
    /// Examples per step.
    pub batch_size: usize,
    /// Adam's α.
    pub learning_rate: f64,
    /// Test accuracy as a fraction of 1, where the run ended well.
    pub test_accuracy: Option<f64>,
    /// Test loss in nats, where the run ended well.
    pub test_loss: Option<f64>,
    /// Wall time.
    pub seconds: f64,
    /// The instruction set.
    pub isa: String,
    /// The finished epochs, first to last.
    pub epochs: Vec<EpochRecord>,
}

impl Status {
    /// The name under which files know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Diverged { .. } => "diverged",
        }
    }

    /// The epoch in which the run diverged.
    #[must_use]
    pub fn diverged_epoch(self) -> Option<usize> {
        match self {
            Self::Ok => None,
            Self::Diverged { epoch } => Some(epoch),
        }
    }
}

impl RunRecord {
    /// The record of an outcome.
    #[must_use]
    pub fn new(
        protocol: &Protocol,
        initializer: Initializer,
        seed: u64,
        outcome: &Outcome,
    ) -> Self {
        let epochs = outcome.epochs.iter().map(|epoch| EpochRecord {
            train_loss: epoch.train_loss,
            train_accuracy: epoch.train_accuracy,
            val_loss: epoch.val_loss,
            val_accuracy: epoch.val_accuracy,
            seconds: epoch.time.as_secs_f64(),
        });
        let (status, test) = match &outcome.ending {
            Ending::Finished(test) => (Status::Ok, Some(test)),
            Ending::Diverged { epoch } => (Status::Diverged { epoch: *epoch }, None),
        };
        Self {
            run_id: protocol.run_id(initializer, seed),
            dataset: protocol.dataset.clone(),
            initializer,
            init_scope: protocol.config.init_scope.name().to_owned(),
            seed,
            status,
            hidden: hidden_text(&protocol.config.hidden),
            activation: ACTIVATION.to_owned(),
            epochs_planned: protocol.config.epochs,
            batch_size: protocol.config.batch_size,
            learning_rate: protocol.config.adam.learning_rate,
            test_accuracy: test.map(|test| test.accuracy),
            test_loss: test.map(|test| test.loss),
            seconds: outcome.time.as_secs_f64(),
            isa: protocol.isa.name().to_owned(),
            epochs: epochs.collect(),
        }
    }
}

/// The predicted classes of the test examples, where the run ended well.
#[must_use]
pub fn predictions(outcome: &Outcome) -> Option<&[u8]> {
    match &outcome.ending {
        Ending::Finished(test) => Some(&test.predictions),
        Ending::Diverged { .. } => None,
    }
}
