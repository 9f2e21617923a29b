//! Group-sequential boundaries by alpha spending (Lan and DeMets 1983): how small p must be at
//! each look so that all looks together err with probability α.
//!
//! The recursion over looks is that of Armitage, McPherson and Rowe (1969), as in Jennison and
//! Turnbull (2000), chapter 19, with Gauss-Legendre panels.

use super::dist::normal;
use super::outcome::{Undefined, bounded, check_open_unit};
use super::solve::invert_tail;

/// Of `alpha` on one side, what is spent by fraction `t` of the information, 2 − 2Φ(z_{α/2}/√t): like
/// O'Brien and Fleming little early. A two-sided test spends α/2 on either side, the convention of
/// the published tables.
fn spent(alpha: f64, t: f64) -> f64 {
    2.0 * normal::sf(normal::upper_quantile(alpha / 2.0) / t.sqrt())
}

/// An α that is spent so early is none: neither it nor its bound can be told from 0 in double precision.
const NOTHING: f64 = 1e-300;

/// Whether a test rejects on one side or on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// In the upper tail only, as each test of TOST.
    One,
    /// In either tail.
    Two,
}

/// One look at the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// α spent so far.
    pub spent: f64,
    /// Reject where z is at least this (in absolute value, if two-sided).
    pub z: f64,
    /// The same as a p-value: reject at this look where p is at most this.
    pub p: f64,
}

/// Boundaries at the information `fractions`, ascending and at most 1, that spend `alpha` in all
/// by fraction 1. A fraction is that of the runs so far over the most that will be made.
pub fn boundaries(fractions: &[f64], alpha: f64, sides: Sides) -> Result<Vec<Look>, Undefined> {
    check_open_unit(alpha, "alpha")?;
    let ascending = fractions.windows(2).all(|w| w[0] < w[1]);
    let within = fractions.iter().all(|&t| t > 0.0 && t <= 1.0);
    if fractions.is_empty() || !ascending || !within {
        return Err(Undefined::OutOfRange {
            what: "the information fractions",
            must: "ascending, above 0 and at most 1",
        });
    }
    let tails = if sides == Sides::Two { 2.0 } else { 1.0 };
    let mut looks: Vec<Look> = Vec::with_capacity(fractions.len());
    let mut state = Continuing::start();
    for &fraction in fractions {
        let before = looks.last().map_or(0.0, |l| l.spent);
        let spent = tails * spent(alpha / tails, fraction);
        let spend = spent - before;
        let exit = |z: f64| state.exit_probability(z, fraction, sides);
        // What an early one of many looks may spend can be less than any p-value that is told from 0: it never rejects.
        let z = if spend < NOTHING {
            normal::upper_quantile(f64::MIN_POSITIVE)
        } else {
            invert_tail(exit, spend, 0.0, 2.0)?
        };
        let p = bounded(tails * normal::sf(z));
        looks.push(Look { spent, z, p });
        state = state.advance(z, fraction, sides);
    }
    Ok(looks)
}

/// The score process B(t), Brownian motion under the hypothesis, on the event that no look has
/// rejected: its subdensity at quadrature points, with weights folded in.
struct Continuing {
    fraction: f64,
    points: Vec<f64>,
    masses: Vec<f64>,
}

impl Continuing {
    fn start() -> Self {
        Self {
            fraction: 0.0,
            points: vec![0.0],
            masses: vec![1.0],
        }
    }

    /// Probability of first rejecting at `fraction` with boundary `z`.
    fn exit_probability(&self, z: f64, fraction: f64, sides: Sides) -> f64 {
        let bound = z * fraction.sqrt();
        let sd = (fraction - self.fraction).sqrt();
        let beyond = |u: f64| {
            let upper = normal::sf((bound - u) / sd);
            if sides == Sides::Two {
                upper + normal::sf((bound + u) / sd)
            } else {
                upper
            }
        };
        self.points
            .iter()
            .zip(&self.masses)
            .map(|(&u, mass)| mass * beyond(u))
            .sum()
    }

    fn advance(&self, z: f64, fraction: f64, sides: Sides) -> Self {
        let root = fraction.sqrt();
        let sd = (fraction - self.fraction).sqrt();
        let high = z.min(9.0) * root;
        let low = if sides == Sides::Two {
            -high
        } else {
            -9.0 * root
        };
        // A panel is as wide as the next increment is smeared, at least by this one's scale.
        let panels = ((high - low) / sd).ceil().clamp(8.0, 4000.0);
        let width = (high - low) / panels;
        let (mut points, mut masses) = (Vec::new(), Vec::new());
        for panel in 0..panels as usize {
            let centre = low + (panel as f64 + 0.5) * width;
            for (node, weight) in GAUSS_LEGENDRE_8 {
                for x in [centre - 0.5 * width * node, centre + 0.5 * width * node] {
                    let density: f64 = self
                        .points
                        .iter()
                        .zip(&self.masses)
                        .map(|(u, mass)| mass * normal::density((x - u) / sd) / sd)
                        .sum();
                    points.push(x);
                    masses.push(0.5 * width * weight * density);
                }
            }
        }
        Self {
            fraction,
            points,
            masses,
        }
    }
}

/// Positive nodes and weights of the eight-point rule on [−1, 1] (Abramowitz and Stegun, 25.4).
const GAUSS_LEGENDRE_8: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
];
