//! From values to statements: a summary of each group, a comparison of each pair, tests of all
//! groups together. The one way from runs to everything that reports and files say of them.
//!
//! Groups are known by a label and nothing else: here they are no initializers, and a metric is a
//! name. Runs of two groups with the same pair (a seed, as a rule) are paired. A run without a
//! finite value is counted and enters no mean.

mod critical_difference;
mod crossed;
mod family;
mod group;
mod omnibus;
mod pair;
mod settling;
mod test;

pub use critical_difference::{Best, CriticalDifference, MeanRank, critical_difference};
pub use crossed::{Crossed, Predicted, crossed};
pub use group::{Group, Run, Summary};
pub use omnibus::Omnibus;
pub use pair::{Comparison, Tested, verdict_name};
pub use settling::{Settling, SettlingPair, settling};
pub use test::{Design, SettingsError, Test};

use crate::stats::{adjust::Adjustment, resample::Resampling};

/// How groups are compared. Fixed before the values are looked at.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The test of each pair.
    pub test: Test,
    /// Whether runs carry pairs.
    pub pairs: bool,
    /// How the p-values of all pairs of a metric are adjusted, where the test does not do it.
    pub adjustment: Adjustment,
    /// Index of the group that all others are compared with; none for all pairs.
    pub control: Option<usize>,
    /// Equivalence margin in the metric's unit.
    pub margin: Option<f64>,
    /// Level α of the tests; intervals cover 1 − α.
    pub alpha: f64,
    /// How bootstrap intervals and permutation tests resample.
    pub resampling: Resampling,
    /// Whether almost stochastic order is asked for, which resamples every pair.
    pub aso: bool,
}

/// More pairs of groups than this are not compared with one another: nobody reads them, and their
/// number grows with the square of the groups'.
pub const MOST_PAIRS: usize = 20_000;

/// Everything that is said of one metric.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The metric.
    pub metric: String,
    /// The margin of its tests of equivalence, where there is one.
    pub margin: Option<f64>,
    /// A summary of each group.
    pub summaries: Vec<Summary>,
    /// Each pair, or each group against the control; none where there are too many
    /// ([`Settings::too_many_pairs`]).
    pub comparisons: Vec<Comparison>,
    /// Tests of all groups together.
    pub omnibus: Vec<Omnibus>,
}

impl Analysis {
    /// Comparisons that have a p: those that the adjustment was made for.
    #[must_use]
    pub fn tested(&self) -> usize {
        let tested = |c: &&Comparison| c.p_adjusted.is_some();
        self.comparisons.iter().filter(tested).count()
    }
}

impl Settings {
    /// Paired by seed: paired t tests of all pairs, Holm's adjustment, α = 0.05.
    #[must_use]
    pub fn paired() -> Self {
        Self {
            test: Test::auto(true),
            pairs: true,
            adjustment: Adjustment::Holm,
            control: None,
            margin: None,
            alpha: 0.05,
            resampling: Resampling::new(0),
            aso: false,
        }
    }

    /// Coverage of every interval.
    #[must_use]
    pub fn level(&self) -> f64 {
        1.0 - self.alpha
    }

    /// Whether the test compares runs pair by pair.
    #[must_use]
    pub fn design(&self) -> Design {
        self.test.design()
    }

    /// Why so many groups are not compared pair by pair, where they are too many.
    #[must_use]
    pub fn too_many_pairs(&self, groups: usize) -> Option<String> {
        let pairs = groups * groups.saturating_sub(1) / 2;
        (self.control.is_none() && pairs > MOST_PAIRS).then(|| {
            format!(
                "{groups} groups make {pairs} pairs, and {MOST_PAIRS} is the most that are compared; name the one group to compare all others with by --control"
            )
        })
    }

    /// The adjustment's name; the test's own where that adjusts.
    #[must_use]
    pub fn adjustment_name(&self) -> &'static str {
        if self.test.is_simultaneous() {
            self.test.name()
        } else {
            self.adjustment.name()
        }
    }
}

/// Compares `groups` by a metric.
#[must_use]
pub fn analyze(metric: &str, groups: &[Group], settings: &Settings) -> Analysis {
    let too_many = settings.too_many_pairs(groups.len()).is_some();
    let comparisons = if too_many {
        Vec::new()
    } else {
        family::compare_all(groups, settings)
    };
    let mut summaries = group::summaries(groups, settings);
    if settings.control.is_none() && !too_many {
        omnibus::assign_letters(&mut summaries, &comparisons, settings.alpha);
    }
    Analysis {
        metric: metric.to_owned(),
        margin: settings.margin,
        summaries,
        comparisons,
        omnibus: omnibus::tests(groups, settings),
    }
}
