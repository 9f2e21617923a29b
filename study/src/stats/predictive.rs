//! One new value against a sample: where it falls in it, and whether it may be another of its kind.

use super::describe::{is_constant, mean, variance};
use super::dist::student;
use super::outcome::{TestResult, Undefined, check};

/// The share of `values` below `x`, those equal to it counted half: the percentile of `x` by
/// mid-ranks, as a fraction of 1.
pub fn mid_rank_share(values: &[f64], x: f64) -> Result<f64, Undefined> {
    check(values, 1)?;
    check(&[x], 1)?;
    let below = values.iter().filter(|&&v| v < x).count() as f64;
    let equal = values.iter().filter(|&&v| v == x).count() as f64;
    Ok((below + equal / 2.0) / values.len() as f64)
}

/// Two-sided test that `x` is one more value of the normal population that `values` come from:
/// t = (x − mean)/(s √(1 + 1/n)) with n − 1 degrees of freedom (Geisser 1993, section 2.2; Hahn
/// and Meeker 1991, section 4.7).
pub fn predictive_t(values: &[f64], x: f64) -> Result<TestResult, Undefined> {
    check(values, 2)?;
    check(&[x], 1)?;
    if is_constant(values, 0.0) {
        return Err(Undefined::NoVariation);
    }
    let n = values.len() as f64;
    let t = (x - mean(values)) / (variance(values) * (1.0 + 1.0 / n)).sqrt();
    let p = 2.0 * student::sf(t.abs(), n - 1.0);
    Ok(TestResult::new("predictive t", t, p).df(n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_half() {
        let values = [1.0, 2.0, 2.0, 4.0];
        assert_eq!(mid_rank_share(&values, 2.0), Ok(0.5));
        assert_eq!(mid_rank_share(&values, 5.0), Ok(1.0));
        assert_eq!(mid_rank_share(&values, 3.0), Ok(0.75));
    }

    #[test]
    fn a_constant_sample_predicts_nothing() {
        let too_few = Undefined::TooFew { needed: 2, got: 1 };
        assert_eq!(predictive_t(&[1.0], 1.0), Err(too_few));
        assert_eq!(predictive_t(&[1.0; 4], 1.0), Err(Undefined::NoVariation));
    }
}
