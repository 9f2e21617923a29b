//! The chi-square distribution.

use statrs::function::gamma::gamma_ur;

/// Upper tail P(X > x) with `df` degrees of freedom.
pub fn sf(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x == f64::INFINITY {
        0.0
    } else {
        gamma_ur(0.5 * df, 0.5 * x)
    }
}
