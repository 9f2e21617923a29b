//! What pairing by seed achieved.

use super::correlation::pearson;
use super::describe::{Differences, variance};
use super::dist::normal;
use super::outcome::{Interval, Undefined, check_level};

/// The benefit of common random numbers between two groups of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct PairingBenefit {
    /// Pearson's correlation between the runs of a seed.
    pub correlation: f64,
    /// Its interval by Fisher's z; none below four pairs or at ±1.
    pub interval: Option<Interval>,
    /// Variance of the paired differences over that of independent ones, var(a − b)/(var a +
    /// var b): below 1 pairing helped, above 1 it harmed.
    pub variance_ratio: f64,
    /// Independent seeds per group that would estimate the difference as precisely, n over the
    /// ratio. None where the differences do not vary and no number would do.
    pub equivalent_seeds: Option<f64>,
}

/// Measures the benefit of pairing a with b, index by index.
pub fn pairing_benefit(a: &[f64], b: &[f64], level: f64) -> Result<PairingBenefit, Undefined> {
    check_level(level)?;
    let correlation = pearson(a, b)?;
    let differences = Differences::new(a, b, 2)?;
    let n = a.len() as f64;
    let variance_ratio = if differences.require_variation().is_ok() {
        variance(&differences.values) / (variance(a) + variance(b))
    } else {
        0.0
    };
    // Nearer to ±1 than this a correlation is rounding, and so would be both ends.
    let interval = (n > 3.0 && 1.0 - correlation.abs() >= 1e-14).then(|| {
        let half = normal::upper_quantile((1.0 - level) / 2.0) / (n - 3.0).sqrt();
        let z = correlation.atanh();
        Interval {
            low: (z - half).tanh(),
            high: (z + half).tanh(),
            level,
        }
    });
    Ok(PairingBenefit {
        correlation,
        interval,
        variance_ratio,
        equivalent_seeds: (variance_ratio > 0.0).then(|| n / variance_ratio),
    })
}
