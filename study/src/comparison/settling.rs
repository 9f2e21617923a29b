//! How the verdicts settled: the adjusted p of each pair had the study ended at fewer seeds. A
//! description of the data at hand, not a test that may stop at will.

use std::collections::BTreeSet;

use super::{Comparison, Group, Settings, family::compare_all};

/// Adjusted p-values by number of seeds.
#[derive(Clone, Debug)]
pub struct Settling {
    /// Numbers of seeds, ascending; the last is all of them.
    pub seeds: Vec<usize>,
    /// Each pair that is compared, in the order of an analysis.
    pub pairs: Vec<SettlingPair>,
}

/// One pair by number of seeds.
#[derive(Clone, Debug)]
pub struct SettlingPair {
    /// Index of the first group.
    pub first: usize,
    /// Index of the second.
    pub second: usize,
    /// Name of the first group.
    pub a: String,
    /// Name of the second.
    pub b: String,
    /// p adjusted for all pairs, at each number of seeds; none where there is no test.
    pub p_adjusted: Vec<Option<f64>>,
    /// The same of equivalence; none where there is no margin.
    pub p_equivalence: Vec<Option<f64>>,
}

/// At how many numbers of seeds, at most, the tests are made.
const STEPS: usize = 20;

/// The pairs' tests over the first seeds, ascending, at about twenty numbers of them, each the
/// same ratio from the last. Seeds without a value in any group do not count.
#[must_use]
pub fn settling(groups: &[Group], settings: &Settings) -> Settling {
    let seeds: BTreeSet<u64> = groups.iter().flat_map(Group::pairs).collect();
    let seeds: Vec<u64> = seeds.into_iter().collect();
    let numbers = numbers(seeds.len());
    let at = |n: usize| -> Vec<Comparison> {
        let last = seeds[n - 1];
        let first: Vec<Group> = groups.iter().map(|group| group.up_to(last)).collect();
        compare_all(&first, settings)
    };
    let mut pairs: Vec<SettlingPair> = Vec::new();
    for &n in &numbers {
        let comparisons = at(n);
        if pairs.is_empty() {
            pairs.extend(comparisons.iter().map(|c| SettlingPair {
                first: c.first,
                second: c.second,
                a: c.a.clone(),
                b: c.b.clone(),
                p_adjusted: Vec::new(),
                p_equivalence: Vec::new(),
            }));
        }
        for (pair, comparison) in pairs.iter_mut().zip(&comparisons) {
            pair.p_adjusted.push(comparison.p_adjusted);
            pair.p_equivalence.push(comparison.p_equivalence_adjusted);
        }
    }
    Settling {
        seeds: numbers,
        pairs,
    }
}

/// From 2 to `all`, both included, on a scale of equal ratios.
fn numbers(all: usize) -> Vec<usize> {
    if all < 2 {
        return Vec::new();
    }
    let ratio = (all as f64 / 2.0).ln() / (STEPS - 1) as f64;
    let at = |step: usize| (2.0 * (ratio * step as f64).exp()).round() as usize;
    let distinct: BTreeSet<usize> = (0..STEPS).map(at).collect();
    distinct.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_seeds_ascend_from_two_to_all() {
        for all in [2, 3, 7, 24, 100, 200, 1000] {
            let numbers = numbers(all);
            assert_eq!(
                (numbers[0], numbers[numbers.len() - 1]),
                (2, all),
                "{numbers:?}"
            );
            assert!(numbers.len() <= STEPS);
        }
        assert!(numbers(1).is_empty() && numbers(0).is_empty());
    }
}
