//! `initstudy merge`: the parts of a sweep, put together.

use std::path::Path;

use super::{
    analyze::{analyze_runs, uncompared, write_folder},
    method,
};
use crate::{
    cli::MergeArgs,
    comparison::{Analysis, Settings},
    failure::Failure,
    metric::Metric,
    output::{note, print},
    record::RunRecord,
    report::content::counted,
    signals, status,
    store::{MergeError, STORE_FILE, Store},
};

/// Runs the command.
pub(super) fn run(args: &MergeArgs) -> Result<(), Failure> {
    // Said here, where there is no flag for the folder.
    if args.out.is_file() {
        return Err(Failure::usage(format!(
            "{} is a file, and runs are merged into a folder; name that first, before the folders to merge",
            args.out.display()
        )));
    }
    let stop = signals::stop_on_signal()?;
    let (store, merged) = Store::merge(&args.out, &args.inputs, args.salvage, &stop)?;
    for loss in &merged.lost {
        note(&format!("initstudy: {loss}"));
    }
    if merged.dropped > 0 {
        note(&format!(
            "initstudy: {} of {} taken out, no longer what was written, unless one of the merged stores has it",
            counted(merged.dropped, "run"),
            args.out.display()
        ));
    }
    if merged.damaged > 0 {
        note(&format!(
            "initstudy: {} left out, no longer what was written; the same sweep with --out {} trains what is missing",
            counted(merged.damaged, "run"),
            args.out.display()
        ));
    }
    let out = args.out.display();
    let Published {
        runs,
        analyses,
        settings,
    } = publish(&store, &args.out).map_err(|failure| {
        let stores = counted(merged.stores, "store");
        failure.after(&format!("{stores} merged into {out}"))
    })?;
    let failed = runs.iter().filter(|run| !run.is_result()).count();
    print(&format!(
        "{} merged into {out}: {} added, {} met again; {STORE_FILE} and the CSV files hold {}, initstudy analyze {out} compares them\n",
        counted(merged.stores, "store"),
        counted(merged.added, "run"),
        merged.known,
        counted(runs.len() - failed, "run"),
    ))?;
    if let Some(why) = uncompared(&analyses, &settings) {
        print(&why)?;
    }
    match status::untried(&store)? {
        Some((missing, asked)) if missing > 0 => {
            return Err(Failure::interrupted(format!(
                "{missing} of {asked} runs are missing, which is no fault while parts of the sweep are left out or not done; merge {out} again with all of them, initstudy status {out} says how many of each"
            )));
        }
        None if merged.damaged > 0 || !merged.lost.is_empty() => {
            return Err(Failure::interrupted(format!(
                "runs may be missing, as nothing tells any more how many were asked for; the sweep's command with --out {out} trains those"
            )));
        }
        _ => {}
    }
    if failed > 0 {
        return Err(Failure::runs_failed(format!(
            "{} broke off and no shard has a result of it; initstudy status {out} says with what, and the sweep of the shard tries again",
            counted(failed, "run")
        )));
    }
    Ok(())
}

/// What a merged folder came to.
struct Published {
    runs: Vec<RunRecord>,
    analyses: Vec<Analysis>,
    settings: Settings,
}

/// Writes the CSV files of a merged folder.
fn publish(store: &Store, folder: &Path) -> Result<Published, Failure> {
    let settings = Settings {
        margin: method::margin(store)?,
        ..Settings::paired()
    };
    let runs = store.runs()?;
    let analyses = analyze_runs(&runs, &settings, Metric::TestAccuracy);
    write_folder(folder, &runs, &analyses, &settings)?;
    Ok(Published {
        runs,
        analyses,
        settings,
    })
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Store(error) => error.into(),
            MergeError::Stopped => Self::interrupted(error),
            _ => Self::usage(error),
        }
    }
}
