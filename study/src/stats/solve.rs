//! Inverts a survival function. The only root finder here.

use super::outcome::Undefined;

/// The x in [`low`, ∞) at which the decreasing positive function `tail` equals `target`, given
/// tail(low) ≥ target: a bracket that starts at `low` and the guess `high` > 0, grown by doubling,
/// then Brent's method (1973) on the logarithm, in which tails are nearly straight.
pub(crate) fn invert_tail(
    tail: impl Fn(f64) -> f64,
    target: f64,
    mut low: f64,
    mut high: f64,
) -> Result<f64, Undefined> {
    let goal = target.ln();
    let gap = |x: f64| tail(x).max(f64::MIN_POSITIVE).ln() - goal;
    let mut gap_low = gap(low);
    if gap_low <= 0.0 {
        return Ok(low);
    }
    let mut gap_high = gap(high);
    while gap_high > 0.0 {
        (low, gap_low) = (high, gap_high);
        high *= 2.0;
        if high > 1e300 {
            return Err(Undefined::NoConvergence);
        }
        gap_high = gap(high);
    }
    brent(gap, (low, gap_low), (high, gap_high))
}

/// Brent's zeroin between two points at which `f` has opposite signs (or is zero).
pub(crate) fn brent(
    f: impl Fn(f64) -> f64,
    (mut a, mut fa): (f64, f64),
    (mut b, mut fb): (f64, f64),
) -> Result<f64, Undefined> {
    let (mut c, mut fc) = (a, fa);
    let (mut step, mut previous) = (b - a, b - a);
    for _ in 0..200 {
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let tolerance = 2.0 * f64::EPSILON * b.abs() + f64::MIN_POSITIVE;
        let middle = 0.5 * (c - b);
        if middle.abs() <= tolerance || fb == 0.0 {
            return Ok(b);
        }
        if previous.abs() >= tolerance && fa.abs() > fb.abs() {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * middle * s, 1.0 - s)
            } else {
                let (r, t) = (fb / fc, fa / fc);
                let p = s * (2.0 * middle * t * (t - r) - (b - a) * (r - 1.0));
                (p, (t - 1.0) * (r - 1.0) * (s - 1.0))
            };
            if p > 0.0 {
                q = -q;
            } else {
                p = -p;
            }
            if 2.0 * p < (3.0 * middle * q - (tolerance * q).abs()).min((previous * q).abs()) {
                (previous, step) = (step, p / q);
            } else {
                (previous, step) = (middle, middle);
            }
        } else {
            (previous, step) = (middle, middle);
        }
        (a, fa) = (b, fb);
        b += if step.abs() > tolerance {
            step
        } else {
            tolerance.copysign(middle)
        };
        fb = f(b);
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            (step, previous) = (b - a, b - a);
        }
    }
    Err(Undefined::NoConvergence)
}
