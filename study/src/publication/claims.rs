//! The paper's claims, and what our runs say of each.
//!
//! Every verdict follows from a rule that [`Claim::requirement`] writes out. All of them rest on the
//! comparisons of `comparison`: paired by seed, six pairs of four initializers, p adjusted by Holm.
//! A pair counts as
//!
//! - *higher* or *lower* where the adjusted p of no difference is at most α,
//! - *alike* where it is not, and the adjusted p of the two one-sided tests against the margin is:
//!   whatever difference there may be is too small to matter,
//! - *open* otherwise.
//!
//! The claims that name an order do not say by how much. A significant difference in the claimed
//! direction is given to the paper even where it is smaller than the margin, and only one in the other
//! direction refutes an order: two that are alike may still stand in it, by less than matters. The two
//! claims that the choice matters at all, sensitivity and convergence, are about size: there,
//! differences known to be within the margin contradict, however significant.

use super::{single_run::SingleRun, table::TABLE};
use crate::{
    comparison::{Analysis, Comparison, Omnibus, Settings},
    metric::Metric,
    stats::{Interval, Undefined, pairwise::pairs},
};

/// A claim of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Glorot uniform has the highest test accuracy.
    GlorotHighest,
    /// The ranking by test accuracy.
    Ranking,
    /// He normal is nearly as good as Glorot uniform.
    HeNearlyAsGood,
    /// The network is sensitive to the initializer.
    Sensitive,
    /// The initializers differ in convergence.
    Convergence,
    /// One run of each is enough to rank them: not stated, but what the table does.
    OneRunEnough,
}

/// What our runs say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They show it.
    Supported,
    /// They neither show nor refute it.
    NotSupported,
    /// They refute it.
    Contradicted,
}

/// A claim judged.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The claim.
    pub claim: Claim,
    /// The verdict, or why there is none.
    pub verdict: Result<Verdict, String>,
}

/// What is judged from.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// Analyses of the four initializers by metric.
    pub analyses: &'a [Analysis],
    /// What single runs would have printed, or why it was not counted.
    pub single_run: Result<&'a SingleRun, Undefined>,
    /// How initializers were compared; with a margin.
    pub settings: &'a Settings,
    /// Its margin.
    pub margin: f64,
}

/// How two means stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The first is significantly higher.
    Higher,
    /// It is significantly lower.
    Lower,
    /// They are equivalent within the margin.
    Alike,
    /// Neither is known.
    Open,
}

/// What convergence is judged by.
pub const CONVERGENCE: [Metric; 2] = [Metric::TrainAccuracyFirst, Metric::ValAccuracyFirst];

/// Two rows of the table compared, in the order asked for.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Row of the first.
    pub a: usize,
    /// Row of the second.
    pub b: usize,
    /// Mean of a less mean of b.
    pub difference: f64,
    /// Its interval.
    pub interval: Interval,
    /// Adjusted p of no difference.
    pub p: f64,
    /// Adjusted p of two one-sided tests against the margin.
    pub p_equivalence: f64,
}

impl Claim {
    /// All of them, in the order of the paper.
    pub const ALL: [Self; 6] = [
        Self::GlorotHighest,
        Self::Ranking,
        Self::HeNearlyAsGood,
        Self::Sensitive,
        Self::Convergence,
        Self::OneRunEnough,
    ];

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GlorotHighest => "glorot_highest",
            Self::Ranking => "ranking",
            Self::HeNearlyAsGood => "he_nearly_as_good",
            Self::Sensitive => "sensitive",
            Self::Convergence => "convergence",
            Self::OneRunEnough => "one_run_enough",
        }
    }

    /// The claim in a sentence.
    #[must_use]
    pub fn statement(self) -> &'static str {
        match self {
            Self::GlorotHighest => "Glorot uniform gives the highest test accuracy.",
            Self::Ranking => {
                "Test accuracy ranks Glorot uniform > He normal > random uniform > random normal."
            }
            Self::HeNearlyAsGood => "He normal is nearly as effective as Glorot uniform.",
            Self::Sensitive => "Test accuracy is sensitive to the initialization method.",
            Self::Convergence => "The initialization methods differ in speed of convergence.",
            Self::OneRunEnough => {
                "One run of each initializer is enough to rank them (implied, not stated)."
            }
        }
    }

    /// What each verdict takes.
    #[must_use]
    pub fn requirement(self, settings: &Settings, margin: f64) -> String {
        let alpha = settings.alpha;
        let margin = Metric::TestAccuracy.margin_words(margin);
        match self {
            Self::GlorotHighest => format!(
                "Supported if its mean is significantly higher (p ≤ {alpha} after Holm's adjustment over the six pairs) than each of the other three; contradicted if any of the three is significantly higher. Equivalence within {margin} does not refute an order: it says that a lead, if there is one, is less."
            ),
            Self::Ranking => format!(
                "Supported if all six pairs differ significantly in the stated order (adjusted p ≤ {alpha}); contradicted if any pair differs significantly in the other order. Equivalence within {margin} does not refute an order."
            ),
            Self::HeNearlyAsGood => format!(
                "Supported if the two are equivalent within {margin} (two one-sided tests, adjusted p ≤ {alpha}); contradicted if they differ significantly and the whole interval of the difference lies beyond {margin}."
            ),
            Self::Sensitive => format!(
                "Contradicted if all six pairs are equivalent within {margin} in test accuracy (adjusted p ≤ {alpha}); else supported if the test of all four together rejects (repeated-measures ANOVA in blocks of one seed, Greenhouse and Geisser's correction, p ≤ {alpha})."
            ),
            Self::Convergence => "By training and by validation accuracy of the first epoch, each as for sensitivity, the two tests of all four together adjusted by Holm: supported if one of them is, contradicted if both are.".to_owned(),
            Self::OneRunEnough => "Supported if more than half of all combinations of one run of each print one and the same ranking, with the whole interval above one half; contradicted if the whole interval of the most frequent ranking lies below.".to_owned(),
        }
    }
}

