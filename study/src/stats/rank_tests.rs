//! Tests of many groups by ranks: Kruskal-Wallis for independent groups, Friedman for blocks. Both
//! are variance ratios of mid-ranks, which is the usual statistic with its correction for ties.

use super::dist::{chi_square, fisher};
use super::outcome::{TestResult, Undefined, check_blocks, check_groups};
use super::rank::doubled_midranks;

/// Kruskal and Wallis's H (1952), p from chi-square with k − 1 degrees of freedom.
pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    check_groups(groups, 2, 1)?;
    let all: Vec<f64> = groups.concat();
    let (ranks, ties) = doubled_midranks(&all, |_| 0.0);
    if ties.len() == 1 {
        return Err(Undefined::NoVariation);
    }
    let total = all.len() as f64;
    let centre = total + 1.0;
    let spread: f64 = ranks.iter().map(|&r| (r as f64 - centre).powi(2)).sum();
    let mut rest = ranks.as_slice();
    let mut between = 0.0;
    for group in groups {
        let (own, others) = rest.split_at(group.len());
        rest = others;
        let sum: f64 = own.iter().map(|&r| r as f64 - centre).sum();
        between += sum * sum / group.len() as f64;
    }
    let h = (total - 1.0) * between / spread;
    let df = groups.len() as f64 - 1.0;
    Ok(TestResult::new("Kruskal-Wallis", h, chi_square::sf(h, df)).df(df))
}

/// Friedman's test (1937) with the mean ranks it compares.
#[derive(Debug, Clone, PartialEq)]
pub struct Friedman {
    /// Friedman's statistic, p from chi-square with k − 1 degrees of freedom.
    pub test: TestResult,
    /// Mean rank of each group over blocks; rank 1 is the smallest value.
    pub mean_ranks: Vec<f64>,
    /// Number of blocks.
    pub blocks: usize,
}

/// Friedman's test on blocks. Says whether groups are ordered alike in the blocks at hand: blocks
/// of seeds generalise over seeds, blocks of data sets (Demšar 2006) over data sets.
pub fn friedman(groups: &[&[f64]]) -> Result<Friedman, Undefined> {
    let n = check_blocks(groups, 2, 1)?;
    let k = groups.len();
    let centre = k as f64 + 1.0;
    let mut sums = vec![0.0; k];
    let mut spread = 0.0;
    for i in 0..n {
        let block: Vec<f64> = groups.iter().map(|g| g[i]).collect();
        for (sum, rank) in sums.iter_mut().zip(doubled_midranks(&block, |_| 0.0).0) {
            let deviation = rank as f64 - centre;
            *sum += deviation;
            spread += deviation * deviation;
        }
    }
    if spread == 0.0 {
        return Err(Undefined::NoDifferences);
    }
    let df = k as f64 - 1.0;
    let statistic = df * sums.iter().map(|s| s * s).sum::<f64>() / spread;
    Ok(Friedman {
        test: TestResult::new("Friedman", statistic, chi_square::sf(statistic, df)).df(df),
        mean_ranks: sums.iter().map(|s| 0.5 * (s / n as f64 + centre)).collect(),
        blocks: n,
    })
}

/// Iman and Davenport's F (1980), a closer approximation than Friedman's chi-square. Infinite, so
/// undefined, when all blocks rank the groups alike.
pub fn iman_davenport(groups: &[&[f64]]) -> Result<TestResult, Undefined> {
    let n = check_blocks(groups, 2, 2)? as f64;
    let friedman = friedman(groups)?;
    let df = groups.len() as f64 - 1.0;
    let room = n * df - friedman.test.statistic;
    if room <= 1e-12 * n * df {
        return Err(Undefined::Infinite);
    }
    let f = (n - 1.0) * friedman.test.statistic / room;
    let df_error = df * (n - 1.0);
    Ok(
        TestResult::new("Iman-Davenport", f, fisher::sf(f, df, df_error))
            .df(df)
            .df_error(df_error),
    )
}
