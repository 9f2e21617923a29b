//! The standard normal distribution.

use libm::erfc;
use statrs::function::erf::erfc_inv;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Density.
pub fn density(z: f64) -> f64 {
    // 1/√(2π)
    0.398_942_280_401_432_7 * (-0.5 * z * z).exp()
}

/// Upper tail P(Z > z).
pub fn sf(z: f64) -> f64 {
    0.5 * erfc(z * FRAC_1_SQRT_2)
}

/// Lower tail P(Z ≤ z).
pub fn cdf(z: f64) -> f64 {
    sf(-z)
}

/// The z with P(Z > z) = `p`; ±∞ at 0 and 1.
pub fn upper_quantile(p: f64) -> f64 {
    let z = SQRT_2 * erfc_inv(2.0 * p);
    // One Newton step on the tail makes the last digits the tail's own.
    let density = density(z);
    if density > 0.0 {
        z + (sf(z) - p) / density
    } else {
        z
    }
}
