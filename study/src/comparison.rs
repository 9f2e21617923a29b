//! From runs to statements: a summary of each initializer, a comparison of each pair.
//!
//! Runs of two initializers are paired by seed. A diverged run is counted and enters no mean.

use std::collections::BTreeMap;

use engine::init::Initializer;

use crate::{
    record::{RunRecord, Status},
    stats::{
        Interval, Undefined, adjust::Adjustment, correlation, describe, effect, mean, superiority,
        t_test,
    },
};

/// Coverage of every interval.
pub const LEVEL: f64 = 0.95;

/// An adjusted p under this is called a difference.
pub const ALPHA: f64 = 0.05;

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

/// The runs of one initializer, by seed.
#[derive(Debug)]
pub struct Group<'a> {
    /// The initializer.
    pub initializer: Initializer,
    runs: BTreeMap<u64, &'a RunRecord>,
}

/// One initializer by one metric.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The metric.
    pub metric: Metric,
    /// The initializer.
    pub initializer: Initializer,
    /// Runs that diverged.
    pub diverged: usize,
    /// The numbers over the runs that did not; why there are none, where all diverged.
    pub values: Result<describe::Summary, Undefined>,
    /// The t interval of the mean.
    pub interval: Result<Interval, Undefined>,
}

/// Two initializers by one metric, paired by seed.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The metric.
    pub metric: Metric,
    /// The first initializer.
    pub a: Initializer,
    /// The second.
    pub b: Initializer,
    /// Seeds under which both ended well.
    pub n: usize,
    /// Mean of a over those seeds.
    pub mean_a: Option<f64>,
    /// Mean of b over those seeds.
    pub mean_b: Option<f64>,
    /// The paired t test of a − b with its interval.
    pub test: Result<t_test::MeanDifference, Undefined>,
    /// p after Holm's adjustment for all pairs of the metric.
    pub p_adjusted: Option<f64>,
    /// Hedges' g of a against b.
    pub effect_size: Result<f64, Undefined>,
    /// Share of seeds under which a is larger, ties half.
    pub prob_superiority: Result<f64, Undefined>,
    /// Correlation of the pairs.
    pub correlation: Result<f64, Undefined>,
}

/// How the p-values of all pairs of a metric are adjusted.
pub const ADJUSTMENT: Adjustment = Adjustment::Holm;

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
}

impl<'a> Group<'a> {
    /// The groups of some runs, in the order in which their initializers first appear.
    #[must_use]
    pub fn of(runs: &'a [RunRecord]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for run in runs {
            let found = groups
                .iter_mut()
                .find(|group| group.initializer == run.initializer);
            match found {
                Some(group) => {
                    group.runs.insert(run.seed, run);
                }
                None => groups.push(Self {
                    initializer: run.initializer,
                    runs: BTreeMap::from([(run.seed, run)]),
                }),
            }
        }
        groups
    }

    /// The numbers of a metric.
    #[must_use]
    pub fn summary(&self, metric: Metric) -> Summary {
        let values: Vec<f64> = self
            .runs
            .values()
            .filter_map(|run| metric.of(run))
            .collect();
        Summary {
            metric,
            initializer: self.initializer,
            diverged: self
                .runs
                .values()
                .filter(|run| run.status != Status::Ok)
                .count(),
            values: describe::summary(&values),
            interval: mean::t_interval(&values, LEVEL),
        }
    }

    /// The values of a metric of both groups, under the seeds where both have one.
    fn paired(&self, other: &Self, metric: Metric) -> (Vec<f64>, Vec<f64>) {
        let pairs = self.runs.iter().filter_map(|(seed, run)| {
            let other = other.runs.get(seed)?;
            Some((metric.of(run)?, metric.of(other)?))
        });
        pairs.unzip()
    }
}

/// All pairs of groups by one metric, their p-values adjusted together.
#[must_use]
pub fn compare_all(groups: &[Group<'_>], metric: Metric) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for (i, a) in groups.iter().enumerate() {
        for b in &groups[i + 1..] {
            comparisons.push(compare(a, b, metric));
        }
    }
    let tested = comparisons.iter().filter_map(|c| c.test.as_ref().ok());
    let p: Vec<f64> = tested.map(|difference| difference.test.p).collect();
    let mut adjusted = ADJUSTMENT.adjust(&p).into_iter();
    for comparison in comparisons.iter_mut().filter(|c| c.test.is_ok()) {
        comparison.p_adjusted = adjusted.next();
    }
    comparisons
}

fn compare(a: &Group<'_>, b: &Group<'_>, metric: Metric) -> Comparison {
    let (of_a, of_b) = a.paired(b, metric);
    let mean = |values: &[f64]| (!values.is_empty()).then(|| describe::mean(values));
    Comparison {
        metric,
        a: a.initializer,
        b: b.initializer,
        n: of_a.len(),
        mean_a: mean(&of_a),
        mean_b: mean(&of_b),
        test: t_test::paired_t(&of_a, &of_b, LEVEL),
        p_adjusted: None,
        effect_size: effect::hedges_g(&of_a, &of_b),
        prob_superiority: superiority::prob_superiority_paired(&of_a, &of_b),
        correlation: correlation::pearson(&of_a, &of_b),
    }
}

impl Comparison {
    /// mean(a) − mean(b), also where there is no test of it.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        match &self.test {
            Ok(difference) => Some(difference.difference),
            Err(_) => Some(self.mean_a? - self.mean_b?),
        }
    }

    /// `different` where the adjusted p is under [`ALPHA`], else `undecided`: that no
    /// difference was found does not say that there is none.
    #[must_use]
    pub fn verdict(&self) -> Option<&'static str> {
        self.p_adjusted
            .map(|p| if p < ALPHA { "different" } else { "undecided" })
    }
}
