//! What the looks of a sequential sweep decided: sentences and a table, ahead of everything that
//! does not allow for the looks.

use super::{
    Cell, Column, Finding, FindingsGroup, Origin, Scale, Spread, Study, Table, counted, listed,
    number::relation, origin::existing, p_value,
};
use crate::{
    comparison::verdict_name, looks::Looks, metric::Metric, sequential::Decision,
    stats::sequential::Verdict,
};

/// What holds of every other p-value and interval of a report.
pub const DESCRIPTIVE: &str = "The fixed-sample comparisons are of all runs there are, for some of which looks at the results may have asked, so that they are descriptive: their p-values and intervals are not adjusted for the looks.";

/// The verdicts in short, why they may be few, and what the others are worth.
pub(super) fn lead(study: &Study<'_>) -> Vec<Finding> {
    let sentences = match study.looks {
        None => return Vec::new(),
        Some(Err(why)) => vec![format!(
            "Seeds were added by looks at the results, of which no verdict can be given: {why}."
        )],
        Some(Ok(looks)) => [Some(in_short(looks)), unfinished(looks)]
            .into_iter()
            .flatten()
            .collect(),
    };
    let sentences = sentences.into_iter().chain([DESCRIPTIVE.to_owned()]);
    let finding = |text| Finding { text, origin: None };
    sentences.map(finding).collect()
}

fn in_short(looks: &Looks) -> String {
    let verdicts = match looks.made() {
        [] => "no pair has been looked at".to_owned(),
        _ => {
            let margin = margin(looks);
            let [different, equivalent, undecided] = KINDS.map(|kind| looks.count(kind));
            format!(
                "{different} different, {equivalent} equivalent within {margin} and {undecided} undecided"
            )
        }
    };
    format!(
        "Of {}, by group-sequential tests of {} at α\u{a0}=\u{a0}{} over all looks: {verdicts}. Looks made: {}; planned: {}.",
        counted(looks.pairs(), "pair"),
        looks.metric.label(),
        looks.alpha,
        at(looks.made()),
        at(looks.planned()),
    )
}

/// That looks are still to come, or that the last one left pairs open.
fn unfinished(looks: &Looks) -> Option<String> {
    let open = counted(looks.pairs() - decided(looks), "pair");
    if let Some((seeds, _)) = looks.next() {
        return Some(format!(
            "The sweep is not finished: the look at {seeds} seeds has not all of its runs, and {open} may still be decided."
        ));
    }
    (decided(looks) < looks.pairs())
        .then(|| format!("The last look that was planned left {open} undecided."))
}

fn decided(looks: &Looks) -> usize {
    looks.count(Verdict::Different) + looks.count(Verdict::Equivalent)
}

const KINDS: [Verdict; 3] = [Verdict::Different, Verdict::Equivalent, Verdict::Undecided];

/// A sentence for each pair, by verdict.
pub(super) fn by_verdict(study: &Study<'_>) -> Vec<FindingsGroup> {
    let Some(Ok(looks)) = study.looks else {
        return Vec::new();
    };
    let Some(scale) = scale(study, looks.metric) else {
        return Vec::new();
    };
    let group = |kind: Verdict| {
        let decisions = looks.monitor().decisions().enumerate();
        let findings: Vec<Finding> = decisions
            .filter(|(_, decision)| decision.verdict == kind)
            .map(|(index, decision)| pair(index, decision, looks, &scale))
            .collect();
        let (word, note) = meaning(kind);
        (!findings.is_empty()).then(|| FindingsGroup {
            head: format!(
                "{word} in {} by the looks: {}",
                looks.metric.label(),
                counted(findings.len(), "pair")
            ),
            note: note.to_owned(),
            findings,
        })
    };
    KINDS.into_iter().filter_map(group).collect()
}

fn meaning(kind: Verdict) -> (&'static str, &'static str) {
    match kind {
        Verdict::Different => (
            "Different",
            "The p of the test of no difference is at most its bound at that look.",
        ),
        Verdict::Equivalent => (
            "Equivalent",
            "The p of the tests of equivalence is at most its bound at that look.",
        ),
        Verdict::Undecided => (
            "Undecided",
            "Undecided is not equal: no p was at most its bound at any look so far.",
        ),
    }
}

