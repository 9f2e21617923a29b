//! What single runs would show: how often one run of each group, drawn from those there are, comes
//! out in an order. Counted over all combinations, not sampled.

use std::collections::BTreeSet;

use super::describe::{quantile_sorted, sorted};
use super::outcome::{Interval, Undefined};
use super::resample::Resampling;

/// Resampling fewer blocks gives intervals of next to no width: two whose runs all miss an order
/// have a share of 0 in every resample.
const FEWEST_BLOCKS: usize = 5;

/// Runs of several groups as they are printed: each a block (a seed) and a number of printed
/// units, so that what prints alike is equal.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleRuns {
    /// Blocks of all groups together.
    blocks: usize,
    /// Printed value and block of each run, by value, group by group.
    groups: Vec<Vec<(i64, usize)>>,
}

impl SingleRuns {
    /// Of at least two groups, each with a run; fewer combinations than 2¹²⁸.
    pub fn new(groups: &[Vec<(u64, i64)>]) -> Result<Self, Undefined> {
        if groups.len() < 2 {
            let got = groups.len();
            return Err(Undefined::TooFewGroups { needed: 2, got });
        }
        if groups.iter().any(Vec::is_empty) {
            return Err(Undefined::TooFew { needed: 1, got: 0 });
        }
        let combinations = groups.iter().try_fold(1_u128, |product, group| {
            product.checked_mul(group.len() as u128)
        });
        if combinations.is_none() {
            return Err(Undefined::TooManyCombinations);
        }
        let blocks: BTreeSet<u64> = groups.iter().flatten().map(|(block, _)| *block).collect();
        let blocks: Vec<u64> = blocks.into_iter().collect();
        let by_value = |group: &Vec<(u64, i64)>| {
            let place = |block: &u64| blocks.partition_point(|other| other < block);
            let runs = group.iter().map(|(block, value)| (*value, place(block)));
            let mut runs: Vec<(i64, usize)> = runs.collect();
            runs.sort_unstable();
            runs
        };
        Ok(Self {
            groups: groups.iter().map(by_value).collect(),
            blocks: blocks.len(),
        })
    }

    /// The share of combinations in which the groups come out in `order`, highest first, no two
    /// alike.
    #[must_use]
    pub fn order_share(&self, order: &[usize]) -> f64 {
        self.weighted_order_share(order, &self.once_each())
            .unwrap_or_default()
    }

    /// The share of combinations in which `group` comes out higher than every other.
    #[must_use]
    pub fn top_share(&self, group: usize) -> f64 {
        self.weighted_top_share(group, &self.once_each())
            .unwrap_or_default()
    }

    /// Percentile bootstrap interval of [`Self::order_share`], blocks drawn with replacement.
    pub fn order_interval(
        &self,
        order: &[usize],
        level: f64,
        resampling: Resampling,
    ) -> Result<Interval, Undefined> {
        self.interval(level, resampling, |w| self.weighted_order_share(order, w))
    }

    /// Percentile bootstrap interval of [`Self::top_share`], blocks drawn with replacement.
    pub fn top_interval(
        &self,
        group: usize,
        level: f64,
        resampling: Resampling,
    ) -> Result<Interval, Undefined> {
        self.interval(level, resampling, |w| self.weighted_top_share(group, w))
    }

    fn once_each(&self) -> Vec<u64> {
        vec![1; self.blocks]
    }

    /// Chains that rise from the last group of the order to the first, a run of weight w standing
    /// for w runs. None where a group has no run of any weight.
    fn weighted_order_share(&self, order: &[usize], weights: &[u64]) -> Option<f64> {
        let combinations = self.combinations(order, weights)?;
        let mut rising = order.iter().rev().map(|&group| &self.groups[group]);
        let lowest = rising.next()?;
        let weigh = |&(value, block): &(i64, usize)| (value, u128::from(weights[block]));
        let mut chains: Vec<(i64, u128)> = lowest.iter().map(weigh).collect();
        for group in rising {
            let mut below = chains.iter().peekable();
            let mut reached = 0;
            let higher = group.iter().map(|run| {
                let (value, weight) = weigh(run);
                while let Some((_, count)) = below.next_if(|(lower, _)| *lower < value) {
                    reached += count;
                }
                (value, weight * reached)
            });
            chains = higher.collect();
        }
        let count: u128 = chains.iter().map(|(_, count)| count).sum();
        Some(count as f64 / combinations)
    }

    fn weighted_top_share(&self, top: usize, weights: &[u64]) -> Option<f64> {
        let all: Vec<usize> = (0..self.groups.len()).collect();
        let combinations = self.combinations(&all, weights)?;
        let others = all.into_iter().filter(|&group| group != top);
        let mut others: Vec<_> = others
            .map(|group| (self.groups[group].iter().peekable(), 0_u128))
            .collect();
        let mut count = 0;
        for &(value, block) in &self.groups[top] {
            let mut product = u128::from(weights[block]);
            for (runs, below) in &mut others {
                while let Some((_, block)) = runs.next_if(|(lower, _)| *lower < value) {
                    *below += u128::from(weights[*block]);
                }
                product *= *below;
            }
            count += product;
        }
        Some(count as f64 / combinations)
    }

