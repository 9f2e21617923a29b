//! Tests of all groups together, and the letters that sum the pairwise ones up.

use super::{
    Comparison, Design, Group, Settings, Summary,
    group::{blocks, with_values},
};
use crate::stats::{
    TestResult, Undefined,
    anova::{one_way_anova, welch_anova},
    letters::compact_letters,
    rank_tests::{friedman, iman_davenport, kruskal_wallis},
    repeated::repeated_anova,
    spread::brown_forsythe,
};

/// A test of all groups together.
#[derive(Clone, Debug)]
pub struct Omnibus {
    /// The method's name, also where it has no result.
    pub name: &'static str,
    /// Groups it was given: those with values, or with the two that a variance needs.
    pub groups: usize,
    /// Runs it was given: values of all groups, or, in blocks, pairs that every group has.
    pub n: usize,
    /// Its result.
    pub result: Result<TestResult, Undefined>,
}

pub(super) fn tests(groups: &[Group], settings: &Settings) -> Vec<Omnibus> {
    match settings.design() {
        Design::Independent => independent(groups),
        Design::Paired => paired(groups),
    }
}

fn independent(groups: &[Group]) -> Vec<Omnibus> {
    type Method = fn(&[&[f64]]) -> Result<TestResult, Undefined>;
    // A group of one run has no variance of its own: it must not take with it a test of the others.
    let of = |name, needed: usize, method: Method| {
        let values = groups.iter().map(|group| group.values.as_slice());
        let slices: Vec<&[f64]> = values.filter(|values| values.len() >= needed).collect();
        Omnibus {
            name,
            groups: slices.len(),
            n: slices.iter().map(|s| s.len()).sum(),
            result: method(&slices),
        }
    };
    vec![
        of("Welch ANOVA", 2, welch_anova),
        of("one-way ANOVA", 1, one_way_anova),
        of("Kruskal-Wallis", 1, kruskal_wallis),
        of("Brown-Forsythe", 2, brown_forsythe),
    ]
}

fn paired(groups: &[Group]) -> Vec<Omnibus> {
    let kept = with_values(groups);
    let blocks = blocks(groups);
    let slices: Vec<&[f64]> = kept.iter().map(|&i| blocks[i].as_slice()).collect();
    let blocked = |name, result| Omnibus {
        name,
        groups: kept.len(),
        n: slices.first().map_or(0, |s| s.len()),
        result,
    };
    vec![
        blocked(
            "repeated-measures ANOVA (Greenhouse-Geisser)",
            repeated_anova(&slices).map(|anova| anova.corrected),
        ),
        blocked("Friedman", friedman(&slices).map(|friedman| friedman.test)),
        blocked("Iman-Davenport", iman_davenport(&slices)),
    ]
}

/// Gives groups that no test told apart a letter in common; `a` goes to the largest mean. A group
/// that was not tested against each of the others has none: a letter would say what no test said.
pub(super) fn assign_letters(summaries: &mut [Summary], comparisons: &[Comparison], alpha: f64) {
    let has_values: Vec<bool> = summaries.iter().map(|s| s.values.is_ok()).collect();
    let mut differ = vec![vec![false; summaries.len()]; summaries.len()];
    let mut untested = vec![false; summaries.len()];
    for comparison in comparisons {
        let (i, j) = (comparison.first, comparison.second);
        let different = comparison.p_adjusted.is_some_and(|p| p <= alpha);
        differ[i][j] = different;
        differ[j][i] = different;
        if comparison.p_adjusted.is_none() && has_values[i] && has_values[j] {
            untested[i] = true;
            untested[j] = true;
        }
    }
    for (summary, _) in summaries.iter_mut().zip(&untested).filter(|(_, no)| **no) {
        summary.letters = Err(Undefined::Untested);
    }
    let lettered = (0..summaries.len()).filter(|&i| has_values[i] && !untested[i]);
    let mut order: Vec<usize> = lettered.collect();
    let mean = |i: usize| summaries[i].values.as_ref().map_or(f64::NAN, |v| v.mean);
    order.sort_by(|&i, &j| mean(j).total_cmp(&mean(i)));
    let letters = compact_letters(order.len(), |i, j| differ[order[i]][order[j]]);
    for (place, &i) in order.iter().enumerate() {
        summaries[i].letters = match &letters {
            Ok(letters) => Ok(Some(letters[place].clone())),
            Err(why) => Err(*why),
        };
    }
}
