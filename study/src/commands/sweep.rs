//! `initstudy sweep`: trains what is missing, writes the files, prints the tables.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    analyze::{analyze_runs, write_folder},
    prepare, register,
    until::Until,
};
use crate::{
    cli::SweepArgs,
    comparison::Settings,
    failure::{Failure, FailureKind},
    output::print,
    plan::{Protocol, parse_initializers},
    progress::Progress,
    report::terminal,
    store::{Store, StoreError, TEST_LABELS, labels_to_text},
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
    let mut until = Until::new(args, initializers.len())?;
    let jobs = args
        .jobs
        .map_or_else(num_cpus::get_physical, |jobs| jobs.get());
    let ground = prepare(&args.data, &args.train)?;
    let folder = args
        .out
        .clone()
        .unwrap_or_else(|| default_folder(&ground.protocol));
    let labels = labels_to_text(ground.dataset.test().examples.labels());
    let mut declaration = ground.protocol.declaration();
    declaration.push((TEST_LABELS, labels));
    let mut store = Store::open(&folder, &declaration)?;
    if let Some(text) = registration {
        store.register(&folder, &text)?;
    }
    let sweep = Sweep {
        protocol: &ground.protocol,
        dataset: &ground.dataset,
        initializers: &initializers,
        seeds: args.seeds.get() as u64,
        jobs,
        kernels: ground.kernels,
    };
    let progress = Progress::new(args.data.quiet, jobs);
    let stop = stop_on_signal()?;
    let end = match &mut until {
        Some(until) => until.run(&sweep, &mut store, &progress, &stop)?,
        None => sweep.run(&mut store, &progress, &stop)?,
    };
    let decisions = until.map(|until| until.publish(&folder)).transpose()?;
    publish(&store, &folder, &ground.protocol, decisions)?;
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
fn publish(
    store: &Store,
    folder: &Path,
    protocol: &Protocol,
    decisions: Option<String>,
) -> Result<(), Failure> {
    let settings = Settings::paired();
    let runs = store.runs()?;
    let analyses = analyze_runs(&runs, &settings);
    write_folder(folder, &runs, &analyses, &settings)?;
    let tables = terminal::sweep(protocol, &analyses, &settings);
    let decisions = decisions.map_or(String::new(), |table| format!("\n{table}"));
    print(&format!(
        "{tables}{decisions}\nResults in {}\n",
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
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(FailureKind::Interrupted as i32);
        }
        eprintln!("\nstopping after the runs in flight; once more ends at once");
    })
    .map_err(|error| Failure::internal(format!("cannot listen for Ctrl-C: {error}")))?;
    Ok(stop)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_usage() {
            Self::usage(error)
        } else {
            Self::internal(error)
        }
    }
}
