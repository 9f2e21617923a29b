//! The table of pairwise comparisons.

use super::{
    Cell, Column, Rows, Scale, Study, Table,
    number::fixed,
    ok, p_value, percent,
    words::{adjustment_words, effect_words, extent_words, is_adjusted, test_words},
};
use crate::{
    comparison::{Comparison, Design, verdict_name},
    stats::Interval,
};

pub(super) fn table(study: &Study<'_>, rows: &Rows) -> Option<Table> {
    let analysis = study.main()?;
    let comparisons = &analysis.comparisons;
    let first = comparisons.first()?;
    let scale = Scale::of(study.metric, analysis, study.spread);
    let shows_n = comparisons.iter().any(|c| c.n() != first.n());
    let has = |of: fn(&Comparison) -> bool| comparisons.iter().any(of);
    let shows_p = has(|c| c.p().is_some());
    let shows_equivalence = has(|c| c.equivalence.is_some());
    let mut columns = vec![Column::words("a"), Column::words("b")];
    let mut number = |shown: bool, head: &str| {
        if shown {
            columns.push(Column::numbers(None, head));
        }
    };
    number(shows_n, "n");
    number(true, "a − b");
    number(true, "interval");
    number(shows_p, "p");
    number(true, "p adj.");
    number(shows_equivalence, "p equiv.");
    number(true, "g");
    number(true, "P(a > b)");
    columns.push(Column::words("verdict"));
    let row = |(index, c): (usize, &Comparison)| {
        let cell = |text: Option<String>, values: &[(&'static str, Option<f64>)]| {
            let origin = rows.comparison(&analysis.metric, index, values);
            Cell::numbers(text.unwrap_or_default(), origin)
        };
        let interval = ok(&c.interval);
        let mut cells = vec![Cell::words(&c.a), Cell::words(&c.b)];
        if shows_n {
            cells.push(cell(Some(c.n().to_string()), &[("n", Some(c.n() as f64))]));
        }
        cells.push(cell(
            c.difference.map(|d| scale.difference(d)),
            &[("difference", c.difference)],
        ));
        cells.push(cell(
            interval.map(|i| range(&scale, i)),
            &[
                ("ci_low", interval.map(|i| i.low)),
                ("ci_high", interval.map(|i| i.high)),
            ],
        ));
        let mut p = |shown: bool, name: &'static str, p: Option<f64>| {
            if shown {
                cells.push(cell(p.map(p_value), &[(name, p)]));
            }
        };
        p(shows_p, "p", c.p());
        p(true, "p_adjusted", c.p_adjusted);
        p(
            shows_equivalence,
            "p_equivalence_adjusted",
            c.p_equivalence_adjusted,
        );
        let mut plain = |name: &'static str, value: Option<f64>| {
            cells.push(cell(value.map(|v| fixed(v, 2)), &[(name, value)]));
        };
        plain("effect_size", ok(&c.effect_size));
        plain("prob_superiority", ok(&c.prob_superiority));
        cells.push(Cell::verdict(c.verdict.map_or("no test", verdict_name)));
        cells
    };
    let body = comparisons.iter().enumerate().map(row).collect();
    Some(Table {
        name: "comparisons",
        caption: caption(study, first, &scale, shows_n, shows_equivalence),
        marked: None,
        lettered: None,
        columns,
        rows: body,
    })
}

/// An interval of a difference.
pub(super) fn range(scale: &Scale, interval: Interval) -> String {
    format!(
        "{} to {}",
        scale.difference(interval.low),
        scale.difference(interval.high)
    )
}

fn caption(
    study: &Study<'_>,
    first: &Comparison,
    scale: &Scale,
    shows_n: bool,
    shows_equivalence: bool,
) -> String {
    let settings = study.settings;
    let (design, unit) = match first.design {
        Design::Paired => ("paired by seed", "pairs of runs"),
        Design::Independent => ("of runs taken as independent", "runs"),
    };
    let n = if shows_n {
        format!("n counts {unit}")
    } else {
        format!("n\u{a0}=\u{a0}{} {unit}", first.n())
    };
    let points = study.metric.difference_unit();
    let mut text = format!(
        "Differences in {}, a − b in {points}, {design}; {n}. Intervals: {}\u{a0}%, {}, {}. Tests: {}, {}.",
        study.metric.label(),
        percent(settings.level()),
        interval_method(study),
        extent_words(settings),
        test_words(settings.test),
        adjustment_words(settings),
    );
    if let (true, Some(margin)) = (shows_equivalence, settings.margin) {
        text += &format!(
            " Equivalence within ±{}: two one-sided tests, {}; a pair of which both tests reject is called equivalent.",
            scale.margin(margin),
            if is_adjusted(settings) {
                "adjusted too"
            } else {
                "not adjusted either"
            }
        );
    }
    text += &format!(" g is Hedges’ g, {};", effect_words(settings));
    text += " P(a > b) the share of pairs of runs in which a has the higher value, ties half.";
    text
}

/// The method of the first interval that there is.
fn interval_method(study: &Study<'_>) -> &'static str {
    let comparisons = study.main().map_or(&[][..], |a| &a.comparisons);
    let made = comparisons.iter().find(|c| c.interval.is_ok());
    made.or(comparisons.first())
        .map_or("none", |c| c.interval_method)
}
