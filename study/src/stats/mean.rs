//! The t interval for one mean.

use super::describe::{is_constant, mean, variance};
use super::dist::student;
use super::outcome::{Interval, Undefined, check, check_level};

/// Student's interval for the mean of `values`: mean ± t s/√n. Undefined for constant values,
/// which say nothing about their spread.
pub fn t_interval(values: &[f64], level: f64) -> Result<Interval, Undefined> {
    check_level(level)?;
    check(values, 2)?;
    if is_constant(values, 0.0) {
        return Err(Undefined::NoVariation);
    }
    let n = values.len() as f64;
    let t = student::upper_quantile((1.0 - level) / 2.0, n - 1.0);
    Ok(Interval::around(
        mean(values),
        t * (variance(values) / n).sqrt(),
        level,
    ))
}
