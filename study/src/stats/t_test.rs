//! Student's t tests for a difference of means, with intervals: paired, Welch, pooled.

use super::describe::{Differences, is_constant, mean, variance};
use super::dist::student;
use super::outcome::{Interval, TestResult, Undefined, check, check_level};

/// A difference of means with its test against zero and its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanDifference {
    /// Two-sided test of no difference.
    pub test: TestResult,
    /// mean(a) − mean(b).
    pub difference: f64,
    /// Interval for the difference.
    pub interval: Interval,
}

/// A difference, its standard error and the degrees of freedom: what every t procedure needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    pub difference: f64,
    pub standard_error: f64,
    pub df: f64,
}

impl Estimate {
    /// From paired samples.
    pub fn paired(a: &[f64], b: &[f64]) -> Result<Self, Undefined> {
        let d = Differences::new(a, b, 2)?;
        d.require_variation()?;
        let n = d.values.len() as f64;
        Ok(Self {
            difference: mean(&d.values),
            standard_error: (variance(&d.values) / n).sqrt(),
            df: n - 1.0,
        })
    }

    /// From independent samples of unequal variances, degrees of freedom by Satterthwaite (1946).
    pub fn welch(a: &[f64], b: &[f64]) -> Result<Self, Undefined> {
        require_two_samples(a, b)?;
        let (na, nb) = (a.len() as f64, b.len() as f64);
        let (va, vb) = (variance(a) / na, variance(b) / nb);
        // Shares of the variance rather than variances: squares of 1e-160 would underflow.
        let (share_a, share_b) = (va / (va + vb), vb / (va + vb));
        Ok(Self {
            difference: difference_of_means(a, b),
            standard_error: (va + vb).sqrt(),
            df: 1.0 / (share_a * share_a / (na - 1.0) + share_b * share_b / (nb - 1.0)),
        })
    }

    /// From independent samples of one variance.
    pub fn pooled(a: &[f64], b: &[f64]) -> Result<Self, Undefined> {
        require_two_samples(a, b)?;
        let (na, nb) = (a.len() as f64, b.len() as f64);
        let df = na + nb - 2.0;
        let pooled = ((na - 1.0) * variance(a) + (nb - 1.0) * variance(b)) / df;
        Ok(Self {
            difference: difference_of_means(a, b),
            standard_error: (pooled * (1.0 / na + 1.0 / nb)).sqrt(),
            df,
        })
    }

    fn test(self, name: &'static str, level: f64) -> MeanDifference {
        let statistic = self.difference / self.standard_error;
        let p = 2.0 * student::sf(statistic.abs(), self.df);
        MeanDifference {
            test: TestResult::new(name, statistic, p).df(self.df),
            difference: self.difference,
            interval: self.interval(level),
        }
    }

    pub fn interval(self, level: f64) -> Interval {
        let t = student::upper_quantile((1.0 - level) / 2.0, self.df);
        Interval::around(self.difference, t * self.standard_error, level)
    }
}

/// mean(a) − mean(b), both from the first value on: of means each rounded to its own last place the difference of two
/// that are large and close would be mostly rounding. Zero where it is nothing else.
fn difference_of_means(a: &[f64], b: &[f64]) -> f64 {
    let from_first = |values: &[f64]| mean(&values.iter().map(|v| v - a[0]).collect::<Vec<_>>());
    let difference = from_first(a) - from_first(b);
    let largest = a.iter().chain(b).fold(0.0_f64, |m, v| m.max(v.abs()));
    // Equal on the grid that the values came from.
    if difference.abs() <= 4.0 * f64::EPSILON * largest {
        0.0
    } else {
        difference
    }
}

/// At least two finite values in each sample, not both constant.
pub(crate) fn require_two_samples(a: &[f64], b: &[f64]) -> Result<(), Undefined> {
    check(a, 2)?;
    check(b, 2)?;
    match is_constant(a, 0.0) && is_constant(b, 0.0) {
        true if a[0] == b[0] => Err(Undefined::NoVariation),
        true => Err(Undefined::NoError),
        false => Ok(()),
    }
}

/// Paired t test: one-sample test of the differences a − b, index by index.
pub fn paired_t(a: &[f64], b: &[f64], level: f64) -> Result<MeanDifference, Undefined> {
    check_level(level)?;
    Ok(Estimate::paired(a, b)?.test("paired t", level))
}

/// Welch's t test for independent samples of possibly unequal variances (Welch 1947).
pub fn welch_t(a: &[f64], b: &[f64], level: f64) -> Result<MeanDifference, Undefined> {
    check_level(level)?;
    Ok(Estimate::welch(a, b)?.test("Welch t", level))
}

/// Student's t test for independent samples of equal variance. Prefer [`welch_t`].
pub fn pooled_t(a: &[f64], b: &[f64], level: f64) -> Result<MeanDifference, Undefined> {
    check_level(level)?;
    Ok(Estimate::pooled(a, b)?.test("pooled t", level))
}
