//! `initstudy sweep`: trains what is missing, writes the files, prints the tables.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    thread,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::prepare;
use crate::{
    cli::SweepArgs,
    comparison::{Group, Metric, compare_all},
    export,
    failure::{Failure, FailureKind},
    output::print,
    plan::{Protocol, parse_initializers},
    progress::Progress,
    report::terminal,
    store::{STORE_FILE, Store, StoreError},
    sweep::Sweep,
};

/// Runs the command.
pub(super) fn run(args: &SweepArgs) -> Result<(), Failure> {
    let initializers = parse_initializers(&args.initializers)?;
    let jobs = args.jobs.map_or_else(default_jobs, |jobs| jobs as usize);
    let stop = stop_on_signal()?;
    let ground = prepare(&args.data, &args.train)?;
    let folder = args
        .out
        .clone()
        .unwrap_or_else(|| default_folder(&ground.protocol));
    let mut store = Store::open(&folder, &ground.protocol.declaration())?;
    let sweep = Sweep {
        protocol: &ground.protocol,
        dataset: &ground.dataset,
        initializers: &initializers,
        seeds: u64::from(args.seeds),
        jobs,
        kernels: ground.kernels,
    };
    let progress = Progress::new(args.data.quiet, jobs);
    let end = sweep.run(&mut store, &progress, &stop)?;
    publish(&store, &folder, &ground.protocol)?;
    if end.missing > 0 {
        return Err(Failure::interrupted(format!(
            "stopped with {} of {} runs missing; the same command goes on from here",
            end.missing,
            end.found + end.added + end.missing
        )));
    }
    Ok(())
}

/// Writes the folder's CSV files and prints its tables.
fn publish(store: &Store, folder: &Path, protocol: &Protocol) -> Result<(), Failure> {
    let runs = store.runs()?;
    let groups = Group::of(&runs);
    let summaries =
        export::all_metrics(|metric| groups.iter().map(|group| group.summary(metric)).collect());
    let comparisons = export::all_metrics(|metric| compare_all(&groups, metric));
    let study = folder
        .file_name()
        .unwrap_or(folder.as_os_str())
        .to_string_lossy();
    export::write_runs(folder, &study, &runs)
        .and_then(|()| export::write_summaries(folder, &summaries))
        .and_then(|()| export::write_comparisons(folder, &comparisons))
        .map_err(|error| {
            Failure::internal(format!(
                "cannot write the CSV files in {}: {error}; the runs are kept in the store, the same command writes the files",
                folder.display()
            ))
        })?;
    let of_test = comparisons
        .iter()
        .filter(|c| c.metric == Metric::TestAccuracy);
    let tables = terminal::sweep(protocol, &summaries, of_test);
    print(&format!(
        "{tables}\nEvery run in {} is counted; its CSV files and {STORE_FILE} hold them.\n",
        folder.display()
    ))
}

fn default_folder(protocol: &Protocol) -> PathBuf {
    let dataset = protocol.dataset.replace([':', '/', '\\'], "-");
    Path::new("results").join(format!("{dataset}-{}", protocol.config.init_scope.name()))
}

/// A flag that turns true at the first Ctrl-C or SIGTERM; the second one ends the process at once,
/// which costs the runs in flight and nothing else.
fn stop_on_signal() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let code = FailureKind::Interrupted as i32;
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal must find the flag unset.
        flag::register_conditional_shutdown(signal, code, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)))
            .map_err(|error| Failure::internal(format!("cannot listen for signals: {error}")))?;
    }
    Ok(stop)
}

/// The cores, but no more than this process may run on.
fn default_jobs() -> usize {
    let allowed = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    num_cpus::get_physical().min(allowed)
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
