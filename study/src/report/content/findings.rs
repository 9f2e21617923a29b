//! The verdicts in sentences. Undecided is not equal, and no sentence here says so.

use super::{
    Origin, Rows, Scale, Study,
    accuracy::{Standing, few, is_tested, leaders, names, standings},
    counted, listed, named_list,
    number::fixed,
    ok,
    pairs::{self, is_unequal_though_equivalent},
    percent, sequential,
    words::{omnibus_words, statistic_words},
};
use crate::{
    comparison::{Analysis, Comparison, CriticalDifference, Omnibus},
    stats::{Undefined, sequential::Verdict},
};

/// The verdicts.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What is said of all groups together.
    pub lead: Vec<Finding>,
    /// The pairs, by verdict.
    pub groups: Vec<FindingsGroup>,
}

/// Pairs of one verdict.
#[derive(Clone, Debug)]
pub struct FindingsGroup {
    /// The verdict and how many pairs have it.
    pub head: String,
    /// What the verdict means.
    pub note: String,
    /// A sentence for each pair.
    pub findings: Vec<Finding>,
}

/// A sentence.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The sentence.
    pub text: String,
    /// Where its numbers stand.
    pub origin: Option<Origin>,
}

pub(super) fn of(study: &Study<'_>, rows: &Rows) -> Findings {
    let Some(analysis) = study.main() else {
        return Findings::default();
    };
    let scale = Scale::of(study.metric, analysis, study.spread);
    let mut lead: Vec<Finding> = unfinished(study).into_iter().collect();
    lead.extend(sequential::lead(study));
    lead.extend(leading(study, analysis, &scale, rows));
    lead.extend(counts(study, analysis, &scale));
    let omnibus = analysis.omnibus.iter().enumerate();
    lead.extend(
        omnibus.filter_map(|(index, o)| together(index, o, &analysis.metric, study.noun(), rows)),
    );
    lead.extend(study.ranks.map(|ranks| ranked(ranks, study.block_cautions)));
    let mut groups = sequential::by_verdict(study);
    groups.extend(pairs::by_verdict(study, analysis, &scale, rows));
    Findings { lead, groups }
}

/// That runs are still to come, so that this is no report of what was asked for.
fn unfinished(study: &Study<'_>) -> Option<Finding> {
    let (missing, asked) = study.untried.filter(|(missing, _)| *missing > 0)?;
    let text = format!(
        "The sweep is not finished: {missing} of the {} it asked for have not been tried, and what follows is of the others.",
        counted(asked as usize, "run")
    );
    Some(Finding { text, origin: None })
}

/// Who leads, who was not found worse, and who was not tested.
fn leading(study: &Study<'_>, analysis: &Analysis, scale: &Scale, rows: &Rows) -> Option<Finding> {
    let leaders = leaders(analysis, study.metric);
    let index = *leaders.first()?;
    let summary = &analysis.summaries[index];
    let values = summary.values.as_ref().ok()?;
    let interval = ok(&summary.interval);
    let of_mean = interval.filter(|_| leaders.len() == 1);
    let of_mean = of_mean.map_or(String::new(), |i| {
        let level = percent(i.level);
        format!(
            "{level}\u{a0}% interval {} to {}, ",
            scale.value(i.low),
            scale.value(i.high)
        )
    });
    let (extreme, worse) = if study.metric.is_loss() {
        ("lowest", "higher")
    } else {
        ("highest", "lower")
    };
    let standings = standings(analysis, study.metric, study.settings.alpha);
    let named = |standing| few(&names(analysis, &standings, standing));
    let [not_worse, found_worse, untested] =
        [Standing::NotWorse, Standing::Worse, Standing::Untested].map(named);
    let is_tested = is_tested(analysis, &standings);
    let mut rest = String::new();
    if !not_worse.is_empty() {
        rest += &format!("; not found significantly {worse}: {not_worse}");
    } else if !found_worse.is_empty() {
        rest += &format!(
            "; every {} tested against it is significantly {worse}",
            study.noun()
        );
    }
    if is_tested && !untested.is_empty() {
        rest += &format!("; not tested: {untested}");
    }
    rest += ".";
    if !not_worse.is_empty() {
        rest += &format!(" A {extreme} mean alone makes no winner.");
    }
    if !is_tested {
        rest += " No test compares it with another, so that nothing says it is the best.";
    }
    let label = study.metric.label();
    let mean = format!("{}{}", scale.value(values.mean), scale.unit);
    let n = values.n;
    let text = if leaders.len() == 1 {
        format!(
            "The {extreme} mean {label} is that of {}: {mean} ({of_mean}n\u{a0}=\u{a0}{n}){rest}",
            summary.group
        )
    } else {
        let best = names(analysis, &standings, Standing::Best);
        let groups = if best.len() == analysis.summaries.len() {
            format!("All {} {}s have one mean {label}", best.len(), study.noun())
        } else {
            format!("The {extreme} mean {label} is shared by {}", few(&best))
        };
        format!("{groups}: {mean}{}{rest}", identical(analysis, &leaders))
    };
    let values = [
        ("mean", Some(values.mean)),
        ("ci_low", interval.map(|i| i.low)),
        ("ci_high", interval.map(|i| i.high)),
        ("n", Some(values.n as f64)),
    ];
    let origin = Some(rows.summary(&analysis.metric, index, &values));
    Some(Finding { text, origin })
}

