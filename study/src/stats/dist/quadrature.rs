//! Integrals: over the real line, over a finite interval, and over the scale of an estimated
//! standard deviation.

use super::beta::stirling_error;
use std::f64::consts::{FRAC_PI_2, TAU};

/// ∫ f over `limits` by the trapezoidal rule, for smooth, positive `f` that falls to nothing at
/// both ends and has one peak, or two with `start` between them. For such functions the rule's
/// error falls exponentially in 1/step (Trefethen and Weideman 2014), so halving the step until
/// two values agree to 1e-9 leaves the last one correct to far more. A walk from `start` ends
/// where terms fall below 1e-18 of the sum; one that still rises, or is still zero, goes on.
pub(crate) fn line(f: impl Fn(f64) -> f64, start: f64, step: f64, limits: (f64, f64)) -> f64 {
    const NEGLIGIBLE: f64 = 1e-18;
    let first = f(start);
    let mut sum = first;
    let mut walk = |direction: f64| {
        let mut n = 1.0;
        let mut previous = first;
        loop {
            let x = start + direction * n * step;
            if x < limits.0 || x > limits.1 {
                return n;
            }
            let term = f(x);
            sum += term;
            n += 1.0;
            if term <= NEGLIGIBLE * sum && term < previous {
                return n;
            }
            previous = term;
        }
    };
    let left = walk(-1.0);
    let right = walk(1.0);
    let origin = start - left * step;
    let (mut step, mut intervals) = (step, left + right);
    for _ in 0..12 {
        let midpoints: f64 = (0..intervals as u64)
            .map(|i| f(origin + (i as f64 + 0.5) * step))
            .sum();
        let refined = 0.5 * (sum + midpoints);
        // Next to the end of the exponents no number of steps would bring agreement.
        let settled = (refined - sum).abs() <= 1e-9 * refined || refined < 1e-285;
        sum += midpoints;
        step *= 0.5;
        intervals *= 2.0;
        if settled {
            break;
        }
    }
    sum * step
}

/// ∫ f over [low, high] for positive `f` that is smooth inside, by Takahasi and Mori's tanh-sinh
/// substitution (1974).
pub(crate) fn finite(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    if low >= high {
        return 0.0;
    }
    let half = 0.5 * (high - low);
    let integrand = |t: f64| {
        let s = FRAC_PI_2 * t.sinh();
        // The distance to the nearer end, which a difference of coordinates would lose.
        let margin = (high - low) / (1.0 + (2.0 * s.abs()).exp());
        let x = if s < 0.0 { low + margin } else { high - margin };
        f(x) * half * FRAC_PI_2 * t.cosh() / s.cosh().powi(2)
    };
    line(integrand, 0.0, 0.1, (-4.0, 4.0))
}

/// The smallest and largest S that matter under the density of [`over_scale`].
pub(crate) fn scale_support(df: f64) -> (f64, f64) {
    let reach = (90.0 / df).sqrt() + 40.0 / df;
    ((-reach).exp(), reach.min(3.5).exp())
}

/// The density of S, where ν S² is chi-square with ν = `df` degrees of freedom.
pub(crate) fn scale_density(s: f64, df: f64) -> f64 {
    log_scale_density(s.ln(), df) / s
}

/// The density of u = ln S.
fn log_scale_density(u: f64, df: f64) -> f64 {
    let half = 0.5 * df;
    2.0 * (half / TAU).sqrt() * (-stirling_error(half) - df * excess(u)).exp()
}

/// E[tail(S)] where ν S² is chi-square with ν = `df` degrees of freedom: what an exact
/// distribution becomes when its standard deviation is estimated. `step` bounds the step in ln S
/// where `tail` is sharper than the density of S.
pub(crate) fn over_scale(df: f64, step: f64, tail: impl Fn(f64) -> f64) -> f64 {
    if df == f64::INFINITY {
        return tail(1.0);
    }
    let constant = log_scale_density(0.0, df);
    let integrand = |u: f64| {
        let density = constant * (-df * excess(u)).exp();
        if density > 0.0 {
            density * tail(u.exp())
        } else {
            0.0
        }
    };
    // The density of ln S has standard deviation about 1/√(2ν); its exponent leaves f64 at 745.
    let width = 1.0 / (2.0 * df).sqrt();
    let reach = 1.0 + (745.0 / df).sqrt() + 745.0 / df;
    line(
        integrand,
        0.0,
        step.min(0.9 * width).min(0.3),
        (-reach, reach),
    )
}

/// (e^{2u} − 1)/2 − u: minus the logarithm of the density of ln S per degree of freedom.
fn excess(u: f64) -> f64 {
    let v = 2.0 * u;
    if v.abs() > 0.3 {
        return 0.5 * v.exp_m1() - u;
    }
    // ½ Σ vⁿ/n! from n = 2, from the last term that counts.
    let series = (3..=16)
        .rev()
        .fold(1.0, |sum, n| 1.0 + sum * v / f64::from(n));
    0.25 * v * v * series
}