    fn combinations(&self, groups: &[usize], weights: &[u64]) -> Option<f64> {
        let size = |&group: &usize| {
            let runs = self.groups[group].iter();
            runs.map(|(_, block)| weights[*block]).sum::<u64>()
        };
        let product: f64 = groups.iter().map(|group| size(group) as f64).product();
        (product > 0.0).then_some(product)
    }

    fn interval(
        &self,
        level: f64,
        resampling: Resampling,
        share: impl Fn(&[u64]) -> Option<f64>,
    ) -> Result<Interval, Undefined> {
        let mut draws = resampling.check(level)?;
        if self.blocks < FEWEST_BLOCKS {
            let (needed, got) = (FEWEST_BLOCKS, self.blocks);
            return Err(Undefined::TooFew { needed, got });
        }
        let mut weights = vec![0; self.blocks];
        let replicates = (0..resampling.resamples).filter_map(|_| {
            weights.fill(0);
            for _ in 0..self.blocks {
                weights[draws.below(self.blocks)] += 1;
            }
            share(&weights)
        });
        let replicates = sorted(&replicates.collect::<Vec<f64>>());
        if replicates.is_empty() {
            return Err(Undefined::TooFew { needed: 1, got: 0 });
        }
        let tail = (1.0 - level) / 2.0;
        Ok(Interval {
            low: quantile_sorted(&replicates, tail),
            high: quantile_sorted(&replicates, 1.0 - tail),
            level,
        })
    }
}

/// Every order of `count` things, the first in ascending order.
#[must_use]
pub fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..count {
        let longer = orders.iter().flat_map(|order: &Vec<usize>| {
            let rest = (0..count).filter(|thing| !order.contains(thing));
            rest.map(|thing| [order.as_slice(), &[thing]].concat())
        });
        orders = longer.collect();
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs() -> Vec<Vec<(u64, i64)>> {
        let groups = [
            vec![5, 7, 7, 2, 9],
            vec![5, 6, 1, 8],
            vec![3, 3, 4, 7, 2, 8],
            vec![1, 5, 9],
        ];
        let numbered = |group: Vec<i64>| (0..).zip(group).collect();
        groups.into_iter().map(numbered).collect()
    }

    /// One run of each group after another, weighed.
    fn by_enumeration(
        groups: &[Vec<(u64, i64)>],
        weights: &[u64],
        counts: impl Fn(&[i64]) -> bool,
    ) -> f64 {
        let mut combinations = vec![(Vec::new(), 1_u64)];
        for group in groups {
            let longer = combinations.iter().flat_map(|(values, weight)| {
                group.iter().map(move |(block, value)| {
                    let values = [values.as_slice(), &[*value]].concat();
                    (values, weight * weights[*block as usize])
                })
            });
            combinations = longer.collect();
        }
        let total: u64 = combinations.iter().map(|(_, weight)| weight).sum();
        let counted = combinations.iter().filter(|(values, _)| counts(values));
        counted.map(|(_, weight)| weight).sum::<u64>() as f64 / total as f64
    }

    #[test]
    fn every_order_is_counted_as_by_enumeration() {
        let groups = runs();
        let single = SingleRuns::new(&groups).unwrap();
        for weights in [vec![1; 6], vec![2, 0, 1, 3, 0, 1]] {
            for order in orders(4) {
                let in_order = |v: &[i64]| order.windows(2).all(|w| v[w[0]] > v[w[1]]);
                let expected = by_enumeration(&groups, &weights, in_order);
                let share = single.weighted_order_share(&order, &weights);
                assert_eq!(share, Some(expected), "{order:?}");
            }
            for top in 0..4 {
                let highest = |v: &[i64]| (0..4).all(|i| i == top || v[top] > v[i]);
                let expected = by_enumeration(&groups, &weights, highest);
                assert_eq!(single.weighted_top_share(top, &weights), Some(expected));
            }
        }
    }

    #[test]
    fn orders_and_ties_are_all_there_is() {
        let groups = runs();
        let single = SingleRuns::new(&groups).unwrap();
        let strict: f64 = orders(4).iter().map(|o| single.order_share(o)).sum();
        let tied = |v: &[i64]| (0..4).any(|i| (0..i).any(|j| v[i] == v[j]));
        let tied = by_enumeration(&groups, &[1; 6], tied);
        assert!((strict + tied - 1.0).abs() < 1e-12);
        assert_eq!(orders(4).len(), 24);
    }

    #[test]
    fn one_seed_has_a_share_but_no_interval() {
        let groups = vec![vec![(0, 2)], vec![(0, 1)]];
        let single = SingleRuns::new(&groups).unwrap();
        assert_eq!(single.order_share(&[0, 1]), 1.0);
        let interval = single.order_interval(&[0, 1], 0.95, Resampling::new(0));
        assert_eq!(interval, Err(Undefined::TooFew { needed: 5, got: 1 }));
        let empty = SingleRuns::new(&[vec![(0, 1)], Vec::new()]);
        assert_eq!(empty, Err(Undefined::TooFew { needed: 1, got: 0 }));
    }

    #[test]
    fn combinations_past_counting_are_refused_as_that() {
        let groups = vec![vec![(0, 1), (1, 2)]; 128];
        let refused = Err(Undefined::TooManyCombinations);
        assert_eq!(SingleRuns::new(&groups), refused);
        assert!(SingleRuns::new(&groups[1..]).is_ok());
    }
}