fn pair(index: usize, decision: &Decision, looks: &Looks, scale: &Scale) -> Finding {
    let Decision { a, b, seeds, .. } = decision;
    let verdict = match decision.verdict {
        Verdict::Different if decision.difference.is_some_and(|d| d > 0.0) => {
            format!("{a} is higher than {b}")
        }
        Verdict::Different => format!("{a} is lower than {b}"),
        Verdict::Equivalent => format!("{a} and {b} are equivalent within {}", margin(looks)),
        Verdict::Undecided => format!("{a} and {b} are undecided"),
    };
    let mut parts = vec![format!("look {}, at {seeds} seeds", decision.look)];
    parts.extend(decision.difference.map(|d| {
        format!(
            "a difference of {} {}",
            scale.difference(d),
            scale.difference_unit
        )
    }));
    let (of_difference, of_equivalence) = (
        ("p", decision.p, decision.p_bound),
        (
            "p of equivalence",
            decision.p_equivalence,
            decision.p_equivalence_bound,
        ),
    );
    let shown = match decision.verdict {
        Verdict::Different => vec![of_difference],
        Verdict::Equivalent => vec![of_equivalence],
        Verdict::Undecided => vec![of_difference, of_equivalence],
    };
    let tests = shown.into_iter().filter_map(|(name, p, bound)| {
        let (p, bound) = (relation(p?), p_value(bound));
        Some(format!("{name}\u{a0}{p} against a bound of {bound}"))
    });
    parts.extend(tests);
    parts.extend(
        decision
            .reason
            .map(|reason| format!("no test, as {reason}")),
    );
    Finding {
        text: format!("{verdict}: {}.", parts.join(", ")),
        origin: Some(origin(
            index,
            &[
                ("look", Some(decision.look as f64)),
                ("seeds", Some(decision.seeds as f64)),
                ("difference", decision.difference),
                ("p", decision.p),
                ("p_bound", Some(decision.p_bound)),
                ("p_equivalence", decision.p_equivalence),
                ("p_equivalence_bound", Some(decision.p_equivalence_bound)),
            ],
        )),
    }
}

/// A row for each pair; none before the first look.
pub(super) fn table(study: &Study<'_>) -> Option<Table> {
    let looks = study.looks?.ok()?;
    let scale = scale(study, looks.metric)?;
    looks.made().first()?;
    let [difference, equivalence] = ["difference", "equivalence"].map(Some);
    let columns = vec![
        Column::words("a"),
        Column::words("b"),
        Column::numbers(None, "look"),
        Column::numbers(None, "seeds"),
        Column::numbers(None, "pairs"),
        Column::numbers(None, "a − b"),
        Column::numbers(difference, "p"),
        Column::numbers(difference, "bound"),
        Column::numbers(equivalence, "p"),
        Column::numbers(equivalence, "bound"),
        Column::words("verdict"),
    ];
    let row = |(index, decision): (usize, &Decision)| {
        let cell = |name: &'static str, value: Option<f64>, text: fn(f64) -> String| {
            let origin = origin(index, &[(name, value)]);
            Cell::numbers(value.map_or(String::new(), text), origin)
        };
        let whole = |name: &'static str, n: usize| cell(name, Some(n as f64), |n| n.to_string());
        vec![
            Cell::words(&decision.a),
            Cell::words(&decision.b),
            whole("look", decision.look),
            whole("seeds", decision.seeds),
            whole("n", decision.n),
            Cell::numbers(
                decision
                    .difference
                    .map_or(String::new(), |d| scale.difference(d)),
                origin(index, &[("difference", decision.difference)]),
            ),
            cell("p", decision.p, p_value),
            cell("p_bound", Some(decision.p_bound), p_value),
            cell("p_equivalence", decision.p_equivalence, p_value),
            cell(
                "p_equivalence_bound",
                Some(decision.p_equivalence_bound),
                p_value,
            ),
            Cell::verdict(verdict_name(decision.verdict)),
        ]
    };
    Some(Table {
        name: "sequential",
        caption: format!(
            "Group-sequential verdicts on {}, a − b in {}, paired by seed, with the margin of equivalence ±{}: each pair at the look that decided it, or at the last that was made. A pair is equivalent where the p of equivalence is at most its bound, or else different where the p of the difference is at most its own. The bounds spend α\u{a0}=\u{a0}{} over {} and looks at {} seeds.",
            looks.metric.label(),
            looks.metric.difference_unit(),
            margin(looks),
            looks.alpha,
            counted(looks.pairs(), "pair"),
            numbers(looks.planned()),
        ),
        marked: None,
        lettered: None,
        columns,
        rows: looks.monitor().decisions().enumerate().map(row).collect(),
    })
}

fn scale(study: &Study<'_>, metric: Metric) -> Option<Scale> {
    let analysis = study.analysis(metric)?;
    Some(Scale::of(metric, analysis, Spread::Interval))
}

fn origin(index: usize, values: &[(&'static str, Option<f64>)]) -> Origin {
    Origin {
        file: "sequential.csv",
        line: index + 2,
        values: existing(values),
    }
}

/// The margin of equivalence of the looks.
pub(in crate::report) fn margin(looks: &Looks) -> String {
    looks.metric.margin_words(looks.monitor().margin())
}

/// `10, 20 and 40`.
pub(in crate::report) fn numbers(seeds: &[usize]) -> String {
    let seeds: Vec<String> = seeds.iter().map(usize::to_string).collect();
    listed(&seeds)
}

/// Looks as a sentence counts them: `2, at 10 and 20 seeds`.
fn at(seeds: &[usize]) -> String {
    match seeds {
        [] => "none".to_owned(),
        _ => format!("{}, at {} seeds", seeds.len(), numbers(seeds)),
    }
}
