//! Pearson's correlation.

use super::describe::{is_constant, mean};
use super::outcome::{Undefined, check};

/// Pearson's r of paired samples.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
    if x.len() != y.len() {
        return Err(Undefined::Unpaired {
            a: x.len(),
            b: y.len(),
        });
    }
    check(x, 2)?;
    check(y, 2)?;
    if is_constant(x, 0.0) || is_constant(y, 0.0) {
        return Err(Undefined::NoVariation);
    }
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mx, y - my);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    Ok((xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}
