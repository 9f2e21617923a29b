//! Description of one sample: moments, quantiles, interquartile mean. Infers nothing.

use super::outcome::{SMALLEST_SPREAD, Undefined, check};

/// What a sample looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Number of values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation with divisor n − 1; none for a single value.
    pub sd: Option<f64>,
    /// Median.
    pub median: f64,
    /// First quartile.
    pub q1: f64,
    /// Third quartile.
    pub q3: f64,
    /// Interquartile mean, see [`iqm_sorted`].
    pub iqm: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

/// Describes `values`.
pub fn summary(values: &[f64]) -> Result<Summary, Undefined> {
    check(values, 1)?;
    let sorted = sorted(values);
    Ok(Summary {
        n: values.len(),
        mean: mean(values),
        sd: (values.len() > 1).then(|| variance(values).sqrt()),
        median: quantile_sorted(&sorted, 0.5),
        q1: quantile_sorted(&sorted, 0.25),
        q3: quantile_sorted(&sorted, 0.75),
        iqm: iqm_sorted(&sorted),
        min: sorted[0],
        max: sorted[sorted.len() - 1],
    })
}

/// Mean of finite values, by two passes: the second removes the rounding of the first. NaN when
/// empty.
pub fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    first + values.iter().map(|v| v - first).sum::<f64>() / n
}

/// Variance with divisor n − 1 (Chan, Golub and LeVeque's corrected two-pass algorithm). Exactly
/// zero when all values are equal. NaN for fewer than two values.
pub fn variance(values: &[f64]) -> f64 {
    if values.len() > 1 && is_constant(values, 0.0) {
        return 0.0;
    }
    let n = values.len() as f64;
    let mean = mean(values);
    let (squares, residual) = values.iter().fold((0.0, 0.0), |(s, r), v| {
        let d = v - mean;
        (s + d * d, r + d)
    });
    (squares - residual * residual / n) / (n - 1.0)
}

/// Interquartile mean of sorted values: the mean after ⌊n/4⌋ values are cut from either end, as
/// `scipy.stats.trim_mean(x, 0.25)` and so rliable (Agarwal et al. 2021) define it.
pub fn iqm_sorted(sorted: &[f64]) -> f64 {
    let cut = sorted.len() / 4;
    mean(&sorted[cut..sorted.len() - cut])
}

/// The `probability` quantile, linear between order statistics (type 7 of Hyndman and Fan 1996, the
/// default of R and NumPy).
pub fn quantile_sorted(sorted: &[f64], probability: f64) -> f64 {
    let position = probability * (sorted.len() - 1) as f64;
    let below = position.floor();
    let low = sorted[below as usize];
    let high = sorted[position.ceil() as usize];
    low + (position - below) * (high - low)
}

/// A sorted copy.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut copy = values.to_vec();
    copy.sort_unstable_by(f64::total_cmp);
    copy
}

/// Whether all values are equal up to `tolerance`. A variance computed in floating point is a
/// poor witness: ten times 0.04 has one of 5e-35.
pub(crate) fn is_constant(values: &[f64], tolerance: f64) -> bool {
    let (min, max) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), &v| {
            (lo.min(v), hi.max(v))
        });
    max - min <= tolerance.max(SMALLEST_SPREAD)
}

/// Paired differences a − b, cleaned of rounding, and the rounding itself.
pub(crate) struct Differences {
    /// a − b; exactly zero where it is zero up to rounding.
    pub values: Vec<f64>,
    /// By how much rounding may have moved each: 0.9713 − 0.9712 and 0.9712 − 0.9711 differ by 1e-16 in floating
    /// point, and not on the 1e-4 grid they came from. Of each pair's own size, or one value that is far off would
    /// make all other differences zero.
    pub rounding: Vec<f64>,
}

impl Differences {
    /// Of two finite samples of one length, at least `needed` long.
    pub fn new(a: &[f64], b: &[f64], needed: usize) -> Result<Self, Undefined> {
        if a.len() != b.len() {
            return Err(Undefined::Unpaired {
                a: a.len(),
                b: b.len(),
            });
        }
        check(a, needed)?;
        check(b, needed)?;
        let rounding =
            |a: f64, b: f64| (2.0 * f64::EPSILON * a.abs().max(b.abs())).max(SMALLEST_SPREAD / 2.0);
        let clean = |a: f64, b: f64| {
            if (a - b).abs() <= 2.0 * rounding(a, b) {
                0.0
            } else {
                a - b
            }
        };
        Ok(Self {
            values: a.iter().zip(b).map(|(&a, &b)| clean(a, b)).collect(),
            rounding: a.iter().zip(b).map(|(&a, &b)| rounding(a, b)).collect(),
        })
    }

    /// An error when the differences do not vary: [`Undefined::NoDifferences`] when all are zero,
    /// [`Undefined::SameDifferences`] when all are the same non-zero value.
    pub fn require_variation(&self) -> Result<(), Undefined> {
        // Whether one value lies within every difference's rounding.
        let (low, high) = self.values.iter().zip(&self.rounding).fold(
            (f64::NEG_INFINITY, f64::INFINITY),
            |(low, high), (d, rounding)| (low.max(d - rounding), high.min(d + rounding)),
        );
        if low > high {
            Ok(())
        } else if self.values.iter().all(|&d| d == 0.0) {
            Err(Undefined::NoDifferences)
        } else {
            Err(Undefined::SameDifferences)
        }
    }
}
