//! `initstudy sweep`: trains what is missing, writes the files, prints the tables.

use std::path::{Path, PathBuf};

use super::{
    Ground,
    analyze::{analyze_runs, write_folder},
    prepare, register, settings,
    until::Until,
};
use crate::{
    cli::SweepArgs,
    comparison::Settings,
    failure::Failure,
    output::print,
    parallel,
    plan::parse_initializers,
    progress::Progress,
    report::terminal,
    signals,
    store::{STORE_FILE, Store, StoreError},
    sweep::Sweep,
};

/// Runs the command.
pub(super) fn run(args: &SweepArgs) -> Result<(), Failure> {
    let initializers = parse_initializers(&args.initializers)?;
    let registration = args
        .registration
        .as_deref()
        .map(register::read)
        .transpose()?;
    let jobs = args.jobs.map_or_else(parallel::cores, |jobs| jobs as usize);
    let mut until = Until::new(args, initializers.len())?;
    let stop = signals::stop_on_signal()?;
    let ground = prepare(&args.data, &settings(&args.train, initializers)?)?;
    let folder = args.out.clone().unwrap_or_else(|| default_folder(&ground));
    let declaration = ground.protocol.declaration(&ground.variants);
    let mut store = Store::open(&folder, &declaration)?;
    store.keep_test_labels(ground.dataset.test().examples.labels())?;
    if let Some(until) = &until {
        until.fix(&ground.variants, &folder, &mut store)?;
    }
    if let Some(text) = registration {
        store.register(&folder, &text)?;
    }
    let sweep = Sweep {
        protocol: &ground.protocol,
        dataset: &ground.dataset,
        variants: &ground.variants,
        seeds: u64::from(args.seeds),
        jobs,
        kernels: ground.kernels,
    };
    let progress = Progress::new(args.data.quiet, jobs);
    let end = match &mut until {
        Some(until) => until.run(&sweep, &mut store, &progress, &stop)?,
        None => sweep.run(&mut store, &progress, &stop)?,
    };
    let decisions = until.map(|until| until.publish(&folder)).transpose()?;
    publish(&store, &folder, &ground, decisions)?;
    if end.missing > 0 {
        return Err(Failure::interrupted(format!(
            "stopped with {} of {} runs missing; the same command goes on from here",
            end.missing,
            end.wanted()
        )));
    }
    if end.failed > 0 {
        return Err(Failure::runs_failed(format!(
            "{} of {} runs broke off and count as missing; initstudy status {} says with what, and the same command tries them again",
            end.failed,
            end.wanted(),
            folder.display()
        )));
    }
    Ok(())
}

/// Writes the folder's CSV files and prints its tables.
fn publish(
    store: &Store,
    folder: &Path,
    ground: &Ground,
    decisions: Option<String>,
) -> Result<(), Failure> {
    let settings = Settings::paired();
    let runs = store.runs()?;
    let analyses = analyze_runs(&runs, &settings);
    write_folder(folder, &runs, &analyses, &settings)?;
    let tables = terminal::sweep(&ground.protocol, &ground.variants, &analyses, &settings);
    let decisions = decisions.map_or(String::new(), |table| format!("\n{table}"));
    print(&format!(
        "{tables}{decisions}\nEvery run in {} is counted; its CSV files and {STORE_FILE} hold them.\n",
        folder.display()
    ))
}

fn default_folder(ground: &Ground) -> PathBuf {
    let dataset = ground.protocol.dataset.replace([':', '/', '\\'], "-");
    let scope = ground.variants[0].init_scope.name();
    Path::new("results").join(format!("{dataset}-{scope}"))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // Worth another try as it stands.
            StoreError::Busy { .. } => Self::interrupted(error),
            _ if error.is_usage() => Self::usage(error),
            _ => Self::internal(error),
        }
    }
}
