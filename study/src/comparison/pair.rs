//! Two groups compared by one metric.

use super::{Design, Group, Settings, Test};
use crate::stats::{
    Interval, TestResult, Undefined,
    aso::{AlmostStochasticOrder, almost_stochastic_order},
    bayes, describe, effect, equivalence, mann_whitney, normality,
    outcome::LARGEST,
    pairing::{PairingBenefit, pairing_benefit},
    permutation,
    sequential::Verdict,
    spread, superiority,
    t_test::{self, MeanDifference},
    two_groups::TwoGroupTest,
    wilcoxon,
};

/// Two groups by one metric.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Index of the first group.
    pub first: usize,
    /// Index of the second.
    pub second: usize,
    /// Name of the first group.
    pub a: String,
    /// Name of the second group.
    pub b: String,
    /// Whether the values were compared pair by pair.
    pub design: Design,
    /// Values of a that were compared.
    pub n_a: usize,
    /// Values of b that were compared.
    pub n_b: usize,
    /// Their mean.
    pub mean_a: Option<f64>,
    /// Their mean.
    pub mean_b: Option<f64>,
    /// mean(a) − mean(b), also where there is no test of it.
    pub difference: Option<f64>,
    /// Interval of mean(a) − mean(b).
    pub interval: Result<Interval, Undefined>,
    /// The method of that interval.
    pub interval_method: &'static str,
    /// The test of no difference.
    pub test: Result<Tested, Undefined>,
    /// Its p after adjustment for all comparisons of the metric.
    pub p_adjusted: Option<f64>,
    /// Hedges' g of a against b.
    pub effect_size: Result<f64, Undefined>,
    /// Its interval.
    pub effect_interval: Result<Interval, Undefined>,
    /// P(A > B) with ties half: over the pairs, or over all pairs of runs.
    pub prob_superiority: Result<f64, Undefined>,
    /// Its interval.
    pub prob_interval: Result<Interval, Undefined>,
    /// Two one-sided tests against the margin, where there is one.
    pub equivalence: Option<Result<equivalence::Equivalence, Undefined>>,
    /// Their p after adjustment for all comparisons of the metric.
    pub p_equivalence_adjusted: Option<f64>,
    /// What is believed of the difference and the margin, where there is one, after pairs.
    pub posterior: Option<Result<bayes::Posterior, Undefined>>,
    /// What pairing achieved, where runs carry pairs.
    pub pairing: Option<Result<PairingBenefit, Undefined>>,
    /// Normality of the paired differences: a diagnostic.
    pub normality: Option<Result<TestResult, Undefined>>,
    /// Equality of the variances, by a test of the design: a diagnostic.
    pub spread: Result<TestResult, Undefined>,
    /// Almost stochastic order of a over b, the values taken as independent, where it is asked for.
    pub aso: Option<Result<AlmostStochasticOrder, Undefined>>,
    /// What is known.
    pub verdict: Option<Verdict>,
}

/// What a test says of a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// The method, as a report prints it.
    pub name: &'static str,
    /// Its statistic.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: Option<f64>,
    /// p before adjustment; none where the test knows only the family's.
    pub p: Option<f64>,
    /// The smallest p that this method can give for this many runs, where that is coarse.
    pub smallest_p: Option<f64>,
}

/// The values of a pair, as the test wants them.
pub(super) struct Values<'a> {
    pub a: &'a [f64],
    pub b: &'a [f64],
}

/// A verdict as files and tables write it.
#[must_use]
pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Different => "different",
        Verdict::Equivalent => "equivalent",
        Verdict::Undecided => "undecided",
    }
}

impl Comparison {
    /// Pairs where it is paired, values of both groups where not.
    #[must_use]
    pub fn n(&self) -> usize {
        match self.design {
            Design::Paired => self.n_a,
            Design::Independent => self.n_a + self.n_b,
        }
    }

    /// p before adjustment.
    #[must_use]
    pub fn p(&self) -> Option<f64> {
        self.test.as_ref().ok().and_then(|test| test.p)
    }
}

