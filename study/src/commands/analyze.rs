//! `initstudy analyze`: a sweep's folder once more, by other settings if need be.

use std::path::Path;

use serde_json::json;

use super::method;
use crate::{
    cli::AnalyzeArgs,
    comparison::{Analysis, Settings, analyze},
    export::{
        self,
        analysis::{Words, to_json},
    },
    failure::Failure,
    metric::Metric,
    output::print,
    record::RunRecord,
    report,
    store::Store,
};

/// Runs the command.
pub(super) fn run(args: &AnalyzeArgs) -> Result<(), Failure> {
    let shown: Vec<Metric> = args
        .metrics
        .iter()
        .map(|name| method::metric(name))
        .collect::<Result<_, _>>()?;
    let store = Store::open_existing(&args.folder)?;
    let runs = store.runs()?;
    let groups = Metric::TestAccuracy.groups(&runs);
    if groups.is_empty() {
        return Err(Failure::usage(format!(
            "{} holds no finished run yet",
            args.folder.display()
        )));
    }
    let settings = method::settings(&args.method, &groups, true)?;
    let analyses = analyze_runs(&runs, &settings);
    write_folder(&args.folder, &runs, &analyses, &settings)?;
    let wanted = |analysis: &&Analysis| {
        shown.is_empty() || shown.iter().any(|metric| metric.name() == analysis.metric)
    };
    let analyses = analyses.iter().filter(wanted);
    if args.method.json {
        let analyses: Vec<_> = analyses
            .map(|analysis| to_json(analysis, &settings, Words::SWEEP))
            .collect();
        return print(&format!("{:#}\n", json!(analyses)));
    }
    let tables: Vec<String> = analyses
        .map(|analysis| report::analysis::tables(analysis, &settings))
        .collect();
    print(&format!(
        "{}\nsummary.csv and comparisons.csv rewritten in {}\n",
        tables.join("\n\n"),
        args.folder.display()
    ))
}

/// Every metric of some runs.
pub(super) fn analyze_runs(runs: &[RunRecord], settings: &Settings) -> Vec<Analysis> {
    let of_metric = |metric: Metric| analyze(metric.name(), &metric.groups(runs), settings);
    Metric::ALL.into_iter().map(of_metric).collect()
}

/// Writes all CSV files of a sweep's folder.
pub(super) fn write_folder(
    folder: &Path,
    runs: &[RunRecord],
    analyses: &[Analysis],
    settings: &Settings,
) -> Result<(), Failure> {
    let study = folder
        .file_name()
        .unwrap_or(folder.as_os_str())
        .to_string_lossy();
    export::write_runs(folder, &study, runs)
        .and_then(|()| export::write_analyses(folder, analyses, settings))
        .map_err(|error| {
            Failure::internal(format!(
                "cannot write the CSV files in {}: {error}; the runs are kept in the store, the same command writes the files",
                folder.display()
            ))
        })
}
