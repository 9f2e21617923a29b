//! The rows of ranks.csv: mean ranks of the groups over blocks of data sets.

use super::row::Row;
use crate::comparison::CriticalDifference;

/// A row for each group, the best first.
#[must_use]
pub fn rank_rows(metric: &str, ranks: &CriticalDifference) -> Vec<Row> {
    let row = |group: &crate::comparison::MeanRank| {
        Row::default()
            .with("metric", metric)
            .with("initializer", group.label.as_str())
            .with("mean_rank", group.mean_rank)
            .with("blocks", ranks.blocks)
            .with("critical_difference", ranks.difference)
            .with("alpha", ranks.alpha)
            .with("friedman_statistic", ranks.friedman.statistic)
            .with("friedman_df", ranks.friedman.df)
            .with("friedman_p", ranks.friedman.p)
    };
    ranks.groups.iter().map(row).collect()
}
