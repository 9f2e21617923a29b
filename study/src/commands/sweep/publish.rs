//! What a sweep that is done writes and prints.

use std::path::Path;

use crate::{
    commands::{
        Ground,
        analyze::{analyze_runs, uncompared, write_folder, write_runs},
    },
    comparison::Settings,
    failure::Failure,
    metric::Metric,
    output::print,
    record::{RunRecord, Status},
    report::terminal,
    shard::Shard,
    store::{STORE_FILE, Store},
};

/// Writes the folder's CSV files and prints its tables.
pub(super) fn publish(
    store: &Store,
    folder: &Path,
    ground: &Ground,
    settings: &Settings,
    decisions: Option<String>,
) -> Result<(), Failure> {
    let runs = store.runs()?;
    let analyses = analyze_runs(&runs, settings, Metric::TestAccuracy);
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
pub(super) fn publish_part(shard: Shard, store: &Store, folder: &Path) -> Result<(), Failure> {
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
