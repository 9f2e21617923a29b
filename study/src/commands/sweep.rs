//! `initstudy sweep`: trains what is missing, writes the files, prints the tables.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use super::{
    Ground,
    analyze::{analyze_runs, uncompared, write_folder, write_runs},
    dry_run, prepare, register,
    until::Until,
};
use crate::{
    bounded::read_text,
    cli::{DataArgs, SweepArgs},
    comparison::Settings,
    data::DataSource,
    environment,
    failure::Failure,
    limits,
    output::{note, print},
    parallel,
    progress::Progress,
    record::{RunRecord, Status},
    registration::Registration,
    report::terminal,
    request::{MOST_RUNS, Request},
    shard::Shard,
    signals,
    store::{STORE_FILE, Store, StoreError},
    study_file::StudyFile,
    sweep::{Sweep, SweepEnd},
};

/// What a sweep is asked for, checked as far as that goes without its data.
pub(super) struct Asked {
    pub(super) request: Request,
    /// The text of the study file.
    text: Option<String>,
    registration: Option<String>,
    until: Option<Until>,
    settings: Settings,
}

impl Asked {
    /// What the flags ask for, and the files that they name.
    pub(super) fn of(args: &SweepArgs) -> Result<Self, Failure> {
        check_until_flags(args)?;
        let text = args.file.as_deref().map(read).transpose()?;
        let mut request = Request::new(args, parse(args, text.as_deref())?)?;
        check_size(&request)?;
        request.settings.check()?;
        DataSource::parse(&request.dataset)?;
        let registration = args.registration.as_deref();
        let registration = registration.map(register::read).transpose()?;
        let until = Until::new(args, request.margin, &request.settings.variants())?;
        if let Some(until) = &until {
            request.seeds = until.most_seeds();
            check_size(&request)?;
        }
        let settings = Settings {
            // The looks of --until have their own tests within it.
            margin: request.margin.filter(|_| until.is_none()),
            ..Settings::paired()
        };
        limits::check_settings(&settings).map_err(Failure::usage)?;
        Ok(Self {
            request,
            text,
            registration,
            until,
            settings,
        })
    }
}

/// Flags that only `--until` heeds. That they require it is not for the parser to say: it waives that
/// where `--until` conflicts with another flag given, as `--seeds`.
fn check_until_flags(args: &SweepArgs) -> Result<(), Failure> {
    let flags = ["max_seeds", "looks", "metric", "alpha"];
    match flags.into_iter().find(|flag| args.is_given(flag)) {
        Some(flag) if args.until.until.is_none() => Err(Failure::usage(format!(
            "--{} is for --until decided alone; add that, or leave it out",
            flag.replace('_', "-")
        ))),
        _ => Ok(()),
    }
}

/// Runs the command.
pub(super) fn run(args: &SweepArgs) -> Result<(), Failure> {
    let Asked {
        request,
        text,
        registration,
        mut until,
        settings,
    } = Asked::of(args)?;
    let jobs = request.jobs.map_or_else(parallel::cores, |n| n as usize);
    // A dry run has nothing to finish or to keep: a signal ends it.
    let stop = if args.dry_run {
        Arc::default()
    } else {
        signals::stop_on_signal()?
    };
    let data = DataArgs {
        dataset: request.dataset.clone(),
        data_dir: request.data_dir.clone(),
        offline: args.dry_run,
        ..args.data.clone()
    };
    let ground = prepare(&data, &request.settings)?;
    let folder = request.out.clone();
    let folder = folder.unwrap_or_else(|| default_folder(args.file.as_deref(), &ground));
    let folder = match args.shard {
        Some(shard) => {
            warn_of_other_parts(shard, &folder);
            folder.join(shard.folder_name())
        }
        None => folder,
    };
    let sweep = Sweep {
        shard: args.shard.unwrap_or(Shard::WHOLE),
        ..sweep_of(&request, &ground, jobs)
    };
    if args.dry_run {
        return dry_run::run(&sweep, &folder);
    }
    let mut store = open(&folder, &ground)?;
    if let Some(until) = &until {
        until.fix(&ground.variants, &folder, &mut store)?;
    }
    if let Some(text) = registration {
        store.register(&folder, &text)?;
    }
    warn_of_deviations(&store, &sweep)?;
    let mut facts = environment::facts(ground.protocol.isa, jobs);
    facts.extend(facts_of_study(&request, &ground, text, until.is_some()));
    facts.extend(args.shard.map(|shard| ("shard", shard.to_string())));
    store.begin_session(&facts)?;
    let progress = Progress::new(args.data.quiet, jobs);
    let mut work = || {
        let end = match &mut until {
            Some(until) => until.run(&sweep, &mut store, &progress, &stop)?,
            None => sweep.run(&mut store, &progress, &stop)?,
        };
        // One that is stopped is to end soon; the same command writes the files, once it is done.
        if end.missing == 0 {
            let decisions = until.as_ref().map(|until| until.publish(&folder));
            let decisions = decisions.transpose()?;
            match args.shard {
                Some(shard) => publish_part(shard, &store, &folder)?,
                None => publish(&store, &folder, &ground, &settings, decisions)?,
            }
        }
        conclude(end, &folder)
    };
    let outcome = work();
    end_session(&mut store, outcome)
}

