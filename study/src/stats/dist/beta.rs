//! The regularised incomplete beta function, on which Student's t and F stand.
//!
//! The continued fraction is that of Didonato and Morris (Algorithm 708, 1992): the even part of
//! DLMF 8.17.22, whose own coefficients cancel at large parameters. Its prefactor x^a y^b / B(a, b) is taken from Loader's
//! saddle-point form of the binomial ("Fast and accurate computation of binomial probabilities",
//! 2000), which keeps full relative accuracy where differences of log-gammas lose it: at large
//! parameters and far out in the tail.

use libm::lgamma;
use std::f64::consts::TAU;

/// I_x(a, b), given both `x` and `y` = 1 − x so that neither is a rounded difference.
pub fn regularized(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if y <= 0.0 {
        1.0
    } else if a * y < b * x {
        1.0 - prefactor(b, a, y, x) / fraction(b, a, y, x)
    } else {
        prefactor(a, b, x, y) / fraction(a, b, x, y)
    }
}

/// x^a y^b / B(a, b).
fn prefactor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    // a − n x, written so that it keeps its digits when x is all but a/n.
    let excess = a * y - b * x;
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, n * x, excess)
        - deviance(b, n * y, -excess);
    (a * b / (TAU * n)).sqrt() * exponent.exp()
}

/// ln Γ(a) − ln(√(2π) a^(a − 1/2) e^(−a)): what Stirling's formula lacks.
pub(crate) fn stirling_error(a: f64) -> f64 {
    if a < 15.0 {
        // ln √(2π)
        return lgamma(a) - 0.918_938_533_204_672_8 - (a - 0.5) * a.ln() + a;
    }
    // Bernoulli numbers B_2k / (2k (2k − 1)); the first term left out is below 1e-17.
    let r = 1.0 / (a * a);
    let series = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
    ]
    .into_iter()
    .chain([-691.0 / 360_360.0, 1.0 / 156.0]);
    series.rev().fold(0.0, |sum, c| sum * r + c) / a
}

/// a ln(a/m) + m − a without cancellation for a near m (Loader's bd0), given d = a − m.
fn deviance(a: f64, m: f64, d: f64) -> f64 {
    if d.abs() >= 0.1 * (a + m) {
        return a * (a / m).ln() - d;
    }
    let v = d / (a + m);
    let (mut sum, mut power) = (d * v, 2.0 * a * v);
    for j in 1..1000 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// The continued fraction K with I_x(a, b) = prefactor / K, for x at most the mean a/(a + b), by
/// Lentz's method as modified by Thompson and Barnett (1986).
fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    // λ + 1, with λ = a − (a + b) x.
    let base = 1.0 + (a * y - b * x);
    let mut value = away_from_zero(base / (1.0 + 1.0 / a));
    let (mut c, mut d) = (value, 0.0);
    for n in 1..100_000 {
        let n = f64::from(n);
        let w = n * (b - n) * x;
        let s = a + 2.0 * n - 1.0;
        let numerator = (a + n - 1.0) * (a + b + n - 1.0) / (s * s) * (w * x);
        let denominator = n + w / s + (a + n) / (s + 2.0) * (base + n * (1.0 + y));
        d = 1.0 / away_from_zero(denominator + numerator * d);
        c = away_from_zero(denominator + numerator / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    value
}
