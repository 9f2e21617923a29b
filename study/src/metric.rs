//! What is measured on a stored run, and the groups that a sweep's runs make by it.

use std::collections::HashMap;

use crate::{
    comparison::{Group, Predicted, Run},
    plan::{Variant, labels},
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

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::TrainAccuracyFirst => "training accuracy of the first epoch",
            Self::TrainAccuracyLast => "training accuracy of the last epoch",
            Self::ValAccuracyFirst => "validation accuracy after the first epoch",
            Self::ValAccuracyLast => "validation accuracy after the last epoch",
            Self::TestAccuracy => "test accuracy",
            Self::TestLoss => "test loss",
        }
    }

    /// Whether it is a loss, in nats and better the smaller it is; an accuracy otherwise.
    #[must_use]
    pub fn is_loss(self) -> bool {
        matches!(self, Self::TestLoss)
    }

    /// What makes its values those that people read: percent of accuracies, nats of losses.
    #[must_use]
    pub fn factor(self) -> f64 {
        if self.is_loss() { 1.0 } else { 100.0 }
    }

    /// The unit of those.
    #[must_use]
    pub fn unit(self) -> &'static str {
        if self.is_loss() { "nats" } else { "%" }
    }

    /// The unit of their differences.
    #[must_use]
    pub fn difference_unit(self) -> &'static str {
        if self.is_loss() {
            "nats"
        } else {
            "percentage points"
        }
    }

    /// A margin as it was stated, in the unit in which people read differences.
    #[must_use]
    pub fn margin_words(self, margin: f64) -> String {
        let scaled = self.factor() * margin;
        // The product with 100 may carry the rounding of binary fractions: 0.07 becomes 7.000…01.
        let rounded = (scaled * 1e9).round() / 1e9;
        let value = if rounded == 0.0 { scaled } else { rounded };
        let unit = match self.is_loss() {
            true => "nats",
            false if value == 1.0 => "point",
            false => "points",
        };
        format!("{value} {unit}")
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

    /// The groups of some runs by this metric: one for each variant, in the order in which they
    /// first appear, paired by seed. Runs that failed are no results and in no group.
    #[must_use]
    pub fn groups(self, runs: &[RunRecord]) -> Vec<Group> {
        let by_variant = by_variant(runs);
        let group = |(label, runs): (String, Vec<&RunRecord>)| self.group(label, &runs);
        by_variant.into_iter().map(group).collect()
    }

    /// One group of some runs.
    #[must_use]
    pub fn group(self, label: String, runs: &[&RunRecord]) -> Group {
        let run = |record: &&RunRecord| Run {
            pair: Some(record.seed),
            value: self.of(record),
        };
        Group::new(label, runs.iter().map(run).collect())
    }
}

/// The results among some runs by variant, in the order in which the variants first appear, each
/// with its label.
#[must_use]
pub fn by_variant(runs: &[RunRecord]) -> Vec<(String, Vec<&RunRecord>)> {
    let mut variants: Vec<Variant> = Vec::new();
    let mut members: Vec<Vec<&RunRecord>> = Vec::new();
    for run in runs.iter().filter(|run| run.is_result()) {
        // A run is most often of the variant before.
        let index = variants.iter().rposition(|variant| *variant == run.variant);
        let index = index.unwrap_or_else(|| {
            variants.push(run.variant.clone());
            members.push(Vec::new());
            variants.len() - 1
        });
        members[index].push(run);
    }
    labels(&variants).into_iter().zip(members).collect()
}

/// Which test images each run got right, the runs by variant in the order in which they first
/// appear; runs without predictions, as diverged ones, are left out.
#[must_use]
pub fn correctness(
    runs: &[RunRecord],
    predictions: &HashMap<String, Vec<u8>>,
    labels: &[u8],
) -> Vec<Predicted> {
    let right = |run: &&RunRecord| {
        let classes = predictions.get(&run.run_id)?;
        let right = classes.iter().zip(labels).map(|(c, l)| c == l);
        (classes.len() == labels.len()).then(|| (run.seed, right.collect()))
    };
    let group = |(label, runs): (String, Vec<&RunRecord>)| {
        let mut runs: Vec<_> = runs.iter().filter_map(right).collect();
        runs.sort_unstable_by_key(|(seed, _)| *seed);
        Predicted { label, runs }
    };
    by_variant(runs).into_iter().map(group).collect()
}
