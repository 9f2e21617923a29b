//! What is said of each pair, by its verdict.

use super::{
    Rows, Scale, Study, counted,
    differences::range,
    findings::{Finding, FindingsGroup},
    number::relation,
    percent,
    words::is_adjusted,
};
use crate::{
    comparison::{Analysis, Comparison, Design, Settings, Test},
    stats::{sequential::Verdict, two_groups::TwoGroupTest},
};

/// Undecided pairs up to which each has its sentence: more of them would say what the table says.
const MOST_UNDECIDED: usize = 15;

/// A sentence for each pair, the pairs of one verdict together.
pub(super) fn by_verdict(
    study: &Study<'_>,
    analysis: &Analysis,
    scale: &Scale,
    rows: &Rows,
) -> Vec<FindingsGroup> {
    let kinds = [
        Some(Verdict::Different),
        Some(Verdict::Equivalent),
        Some(Verdict::Undecided),
        None,
    ];
    let group = |kind: Option<Verdict>| {
        let of_kind = analysis.comparisons.iter().enumerate();
        let mut findings: Vec<Finding> = of_kind
            .filter(|(_, c)| c.verdict == kind)
            .map(|(index, c)| pair(study, index, c, scale, rows))
            .collect();
        (!findings.is_empty()).then(|| {
            let (word, mut note) = meaning(kind, study.settings, scale);
            let by = match study.looks {
                None => "",
                Some(_) => " by a fixed-sample test",
            };
            let head = format!("{word}{by}: {}", counted(findings.len(), "pair"));
            if kind == Some(Verdict::Undecided) && findings.len() > MOST_UNDECIDED {
                findings.clear();
                note += " The table of differences has each.";
            }
            FindingsGroup {
                head,
                note,
                findings,
            }
        })
    };
    kinds.into_iter().filter_map(group).collect()
}

/// Whether a pair is equivalent and its test of no difference rejects, too.
pub(super) fn is_unequal_though_equivalent(c: &Comparison, settings: &Settings) -> bool {
    c.verdict == Some(Verdict::Equivalent) && c.p_adjusted.is_some_and(|p| p <= settings.alpha)
}

/// What a verdict is called, and what it means.
fn meaning(kind: Option<Verdict>, settings: &Settings, scale: &Scale) -> (&'static str, String) {
    let alpha = settings.alpha;
    let (p, after) = if is_adjusted(settings) {
        ("adjusted p", " after adjustment")
    } else {
        ("p", "")
    };
    match kind {
        Some(Verdict::Different) => {
            let but = settings.margin.map_or(String::new(), |m| {
                format!(", and equivalence within {} was not shown", scale.margin(m))
            });
            ("Different", format!("The {p} is at most {alpha}{but}."))
        }
        Some(Verdict::Equivalent) => {
            let margin = settings.margin.map_or(String::new(), |m| scale.margin(m));
            let text = format!(
                "Two one-sided tests reject, at {alpha}{after}, that the difference is as large as {margin}. This takes precedence: such a pair may be significantly different, too."
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
    // Of a test of ranks or permutations the interval is not that test's own.
    let method = match study.settings.test {
        Test::TwoGroups(TwoGroupTest::PairedT | TwoGroupTest::Welch | TwoGroupTest::PooledT) => {
            String::new()
        }
        test if test.has_simultaneous_intervals() => String::new(),
        _ => format!("{} ", c.interval_method),
    };
    let interval = c.interval.ok().map_or(String::new(), |i| {
        let level = percent(i.level);
        format!(", {level}\u{a0}% {method}interval {}", range(scale, i))
    });
    let unit = scale.difference_unit;
    let evidence = match c.difference {
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
    let p_word = if is_adjusted(study.settings) {
        "adjusted p"
    } else {
        "p"
    };
    let text = match c.verdict {
        Some(Verdict::Different) => {
            let more = c.difference.is_some_and(|d| d > 0.0);
            let word = if more { "higher" } else { "lower" };
            format!("{a} is {word} than {b}: {evidence}, {p_word}\u{a0}{p_adjusted}.")
        }
        Some(Verdict::Equivalent) => {
            let margin = study
                .settings
                .margin
                .map_or(String::new(), |m| scale.margin(m));
            let p_equivalence = p(c.p_equivalence_adjusted);
            let though = if is_unequal_though_equivalent(c, study.settings) {
                format!(
                    " They are not equal, though ({p_word}\u{a0}{p_adjusted}): the difference is real and too small to matter by that margin."
                )
            } else {
                String::new()
            };
            format!(
                "{a} and {b} are equivalent within {margin}: {evidence}, {p_word} of equivalence\u{a0}{p_equivalence}.{though}"
            )
        }
        Some(Verdict::Undecided) => {
            format!("{a} and {b} are undecided: {evidence}, {p_word}\u{a0}{p_adjusted}.")
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
        ("difference", c.difference),
        ("ci_low", c.interval.ok().map(|i| i.low)),
        ("ci_high", c.interval.ok().map(|i| i.high)),
        ("p_adjusted", c.p_adjusted),
        ("p_equivalence_adjusted", c.p_equivalence_adjusted),
    ];
    let origin = Some(rows.comparison(study.metric.name(), index, &values));
    Finding { text, origin }
}
