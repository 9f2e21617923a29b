//! The verdicts in sentences. Undecided is not equal, and no sentence here says so.

use super::{
    Origin, Rows, Scale, Study,
    accuracy::{Standing, few, is_tested, leaders, names, standings},
    counted,
    differences::range,
    listed, named_list,
    number::{fixed, relation},
    ok, p_is, percent,
    words::omnibus_words,
};
use crate::{
    comparison::{Analysis, Comparison, CriticalDifference, Design, Omnibus, Settings},
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
    let mut lead: Vec<Finding> = leading(study, analysis, &scale, rows).into_iter().collect();
    lead.extend(counts(study, analysis, &scale));
    let omnibus = analysis.omnibus.iter().enumerate();
    lead.extend(
        omnibus.filter_map(|(index, o)| together(index, o, &analysis.metric, study.noun(), rows)),
    );
    lead.extend(study.ranks.map(|ranks| ranked(ranks, study.block_cautions)));
    let kinds = [
        Some(Verdict::Different),
        Some(Verdict::Equivalent),
        Some(Verdict::Undecided),
        None,
    ];
    let group = |kind: Option<Verdict>| {
        let of_kind = analysis.comparisons.iter().enumerate();
        let findings: Vec<Finding> = of_kind
            .filter(|(_, c)| c.verdict == kind)
            .map(|(index, c)| pair(study, index, c, &scale, rows))
            .collect();
        (!findings.is_empty()).then(|| {
            let (word, note) = meaning(kind, study.settings, &scale);
            FindingsGroup {
                head: format!("{word}: {}", counted(findings.len(), "pair")),
                note,
                findings,
            }
        })
    };
    Findings {
        lead,
        groups: kinds.into_iter().filter_map(group).collect(),
    }
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
    let mut text = format!("Of {}: {}.", counted(total, "pair"), listed(&parts));
    if study.settings.margin.is_none() {
        text += " Equivalence was not tested, as no margin was stated.";
    }
    if study.looks.is_some() {
        text += " Seeds were added by looks at the results, which these p-values and intervals do not allow for; sequential.csv in the sweep's folder has the verdicts that do.";
    }
    Some(Finding { text, origin: None })
}

/// Whether a pair is equivalent and its test of no difference rejects, too.
fn is_unequal_though_equivalent(c: &Comparison, settings: &Settings) -> bool {
    c.verdict == Some(Verdict::Equivalent) && c.p_adjusted.is_some_and(|p| p <= settings.alpha)
}

/// A test of all groups together.
fn together(
    index: usize,
    omnibus: &Omnibus,
    metric: &str,
    noun: &str,
    rows: &Rows,
) -> Option<Finding> {
    let result = omnibus.result.as_ref().ok()?;
    let df = match (result.df, result.df_error) {
        (Some(df), Some(error)) => format!(", df {} and {}", short(df), short(error)),
        (Some(df), None) => format!(", df {}", short(df)),
        _ => String::new(),
    };
    let text = format!(
        "All {} {noun}s together, by {}: statistic {}{df}, {}.",
        omnibus.groups,
        omnibus_words(omnibus.name),
        fixed(result.statistic, 2),
        p_is(result.p)
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

/// Degrees of freedom: whole numbers as such.
fn short(df: f64) -> String {
    fixed(df, if df.fract() == 0.0 { 0 } else { 2 })
}

/// What a verdict is called, and what it means.
fn meaning(kind: Option<Verdict>, settings: &Settings, scale: &Scale) -> (&'static str, String) {
    let alpha = settings.alpha;
    match kind {
        Some(Verdict::Different) => {
            let but = settings.margin.map_or(String::new(), |m| {
                format!(", and equivalence within {} was not shown", scale.margin(m))
            });
            (
                "Different",
                format!("The adjusted p is at most {alpha}{but}."),
            )
        }
        Some(Verdict::Equivalent) => {
            let margin = settings.margin.map_or(String::new(), |m| scale.margin(m));
            let text = format!(
                "Two one-sided tests reject, at {alpha} after adjustment, that the difference is as large as {margin}. This takes precedence: such a pair may be significantly different, too."
            );
            ("Equivalent", text)
        }
        Some(Verdict::Undecided) => (
            "Undecided",
            "Undecided is not equal: the interval has the differences that these runs leave open."
                .to_owned(),
        ),
        None => ("Without a test", "Nothing can be said of these.".to_owned()),
    }
}

fn pair(study: &Study<'_>, index: usize, c: &Comparison, scale: &Scale, rows: &Rows) -> Finding {
    let (a, b) = (&c.a, &c.b);
    let n = match c.design {
        Design::Paired => counted(c.n(), "pair"),
        Design::Independent => format!("{} and {} runs", c.n_a, c.n_b),
    };
    let interval = c.interval.ok().map_or(String::new(), |i| {
        format!(", {}\u{a0}% interval {}", percent(i.level), range(scale, i))
    });
    let unit = scale.difference_unit;
    let evidence = match c.difference() {
        Some(d) => format!(
            "a difference of {} {unit}{interval}, {n}",
            scale.difference(d)
        ),
        None if c.n() == 0 => format!(
            "no {} to compare",
            match c.design {
                Design::Paired => "pair of finished runs",
                Design::Independent => "finished runs",
            }
        ),
        None => format!("a difference that is unknown, {n}"),
    };
    let p = |p: Option<f64>| p.map_or("none".to_owned(), relation);
    let p_adjusted = p(c.p_adjusted);
    let text = match c.verdict {
        Some(Verdict::Different) => {
            let more = c.difference().is_some_and(|d| d > 0.0);
            let word = if more { "higher" } else { "lower" };
            format!("{a} is {word} than {b}: {evidence}, adjusted p\u{a0}{p_adjusted}.")
        }
        Some(Verdict::Equivalent) => {
            let margin = study
                .settings
                .margin
                .map_or(String::new(), |m| scale.margin(m));
            let p_equivalence = p(c.p_equivalence_adjusted);
            let though = if is_unequal_though_equivalent(c, study.settings) {
                format!(
                    " They are not equal, though (adjusted p\u{a0}{p_adjusted}): the difference is real and too small to matter by that margin."
                )
            } else {
                String::new()
            };
            format!(
                "{a} and {b} are equivalent within {margin}: {evidence}, adjusted p of equivalence\u{a0}{p_equivalence}.{though}"
            )
        }
        Some(Verdict::Undecided) => {
            format!("{a} and {b} are undecided: {evidence}, adjusted p\u{a0}{p_adjusted}.")
        }
        None => {
            let why = c
                .test
                .as_ref()
                .err()
                .map_or(String::new(), |why| format!(" ({why})"));
            format!("{a} and {b} have no test{why}: {evidence}.")
        }
    };
    let values = [
        ("n", Some(c.n() as f64)),
        ("difference", c.difference()),
        ("ci_low", c.interval.ok().map(|i| i.low)),
        ("ci_high", c.interval.ok().map(|i| i.high)),
        ("p_adjusted", c.p_adjusted),
        ("p_equivalence_adjusted", c.p_equivalence_adjusted),
    ];
    let origin = Some(rows.comparison(study.metric.name(), index, &values));
    Finding { text, origin }
}
