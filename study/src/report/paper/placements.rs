//! Each published number beside the distribution of ours.

use super::{
    PUBLISHED_CSV, Part, paragraph,
    words::{as_published, percent},
};
use crate::{
    metric::Metric,
    publication::{
        Examination, ScopeExamination,
        placement::{Placement, rounding_share},
        table::{NUMBERS, TABLE},
    },
    report::content::{Cell, Column, Origin, Table, counted, coverage, existing, fixed, p_value},
};

pub(super) fn parts(examination: &Examination) -> Vec<Part> {
    let mut parts = vec![paragraph(introduction(examination))];
    let scopes = examination.scopes.iter().enumerate();
    parts.extend(scopes.map(|(index, scope)| Part::Table(table(examination, index, scope))));
    parts
}

fn introduction(examination: &Examination) -> String {
    let mut text = format!(
        "The percentile says where a published number falls in our runs: the share of them below it, those that would have been printed alike counted half. p is that of one more run of ours being as far from our mean as the published one, two-sided; Holm's adjustment is over the {NUMBERS} numbers of a scope. "
    );
    let all = examination
        .scopes
        .iter()
        .flat_map(|scope| &scope.placements);
    let all: Vec<Placement> = all.cloned().collect();
    text += &match rounding_share(&all) {
        Some(share) => format!(
            "The paper rounds to 0.01 points. Percentiles and rankings allow for it, our runs being rounded alike; elsewhere it is neglected, as it adds at most {}\u{a0}% to the variance of a number over seeds.",
            fixed(100.0 * share, 2)
        ),
        None => "The paper rounds to 0.01 points; percentiles and rankings allow for it, our runs being rounded alike.".to_owned(),
    };
    text
}

/// A metric as a row of the table has it.
pub(super) fn short(metric: Metric) -> &'static str {
    match metric {
        Metric::TrainAccuracyFirst => "training, start",
        Metric::TrainAccuracyLast => "training, end",
        Metric::ValAccuracyFirst => "validation, start",
        Metric::ValAccuracyLast => "validation, end",
        Metric::TestAccuracy => "test",
        Metric::TestLoss => "test loss",
    }
}

fn table(examination: &Examination, index: usize, scope: &ScopeExamination) -> Table {
    let alpha = examination.settings.alpha;
    let sizes = || scope.placements.iter().map(Placement::n);
    let (least, most) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
    let shows_n = least != most;
    let mut columns = vec![Column::words("initializer"), Column::words("accuracy")];
    let mut heads = vec![
        "published",
        "mean",
        "interval",
        "sd",
        "percentile",
        "p",
        "p Holm",
    ];
    if shows_n {
        heads.insert(1, "n");
    }
    columns.extend(heads.iter().map(|head| Column::numbers(None, head)));
    let row = |(place, placement): (usize, &Placement)| {
        let line = 2 + index * NUMBERS + place;
        let cell = |text: Option<String>, values: &[(&'static str, Option<f64>)]| {
            let values = existing(values);
            let file = PUBLISHED_CSV;
            Cell::numbers(text.unwrap_or_default(), Origin { file, line, values })
        };
        let summary = placement.summary.as_ref().ok();
        let (mean, sd) = (summary.map(|s| s.mean), summary.and_then(|s| s.sd));
        let interval = placement.interval.as_ref().ok();
        let percentile = placement.percentile.ok();
        let p = placement.predictive.as_ref().ok().map(|test| test.p);
        let published = placement.published;
        let initializer = TABLE[placement.row].initializer;
        let mut cells = vec![
            Cell::words(initializer),
            Cell::words(short(placement.metric)),
            cell(
                Some(as_published(published)),
                &[("published", Some(published))],
            ),
        ];
        if shows_n {
            let n = placement.n();
            cells.push(cell(Some(n.to_string()), &[("n", Some(n as f64))]));
        }
        cells.push(cell(mean.map(percent), &[("mean", mean)]));
        cells.push(cell(
            interval.map(|i| format!("{} to {}", percent(i.low), percent(i.high))),
            &[
                ("ci_low", interval.map(|i| i.low)),
                ("ci_high", interval.map(|i| i.high)),
            ],
        ));
        cells.push(cell(sd.map(percent), &[("sd", sd)]));
        let share = percentile.map(|share| fixed(100.0 * share, 1));
        cells.push(cell(share, &[("percentile", percentile)]));
        cells.push(cell(p.map(p_value), &[("predictive_p", p)]));
        let holm = placement.p_holm;
        let mut adjusted = cell(holm.map(p_value), &[("predictive_p_holm", holm)]);
        adjusted.best = holm.is_some_and(|p| p <= alpha);
        cells.push(adjusted);
        cells
    };
    let rows: Vec<Vec<Cell>> = scope.placements.iter().enumerate().map(row).collect();
    let n = if shows_n {
        String::new()
    } else {
        format!(", n\u{a0}=\u{a0}{most}")
    };
    Table {
        name: if index == 0 {
            "published_hidden"
        } else {
            "published_all"
        },
        caption: format!(
            "Published numbers beside ours under {}{n}: mean, its {} t interval and standard deviation over seeds, in percent.",
            scope.scope.name(),
            coverage(examination.settings.level())
        ),
        marked: rows.iter().flatten().any(|cell| cell.best).then(|| {
            format!("at most {alpha} after Holm's adjustment, too far out for one of our runs")
        }),
        lettered: None,
        columns,
        rows,
    }
}

pub(super) fn gaps(scope: &ScopeExamination, gaps: &mut Vec<String>) {
    for placement in &scope.placements {
        // All numbers of a row share their runs: the test accuracy stands for them.
        if placement.metric != Metric::TestAccuracy {
            continue;
        }
        let initializer = TABLE[placement.row].initializer;
        let name = scope.scope.name();
        match (&placement.summary, &placement.predictive) {
            (Err(_), _) => gaps.push(format!(
                "Under {name}: {initializer} has no run to set the published numbers beside."
            )),
            (Ok(_), Err(why)) => gaps.push(format!(
                "Under {name}: {initializer} has {}, no interval and no prediction: {why}.",
                counted(placement.n(), "run")
            )),
            (Ok(_), Ok(_)) => {}
        }
    }
}

/// Published numbers beyond all our runs.
pub(super) fn outside(scope: &ScopeExamination) -> usize {
    let outside = scope.placements.iter().filter(|p| p.outside == Some(true));
    outside.count()
}
