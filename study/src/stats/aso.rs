//! Almost stochastic order (del Barrio, Cuesta-Albertos and Matrán 2018; Dror, Shlomov and
//! Reichart 2019): by how much does A fail to dominate B in every quantile.

use super::describe::{sorted, variance};
use super::dist::normal;
use super::outcome::{Undefined, check, check_open_unit};
use super::resample::Resampling;

/// Almost stochastic order of A over B, in values of which larger ones are ahead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlmostStochasticOrder {
    /// Share of the squared quantile differences in which B is ahead: 0 where A dominates
    /// everywhere, 1 where B does.
    pub violation: f64,
    /// Upper confidence bound of the violation: below 1/2, A is stochastically better in most
    /// quantiles at confidence 1 − α; the smaller the stronger.
    pub eps_min: f64,
    /// The same of B over A, whose violation is the rest of 1.
    pub eps_min_reverse: f64,
}

/// ε_min of A over B by the bootstrap of Dror et al. The violation is integrated exactly over the
/// empirical quantile functions, which are steps, rather than on a grid.
pub fn almost_stochastic_order(
    a: &[f64],
    b: &[f64],
    alpha: f64,
    resampling: Resampling,
) -> Result<AlmostStochasticOrder, Undefined> {
    check_open_unit(alpha, "alpha")?;
    let mut draws = resampling.check(0.5)?;
    check(a, 2)?;
    check(b, 2)?;
    let violation = violation(&sorted(a), &sorted(b)).ok_or(Undefined::NoVariation)?;
    let (mut ra, mut rb) = (a.to_vec(), b.to_vec());
    let replicates: Vec<f64> = (0..resampling.resamples)
        .map(|_| {
            draws.resample(a, &mut ra);
            draws.resample(b, &mut rb);
            ra.sort_unstable_by(f64::total_cmp);
            rb.sort_unstable_by(f64::total_cmp);
            // Two resamples may coincide, and then neither is ahead.
            self::violation(&ra, &rb).unwrap_or(0.5)
        })
        .collect();
    // √(mn/(m+n)) scales the replicates and unscales their deviation again.
    let deviation = variance(&replicates).sqrt();
    let margin = normal::upper_quantile(alpha) * deviation;
    Ok(AlmostStochasticOrder {
        violation,
        eps_min: (violation + margin).clamp(0.0, 1.0),
        eps_min_reverse: (1.0 - violation + margin).clamp(0.0, 1.0),
    })
}

/// ∫ (G⁻¹ − F⁻¹)₊² / ∫ (G⁻¹ − F⁻¹)² over the quantiles of sorted samples; none when they are one.
fn violation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (n, m) = (a.len(), b.len());
    let (mut i, mut j, mut at) = (0, 0, 0);
    let (mut against, mut total) = (0.0, 0.0);
    // In units of 1/(nm) the steps end at multiples of m and of n.
    while i < n && j < m {
        let end = ((i + 1) * m).min((j + 1) * n);
        let gap = b[j] - a[i];
        let part = (end - at) as f64 * gap * gap;
        total += part;
        if gap > 0.0 {
            against += part;
        }
        i += usize::from(end == (i + 1) * m);
        j += usize::from(end == (j + 1) * n);
        at = end;
    }
    (total > 0.0).then(|| against / total)
}
