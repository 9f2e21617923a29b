//! Power and sample size of the t tests and of equivalence, before any run is made.

use super::dist::quadrature::{finite, scale_density, scale_support};
use super::dist::{noncentral_t, normal, student};
use super::outcome::{LARGEST, SMALLEST_SPREAD, Undefined, check_open_unit};

/// What a planned comparison assumes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    /// The true difference of means, in the metric's unit. 0 is usual for equivalence.
    pub difference: f64,
    /// Standard deviation over seeds of the first group.
    pub sd_a: f64,
    /// Standard deviation over seeds of the second group.
    pub sd_b: f64,
    /// Correlation between the runs of a seed, for a paired test; none for Welch's.
    pub correlation: Option<f64>,
    /// Equivalence margin, for TOST; none for the two-sided test of a difference.
    pub margin: Option<f64>,
    /// Level α of the test.
    pub alpha: f64,
}

/// The largest number of seeds per group that [`Design::sample_size`] considers.
pub const LARGEST_SAMPLE: usize = 1_000_000_000;

impl Design {
    /// Probability that the test rejects with `n` runs in each group.
    pub fn power(&self, n: usize) -> Result<f64, Undefined> {
        self.unequal_power(n, n)
    }

    /// Power with groups of different sizes; a paired test needs equal ones.
    ///
    /// Exact for the paired test; Welch's t is taken as a t with the Satterthwaite degrees of
    /// freedom of the true variances.
    pub fn unequal_power(&self, n_a: usize, n_b: usize) -> Result<f64, Undefined> {
        self.check()?;
        let smaller = n_a.min(n_b);
        if smaller < 2 {
            return Err(Undefined::TooFew {
                needed: 2,
                got: smaller,
            });
        }
        let (standard_error, df) = match self.correlation {
            Some(_) if n_a != n_b => return Err(Undefined::Unpaired { a: n_a, b: n_b }),
            Some(r) => (
                self.sd_of_differences(r) / (n_a as f64).sqrt(),
                n_a as f64 - 1.0,
            ),
            None => {
                let (na, nb) = (n_a as f64, n_b as f64);
                let (va, vb) = (self.sd_a.powi(2) / na, self.sd_b.powi(2) / nb);
                let (share_a, share_b) = (va / (va + vb), vb / (va + vb));
                let df = 1.0 / (share_a.powi(2) / (na - 1.0) + share_b.powi(2) / (nb - 1.0));
                ((va + vb).sqrt(), df)
            }
        };
        Ok(match self.margin {
            None => difference_power(self.difference / standard_error, df, self.alpha),
            Some(margin) => {
                let (low, high) = (self.difference + margin, margin - self.difference);
                equivalence_power(low / standard_error, high / standard_error, df, self.alpha)
            }
        })
    }

    /// The smallest number of runs per group whose power is at least `power`, by bisection over
    /// integers. Refused where no number will do.
    pub fn sample_size(&self, power: f64) -> Result<usize, Undefined> {
        check_open_unit(power, "the power")?;
        self.check()?;
        let enough = |n: usize| Ok(self.power(n)? >= power);
        if enough(2)? {
            return Ok(2);
        }
        let hopeless = match self.margin {
            None => self.difference == 0.0 && power > self.alpha,
            Some(margin) => self.difference.abs() >= margin && power > self.alpha,
        };
        let unreachable = Undefined::Unreachable {
            limit: LARGEST_SAMPLE,
        };
        if hopeless {
            return Err(unreachable);
        }
        let (mut too_few, mut suffices) = (2, 4);
        while !enough(suffices)? {
            if suffices >= LARGEST_SAMPLE {
                return Err(unreachable);
            }
            (too_few, suffices) = (suffices, (2 * suffices).min(LARGEST_SAMPLE));
        }
        while suffices - too_few > 1 {
            let middle = too_few + (suffices - too_few) / 2;
            if enough(middle)? {
                suffices = middle;
            } else {
                too_few = middle;
            }
        }
        Ok(suffices)
    }

    /// Standard deviation of paired differences at correlation `r`.
    fn sd_of_differences(&self, r: f64) -> f64 {
        let (a, b) = (self.sd_a, self.sd_b);
        // (a − b)² + 2ab(1 − r), which keeps its digits when r is near 1.
        ((a - b).powi(2) + 2.0 * a * b * (1.0 - r)).sqrt()
    }

    fn check(&self) -> Result<(), Undefined> {
        let outside = |what, must| Err(Undefined::OutOfRange { what, must });
        check_open_unit(self.alpha, "alpha")?;
        let measurable = |v: f64| (SMALLEST_SPREAD..=LARGEST).contains(&v);
        if self.difference.is_nan() || self.difference.abs() > LARGEST {
            return outside("the difference", "finite");
        }
        if !measurable(self.sd_a) || !measurable(self.sd_b) {
            return outside("a standard deviation", "positive and finite");
        }
        if self.correlation.is_some_and(|r| !(-1.0..1.0).contains(&r)) {
            return outside("the correlation", "at least -1 and below 1");
        }
        match self.margin {
            Some(m) if !measurable(m) => outside("the margin", "positive and finite"),
            Some(_) if self.alpha >= 0.5 => outside("alpha", "below 1/2 for equivalence"),
            _ => Ok(()),
        }
    }
}

/// Power of the two-sided t test at noncentrality `delta`, both tails.
fn difference_power(delta: f64, df: f64, alpha: f64) -> f64 {
    let t = student::upper_quantile(alpha / 2.0, df);
    (noncentral_t::sf(t, df, delta) + noncentral_t::cdf(-t, df, delta)).min(1.0)
}

/// Power of two one-sided t tests whose bounds lie `low` below and `high` above the true
/// difference, in standard errors: both reject where the mean falls between them, less t S at
/// either side (Owen 1965; Phillips 1990), integrated over the estimated scale S.
fn equivalence_power(low: f64, high: f64, df: f64, alpha: f64) -> f64 {
    let t = student::upper_quantile(alpha, df);
    let inside = |s: f64| {
        let (from, to) = (t * s - low, high - t * s);
        let probability = if from > 0.0 {
            normal::sf(from) - normal::sf(to)
        } else {
            normal::sf(-to) - normal::sf(-from)
        };
        probability.max(0.0) * scale_density(s, df)
    };
    let (least, most) = scale_support(df);
    // Above this scale the two rejection regions do not meet.
    finite(inside, least, most.min((low + high) / (2.0 * t))).min(1.0)
}
