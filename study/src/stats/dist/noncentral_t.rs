//! The noncentral t distribution: (Z + δ)/S with ν S² chi-square. Integrated over S, which is
//! accurate in the tail where the series of AS 243 cancels; over Z where δ dwarfs S.

use super::normal;
use super::quadrature::{line, over_scale};
use statrs::function::gamma::gamma_lr;

/// Upper tail P(T > t) with `df` degrees of freedom and noncentrality `delta`.
pub fn sf(t: f64, df: f64, delta: f64) -> f64 {
    // Φ̄(t s − δ) turns around s = δ/t within a relative width of 1/δ, S varies by 1/√(2ν): the
    // integral over S is the easy one until the former is far below the latter.
    if delta.abs() <= (8.0 * (2.0 * df).sqrt()).max(40.0) {
        over_scale(df, 0.9 / delta.abs().max(1.0), |s| {
            normal::sf(t * s - delta)
        })
        .min(1.0)
    } else if delta > 0.0 && t > 0.0 {
        let tail = |z: f64| normal::density(z) * scale_cdf((z + delta) / t, df);
        line(tail, 0.0, 0.25, (-39.0, 39.0)).min(1.0)
    } else if delta < 0.0 && t < 0.0 {
        1.0 - sf(-t, df, -delta)
    } else {
        // Z would have to exceed 40.
        f64::from(delta > 0.0)
    }
}

/// Lower tail P(T ≤ t).
pub fn cdf(t: f64, df: f64, delta: f64) -> f64 {
    sf(-t, df, -delta)
}

/// P(S ≤ s).
fn scale_cdf(s: f64, df: f64) -> f64 {
    let x = 0.5 * df * s * s;
    if s <= 0.0 || x == 0.0 {
        0.0
    } else if x > df + 1500.0 {
        1.0
    } else {
        gamma_lr(0.5 * df, x)
    }
}