impl Verdict {
    /// The verdict as files and tables write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not supported",
            Self::Contradicted => "contradicted",
        }
    }
}

impl Grounds<'_> {
    /// The analysis of a metric.
    #[must_use]
    pub fn analysis(&self, metric: Metric) -> Option<&Analysis> {
        self.analyses.iter().find(|a| a.metric == metric.name())
    }

    /// Two rows by a metric.
    ///
    /// # Errors
    /// Why they were not compared.
    pub fn pair(&self, metric: Metric, a: usize, b: usize) -> Result<Pair, String> {
        let names = (TABLE[a].initializer, TABLE[b].initializer);
        let missing = || {
            format!(
                "{} and {} were not compared: one of them has no run",
                names.0, names.1
            )
        };
        let analysis = self.analysis(metric).ok_or_else(missing)?;
        let is = |c: &&Comparison| (c.a.as_str(), c.b.as_str()) == names;
        let is_reverse = |c: &&Comparison| (c.b.as_str(), c.a.as_str()) == names;
        let comparisons = analysis.comparisons.iter();
        let (c, sign) = match comparisons.clone().find(is) {
            Some(found) => (found, 1.0),
            None => (
                comparisons.clone().find(is_reverse).ok_or_else(missing)?,
                -1.0,
            ),
        };
        let why = |reason: &Undefined| {
            format!("{} and {} cannot be compared: {reason}", names.0, names.1)
        };
        let interval = c.interval.as_ref().map_err(why)?;
        let unequal = |p: Option<f64>| p.ok_or_else(missing);
        let ends = [sign * interval.low, sign * interval.high];
        Ok(Pair {
            a,
            b,
            difference: sign * c.difference.ok_or_else(missing)?,
            interval: Interval {
                low: ends[0].min(ends[1]),
                high: ends[0].max(ends[1]),
                level: interval.level,
            },
            p: unequal(c.p_adjusted)?,
            p_equivalence: unequal(c.p_equivalence_adjusted)?,
        })
    }

    /// Some pairs by test accuracy.
    #[must_use]
    pub fn pairs(&self, rows: impl Iterator<Item = (usize, usize)>) -> Vec<Result<Pair, String>> {
        let compare = |(a, b)| self.pair(Metric::TestAccuracy, a, b);
        rows.map(compare).collect()
    }

    /// How the rows of a pair stand to each other.
    #[must_use]
    pub fn standing(&self, pair: &Pair) -> Standing {
        let alpha = self.settings.alpha;
        if pair.p <= alpha && pair.difference > 0.0 {
            Standing::Higher
        } else if pair.p <= alpha {
            Standing::Lower
        } else if pair.p_equivalence <= alpha {
            Standing::Alike
        } else {
            Standing::Open
        }
    }

    /// The test of all four together that decides, and its p.
    pub(super) fn omnibus(&self, metric: Metric) -> Result<(&Omnibus, f64), String> {
        let analysis = self.analysis(metric);
        let omnibus = analysis.and_then(|a| a.omnibus.first());
        let omnibus = omnibus.ok_or("there is no test of all four together")?;
        match &omnibus.result {
            Ok(result) => Ok((omnibus, result.p)),
            Err(why) => Err(format!("the four cannot be tested together: {why}")),
        }
    }
}

/// Every pair of some rows, the earlier one first.
pub fn pairs_of(rows: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    pairs(rows.len()).map(|(i, j)| (rows[i], rows[j]))
}
