//! The table in the shape of the published Table 1: initializers by accuracies.

use super::{
    Cell, Column, Rows, Scale, Spread, Study, Table, counted, named_list, percent, separated,
    words::method_words,
};
use crate::{
    comparison::{Analysis, Summary},
    metric::Metric,
    stats::Undefined,
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
        let standings = standings(analysis, *metric, study.settings.alpha);
        let is_tested = is_tested(analysis, &standings);
        let has_tests = analysis.comparisons.iter().any(|c| c.p_adjusted.is_some());
        for (row, (index, summary)) in body.iter_mut().zip(analysis.summaries.iter().enumerate()) {
            let mut cell = mean_cell(summary, index, analysis, study.spread, &scale, rows);
            cell.best =
                is_tested && matches!(standings[index], Standing::Best | Standing::NotWorse);
            if has_tests && let Ok(Some(letters)) = &summary.letters {
                cell.letters.clone_from(letters);
            }
            row.push(cell);
        }
    }
    let any = |of: fn(&Cell) -> bool| body.iter().flatten().any(of);
    let pairs = main.map_or(0, |a| a.tested());
    let has_spread = any(|cell| cell.origin.is_some() && cell.text.contains(['±', '(']));
    let untested = untested(study, &metrics).filter(|_| pairs > 0);
    let marked = any(|cell| cell.best).then(|| {
        let untested = untested.as_ref().map_or(String::new(), |names| {
            format!("; not tested against the best, and so neither: {names}")
        });
        format!(
            "the best mean of a column and those that are not significantly worse ({}){untested}",
            method_words(study.settings, pairs)
        )
    });
    let withheld = study.analyses.iter().flat_map(|a| &a.summaries);
    let withheld = withheld.filter(|s| s.letters == Err(Undefined::Untested));
    let but = if withheld.count() > 0 {
        "; a mean of which a pair has no test has no letter"
    } else {
        ""
    };
    let lettered = any(|cell| !cell.letters.is_empty())
        .then(|| format!("Means of a column that share a letter were not told apart{but}"));
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

/// How a group stands to the best mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its mean is the best, alone or with others.
    Best,
    /// Tested against the best and not found worse.
    NotWorse,
    /// Tested against the best and found worse.
    Worse,
    /// Not tested against the best: neither of the two can be said.
    Untested,
    /// Without a mean.
    None,
}

/// How each group stands to those of the best mean.
pub(super) fn standings(analysis: &Analysis, metric: Metric, alpha: f64) -> Vec<Standing> {
    let leaders = leaders(analysis, metric);
    let summaries = analysis.summaries.iter().enumerate();
    let first = |(i, summary): (usize, &Summary)| match &summary.values {
        Err(_) => Standing::None,
        Ok(_) if leaders.contains(&i) => Standing::Best,
        Ok(_) => Standing::Untested,
    };
    let mut standings: Vec<Standing> = summaries.map(first).collect();
    for c in &analysis.comparisons {
        let other = match (standings[c.first], standings[c.second]) {
            (Standing::Best, Standing::Best) => continue,
            (Standing::Best, _) => c.second,
            (_, Standing::Best) => c.first,
            _ => continue,
        };
        match c.p_adjusted {
            Some(p) if p <= alpha => standings[other] = Standing::Worse,
            Some(_) if standings[other] == Standing::Untested => {
                standings[other] = Standing::NotWorse;
            }
            _ => {}
        }
    }
    standings
}

/// Whether a test compares a group of the best mean with any other: a ranking without a test is
/// what single runs give.
pub(super) fn is_tested(analysis: &Analysis, standings: &[Standing]) -> bool {
    let best = |i: usize| standings[i] == Standing::Best;
    let mut comparisons = analysis.comparisons.iter();
    comparisons.any(|c| c.p_adjusted.is_some() && (best(c.first) || best(c.second)))
}

/// Means that differ by less, relatively, differ by the order of a sum and nothing else.
const TIE: f64 = 1e-12;

