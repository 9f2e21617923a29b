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
    /// The ranking that is printed most often, the first of [`Self::rankings`].
    pub frequent: Share,
    /// Any two of the four printed alike.
    pub tied: f64,
    /// Of any ranking, were all initializers alike: one in 24 of the combinations without a tie.
    pub ranking_by_chance: f64,
    /// Of any initializer above all others, likewise: one in four of those without a tie at the top.
    pub top_by_chance: f64,
    /// Every ranking, rows of the table from the highest to the lowest, and its share; the most
    /// frequent first.
    pub rankings: Vec<(Vec<usize>, f64)>,
}

impl SingleRun {
    /// The share of a ranking whose interval was sought: the published one, or the most frequent.
    #[must_use]
    pub fn share_of(&self, order: &[usize]) -> Option<&Share> {
        if order == RANKING {
            Some(&self.ranking)
        } else {
            (order == self.rankings[0].0).then_some(&self.frequent)
        }
    }
}

/// A share and how far the seeds at hand leave it open.
#[derive(Clone, Debug)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// Percentile bootstrap interval over seeds.
    pub interval: Result<Interval, Undefined>,
}

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
        let share_of = |order: &[usize]| Share {
            share: runs.order_share(order),
            interval: runs.order_interval(order, level, resampling),
        };
        let on_top: f64 = (0..TABLE.len()).map(|group| runs.top_share(group)).sum();
        Ok(Self {
            combinations: printed.iter().map(|group| group.len() as f64).product(),
            ranking: share_of(&RANKING),
            frequent: share_of(&rankings[0].0),
            top: Share {
                share: runs.top_share(GLOROT),
                interval: runs.top_interval(GLOROT, level, resampling),
            },
            tied: (1.0 - strict).max(0.0),
            ranking_by_chance: strict / rankings.len() as f64,
            top_by_chance: on_top / TABLE.len() as f64,
            rankings,
        })
    }
}