/// Trains what a folder lacks of a request, as a session of its store; the store, and what became
/// of the sweep.
pub(super) fn complete(
    request: &Request,
    ground: &Ground,
    folder: &Path,
    quiet: bool,
    stop: &AtomicBool,
) -> Result<(Store, SweepEnd), Failure> {
    let jobs = request.jobs.map_or_else(parallel::cores, |n| n as usize);
    let mut store = open(folder, ground)?;
    let mut facts = environment::facts(ground.protocol.isa, jobs);
    facts.extend(facts_of_study(request, ground, None, false));
    store.begin_session(&facts)?;
    let sweep = sweep_of(request, ground, jobs);
    let ended = sweep.run(&mut store, &Progress::new(quiet, jobs), stop);
    let outcome = ended.as_ref().map_err(Failure::internal);
    let outcome = outcome.and_then(|end| conclude(*end, folder));
    // What it came to is for the caller to say.
    let _ = end_session(&mut store, outcome);
    Ok((store, ended?))
}

fn sweep_of<'a>(request: &Request, ground: &'a Ground, jobs: usize) -> Sweep<'a> {
    Sweep {
        protocol: &ground.protocol,
        dataset: &ground.dataset,
        variants: &ground.variants,
        seeds: u64::from(request.seeds),
        shard: Shard::WHOLE,
        jobs,
        kernels: ground.kernels,
    }
}

/// The store of a folder, held to what is to be run.
fn open(folder: &Path, ground: &Ground) -> Result<Store, Failure> {
    let declaration = ground.protocol.declaration(&ground.variants);
    let mut store = Store::open(folder, &declaration)?;
    let damaged = store.drop_damaged()?;
    if damaged > 0 {
        note(&format!(
            "initstudy: damaged runs taken out of {}: {damaged}; those that this sweep wants are trained again",
            folder.join(STORE_FILE).display()
        ));
    }
    store.keep_test_labels(ground.dataset.test().examples.labels())?;
    Ok(store)
}

/// Ends the session with how the sweep ended, where the store still can, and passes that on.
fn end_session(store: &mut Store, outcome: Result<(), Failure>) -> Result<(), Failure> {
    let mut facts = Vec::new();
    let peak = environment::peak_memory().map(|bytes| ("peak_memory_bytes", bytes.to_string()));
    facts.extend(peak);
    let code = outcome.as_ref().map_or_else(Failure::exit_code, |()| 0);
    facts.push(("exit", code.to_string()));
    if let Err(failure) = &outcome {
        facts.push(("message", failure.to_string()));
    }
    let ended = store.end_session(&facts);
    outcome?;
    Ok(ended?)
}

/// How the command ends.
pub(super) fn conclude(end: SweepEnd, folder: &Path) -> Result<(), Failure> {
    if end.missing > 0 {
        return Err(Failure::interrupted(format!(
            "stopped with {} of {} runs missing; the same command goes on from here, and writes the CSV files when it is done",
            end.missing,
            end.wanted()
        )));
    }
    if end.failed > 0 {
        return Err(Failure::runs_failed(format!(
            "{} of {} runs broke off and are no results; initstudy status {} says why, and the same command tries them again",
            end.failed,
            end.wanted(),
            folder.display()
        )));
    }
    Ok(())
}

/// The text of a study file.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    read_text(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

/// What the text of the study file says, or the nothing that none says.
pub(super) fn parse(args: &SweepArgs, text: Option<&str>) -> Result<StudyFile, Failure> {
    let (Some(path), Some(text)) = (&args.file, text) else {
        return Ok(StudyFile::default());
    };
    StudyFile::parse(text).map_err(|error| Failure::usage(format!("{}, {error}", path.display())))
}

fn check_size(request: &Request) -> Result<(), Failure> {
    let (variants, seeds, runs) = (request.settings.count(), request.seeds, request.runs());
    if runs > MOST_RUNS {
        return Err(Failure::usage(format!(
            "{variants} variants under {seeds} seeds are {runs} runs; {MOST_RUNS} is the most, use fewer of either"
        )));
    }
    Ok(())
}

