//! Bayesian comparison of paired samples with a region of practical equivalence (ROPE): the t test of
//! Corani and Benavoli (2015), for differences that do not correlate, as those of independent seeds.

use super::describe::{Differences, mean, variance};
use super::dist::student;
use super::equivalence::check_margin;
use super::outcome::{Interval, Undefined, check_level};

/// What the posterior of the mean difference, a Student t, gives to each region.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// P(a is worse by more than the margin).
    pub p_less: f64,
    /// P(the difference lies within ±margin).
    pub p_equivalent: f64,
    /// P(a is better by more than the margin).
    pub p_greater: f64,
    /// Central credible interval.
    pub interval: Interval,
}

/// Posterior of the mean of a − b under a flat prior.
pub fn paired_posterior(
    a: &[f64],
    b: &[f64],
    margin: f64,
    level: f64,
) -> Result<Posterior, Undefined> {
    check_level(level)?;
    check_margin(margin, 0.05)?;
    let d = Differences::new(a, b, 2)?;
    d.require_variation()?;
    let n = d.values.len() as f64;
    let location = mean(&d.values);
    let scale = (variance(&d.values) * (1.0 / n)).sqrt();
    let df = n - 1.0;
    let (below, above) = ((-margin - location) / scale, (margin - location) / scale);
    let (p_less, p_greater) = (student::sf(-below, df), student::sf(above, df));
    // Both tails on the side away from the posterior's centre: their difference does not cancel.
    let p_equivalent = if location > 0.0 {
        student::sf(-above, df) - p_less
    } else {
        student::sf(below, df) - p_greater
    };
    let t = student::upper_quantile((1.0 - level) / 2.0, df);
    Ok(Posterior {
        p_less,
        p_equivalent: p_equivalent.max(0.0),
        p_greater,
        interval: Interval::around(location, t * scale, level),
    })
}