/// Compares two groups, `values` being theirs as the settings' test wants them. Whatever needs the
/// family is left open: adjusted p-values, the verdict, the test where it is a simultaneous one.
pub(super) fn compare(
    (first, a): (usize, &Group),
    (second, b): (usize, &Group),
    values: Values<'_>,
    settings: &Settings,
) -> Comparison {
    let (design, level) = (settings.design(), settings.level());
    let Values { a: of_a, b: of_b } = values;
    // Beyond what the tests take, a sum might not be finite.
    let mean = |values: &[f64]| {
        let is_tested = values.iter().all(|value| value.abs() <= LARGEST);
        (is_tested && !values.is_empty()).then(|| describe::mean(values))
    };
    let pairs = settings.pairs.then(|| match design {
        Design::Paired => (of_a.to_vec(), of_b.to_vec()),
        Design::Independent => a.paired_with(b),
    });
    let by_mean = mean_difference(of_a, of_b, settings);
    let (prob_superiority, prob_interval) = superiority(of_a, of_b, design, level);
    let (mean_a, mean_b) = (mean(of_a), mean(of_b));
    Comparison {
        first,
        second,
        a: a.label.clone(),
        b: b.label.clone(),
        design,
        n_a: of_a.len(),
        n_b: of_b.len(),
        mean_a,
        mean_b,
        difference: match &by_mean {
            Ok(by_mean) => Some(by_mean.difference),
            Err(_) => mean_a.zip(mean_b).map(|(a, b)| a - b),
        },
        interval: by_mean.as_ref().map(|d| d.interval).map_err(|e| *e),
        interval_method: match (design, settings.test) {
            (Design::Paired, _) => "paired t",
            (Design::Independent, Test::TwoGroups(TwoGroupTest::PooledT)) => "pooled t",
            (Design::Independent, _) => "Welch t",
        },
        test: test(of_a, of_b, by_mean, settings),
        p_adjusted: None,
        effect_size: effect::hedges_g(of_a, of_b),
        effect_interval: match design {
            Design::Paired => effect::paired_g_interval(of_a, of_b, level),
            Design::Independent => effect::hedges_g_interval(of_a, of_b, level),
        },
        prob_superiority,
        prob_interval,
        equivalence: settings.margin.map(|margin| match design {
            Design::Paired => equivalence::tost_paired(of_a, of_b, margin, settings.alpha),
            Design::Independent => equivalence::tost_welch(of_a, of_b, margin, settings.alpha),
        }),
        p_equivalence_adjusted: None,
        posterior: settings
            .margin
            .filter(|_| design == Design::Paired)
            .map(|margin| bayes::paired_posterior(of_a, of_b, margin, level)),
        pairing: pairs.map(|(a, b)| pairing_benefit(&a, &b, level)),
        normality: (design == Design::Paired).then(|| normality::shapiro_wilk_paired(of_a, of_b)),
        spread: match design {
            Design::Paired => spread::pitman_morgan(of_a, of_b),
            Design::Independent => spread::brown_forsythe(&[of_a, of_b]),
        },
        aso: settings
            .aso
            .then(|| almost_stochastic_order(of_a, of_b, settings.alpha, settings.resampling)),
        verdict: None,
    }
}

/// The t test whose interval goes with the difference, whatever the main test.
fn mean_difference(a: &[f64], b: &[f64], settings: &Settings) -> Result<MeanDifference, Undefined> {
    match (settings.design(), settings.test) {
        (Design::Paired, _) => t_test::paired_t(a, b, settings.level()),
        (Design::Independent, Test::TwoGroups(TwoGroupTest::PooledT)) => {
            t_test::pooled_t(a, b, settings.level())
        }
        (Design::Independent, _) => t_test::welch_t(a, b, settings.level()),
    }
}

fn test(
    a: &[f64],
    b: &[f64],
    by_mean: Result<MeanDifference, Undefined>,
    settings: &Settings,
) -> Result<Tested, Undefined> {
    let with_smallest = |test, smallest_p| Tested {
        smallest_p: Some(smallest_p),
        ..Tested::from(test)
    };
    let Test::TwoGroups(test) = settings.test else {
        return by_mean.map(|result| Tested::from(result.test));
    };
    match test {
        TwoGroupTest::PairedT | TwoGroupTest::Welch | TwoGroupTest::PooledT => {
            by_mean.map(|result| Tested::from(result.test))
        }
        TwoGroupTest::Wilcoxon => {
            wilcoxon::signed_rank(a, b).map(|result| with_smallest(result.test, result.smallest_p))
        }
        TwoGroupTest::MannWhitney => {
            mann_whitney::rank_sum(a, b).map(|result| with_smallest(result.test, result.smallest_p))
        }
        TwoGroupTest::SignFlip => permutation::sign_flip(a, b, settings.resampling)
            .map(|result| with_smallest(result.test, result.smallest_p)),
        TwoGroupTest::Permutation => permutation::label_permutation(a, b, settings.resampling)
            .map(|result| with_smallest(result.test, result.smallest_p)),
    }
}

fn superiority(
    a: &[f64],
    b: &[f64],
    design: Design,
    level: f64,
) -> (Result<f64, Undefined>, Result<Interval, Undefined>) {
    match design {
        Design::Paired => (
            superiority::prob_superiority_paired(a, b),
            superiority::prob_superiority_paired_interval(a, b, level),
        ),
        Design::Independent => match superiority::dominance(a, b, level) {
            Ok(dominance) => (
                Ok(dominance.probability),
                Ok(dominance.probability_interval),
            ),
            Err(why) => (superiority::prob_superiority(a, b), Err(why)),
        },
    }
}

impl From<TestResult> for Tested {
    fn from(test: TestResult) -> Self {
        Self {
            name: test.name,
            statistic: test.statistic,
            df: test.df,
            p: Some(test.p),
            smallest_p: None,
        }
    }
}