/// What a session keeps of what was asked for.
fn facts_of_study(
    request: &Request,
    ground: &Ground,
    text: Option<String>,
    until: bool,
) -> Vec<(&'static str, String)> {
    let files = ground.files.iter();
    let files: String = files
        .map(|file| format!("{}  {}\n", file.sha256, file.file))
        .collect();
    let mut facts = vec![
        ("dataset", ground.protocol.dataset.clone()),
        ("dataset_sha256", ground.protocol.checksum.clone()),
        ("dataset_files_sha256", files),
        ("configuration", request.to_toml()),
    ];
    facts.extend(text.map(|text| ("study_file", text)));
    if until {
        facts.push(("until", "decided".to_owned()));
    }
    facts
}

/// Writes the folder's CSV files and prints its tables.
fn publish(
    store: &Store,
    folder: &Path,
    ground: &Ground,
    settings: &Settings,
    decisions: Option<String>,
) -> Result<(), Failure> {
    let runs = store.runs()?;
    let analyses = analyze_runs(&runs, settings);
    write_folder(folder, &runs, &analyses, settings)?;
    let tables = terminal::sweep(&ground.protocol, &ground.variants, &analyses, settings);
    let decisions = decisions.map_or(String::new(), |table| format!("\n{table}"));
    let uncompared = uncompared(&analyses, settings).unwrap_or_default();
    let but = but_failed(&runs);
    let diverged = all_diverged(&runs);
    print(&format!(
        "{tables}{decisions}\nEvery run in {}{but} is counted; its CSV files and {STORE_FILE} hold them.\n{uncompared}{diverged}",
        folder.display()
    ))
}

/// A line where a sweep has runs and not one result of them.
fn all_diverged(runs: &[RunRecord]) -> &'static str {
    let diverged = |run: &RunRecord| matches!(run.status, Status::Diverged { .. });
    if !runs.is_empty() && runs.iter().all(diverged) {
        "Every run diverged, so that there is nothing to compare; a smaller --learning-rate may help.\n"
    } else {
        ""
    }
}

/// Writes a shard's runs as CSV. They are compared with the others of the sweep or not at all: a
/// table of a part would be taken for a result.
fn publish_part(shard: Shard, store: &Store, folder: &Path) -> Result<(), Failure> {
    let runs = store.runs()?;
    write_runs(folder, &runs)?;
    let (count, but) = (runs.len(), but_failed(&runs));
    print(&format!(
        "Shard {shard} has its {count} runs{but}, in {}; initstudy merge puts them together with the others and compares them\n",
        folder.display()
    ))
}

fn but_failed(runs: &[RunRecord]) -> String {
    match runs.iter().filter(|run| !run.is_result()).count() {
        0 => String::new(),
        failed => format!(" but {failed} that failed"),
    }
}

/// Says what of a registration the sweep will not keep, while that can still be changed.
fn warn_of_deviations(store: &Store, sweep: &Sweep<'_>) -> Result<(), Failure> {
    let Some(recorded) = store.registration()? else {
        return Ok(());
    };
    // One that cannot be read any more is named by analyze.
    let Ok(registration) = Registration::parse(&recorded.text) else {
        return Ok(());
    };
    let deviations = registration.deviations_of_plan(sweep.variants, sweep.seeds);
    if !deviations.is_empty() {
        note(&format!(
            "initstudy: this sweep does not keep its registration, and initstudy analyze will say so: {}",
            deviations.join("; ")
        ));
    }
    Ok(())
}

fn warn_of_other_parts(shard: Shard, folder: &Path) {
    if let Some(count) = shard.other_counts(folder).first() {
        note(&format!(
            "initstudy: {} has shards of a sweep in {count} parts, whose runs shard {shard} trains again; docs/cluster.md says how to change the number of parts",
            folder.display()
        ));
    }
}

fn default_folder(file: Option<&Path>, ground: &Ground) -> PathBuf {
    if let Some(folder) = file.and_then(folder_of_study) {
        return folder;
    }
    let dataset = ground.protocol.dataset.replace([':', '/', '\\'], "-");
    let scope = ground.variants[0].init_scope.name();
    Path::new(RESULTS).join(format!("{dataset}-{scope}"))
}

/// Where folders for results are made by default.
const RESULTS: &str = "results";

/// The folder for the results of a study file, unless somebody says otherwise.
pub(super) fn folder_of_study(file: &Path) -> Option<PathBuf> {
    Some(Path::new(RESULTS).join(file.file_stem()?))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // Worth another try as it stands.
            _ if error.is_busy() => Self::interrupted(error),
            _ if error.is_usage() => Self::usage(error),
            _ => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_runs_that_failed_from_runs_that_were_not_tried() {
        let code = |failed, missing| {
            let end = SweepEnd {
                found: 1,
                added: 2,
                failed,
                missing,
            };
            conclude(end, Path::new("s")).map_err(|failure| failure.exit_code())
        };
        assert_eq!(code(0, 0), Ok(()));
        assert_eq!(code(1, 0), Err(3));
        assert_eq!(code(0, 1), Err(75));
        assert_eq!(code(1, 1), Err(75), "there is still something to be done");
    }
}
