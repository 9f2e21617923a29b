//! Our runs beside a row of the published table.

use super::table::{METRICS, PublishedRow, TABLE, as_printed, row_of};
use crate::record::RunRecord;

/// The runs of one initializer under one scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The row that they stand beside.
    pub row: &'static PublishedRow,
    /// Seed and numbers, in the order of [`METRICS`], of every run that ended well; seeds ascending.
    pub runs: Vec<(u64, [f64; METRICS.len()])>,
    /// Runs that diverged and have no numbers.
    pub diverged: usize,
}

impl Sample {
    /// The samples beside each row of the table; runs of other initializers are left out.
    #[must_use]
    pub fn all(runs: &[RunRecord]) -> Vec<Self> {
        let of_row = |index: usize| {
            let of_row = runs.iter().filter(|run| row_of(run) == Some(index));
            let count = of_row.clone().count();
            let numbers = |run: &RunRecord| {
                let values: Option<Vec<f64>> = METRICS.iter().map(|m| m.of(run)).collect();
                Some((run.seed, values?.try_into().ok()?))
            };
            let mut finished: Vec<_> = of_row.filter_map(numbers).collect();
            finished.sort_unstable_by_key(|(seed, _)| *seed);
            Self {
                row: &TABLE[index],
                diverged: count - finished.len(),
                runs: finished,
            }
        };
        (0..TABLE.len()).map(of_row).collect()
    }

    /// The values of one metric.
    #[must_use]
    pub fn values(&self, metric: usize) -> Vec<f64> {
        self.runs.iter().map(|(_, values)| values[metric]).collect()
    }

    /// Seeds and what the paper would have printed of one metric.
    #[must_use]
    pub fn printed(&self, metric: usize) -> Vec<(u64, i64)> {
        let printed =
            |(seed, values): &(u64, [f64; METRICS.len()])| (*seed, as_printed(values[metric]));
        self.runs.iter().map(printed).collect()
    }
}
