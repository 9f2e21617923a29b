//! What single runs, one of each initializer, would have printed: counted over all combinations of
//! our runs. Test accuracies are compared as printed, so that two which print alike are a tie, and
//! a combination with a tie anywhere prints no ranking.

use super::{
    sample::Sample,
    table::{GLOROT, METRICS, RANKING, TABLE},
};
use crate::stats::{
    Interval, Undefined,
    ranking::{SingleRuns, orders},
    resample::Resampling,
};

/// Place of test accuracy among the metrics.
const TEST: usize = METRICS.len() - 1;

/// Shares of all combinations of one run of each initializer.
#[derive(Clone, Debug)]
pub struct SingleRun {
    /// Combinations.
    pub combinations: f64,
    /// The published ranking.
    pub ranking: Share,
    /// Glorot uniform above all others.
    pub top: Share,
    /// Any two of the four printed alike.
    pub tied: f64,
    /// Every ranking, rows of the table from the highest to the lowest, and its share; the most
    /// frequent first.
    pub rankings: Vec<(Vec<usize>, f64)>,
}

/// A share and how far the seeds at hand leave it open.
#[derive(Clone, Debug)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// Percentile bootstrap interval over seeds.
    pub interval: Result<Interval, Undefined>,
}

/// By chance, were all initializers alike and no two runs printed alike.
pub const RANKING_BY_CHANCE: f64 = 1.0 / 24.0;

/// By chance, likewise.
pub const TOP_BY_CHANCE: f64 = 0.25;

impl SingleRun {
    /// Of the samples of one scope.
    ///
    /// # Errors
    /// If an initializer has no run.
    pub fn new(samples: &[Sample], level: f64, resampling: Resampling) -> Result<Self, Undefined> {
        let printed: Vec<Vec<(u64, i64)>> = samples.iter().map(|s| s.printed(TEST)).collect();
        let runs = SingleRuns::new(&printed)?;
        let mut rankings: Vec<(Vec<usize>, f64)> = orders(TABLE.len())
            .into_iter()
            .map(|order| {
                let share = runs.order_share(&order);
                (order, share)
            })
            .collect();
        let strict: f64 = rankings.iter().map(|(_, share)| share).sum();
        rankings.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Ok(Self {
            combinations: printed.iter().map(|group| group.len() as f64).product(),
            ranking: Share {
                share: runs.order_share(&RANKING),
                interval: runs.order_interval(&RANKING, level, resampling),
            },
            top: Share {
                share: runs.top_share(GLOROT),
                interval: runs.top_interval(GLOROT, level, resampling),
            },
            tied: (1.0 - strict).max(0.0),
            rankings,
        })
    }
}
