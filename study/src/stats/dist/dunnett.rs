//! Dunnett's distribution: the largest |t| of comparisons with one control (Dunnett 1955).
//!
//! The comparisons correlate as λᵢλⱼ with λᵢ = √(nᵢ/(nᵢ + n₀)), so that given the control's mean
//! they are independent: one integral over the control, one over the standard deviation.

use super::quadrature::{line, over_scale};
use super::{normal, student};
use crate::stats::outcome::Undefined;
use crate::stats::solve::invert_tail;

/// P(max |Tᵢ| > t) for comparisons with loadings `lambdas` (each within (0, 1)) and `df` degrees
/// of freedom.
pub fn sf(t: f64, df: f64, lambdas: &[f64]) -> f64 {
    if t <= 0.0 {
        return 1.0;
    }
    let distinct = distinct(lambdas);
    over_scale(df, 0.2, |s| max_tail(t * s, &distinct)).min(1.0)
}

/// The t with P(max |Tᵢ| > t) = `p`.
pub fn upper_quantile(p: f64, df: f64, lambdas: &[f64]) -> Result<f64, Undefined> {
    // One comparison alone bounds it from below, Bonferroni from above.
    let bound = |comparisons: usize| student::upper_quantile(0.5 * p / comparisons as f64, df);
    invert_tail(|t| sf(t, df, lambdas), p, bound(1), bound(lambdas.len()))
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
    // Where the tail of a normal leaves the exponents of f64.
    if d > 39.0 {
        return 0.0;
    }
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
