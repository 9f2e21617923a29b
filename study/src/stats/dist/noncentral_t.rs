//! The noncentral t distribution: (Z + δ)/S with ν S² chi-square. Integrated over S, which is
//! accurate in the tail where the series of AS 243 cancels.

use super::normal;
use super::quadrature::over_scale;

/// Upper tail P(T > t) with `df` degrees of freedom and noncentrality `delta`.
pub fn sf(t: f64, df: f64, delta: f64) -> f64 {
    // Φ̄(t s − δ) turns around s = δ/t within a relative width of 1/δ.
    over_scale(df, 0.9 / delta.abs().max(1.0), |s| {
        normal::sf(t * s - delta)
    })
    .min(1.0)
}

/// Lower tail P(T ≤ t).
pub fn cdf(t: f64, df: f64, delta: f64) -> f64 {
    sf(-t, df, -delta)
}
