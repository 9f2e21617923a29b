//! `initstudy sweep`: trains what is missing, writes the files, prints the tables.

mod asked;
mod publish;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use super::{Ground, dry_run, prepare};
use crate::{
    cli::{DataArgs, SweepArgs},
    environment,
    failure::Failure,
    output::note,
    parallel,
    progress::Progress,
    registration::Registration,
    request::Request,
    shard::Shard,
    signals,
    store::{STORE_FILE, Store, StoreError},
    sweep::{Sweep, SweepEnd},
};
use asked::default_folder;
pub(super) use asked::{Asked, folder_of_study};
use publish::{publish, publish_part};

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
        until.fix(&folder, &mut store)?;
    }
    if let Some(text) = registration {
        store.register(&folder, &text)?;
    }
    warn_of_excess(&store, &sweep, until.is_some())?;
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
    let dataset = &ground.dataset;
    let sizes = [dataset.train(), dataset.validation(), dataset.test()];
    let [train, validation, test] = sizes.map(|part| part.rows.len());
    let mut facts = vec![
        ("dataset", ground.protocol.dataset.clone()),
        (
            "examples",
            format!("{train} for training, {validation} for validation, {test} for the test"),
        ),
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

/// Says in what the sweep goes beyond its registration, while that can still be changed. Under
/// `--until` the seeds are those of its last look, which may never come.
fn warn_of_excess(store: &Store, sweep: &Sweep<'_>, until: bool) -> Result<(), Failure> {
    let Some(recorded) = store.registration()? else {
        return Ok(());
    };
    // One that cannot be read any more is named by analyze.
    let Ok(registration) = Registration::parse(&recorded.text) else {
        return Ok(());
    };
    let seeds = if until { 0 } else { sweep.seeds };
    let excess = registration.excess_of_plan(sweep.variants, seeds);
    if !excess.is_empty() {
        note(&format!(
            "initstudy: this sweep goes beyond its registration: {}",
            excess.join("; ")
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
