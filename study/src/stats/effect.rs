//! Standardised effect sizes of a difference of means.

use super::describe::variance;
use super::dist::noncentral_t;
use super::outcome::{Interval, Undefined, check_level};
use super::solve::brent;
use super::t_test::Estimate;
use libm::lgamma;

/// Hedges' g: the difference of means over the pooled standard deviation, freed of its small
/// sample bias by the exact factor J (Hedges 1981), not by the usual 1 − 3/(4 df − 1).
pub fn hedges_g(a: &[f64], b: &[f64]) -> Result<f64, Undefined> {
    let pooled = Estimate::pooled(a, b)?;
    let scale = (1.0 / a.len() as f64 + 1.0 / b.len() as f64).sqrt();
    Ok(bias_factor(pooled.df) * pooled.difference / pooled.standard_error * scale)
}

/// Interval for the standardised difference that [`hedges_g`] estimates: the noncentralities under
/// which the pooled t seen would lie at either end of its distribution (Steiger and Fouladi 1997).
/// Exact for normal samples of one variance.
pub fn hedges_g_interval(a: &[f64], b: &[f64], level: f64) -> Result<Interval, Undefined> {
    check_level(level)?;
    let pooled = Estimate::pooled(a, b)?;
    let scale = (1.0 / a.len() as f64 + 1.0 / b.len() as f64).sqrt();
    let t = pooled.difference / pooled.standard_error;
    let tail = (1.0 - level) / 2.0;
    let low = noncentrality(t, pooled.df, tail)?;
    let high = -noncentrality(-t, pooled.df, tail)?;
    Ok(Interval {
        low: low * scale,
        high: high * scale,
        level,
    })
}

/// Interval for the same standardised difference from paired samples: the noncentralities of the
/// paired t, carried from the spread of the differences to the pooled one (Algina and Keselman
/// 2003). [`hedges_g_interval`] would take the pairs for independent.
pub fn paired_g_interval(a: &[f64], b: &[f64], level: f64) -> Result<Interval, Undefined> {
    check_level(level)?;
    let paired = Estimate::paired(a, b)?;
    let spread = ((variance(a) + variance(b)) / 2.0).sqrt();
    let scale = paired.standard_error / spread;
    let t = paired.difference / paired.standard_error;
    let tail = (1.0 - level) / 2.0;
    Ok(Interval {
        low: noncentrality(t, paired.df, tail)? * scale,
        high: -noncentrality(-t, paired.df, tail)? * scale,
        level,
    })
}

/// The δ at which P(T > t) = `tail`.
fn noncentrality(t: f64, df: f64, tail: f64) -> Result<f64, Undefined> {
    let gap = |delta: f64| noncentral_t::sf(t, df, delta) - tail;
    // T − δ has standard deviation near √(1 + t²/2ν); the bracket grows from there.
    let spread = (1.0 + t * t / (2.0 * df)).sqrt();
    let end = |direction: f64| {
        let mut reach = 3.0 * spread;
        loop {
            let delta = t + direction * reach;
            let value = gap(delta);
            if value * direction >= 0.0 {
                return Ok((delta, value));
            }
            reach *= 2.0;
            if reach > 1e6 * spread {
                return Err(Undefined::NoConvergence);
            }
        }
    };
    brent(gap, end(-1.0)?, end(1.0)?)
}

/// J(m) = Γ(m/2) / (√(m/2) Γ((m − 1)/2)), which unbiases a standardised difference with m degrees
/// of freedom; 0 at m = 1, where no finite factor does.
pub(crate) fn bias_factor(m: f64) -> f64 {
    if m <= 1.0 {
        0.0
    } else if m > 1e5 {
        // The difference of log-gammas would lose the digits that this expansion keeps.
        1.0 - 3.0 / (4.0 * m) - 7.0 / (32.0 * m * m)
    } else {
        (lgamma(m / 2.0) - lgamma((m - 1.0) / 2.0)).exp() / (m / 2.0).sqrt()
    }
}
