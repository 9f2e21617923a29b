//! A finished run as the store keeps it and everything after it reads it.

use std::time::Duration;

use engine::train::{Ending, Outcome};

use crate::plan::{Protocol, RunKey, Variant};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// All epochs done.
    Ok,
    /// A loss was not finite in this epoch, from 1.
    Diverged {
        /// The epoch.
        epoch: usize,
    },
    /// Training itself broke off: a fault of the program or the machine and no result, so that the
    /// next sweep tries the run again.
    Failed {
        /// What it broke off with.
        message: String,
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
    /// What was trained.
    pub variant: Variant,
    /// The seed.
    pub seed: u64,
    /// How it ended.
    pub status: Status,
    /// Epochs that were asked for.
    pub epochs_planned: usize,
    /// Test accuracy as a fraction of 1, where the run ended well.
    pub test_accuracy: Option<f64>,
    /// Test loss in nats, where the run ended well.
    pub test_loss: Option<f64>,
    /// Wall time.
    pub seconds: f64,
    /// The instruction set, by its numerics.
    pub isa: String,
    /// The finished epochs, first to last.
    pub epochs: Vec<EpochRecord>,
}

impl Status {
    /// The name under which files know it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Diverged { .. } => "diverged",
            Self::Failed { .. } => "failed",
        }
    }

    /// The epoch in which the run diverged.
    #[must_use]
    pub fn diverged_epoch(&self) -> Option<usize> {
        match self {
            Self::Diverged { epoch } => Some(*epoch),
            Self::Ok | Self::Failed { .. } => None,
        }
    }

    /// What the run broke off with, where it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match self {
            Self::Failed { message } => Some(message),
            Self::Ok | Self::Diverged { .. } => None,
        }
    }
}

impl RunRecord {
    /// The record of an outcome.
    #[must_use]
    pub fn new(protocol: &Protocol, run: RunKey<'_>, outcome: &Outcome) -> Self {
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
            test_accuracy: test.map(|test| test.accuracy),
            test_loss: test.map(|test| test.loss),
            epochs: epochs.collect(),
            ..Self::empty(protocol, run, status, outcome.time)
        }
    }

    /// The record of a run that broke off after `time`.
    #[must_use]
    pub fn failed(protocol: &Protocol, run: RunKey<'_>, message: String, time: Duration) -> Self {
        Self::empty(protocol, run, Status::Failed { message }, time)
    }

    fn empty(protocol: &Protocol, run: RunKey<'_>, status: Status, time: Duration) -> Self {
        Self {
            run_id: protocol.run_id(run),
            dataset: protocol.dataset.clone(),
            variant: run.variant.clone(),
            seed: run.seed,
            status,
            epochs_planned: protocol.epochs,
            test_accuracy: None,
            test_loss: None,
            seconds: time.as_secs_f64(),
            isa: protocol.isa.numerics().to_owned(),
            epochs: Vec::new(),
        }
    }

    /// Whether it is a result: a run that failed is none.
    #[must_use]
    pub fn is_result(&self) -> bool {
        !matches!(self.status, Status::Failed { .. })
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
