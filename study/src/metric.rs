//! What is measured on a stored run, and the groups that a sweep's runs make by it.

use std::collections::HashMap;

use engine::init::Initializer;

use crate::{
    comparison::{Group, Predicted, Run},
    record::{RunRecord, Status},
};

/// What is measured on a run. Accuracies are fractions of 1, losses nats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Training accuracy of the first epoch.
    TrainAccuracyFirst,
    /// Training accuracy of the last epoch.
    TrainAccuracyLast,
    /// Validation accuracy after the first epoch.
    ValAccuracyFirst,
    /// Validation accuracy after the last epoch.
    ValAccuracyLast,
    /// Test accuracy of the trained network.
    TestAccuracy,
    /// Test loss of the trained network.
    TestLoss,
}

impl Metric {
    /// All of them, in the order of files and tables.
    pub const ALL: [Self; 6] = [
        Self::TrainAccuracyFirst,
        Self::TrainAccuracyLast,
        Self::ValAccuracyFirst,
        Self::ValAccuracyLast,
        Self::TestAccuracy,
        Self::TestLoss,
    ];

    /// The name under which files and flags know it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TrainAccuracyFirst => "train_accuracy_first",
            Self::TrainAccuracyLast => "train_accuracy_last",
            Self::ValAccuracyFirst => "val_accuracy_first",
            Self::ValAccuracyLast => "val_accuracy_last",
            Self::TestAccuracy => "test_accuracy",
            Self::TestLoss => "test_loss",
        }
    }

    /// The metric of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Its value of a run; none where the run diverged, even if the epoch in question was finished:
    /// a mean over just the runs that lasted would flatter the initializer.
    #[must_use]
    pub fn of(self, run: &RunRecord) -> Option<f64> {
        if run.status != Status::Ok {
            return None;
        }
        let (first, last) = (run.epochs.first(), run.epochs.last());
        match self {
            Self::TrainAccuracyFirst => first.map(|epoch| epoch.train_accuracy),
            Self::TrainAccuracyLast => last.map(|epoch| epoch.train_accuracy),
            Self::ValAccuracyFirst => first.map(|epoch| epoch.val_accuracy),
            Self::ValAccuracyLast => last.map(|epoch| epoch.val_accuracy),
            Self::TestAccuracy => run.test_accuracy,
            Self::TestLoss => run.test_loss,
        }
    }

    /// The groups of some runs by this metric: one for each initializer, in the order in which
    /// they first appear, paired by seed.
    #[must_use]
    pub fn groups(self, runs: &[RunRecord]) -> Vec<Group> {
        let mut by_initializer: Vec<(Initializer, Vec<Run>)> = Vec::new();
        for record in runs {
            let run = Run {
                pair: Some(record.seed),
                value: self.of(record),
            };
            match by_initializer
                .iter_mut()
                .find(|(initializer, _)| *initializer == record.initializer)
            {
                Some((_, runs)) => runs.push(run),
                None => by_initializer.push((record.initializer, vec![run])),
            }
        }
        by_initializer
            .into_iter()
            .map(|(initializer, runs)| Group::new(initializer.to_string(), runs))
            .collect()
    }
}

/// Which test images each run got right, the runs by initializer in the order in which they first
/// appear; runs without predictions, as diverged ones, are left out.
#[must_use]
pub fn correctness(
    runs: &[RunRecord],
    predictions: &HashMap<String, Vec<u8>>,
    labels: &[u8],
) -> Vec<Predicted> {
    let mut groups: Vec<Predicted> = Vec::new();
    for run in runs {
        let label = run.initializer.to_string();
        let index = groups.iter().position(|group| group.label == label);
        let index = index.unwrap_or_else(|| {
            let runs = Vec::new();
            groups.push(Predicted { label, runs });
            groups.len() - 1
        });
        if let Some(classes) = predictions.get(&run.run_id)
            && classes.len() == labels.len()
        {
            let right = classes.iter().zip(labels).map(|(c, l)| c == l).collect();
            groups[index].runs.push((run.seed, right));
        }
    }
    for group in &mut groups {
        group.runs.sort_unstable_by_key(|(seed, _)| *seed);
    }
    groups
}
