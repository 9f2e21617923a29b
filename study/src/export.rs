//! The CSV files of a folder, derived from its store: written beside, then renamed.

use std::{io, path::Path};

use serde::Serialize;

use crate::{
    comparison::{ADJUSTMENT, Comparison, LEVEL, Metric, Summary},
    output::write_whole,
    record::RunRecord,
};

#[derive(Serialize)]
struct RunRow<'a> {
    study: &'a str,
    dataset: &'a str,
    initializer: String,
    init_scope: &'a str,
    seed: u64,
    status: &'a str,
    hidden: &'a str,
    activation: &'a str,
    epochs: usize,
    batch_size: usize,
    learning_rate: f64,
    train_accuracy_first: Option<f64>,
    train_accuracy_last: Option<f64>,
    val_accuracy_first: Option<f64>,
    val_accuracy_last: Option<f64>,
    test_accuracy: Option<f64>,
    test_loss: Option<f64>,
    seconds: f64,
    isa: &'a str,
    run_id: &'a str,
    diverged_epoch: Option<usize>,
}

#[derive(Serialize)]
struct EpochRow<'a> {
    run_id: &'a str,
    initializer: String,
    seed: u64,
    epoch: usize,
    train_loss: f64,
    train_accuracy: f64,
    val_loss: f64,
    val_accuracy: f64,
    seconds: f64,
}

#[derive(Serialize)]
struct SummaryRow {
    metric: &'static str,
    initializer: String,
    n: usize,
    n_diverged: usize,
    mean: Option<f64>,
    sd: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    ci_level: f64,
    median: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    note: String,
}

#[derive(Serialize)]
struct ComparisonRow {
    metric: &'static str,
    a: String,
    b: String,
    n: usize,
    mean_a: Option<f64>,
    mean_b: Option<f64>,
    difference: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    test: Option<&'static str>,
    statistic: Option<f64>,
    df: Option<f64>,
    p: Option<f64>,
    p_adjusted: Option<f64>,
    adjustment: &'static str,
    effect_size: Option<f64>,
    prob_superiority: Option<f64>,
    correlation: Option<f64>,
    verdict: Option<&'static str>,
    note: String,
}

/// Writes runs.csv and epochs.csv.
///
/// # Errors
/// If a file cannot be written; one that was there before stays whole then.
pub fn write_runs(folder: &Path, study: &str, runs: &[RunRecord]) -> io::Result<()> {
    // The metrics of a diverged run that it did reach are facts of the run: the file has them,
    // though no mean does.
    let first = |run: &RunRecord| run.epochs.first().copied();
    let last = |run: &RunRecord| {
        let complete = run.epochs.len() == run.epochs_planned;
        run.epochs.last().copied().filter(|_| complete)
    };
    let rows = runs.iter().map(|run| RunRow {
        study,
        dataset: &run.dataset,
        initializer: run.initializer.to_string(),
        init_scope: &run.init_scope,
        seed: run.seed,
        status: run.status.name(),
        hidden: &run.hidden,
        activation: &run.activation,
        epochs: run.epochs_planned,
        batch_size: run.batch_size,
        learning_rate: run.learning_rate,
        train_accuracy_first: first(run).map(|epoch| epoch.train_accuracy),
        train_accuracy_last: last(run).map(|epoch| epoch.train_accuracy),
        val_accuracy_first: first(run).map(|epoch| epoch.val_accuracy),
        val_accuracy_last: last(run).map(|epoch| epoch.val_accuracy),
        test_accuracy: run.test_accuracy,
        test_loss: run.test_loss,
        seconds: run.seconds,
        isa: &run.isa,
        run_id: &run.run_id,
        diverged_epoch: run.status.diverged_epoch(),
    });
    write_csv(&folder.join("runs.csv"), rows)?;
    let epochs = runs.iter().flat_map(|run| {
        (1..).zip(&run.epochs).map(|(number, epoch)| EpochRow {
            run_id: &run.run_id,
            initializer: run.initializer.to_string(),
            seed: run.seed,
            epoch: number,
            train_loss: epoch.train_loss,
            train_accuracy: epoch.train_accuracy,
            val_loss: epoch.val_loss,
            val_accuracy: epoch.val_accuracy,
            seconds: epoch.seconds,
        })
    });
    write_csv(&folder.join("epochs.csv"), epochs)
}

/// Writes summary.csv.
///
/// # Errors
/// If the file cannot be written; one that was there before stays whole then.
pub fn write_summaries(folder: &Path, summaries: &[Summary]) -> io::Result<()> {
    let rows = summaries.iter().map(|summary| {
        let values = summary.values.as_ref();
        let interval = summary.interval.as_ref();
        let reason = values.err().or(interval.err());
        SummaryRow {
            metric: summary.metric.name(),
            initializer: summary.initializer.to_string(),
            n: values.map_or(0, |values| values.n),
            n_diverged: summary.diverged,
            mean: values.map(|values| values.mean).ok(),
            sd: values.ok().and_then(|values| values.sd),
            ci_low: interval.map(|interval| interval.low).ok(),
            ci_high: interval.map(|interval| interval.high).ok(),
            ci_level: LEVEL,
            median: values.map(|values| values.median).ok(),
            min: values.map(|values| values.min).ok(),
            max: values.map(|values| values.max).ok(),
            note: reason.map(ToString::to_string).unwrap_or_default(),
        }
    });
    write_csv(&folder.join("summary.csv"), rows)
}

/// Writes comparisons.csv.
///
/// # Errors
/// If the file cannot be written; one that was there before stays whole then.
pub fn write_comparisons(folder: &Path, comparisons: &[Comparison]) -> io::Result<()> {
    let rows = comparisons.iter().map(|comparison| {
        let test = comparison.test.as_ref();
        ComparisonRow {
            metric: comparison.metric.name(),
            a: comparison.a.to_string(),
            b: comparison.b.to_string(),
            n: comparison.n,
            mean_a: comparison.mean_a,
            mean_b: comparison.mean_b,
            difference: comparison.difference(),
            ci_low: test.map(|t| t.interval.low).ok(),
            ci_high: test.map(|t| t.interval.high).ok(),
            test: test.map(|t| t.test.name).ok(),
            statistic: test.map(|t| t.test.statistic).ok(),
            df: test.ok().and_then(|t| t.test.df),
            p: test.map(|t| t.test.p).ok(),
            p_adjusted: comparison.p_adjusted,
            adjustment: ADJUSTMENT.name(),
            effect_size: comparison.effect_size.ok(),
            prob_superiority: comparison.prob_superiority.ok(),
            correlation: comparison.correlation.ok(),
            verdict: comparison.verdict(),
            note: test.err().map(ToString::to_string).unwrap_or_default(),
        }
    });
    write_csv(&folder.join("comparisons.csv"), rows)
}

/// Every metric of every group, as summary.csv lists them.
#[must_use]
pub fn all_metrics<T>(of_metric: impl FnMut(Metric) -> Vec<T>) -> Vec<T> {
    Metric::ALL.into_iter().flat_map(of_metric).collect()
}

fn write_csv(path: &Path, rows: impl Iterator<Item = impl Serialize>) -> io::Result<()> {
    write_whole(path, |file| {
        let mut writer = csv::Writer::from_writer(file);
        for row in rows {
            writer.serialize(row)?;
        }
        writer.flush()
    })
}