/// Whether groups of one mean are one run by run, too.
fn identical(analysis: &Analysis, leaders: &[usize]) -> &'static str {
    let among = |c: &&Comparison| leaders.contains(&c.first) && leaders.contains(&c.second);
    let mut among = analysis.comparisons.iter().filter(among).peekable();
    let same =
        |c: &Comparison| c.n() > 0 && c.test.as_ref().err() == Some(&Undefined::NoDifferences);
    if among.peek().is_some() && among.all(same) {
        ", and their runs are identical, seed by seed"
    } else {
        ""
    }
}

/// How many pairs have which verdict.
fn counts(study: &Study<'_>, analysis: &Analysis, scale: &Scale) -> Option<Finding> {
    let of = |kind| {
        analysis
            .comparisons
            .iter()
            .filter(|c| c.verdict == kind)
            .count()
    };
    let total = analysis.comparisons.len();
    if total == 0 {
        return None;
    }
    let mut parts = vec![format!("{} different", of(Some(Verdict::Different)))];
    if let Some(margin) = study.settings.margin {
        let equivalent = of(Some(Verdict::Equivalent));
        let unequal = analysis.comparisons.iter();
        let unequal = unequal.filter(|c| is_unequal_though_equivalent(c, study.settings));
        let too = match unequal.count() {
            0 => String::new(),
            n => format!(" ({n} of them also significantly different)"),
        };
        parts.push(format!(
            "{equivalent} equivalent within {}{too}",
            scale.margin(margin)
        ));
    }
    parts.push(format!("{} undecided", of(Some(Verdict::Undecided))));
    if of(None) > 0 {
        parts.push(format!("{} without a test", of(None)));
    }
    let by = match study.looks {
        None => "",
        Some(_) => " by the fixed-sample tests",
    };
    let (pairs, parts) = (counted(total, "pair"), listed(&parts));
    let mut text = format!("Of {pairs}{by}: {parts}.");
    if study.settings.margin.is_none() {
        text += match study.looks {
            None => format!(
                " Equivalence was not tested, as no margin was stated for {}.",
                study.metric.label()
            ),
            Some(_) => " Equivalence was tested by the looks alone.".to_owned(),
        }
        .as_str();
    }
    Some(Finding { text, origin: None })
}

/// A test of all groups together.
fn together(
    index: usize,
    omnibus: &Omnibus,
    metric: &str,
    noun: &str,
    rows: &Rows,
) -> Option<Finding> {
    // Of two groups the pair's own test says it.
    let result = omnibus
        .result
        .as_ref()
        .ok()
        .filter(|_| omnibus.groups > 2)?;
    let text = format!(
        "All {} {noun}s together, by {}: {}.",
        omnibus.groups,
        omnibus_words(omnibus.name),
        statistic_words(result)
    );
    let values = [
        ("statistic", Some(result.statistic)),
        ("df", result.df),
        ("df_error", result.df_error),
        ("p", Some(result.p)),
    ];
    let origin = Some(rows.omnibus(metric, index, &values));
    Some(Finding { text, origin })
}

/// The ranks over blocks of data sets.
fn ranked(ranks: &CriticalDifference, cautions: &[String]) -> Finding {
    let of_each: Vec<String> = ranks
        .groups
        .iter()
        .map(|group| format!("{} {}", group.label, fixed(group.mean_rank, 2)))
        .collect();
    let text = format!(
        "Mean ranks over {} blocks: {}; two that are closer than {} cannot be told apart (Nemenyi’s test, α\u{a0}=\u{a0}{}).",
        ranks.blocks,
        named_list(&of_each.iter().map(String::as_str).collect::<Vec<_>>()),
        fixed(ranks.difference, 2),
        ranks.alpha
    );
    let most = ranks.groups.len().saturating_sub(1) as f64;
    let text = if ranks.difference > most {
        format!(
            "{text} Mean ranks differ by {most} at the most, so that so few blocks can tell nothing apart."
        )
    } else {
        text
    };
    let cautions: Vec<String> = cautions.iter().map(|c| format!(" Caution: {c}.")).collect();
    let text = text + &cautions.concat();
    let values = vec![
        ("blocks", ranks.blocks as f64),
        ("critical_difference", ranks.difference),
        ("alpha", ranks.alpha),
    ];
    let origin = Some(Origin {
        file: "ranks.csv",
        line: 2,
        values,
    });
    Finding { text, origin }
}
