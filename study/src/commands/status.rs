//! `initstudy status`: how far a folder is, or the parts in it.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;

use crate::{
    cli::StatusArgs,
    failure::Failure,
    output::{note, print},
    report::{self, status::PartLine},
    shard::Shard,
    status::Status,
    store::{STORE_FILE, Store, StoreError},
};

/// Runs the command.
pub(super) fn run(args: &StatusArgs) -> Result<(), Failure> {
    let shards = shards(&args.folder);
    if !shards.is_empty() && !args.folder.join(STORE_FILE).exists() {
        return of_parts(args, &shards);
    }
    let store = Store::open_existing(&args.folder)?;
    let status = Status::of(&store, Store::holder(&args.folder)?)?;
    if args.json {
        return print(&format!("{:#}\n", status.to_json()));
    }
    print(&report::status::text(&status))
}

/// The parts that have a folder in this one.
fn shards(folder: &Path) -> Vec<Shard> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let shard = |entry: fs::DirEntry| Shard::of_folder(entry.file_name().to_str()?);
    let mut shards: Vec<Shard> = entries.filter_map(shard).collect();
    shards.sort_unstable();
    shards
}

/// A line for each part, and their sum.
fn of_parts(args: &StatusArgs, shards: &[Shard]) -> Result<(), Failure> {
    let (mut parts, mut faults) = (Vec::new(), Vec::new());
    let mut begun = BTreeMap::new();
    for shard in shards {
        let folder = args.folder.join(shard.folder_name());
        let begun = begun.entry(shard.count()).or_insert(0);
        let look = |store: Store| Status::of(&store, Store::holder(&folder)?);
        match Store::open_existing(&folder).and_then(look) {
            Ok(status) => parts.push(PartLine {
                part: shard.to_string(),
                done: Some(status.sum(|v| v.ok + v.diverged)),
                failed: Some(status.sum(|v| v.failed)),
                missing: status.missing(),
                holder: status.holder,
            }),
            // It is about to begin.
            Err(StoreError::Missing { .. }) => continue,
            Err(error) => {
                parts.push(PartLine {
                    part: shard.to_string(),
                    done: None,
                    failed: None,
                    missing: None,
                    holder: None,
                });
                faults.push(error);
            }
        }
        *begun += 1;
    }
    let unbegun: u64 = begun.iter().map(|(count, begun)| count - begun).sum();
    let mixed = (begun.len() > 1).then(|| {
        let counts: Vec<String> = begun.keys().map(u64::to_string).collect();
        format!(
            "These are parts of {}, which hold the same runs: the sums have them more than once\n",
            counts.join(" and of ")
        )
    });
    if args.json {
        let line = |part: &PartLine| {
            json!({
                "part": part.part,
                "done": part.done,
                "failed": part.failed,
                "missing": part.missing,
                "in_use_by": part.holder,
            })
        };
        let parts: Vec<_> = parts.iter().map(line).collect();
        let all = json!({"parts": parts, "parts_not_begun": unbegun});
        print(&format!("{all:#}\n"))?;
    } else {
        let text = report::status::parts(&parts, unbegun);
        print(&(text + &mixed.unwrap_or_default()))?;
    }
    // What can be read was shown first.
    let last = faults.pop();
    for fault in faults {
        note(&format!("initstudy: {fault}"));
    }
    match last {
        Some(fault) => Err(fault.into()),
        None => Ok(()),
    }
}
