//! `initstudy analyze`: a sweep's folder once more, by other settings if need be.

use std::{io, path::Path};

use serde_json::json;

use super::{method, over_images::over_images};
use crate::{
    cli::AnalyzeArgs,
    comparison::{Analysis, Crossed, Settings, analyze},
    export::{
        self,
        analysis::{Words, crossed_rows, to_json},
    },
    failure::Failure,
    metric::Metric,
    output::print,
    record::RunRecord,
    registration::{Recorded, Registration},
    report::{self, content::DEVIATION},
    status,
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
    let of = shown.first().copied();
    let (settings, of) = method::settings_of_sweep(&args.method, &store, &groups, of)?;
    let analyses = analyze_runs(&runs, &settings, of);
    let crossed = over_images(&store, &runs, &settings)?;
    let crossed_of = crossed.as_deref().ok();
    let written = write_folder(&args.folder, &runs, &analyses, &settings)
        .and_then(|()| write_crossed(&args.folder, crossed_of));
    let wanted = |analysis: &&Analysis| {
        shown.is_empty() || shown.iter().any(|metric| metric.name() == analysis.metric)
    };
    let analyses = analyses.iter().filter(wanted);
    let control = args.method.control.as_deref();
    let checked = check_registration(&store, &args.folder, &settings, control, &runs, &shown)?;
    if args.json {
        let analyses: Vec<_> = analyses
            .map(|analysis| to_json(analysis, &settings, Words::SWEEP))
            .collect();
        let crossed = crossed.ok().map(|crossed| crossed_rows(&crossed));
        let json = json!({
            "metrics": analyses,
            "crossed": crossed,
            "registration": checked.map(|checked| checked.to_json()),
        });
        print(&format!("{json:#}\n"))?;
        return written;
    }
    let tables: Vec<String> = analyses
        .map(|analysis| report::analysis::tables(analysis, &settings))
        .collect();
    let files = match &crossed {
        Ok(_) => "runs.csv, epochs.csv, summary.csv, comparisons.csv and crossed.csv",
        Err(_) => "runs.csv, epochs.csv, summary.csv and comparisons.csv",
    };
    let rewritten = match &written {
        Ok(()) => format!("{files} rewritten in {}\n", args.folder.display()),
        Err(_) => String::new(),
    };
    let crossed = match &crossed {
        Ok(crossed) => report::crossed::table(crossed, &settings),
        Err(why) => format!("No differences over new test images: {why}\n"),
    };
    let unfinished = match status::untried(&store)? {
        Some((missing, asked)) if missing > 0 => {
            format!("{missing} of the {asked} runs that the sweep asked for have not been tried\n")
        }
        _ => String::new(),
    };
    print(&format!(
        "{}\n\n{crossed}\n{}{unfinished}{rewritten}",
        tables.join("\n\n"),
        checked.map_or(String::new(), |checked| checked.to_text()),
    ))?;
    // A folder that takes no files is no reason to show nothing.
    written
}

fn write_crossed(folder: &Path, crossed: Option<&[Crossed]>) -> Result<(), Failure> {
    let Some(crossed) = crossed else {
        return Ok(());
    };
    export::write_rows(&folder.join("crossed.csv"), crossed_rows(crossed))
        .map_err(|error| unwritten(folder, &error))
}

/// A registration and what was done otherwise.
pub(super) struct Checked {
    registration: Registration,
    recorded: Recorded,
    deviations: Vec<String>,
}

pub(super) fn check_registration(
    store: &Store,
    folder: &Path,
    settings: &Settings,
    control: Option<&str>,
    runs: &[RunRecord],
    shown: &[Metric],
) -> Result<Option<Checked>, Failure> {
    let Some(recorded) = store.registration()? else {
        return Ok(None);
    };
    let registration = Registration::parse(&recorded.text).map_err(|error| {
        Failure::internal(format!(
            "the registration in {} cannot be read: {error}",
            folder.display()
        ))
    })?;
    let deviations = registration.deviations(&recorded, settings, control, runs, shown);
    Ok(Some(Checked {
        registration,
        recorded,
        deviations,
    }))
}

impl Checked {
    fn to_json(&self) -> serde_json::Value {
        json!({
            "promised": self.registration,
            "sha256": self.recorded.sha256,
            "time": self.recorded.time,
            "runs_before": self.recorded.runs_before,
            "deviations": self.deviations,
        })
    }

    fn to_text(&self) -> String {
        let (head, deviations) = (self.head(), &self.deviations);
        if deviations.is_empty() {
            return format!("{head}. No deviation.\n\n");
        }
        format!("{head}. Deviations:\n- {}\n\n", deviations.join("\n- "))
    }

    fn head(&self) -> String {
        let Recorded { time, sha256, .. } = &self.recorded;
        let metric = &self.registration.metric;
        format!("Registered {time} for {metric} (SHA-256 {sha256}); other metrics explore")
    }

    /// What was registered, and each deviation; a sentence each.
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![format!("{}.", self.head())];
        if self.deviations.is_empty() {
            sentences.push("No deviation.".to_owned());
        }
        let deviations = self.deviations.iter();
        sentences.extend(deviations.map(|deviation| format!("{DEVIATION}{deviation}.")));
        sentences
    }
}

/// Every metric of some runs.
///
/// The settings' margin is of the metric `of`: where that is an accuracy, a loss has none, and the other way about.
pub(super) fn analyze_runs(runs: &[RunRecord], settings: &Settings, of: Metric) -> Vec<Analysis> {
    let of_metric = |metric: Metric| {
        let settings = Settings {
            margin: settings.margin.filter(|_| metric.is_loss() == of.is_loss()),
            ..settings.clone()
        };
        analyze(metric.name(), &metric.groups(runs), &settings)
    };
    Metric::ALL.into_iter().map(of_metric).collect()
}

/// A line on why the groups were not compared, where they were too many.
pub(super) fn uncompared(analyses: &[Analysis], settings: &Settings) -> Option<String> {
    let groups = analyses.first()?.summaries.len();
    let why = settings.too_many_pairs(groups)?;
    Some(format!(
        "Nothing was compared: {why} of initstudy analyze\n"
    ))
}

/// Writes all CSV files of a sweep's folder.
pub(super) fn write_folder(
    folder: &Path,
    runs: &[RunRecord],
    analyses: &[Analysis],
    settings: &Settings,
) -> Result<(), Failure> {
    write_runs(folder, runs)?;
    export::write_analyses(folder, analyses, settings).map_err(|error| unwritten(folder, &error))
}

/// Writes the CSV files of runs and epochs.
pub(super) fn write_runs(folder: &Path, runs: &[RunRecord]) -> Result<(), Failure> {
    let study = folder
        .file_name()
        .unwrap_or(folder.as_os_str())
        .to_string_lossy();
    export::write_runs(folder, &study, runs).map_err(|error| unwritten(folder, &error))
}

fn unwritten(folder: &Path, error: &io::Error) -> Failure {
    let folder = folder.display();
    Failure::internal(format!(
        "cannot write the CSV files in {folder}: {error}; the runs are kept in the store, and the same command writes the files where there is leave and room to"
    ))
}
