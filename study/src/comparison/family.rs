//! All comparisons of a metric: made, adjusted for one another, and judged.

use std::collections::HashMap;

use super::{
    Comparison, Design, Group, Settings, Test, Tested,
    group::{blocks, with_values},
    pair::{Values, compare},
};
use crate::{
    parallel,
    stats::{
        Undefined,
        adjust::Adjustment,
        dunnett::dunnett,
        max_t::{MaxT, max_t},
        pairwise::{self, Pairwise},
        sequential::Verdict,
        tukey::{games_howell, nemenyi, tukey_blocks, tukey_hsd},
    },
};

/// Indices of every pair of groups, or of every group and the control.
pub(super) fn pairs(groups: usize, control: Option<usize>) -> Vec<(usize, usize)> {
    match control {
        Some(control) => (0..groups)
            .filter(|&i| i != control)
            .map(|i| (i, control))
            .collect(),
        None => pairwise::pairs(groups).collect(),
    }
}

/// Every pair of groups, or every group against the control.
pub(super) fn compare_all(groups: &[Group], settings: &Settings) -> Vec<Comparison> {
    let family = pairs(groups.len(), settings.control);
    // What a test in blocks says must not be said of other runs than those it saw.
    let blocks = settings.test.is_blocked().then(|| blocks(groups));
    let mut comparisons = parallel::map(&family, |&(i, j)| {
        let (a, b) = (&groups[i], &groups[j]);
        let compare = |of_a: &[f64], of_b: &[f64]| {
            let values = Values { a: of_a, b: of_b };
            compare((i, a), (j, b), values, settings)
        };
        match (&blocks, settings.design()) {
            (Some(blocks), _) => compare(&blocks[i], &blocks[j]),
            (None, Design::Paired) => {
                let (of_a, of_b) = a.paired_with(b);
                compare(&of_a, &of_b)
            }
            (None, Design::Independent) => compare(&a.values, &b.values),
        }
    });
    if settings.test.is_simultaneous() {
        test_together(groups, blocks, settings, &mut comparisons);
    } else {
        for comparison in &mut comparisons {
            comparison.p_adjusted = comparison.p();
        }
        let p = comparisons.iter_mut().flat_map(|c| &mut c.p_adjusted);
        settings.adjustment.adjust_in_place(p);
    }
    // A simultaneous test has no p-values of equivalence to go with it.
    let equivalence = if settings.test.is_simultaneous() {
        Adjustment::Holm
    } else {
        settings.adjustment
    };
    let tost = |c: &Comparison| Some(c.equivalence.as_ref()?.as_ref().ok()?.test.p);
    for comparison in &mut comparisons {
        comparison.p_equivalence_adjusted = tost(comparison);
    }
    let p = comparisons
        .iter_mut()
        .flat_map(|c| &mut c.p_equivalence_adjusted);
    equivalence.adjust_in_place(p);
    for comparison in &mut comparisons {
        comparison.verdict = verdict(comparison, settings.alpha);
    }
    comparisons
}

/// Puts the results of a simultaneous test in their places.
fn test_together(
    groups: &[Group],
    blocks: Option<Vec<Vec<f64>>>,
    settings: &Settings,
    comparisons: &mut [Comparison],
) {
    let values = blocks.unwrap_or_else(|| groups.iter().map(|g| g.values.clone()).collect());
    let kept = with_values(groups);
    let slices: Vec<&[f64]> = kept.iter().map(|&i| values[i].as_slice()).collect();
    if settings.test == Test::MaxT {
        return permute_together(&slices, &kept, settings, comparisons);
    }
    let level = settings.level();
    let control = kept.iter().position(|&i| Some(i) == settings.control);
    let (name, results) = match settings.test {
        Test::Tukey => ("Tukey HSD", tukey_hsd(&slices, level)),
        Test::GamesHowell => ("Games-Howell", games_howell(&slices, level)),
        Test::TukeyBlocks => ("Tukey in blocks", tukey_blocks(&slices, level)),
        Test::Nemenyi => ("Nemenyi", nemenyi(&slices, level)),
        _ => (
            "Dunnett",
            dunnett(&slices, control.unwrap_or(usize::MAX), level),
        ),
    };
    let outcomes = by_pair(results, |r: Pairwise| ((kept[r.a], kept[r.b]), r.outcome));
    for comparison in comparisons {
        let outcome = outcomes(comparison);
        comparison.p_adjusted = outcome.as_ref().ok().map(|o| o.p);
        comparison.test = outcome.as_ref().map_err(|e| *e).map(|o| Tested {
            name,
            statistic: o.statistic,
            df: o.df,
            p: None,
            smallest_p: None,
        });
        // Nemenyi's interval is one of mean ranks; the paired t's, of means, stays.
        if settings.test.has_simultaneous_intervals() {
            comparison.interval = outcome.map(|o| o.interval);
            comparison.interval_method = name;
        }
    }
}

fn permute_together(
    slices: &[&[f64]],
    kept: &[usize],
    settings: &Settings,
    comparisons: &mut [Comparison],
) {
    let results = max_t(slices, settings.resampling);
    let outcomes = by_pair(results, |r: MaxT| ((kept[r.a], kept[r.b]), r.outcome));
    for comparison in comparisons {
        let outcome = outcomes(comparison);
        comparison.p_adjusted = outcome.as_ref().ok().map(|o| o.p_step_down);
        comparison.test = outcome.map(|o| Tested {
            name: "permutation max-T",
            statistic: o.statistic,
            df: None,
            p: None,
            smallest_p: Some(o.smallest_p),
        });
    }
}

/// The outcome of each comparison, or why the family as a whole has none.
fn by_pair<R, T: Clone>(
    results: Result<Vec<R>, Undefined>,
    part: impl Fn(R) -> ((usize, usize), Result<T, Undefined>),
) -> impl Fn(&Comparison) -> Result<T, Undefined> {
    let outcomes: Result<HashMap<_, _>, Undefined> =
        results.map(|results| results.into_iter().map(part).collect());
    move |comparison| match &outcomes {
        Ok(outcomes) => {
            let pair = (comparison.first, comparison.second);
            let no_values = Undefined::TooFew { needed: 1, got: 0 };
            outcomes.get(&pair).cloned().unwrap_or(Err(no_values))
        }
        Err(why) => Err(*why),
    }
}

/// Equivalence goes first: with a margin stated, a difference known to lie within it is of no
/// consequence, even where it is known not to be zero. A pair without a test gets no verdict.
fn verdict(comparison: &Comparison, alpha: f64) -> Option<Verdict> {
    let equivalent = comparison
        .p_equivalence_adjusted
        .is_some_and(|p| p <= alpha);
    match comparison.p_adjusted {
        Some(_) if equivalent => Some(Verdict::Equivalent),
        Some(p) if p <= alpha => Some(Verdict::Different),
        Some(_) => Some(Verdict::Undecided),
        None => None,
    }
}
