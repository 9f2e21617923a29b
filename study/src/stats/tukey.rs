//! All pairwise comparisons by the studentized range: Tukey's HSD for independent groups of one
//! variance, Games and Howell's for any variances, Tukey's for blocks, Nemenyi's for ranks.

use super::anova::Within;
use super::describe::mean;
use super::dist::studentized_range::StudentizedRange;
use super::outcome::{Interval, Undefined, bounded, check_groups, check_level};
use super::pairwise::{Comparison, Pairwise, pairs};
use super::rank_tests::friedman;
use super::repeated::Blocks;
use super::t_test::Estimate;
use std::f64::consts::SQRT_2;

/// Tukey's honestly significant difference, with Kramer's (1956) standard error where groups
/// differ in size.
pub fn tukey_hsd(groups: &[&[f64]], level: f64) -> Result<Vec<Pairwise>, Undefined> {
    check_level(level)?;
    let within = Within::new(groups)?;
    let k = groups.len();
    let range = StudentizedRange::shared(k);
    let critical = Critical::new(&range, within.df, level)?;
    let means: Vec<f64> = groups.iter().map(|g| mean(g)).collect();
    let inverse = |i: usize| 1.0 / groups[i].len() as f64;
    Ok(pairs(k)
        .map(|(a, b)| {
            let error = (within.mean_square * (inverse(a) + inverse(b))).sqrt();
            Pairwise {
                a,
                b,
                outcome: Ok(critical.compare(means[a] - means[b], error)),
            }
        })
        .collect())
}

/// Games and Howell's test (1976): each pair with its own variances and Welch's degrees of
/// freedom. A pair of two constant groups has no comparison, nor has a group of fewer than two
/// values, which is not of the family then.
pub fn games_howell(groups: &[&[f64]], level: f64) -> Result<Vec<Pairwise>, Undefined> {
    check_level(level)?;
    let (family, singletons): (Vec<&[f64]>, Vec<&[f64]>) =
        groups.iter().copied().partition(|group| group.len() >= 2);
    check_groups(&singletons, 0, 0)?;
    check_groups(&family, 2, 2)?;
    let range = StudentizedRange::shared(family.len());
    let compare = |a: usize, b: usize| {
        let welch = Estimate::welch(groups[a], groups[b])?;
        let critical = Critical::new(&range, welch.df, level)?;
        Ok(critical.compare(welch.difference, welch.standard_error))
    };
    Ok(pairs(groups.len())
        .map(|(a, b)| Pairwise {
            a,
            b,
            outcome: compare(a, b),
        })
        .collect())
}

/// Tukey's test in blocks: the residual of group + block is the error, with (k − 1)(n − 1)
/// degrees of freedom. Assumes sphericity.
pub fn tukey_blocks(groups: &[&[f64]], level: f64) -> Result<Vec<Pairwise>, Undefined> {
    check_level(level)?;
    let blocks = Blocks::new(groups)?;
    let error = (2.0 * blocks.mean_square / groups[0].len() as f64).sqrt();
    let range = StudentizedRange::shared(groups.len());
    let critical = Critical::new(&range, blocks.df, level)?;
    Ok(pairs(groups.len())
        .map(|(a, b)| {
            let difference = blocks.effects[a] - blocks.effects[b];
            Pairwise {
                a,
                b,
                outcome: Ok(critical.compare(difference, error)),
            }
        })
        .collect())
}

/// Nemenyi's test (1963) of Friedman's mean ranks, as Demšar (2006) gives it: two groups differ
/// when their mean ranks do by the critical difference, half the width of every interval here.
pub fn nemenyi(groups: &[&[f64]], level: f64) -> Result<Vec<Pairwise>, Undefined> {
    check_level(level)?;
    let friedman = friedman(groups)?;
    let k = groups.len() as f64;
    let error = (k * (k + 1.0) / (6.0 * friedman.blocks as f64)).sqrt();
    let range = StudentizedRange::shared(groups.len());
    let critical = Critical::new(&range, f64::INFINITY, level)?;
    Ok(pairs(groups.len())
        .map(|(a, b)| {
            let difference = friedman.mean_ranks[a] - friedman.mean_ranks[b];
            Pairwise {
                a,
                b,
                outcome: Ok(critical.compare(difference, error)),
            }
        })
        .collect())
}

/// A studentized range in units of t, with its critical value.
struct Critical<'a> {
    range: &'a StudentizedRange,
    df: f64,
    level: f64,
    t: f64,
}

impl<'a> Critical<'a> {
    fn new(range: &'a StudentizedRange, df: f64, level: f64) -> Result<Self, Undefined> {
        let t = range.upper_quantile(1.0 - level, df)? / SQRT_2;
        Ok(Self {
            range,
            df,
            level,
            t,
        })
    }

    fn compare(&self, difference: f64, standard_error: f64) -> Comparison {
        let statistic = difference / standard_error;
        Comparison {
            difference,
            standard_error,
            statistic,
            df: self.df.is_finite().then_some(self.df),
            p: bounded(self.range.sf(SQRT_2 * statistic.abs(), self.df)),
            interval: Interval::around(difference, self.t * standard_error, self.level),
        }
    }
}
