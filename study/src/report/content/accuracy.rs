//! The table in the shape of the published Table 1: initializers by accuracies.

use super::{
    Cell, Column, Rows, Scale, Spread, Study, Table, counted, percent, words::method_words,
};
use crate::{
    comparison::{Analysis, Comparison, Summary},
    metric::Metric,
};

/// The metrics of the published table, with their heads.
const PUBLISHED: [(Metric, Option<&str>, &str); 5] = [
    (Metric::TrainAccuracyFirst, Some("training"), "start"),
    (Metric::TrainAccuracyLast, Some("training"), "end"),
    (Metric::ValAccuracyFirst, Some("validation"), "start"),
    (Metric::ValAccuracyLast, Some("validation"), "end"),
    (Metric::TestAccuracy, None, "test"),
];

/// The metrics of a report's first table: those of the published one, and its own.
pub(super) fn metrics(study: &Study<'_>) -> Vec<(Metric, Option<&'static str>, String)> {
    let mut metrics: Vec<_> = PUBLISHED
        .iter()
        .map(|(metric, group, head)| (*metric, *group, (*head).to_owned()))
        .collect();
    if !metrics.iter().any(|(metric, ..)| *metric == study.metric) {
        metrics.push((study.metric, None, study.metric.label().to_owned()));
    }
    metrics.retain(|(metric, ..)| study.analysis(*metric).is_some());
    metrics
}

pub(super) fn table(study: &Study<'_>, rows: &Rows) -> Table {
    let metrics = metrics(study);
    let (least, most) = study.sizes();
    let main = study.main();
    let summaries = main.map_or(&[][..], |a| &a.summaries);
    let diverged = summaries.iter().any(|s| s.missing > 0);
    let shows_n = least != most || diverged;
    let mut columns = vec![Column::words(study.noun())];
    if shows_n {
        columns.push(Column::numbers(None, "n"));
        columns.push(Column::numbers(None, "diverged"));
    }
    columns.extend(
        metrics
            .iter()
            .map(|(_, group, head)| Column::numbers(*group, head)),
    );
    let name = study.metric.name();
    let mut body: Vec<Vec<Cell>> = Vec::new();
    for (index, summary) in summaries.iter().enumerate() {
        let mut row = vec![Cell::words(&summary.group)];
        if shows_n {
            let n = summary.values.as_ref().map_or(0, |v| v.n);
            for (column, count) in [("n", n), ("n_diverged", summary.missing)] {
                let origin = rows.summary(name, index, &[(column, Some(count as f64))]);
                row.push(Cell::numbers(count.to_string(), origin));
            }
        }
        body.push(row);
    }
    for (metric, ..) in &metrics {
        let Some(analysis) = study.analysis(*metric) else {
            continue;
        };
        let scale = Scale::of(*metric, analysis, study.spread);
        let best = best(analysis, *metric, study.settings.alpha);
        let has_tests = analysis.comparisons.iter().any(|c| c.p_adjusted.is_some());
        for (row, (index, summary)) in body.iter_mut().zip(analysis.summaries.iter().enumerate()) {
            let mut cell = mean_cell(summary, index, analysis, study.spread, &scale, rows);
            cell.best = best[index];
            if has_tests && let Ok(Some(letters)) = &summary.letters {
                cell.letters.clone_from(letters);
            }
            row.push(cell);
        }
    }
    let any = |of: fn(&Cell) -> bool| body.iter().flatten().any(of);
    let pairs = main.map_or(0, |a| a.comparisons.len());
    let has_spread = any(|cell| cell.origin.is_some() && cell.text.contains(['±', '(']));
    let marked = any(|cell| cell.best).then(|| {
        format!(
            "the best mean of a column and those that are not significantly worse ({})",
            method_words(study.settings, pairs)
        )
    });
    let lettered = any(|cell| !cell.letters.is_empty())
        .then(|| "Means of a column that share a letter were not told apart".to_owned());
    Table {
        name: "accuracy",
        caption: caption(study, shows_n, (least, most), has_spread),
        marked,
        lettered,
        columns,
        rows: body,
    }
}

fn mean_cell(
    summary: &Summary,
    index: usize,
    analysis: &Analysis,
    spread: Spread,
    scale: &Scale,
    rows: &Rows,
) -> Cell {
    let Ok(values) = &summary.values else {
        return Cell::default();
    };
    let mean = scale.value(values.mean);
    let interval = summary.interval.ok();
    let (text, of_spread) = match spread {
        Spread::Interval => (
            interval.map(|i| format!("{mean} ± {}", scale.value((i.high - i.low) / 2.0))),
            vec![
                ("ci_low", interval.map(|i| i.low)),
                ("ci_high", interval.map(|i| i.high)),
            ],
        ),
        Spread::Deviation => (
            values.sd.map(|sd| format!("{mean} ({})", scale.value(sd))),
            vec![("sd", values.sd)],
        ),
    };
    let values = [vec![("mean", Some(values.mean))], of_spread].concat();
    let origin = rows.summary(&analysis.metric, index, &values);
    Cell::numbers(text.unwrap_or(mean), origin)
}

/// Which groups have the best mean, or were tested against the one that has and not found worse.
/// Nobody where the best was tested against nobody: a ranking without a test is what single runs
/// give.
pub(super) fn best(analysis: &Analysis, metric: Metric, alpha: f64) -> Vec<bool> {
    let summaries = &analysis.summaries;
    let mut marked = vec![false; summaries.len()];
    let Some(leader) = leader(analysis, metric) else {
        return marked;
    };
    let against_leader = |c: &Comparison| {
        let other = match leader {
            leader if c.first == leader => c.second,
            leader if c.second == leader => c.first,
            _ => return None,
        };
        Some((other, c.p_adjusted?))
    };
    for (other, p) in analysis.comparisons.iter().filter_map(against_leader) {
        marked[leader] = true;
        marked[other] = p > alpha;
    }
    marked
}

/// The group with the best mean.
pub(super) fn leader(analysis: &Analysis, metric: Metric) -> Option<usize> {
    let sign = if metric.is_loss() { -1.0 } else { 1.0 };
    let mean = |i: usize| Some(sign * analysis.summaries[i].values.as_ref().ok()?.mean);
    let means = (0..analysis.summaries.len()).filter_map(|i| Some((i, mean(i)?)));
    // The first of equals.
    let better = |best: (usize, f64), next: (usize, f64)| if next.1 > best.1 { next } else { best };
    means.reduce(better).map(|(i, _)| i)
}

fn caption(
    study: &Study<'_>,
    shows_n: bool,
    (least, most): (usize, usize),
    has_spread: bool,
) -> String {
    let level = percent(study.settings.level());
    let spread = match study.spread {
        _ if !has_spread => "mean, of which one seed gives no spread".to_owned(),
        Spread::Interval => format!("mean ± half the width of its {level}\u{a0}% t interval"),
        Spread::Deviation => "mean (standard deviation over seeds)".to_owned(),
    };
    let n = if shows_n {
        format!("n\u{a0}=\u{a0}{least} to {most} seeds, see its column")
    } else {
        format!("n\u{a0}=\u{a0}{} each", counted(most, "seed", "seeds"))
    };
    let loss = if study.metric.is_loss() {
        "Accuracy in percent, loss in nats"
    } else {
        "Accuracy in percent"
    };
    let dataset = study.dataset_words();
    format!(
        "{loss}, by {}, on {dataset}: {spread}; {n}. Start and end are the first and the last epoch.",
        study.noun()
    )
}
