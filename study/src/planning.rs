//! How many seeds a verdict needs, from assumptions or from a pilot sweep.

use crate::{
    comparison::Group,
    stats::{Undefined, correlation, describe::variance, pairwise::pairs, power::Design},
};

/// What is to be found out, and how surely.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// True difference of means.
    pub difference: f64,
    /// Equivalence margin; none to find a difference.
    pub margin: Option<f64>,
    /// Level of the test.
    pub alpha: f64,
    /// Chance of the verdict.
    pub power: f64,
}

/// Seeds for one comparison.
#[derive(Clone, Debug)]
pub struct Need {
    /// Seeds of each group.
    pub seeds: Result<usize, Undefined>,
    /// The chance that so many give.
    pub power: Option<f64>,
}

/// A pair of a pilot sweep.
#[derive(Clone, Debug)]
pub struct PilotPair {
    /// The first group.
    pub a: String,
    /// The second.
    pub b: String,
    /// Pairs in the pilot.
    pub n: usize,
    /// Standard deviation of a over them.
    pub sd_a: Option<f64>,
    /// Standard deviation of b over them.
    pub sd_b: Option<f64>,
    /// Correlation of the pairs.
    pub correlation: Result<f64, Undefined>,
    /// Seeds, analysed pair by pair.
    pub paired: Need,
    /// Seeds, analysed as independent samples.
    pub independent: Need,
}

impl Goal {
    /// The seeds that groups of these spreads need, paired at a correlation or independent.
    #[must_use]
    pub fn need(self, sd_a: f64, sd_b: f64, correlation: Option<f64>) -> Need {
        let design = Design {
            difference: self.difference,
            sd_a,
            sd_b,
            correlation,
            margin: self.margin,
            alpha: self.alpha,
        };
        let seeds = design.sample_size(self.power);
        let power = seeds.ok().and_then(|n| design.power(n).ok());
        Need { seeds, power }
    }

    /// The seeds that each pair of a pilot's groups needs, its spreads and correlations taken for
    /// the true ones.
    #[must_use]
    pub fn from_pilot(self, groups: &[Group]) -> Vec<PilotPair> {
        pairs(groups.len())
            .map(|(a, b)| self.pilot_pair(&groups[a], &groups[b]))
            .collect()
    }

    fn pilot_pair(self, a: &Group, b: &Group) -> PilotPair {
        let (of_a, of_b) = a.paired_with(b);
        let sd = |values: &[f64]| (values.len() > 1).then(|| variance(values).sqrt());
        let (sd_a, sd_b) = (sd(&of_a), sd(&of_b));
        let correlation = correlation::pearson(&of_a, &of_b);
        let need = |correlation| match (sd_a, sd_b) {
            (Some(a), Some(b)) => self.need(a, b, correlation),
            _ => Need {
                seeds: Err(Undefined::TooFew {
                    needed: 2,
                    got: of_a.len(),
                }),
                power: None,
            },
        };
        PilotPair {
            a: a.label.clone(),
            b: b.label.clone(),
            n: of_a.len(),
            sd_a,
            sd_b,
            paired: match correlation {
                Ok(r) => need(Some(r)),
                Err(why) => Need {
                    seeds: Err(why),
                    power: None,
                },
            },
            correlation,
            independent: need(None),
        }
    }
}
