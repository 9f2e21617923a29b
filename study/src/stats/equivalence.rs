//! Equivalence: two one-sided t tests (Schuirmann 1987) against a margin in the metric's unit.

use super::dist::student;
use super::outcome::{Interval, TestResult, Undefined, bounded, check_open_unit};
use super::t_test::Estimate;

/// Two one-sided tests of |difference| < margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Equivalence {
    /// The test with the larger p, which decides: equivalent at α where p ≤ α.
    pub test: TestResult,
    /// p of the hypothesis that the difference is at most −margin.
    pub p_lower: f64,
    /// p of the hypothesis that the difference is at least +margin.
    pub p_upper: f64,
    /// The 1 − 2α interval, which lies within ±margin exactly where p ≤ α.
    pub interval: Interval,
}

/// TOST of paired samples.
pub fn tost_paired(
    a: &[f64],
    b: &[f64],
    margin: f64,
    alpha: f64,
) -> Result<Equivalence, Undefined> {
    check_margin(margin, alpha)?;
    Ok(tost(
        "TOST paired t",
        Estimate::paired(a, b)?,
        margin,
        alpha,
    ))
}

/// TOST of independent samples of possibly unequal variances.
pub fn tost_welch(a: &[f64], b: &[f64], margin: f64, alpha: f64) -> Result<Equivalence, Undefined> {
    check_margin(margin, alpha)?;
    Ok(tost("TOST Welch t", Estimate::welch(a, b)?, margin, alpha))
}

pub(crate) fn check_margin(margin: f64, alpha: f64) -> Result<(), Undefined> {
    check_open_unit(2.0 * alpha, "twice alpha")?;
    if margin > 0.0 && margin.is_finite() {
        Ok(())
    } else {
        Err(Undefined::OutOfRange {
            what: "the margin",
            must: "positive and finite",
        })
    }
}

fn tost(name: &'static str, estimate: Estimate, margin: f64, alpha: f64) -> Equivalence {
    let Estimate {
        difference,
        standard_error,
        df,
    } = estimate;
    let t_lower = (difference + margin) / standard_error;
    let t_upper = (difference - margin) / standard_error;
    let (p_lower, p_upper) = (student::sf(t_lower, df), student::sf(-t_upper, df));
    let (statistic, p) = if p_lower > p_upper {
        (t_lower, p_lower)
    } else {
        (t_upper, p_upper)
    };
    Equivalence {
        test: TestResult::new(name, statistic, p).df(df),
        p_lower: bounded(p_lower),
        p_upper: bounded(p_upper),
        interval: estimate.interval(1.0 - 2.0 * alpha),
    }
}