/// The groups with the best mean: one, or those that are tied.
pub(in crate::report) fn leaders(analysis: &Analysis, metric: Metric) -> Vec<usize> {
    let sign = if metric.is_loss() { -1.0 } else { 1.0 };
    let mean = |i: usize| Some(sign * analysis.summaries[i].values.as_ref().ok()?.mean);
    let means = (0..analysis.summaries.len()).filter_map(|i| Some((i, mean(i)?)));
    let best = means.clone().map(|(_, mean)| mean).reduce(f64::max);
    let tied = |mean: f64| best.is_some_and(|best| best - mean <= TIE * best.abs());
    means
        .filter(|(_, mean)| tied(*mean))
        .map(|(i, _)| i)
        .collect()
}

/// Whom the caption names as not tested, by column; nobody where all were.
fn untested(study: &Study<'_>, columns: &[(Metric, Option<&str>, String)]) -> Option<String> {
    let mut by_column: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for (metric, group, head) in columns {
        let analysis = study.analysis(*metric)?;
        let standings = standings(analysis, *metric, study.settings.alpha);
        let names = names(analysis, &standings, Standing::Untested);
        if names.is_empty() {
            continue;
        }
        let column = group.map_or(head.clone(), |group| format!("{group} {head}"));
        match by_column.iter_mut().find(|(known, _)| *known == names) {
            Some((_, columns)) => columns.push(column),
            None => by_column.push((names, vec![column])),
        }
    }
    let sentence = |(names, in_columns): (Vec<&str>, Vec<String>)| {
        let names = few(&names);
        if in_columns.len() == columns.len() {
            return names;
        }
        format!("{names} ({})", in_columns.join(", "))
    };
    let all: Vec<String> = by_column.into_iter().map(sentence).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The groups that stand so.
pub(super) fn names<'a>(
    analysis: &'a Analysis,
    standings: &[Standing],
    standing: Standing,
) -> Vec<&'a str> {
    let groups = analysis.summaries.iter().zip(standings);
    let standing = groups.filter(|(_, s)| **s == standing);
    standing.map(|(s, _)| s.group.as_str()).collect()
}

/// Names that a sentence lists; a table has all.
const MOST_NAMES: usize = 6;

/// The first of some names, and how many more there are.
pub(super) fn few(names: &[&str]) -> String {
    match names.len().saturating_sub(MOST_NAMES) {
        0 => named_list(names),
        more => format!("{} and {more} more", separated(&names[..MOST_NAMES])),
    }
}

fn caption(
    study: &Study<'_>,
    shows_n: bool,
    (least, most): (usize, usize),
    has_spread: bool,
) -> String {
    let level = percent(study.settings.level());
    let spread = match study.spread {
        _ if most == 0 => "no mean, as no run that finished has a value".to_owned(),
        _ if !has_spread => "mean, of which one seed gives no spread".to_owned(),
        Spread::Interval => format!("mean ± half the width of its {level}\u{a0}% t interval"),
        Spread::Deviation => "mean (standard deviation over seeds)".to_owned(),
    };
    let n = if shows_n && least == most {
        format!("n\u{a0}=\u{a0}{}, see its column", counted(most, "seed"))
    } else if shows_n {
        format!("n\u{a0}=\u{a0}{least} to {most} seeds, see its column")
    } else {
        format!("n\u{a0}=\u{a0}{} each", counted(most, "seed"))
    };
    let loss = if study.metric.is_loss() {
        "Accuracy in percent, loss in nats"
    } else {
        "Accuracy in percent"
    };
    let dataset = study.dataset_words();
    let scope = match study.declared("init_scope") {
        _ if study.is_grid() => "",
        Some("hidden") => " of the hidden layers",
        Some("all") => " of all layers",
        _ => "",
    };
    format!(
        "{loss}, by {}{scope}, on {dataset}: {spread}; {n}. Start and end are the first and the last epoch; training accuracy is counted over an epoch’s batches, while the weights change.",
        study.noun()
    )
}
