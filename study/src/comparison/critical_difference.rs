//! Mean ranks over blocks and the least difference of two that is one, as Demšar (2006, "Statistical
//! comparisons of classifiers over multiple data sets", JMLR 7) draws them.

use crate::stats::{
    TestResult, Undefined,
    outcome::check,
    rank_tests::{Friedman, friedman},
    tukey::nemenyi,
};

/// Groups by their mean rank over blocks, and which of them Nemenyi's test does not tell apart.
#[derive(Clone, Debug)]
pub struct CriticalDifference {
    /// The groups, the best, of the smallest mean rank, first.
    pub groups: Vec<MeanRank>,
    /// Number of blocks.
    pub blocks: usize,
    /// Level α of the test.
    pub alpha: f64,
    /// Mean ranks that differ by so much, or more, differ: q_α √(k(k + 1)/(6N)), q_α the
    /// studentized range's quantile over √2.
    pub difference: f64,
    /// Friedman's test of all groups together.
    pub friedman: TestResult,
    /// Groups in a row, by their places in `groups`, first and last, of which no two differ; none
    /// lies within another.
    pub cliques: Vec<(usize, usize)>,
}

/// A group's mean rank.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanRank {
    /// The group.
    pub label: String,
    /// Its mean rank over the blocks, from 1, the best; ties have the mean of their ranks.
    pub mean_rank: f64,
}

/// Which values of a block rank first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The largest, as of an accuracy.
    Largest,
    /// The smallest, as of a loss.
    Smallest,
}

/// Ranks the groups `labels` within each block, a data set as a rule, whose values come in the
/// order of the labels.
///
/// # Errors
/// Fewer than two groups, no block, a block of another length, a value that is not finite, or an α
/// out of range; blocks all of whose values tie.
pub fn critical_difference(
    labels: &[String],
    blocks: &[Vec<f64>],
    best: Best,
    alpha: f64,
) -> Result<CriticalDifference, Undefined> {
    let k = labels.len();
    if let Some(block) = blocks.iter().find(|block| block.len() != k) {
        return Err(Undefined::Unpaired {
            a: k,
            b: block.len(),
        });
    }
    for block in blocks {
        check(block, 0)?;
    }
    let sign = match best {
        Best::Largest => -1.0,
        Best::Smallest => 1.0,
    };
    let groups: Vec<Vec<f64>> = (0..k)
        .map(|group| blocks.iter().map(|block| sign * block[group]).collect())
        .collect();
    let slices: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
    let Friedman {
        test, mean_ranks, ..
    } = friedman(&slices)?;
    // Every pair's interval is its difference of mean ranks ± the critical difference.
    let difference = nemenyi(&slices, 1.0 - alpha)?
        .into_iter()
        .find_map(|pair| pair.outcome.ok())
        .map(|outcome| (outcome.interval.high - outcome.interval.low) / 2.0)
        .ok_or(Undefined::NoConvergence)?;
    let mut groups: Vec<MeanRank> = labels
        .iter()
        .cloned()
        .zip(mean_ranks)
        .map(|(label, mean_rank)| MeanRank { label, mean_rank })
        .collect();
    groups.sort_by(|a, b| a.mean_rank.total_cmp(&b.mean_rank));
    Ok(CriticalDifference {
        cliques: cliques(&groups, difference),
        groups,
        blocks: blocks.len(),
        alpha,
        difference,
        friedman: test,
    })
}

/// The longest rows of two or more groups whose first and last differ by less than `difference`.
fn cliques(groups: &[MeanRank], difference: f64) -> Vec<(usize, usize)> {
    let mut cliques: Vec<(usize, usize)> = Vec::new();
    for first in 0..groups.len() {
        let near = |group: &MeanRank| group.mean_rank - groups[first].mean_rank < difference;
        let last = groups.partition_point(near) - 1;
        if last > first && cliques.last().is_none_or(|&(_, end)| last > end) {
            cliques.push((first, last));
        }
    }
    cliques
}
