//! Dunnett's distribution: the largest |t| of comparisons with one control (Dunnett 1955).
//!
//! The comparisons correlate as λᵢλⱼ with λᵢ = √(nᵢ/(nᵢ + n₀)), so that given the control's mean
//! they are independent: one integral over the control, one over the standard deviation.

use super::chebyshev::Chebyshev;
use super::quadrature::{line, over_scale};
use super::{normal, student};
use crate::stats::outcome::Undefined;
use crate::stats::solve::invert_tail;

/// Where the tail of the largest |normal| nears the end of the exponents of f64.
const LARGEST: f64 = 37.0;

/// The distribution for one set of comparisons, any degrees of freedom. Tabulates the inner
/// integral once, as the studentized range does.
#[derive(Debug, Clone)]
pub struct Dunnett {
    comparisons: usize,
    log_tail: Chebyshev,
}

impl Dunnett {
    /// Of comparisons with loadings `lambdas`, each within (0, 1).
    pub fn new(lambdas: &[f64]) -> Self {
        let loadings = distinct(lambdas);
        let log_tail = Chebyshev::new(|d| max_tail(d, &loadings).ln(), 0.0, LARGEST, 1e-13);
        Self {
            comparisons: lambdas.len(),
            log_tail,
        }
    }

    /// P(max |Tᵢ| > t) with `df` degrees of freedom, which may be infinite.
    pub fn sf(&self, t: f64, df: f64) -> f64 {
        if t <= 0.0 {
            return 1.0;
        }
        let tail = |s: f64| {
            let d = t * s;
            if d < LARGEST {
                self.log_tail.at(d).exp()
            } else {
                0.0
            }
        };
        over_scale(df, 0.2, tail).min(1.0)
    }

    /// The t with P(max |Tᵢ| > t) = `p`.
    pub fn upper_quantile(&self, p: f64, df: f64) -> Result<f64, Undefined> {
        // One comparison alone bounds it from below, Bonferroni from above.
        let bound = |comparisons: usize| student::upper_quantile(0.5 * p / comparisons as f64, df);
        invert_tail(|t| self.sf(t, df), p, bound(1), bound(self.comparisons))
    }
}

/// A loading λ, √(1 − λ²), and how many comparisons share it.
struct Loading {
    lambda: f64,
    residual: f64,
    count: f64,
}

fn distinct(lambdas: &[f64]) -> Vec<Loading> {
    let mut sorted = lambdas.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|same| Loading {
            lambda: same[0],
            residual: (1.0 - same[0] * same[0]).sqrt(),
            count: same.len() as f64,
        })
        .collect()
}

/// P(max |Zᵢ| > d) for the normals that the tᵢ become when the standard deviation is known.
fn max_tail(d: f64, loadings: &[Loading]) -> f64 {
    let step = loadings
        .iter()
        .fold(0.5_f64, |h, l| h.min(0.5 * l.residual / l.lambda));
    let integrand = |z: f64| {
        let none: f64 = loadings
            .iter()
            .map(|l| {
                let beyond = normal::sf((d - l.lambda * z) / l.residual)
                    + normal::sf((d + l.lambda * z) / l.residual);
                l.count * (-beyond).ln_1p()
            })
            .sum();
        normal::density(z) * -none.exp_m1()
    };
    let reach = d + 9.0;
    line(integrand, 0.0, step, (-reach, reach))
}
