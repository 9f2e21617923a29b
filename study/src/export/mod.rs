//! The CSV files of a folder, derived from its store: written beside, then renamed.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use crate::{
    comparison::{Analysis, Group, Settings, analyze},
    output::write_whole,
    plan::hidden_text,
    record::RunRecord,
};

pub mod analysis;
pub mod figures;
pub mod publication;
pub mod ranks;
pub mod row;
pub mod sequential;

use analysis::{Words, comparison_rows, summary_rows};
use row::Row;

#[derive(Default, Serialize)]
struct RunRow<'a> {
    study: &'a str,
    dataset: &'a str,
    initializer: String,
    init_scope: &'a str,
    seed: u64,
    status: &'a str,
    hidden: String,
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
    failure: Option<&'a str>,
}

#[derive(Default, Serialize)]
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
        initializer: run.variant.initializer.to_string(),
        init_scope: run.variant.init_scope.name(),
        seed: run.seed,
        status: run.status.name(),
        hidden: hidden_text(&run.variant.hidden),
        activation: run.variant.activation.name(),
        epochs: run.epochs_planned,
        batch_size: run.variant.batch_size,
        learning_rate: run.variant.learning_rate,
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
        failure: run.status.failure(),
    });
    write_csv(&folder.join("runs.csv"), rows)?;
    let epochs = runs.iter().flat_map(|run| {
        (1..).zip(&run.epochs).map(|(number, epoch)| EpochRow {
            run_id: &run.run_id,
            initializer: run.variant.initializer.to_string(),
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

/// Writes summary.csv and comparisons.csv.
///
/// # Errors
/// If a file cannot be written; one that was there before stays whole then.
pub fn write_analyses(folder: &Path, analyses: &[Analysis], settings: &Settings) -> io::Result<()> {
    let summaries = analyses
        .iter()
        .flat_map(|analysis| summary_rows(analysis, settings, Words::SWEEP));
    write_rows(&folder.join("summary.csv"), summaries)?;
    let comparisons = analyses
        .iter()
        .flat_map(|analysis| comparison_rows(analysis, settings));
    write_comparisons(&folder.join("comparisons.csv"), comparisons, settings)
}

/// Writes rows of comparisons, of which one group alone has none, under their header.
///
/// # Errors
/// If the file cannot be written; one that was there before stays whole then.
pub fn write_comparisons(
    path: &Path,
    rows: impl IntoIterator<Item = Row>,
    settings: &Settings,
) -> io::Result<()> {
    let of_nothing = ["a", "b"].map(|name| Group::new(name.to_owned(), Vec::new()));
    let of_nothing = analyze(
        "",
        &of_nothing,
        &Settings {
            control: None,
            ..settings.clone()
        },
    );
    let like = comparison_rows(&of_nothing, settings);
    write_whole(path, |file| {
        row::write_csv(file, rows, like.first()).map_err(io::Error::other)
    })
}

/// Writes rows of one kind.
///
/// # Errors
/// If the file cannot be written; one that was there before stays whole then.
pub fn write_rows(path: &Path, rows: impl IntoIterator<Item = Row>) -> io::Result<()> {
    write_whole(path, |file| {
        row::write_csv(file, rows, None).map_err(io::Error::other)
    })
}

/// Writes rows under their header, which is there without rows, too: no run of a sweep may have finished an epoch.
fn write_csv<T: Serialize + Default>(path: &Path, rows: impl Iterator<Item = T>) -> io::Result<()> {
    write_whole(path, |file| {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return file.write_all(&header::<T>()?);
        }
        let mut writer = csv::Writer::from_writer(file);
        for row in rows {
            writer.serialize(row)?;
        }
        writer.flush()
    })
}

/// The header of such rows, which the writer takes from a row.
fn header<T: Serialize + Default>() -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.serialize(T::default())?;
    let mut lines = writer.into_inner().map_err(|error| error.into_error())?;
    let end = lines.iter().position(|&byte| byte == b'\n');
    lines.truncate(end.map_or(0, |end| end + 1));
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_without_rows_have_their_header() {
        let folder = tempfile::tempdir().unwrap();
        write_runs(folder.path(), "none", &[]).unwrap();
        let text = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(
            text("epochs.csv"),
            "run_id,initializer,seed,epoch,train_loss,train_accuracy,val_loss,val_accuracy,seconds\n"
        );
        assert!(text("runs.csv").starts_with("study,dataset,initializer,"));
        assert_eq!(text("runs.csv").lines().count(), 1);
    }
}
