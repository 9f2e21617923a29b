//! Differences in test accuracy as a sample of images, too: what another test set might say.

use super::Settings;
use crate::{
    parallel,
    stats::{
        Undefined,
        crossed::{Correctness, CrossedBootstrap, crossed_bootstrap},
    },
};

/// Which test images the runs of a group got right, by seed.
#[derive(Clone, Debug)]
pub struct Predicted {
    /// The group.
    pub label: String,
    /// Each run's seed, and for every image whether it was classified correctly; seeds ascending.
    pub runs: Vec<(u64, Vec<bool>)>,
}

/// A difference in test accuracy over new seeds, new images, and both.
#[derive(Clone, Debug)]
pub struct Crossed {
    /// The first group.
    pub a: String,
    /// The second.
    pub b: String,
    /// Pairs of runs.
    pub n: usize,
    /// The intervals, or why there are none.
    pub result: Result<CrossedBootstrap, Undefined>,
}

/// Resampling fewer pairs gives intervals of next to no width: two have three resamples, and of
/// runs that agree they have none.
const FEWEST_PAIRS: usize = 5;

/// Under so many pairs the intervals are known to be too narrow (Hesterberg 2015).
const SMALL: usize = 20;

impl Crossed {
    /// Why not to lean on the intervals, where there is a reason.
    #[must_use]
    pub fn caution(&self) -> Option<&'static str> {
        (self.result.is_ok() && self.n < SMALL).then_some(
            "under 20 pairs of runs the intervals over new seeds, and over both, cover less often than stated",
        )
    }
}

/// Every pair of groups, or every group against the control, paired by seed.
#[must_use]
pub fn crossed(groups: &[Predicted], settings: &Settings) -> Vec<Crossed> {
    let family = super::family::pairs(groups.len(), settings.control);
    parallel::map(&family, |&(i, j)| {
        let (a, b) = (&groups[i], &groups[j]);
        let (of_a, of_b): (Vec<&[bool]>, Vec<&[bool]>) = a
            .runs
            .iter()
            .filter_map(|(seed, run)| {
                let other = b.runs.binary_search_by_key(seed, |(seed, _)| *seed).ok()?;
                Some((run.as_slice(), b.runs[other].1.as_slice()))
            })
            .unzip();
        let bootstrap = || {
            if of_a.len() < FEWEST_PAIRS {
                return Err(Undefined::TooFewPairs {
                    needed: FEWEST_PAIRS,
                    got: of_a.len(),
                });
            }
            let (of_a, of_b) = (Correctness::new(&of_a)?, Correctness::new(&of_b)?);
            crossed_bootstrap(&of_a, &of_b, settings.level(), settings.resampling)
        };
        Crossed {
            a: a.label.clone(),
            b: b.label.clone(),
            n: of_a.len(),
            result: bootstrap(),
        }
    })
}
