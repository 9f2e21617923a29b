//! `initstudy sweep --dry-run`: what would be trained, and how long it would take.

use std::{collections::HashMap, path::Path, ptr};

use crate::{
    estimate::RunTime,
    failure::Failure,
    output::print,
    plan::{RunKey, Variant, labels},
    report::{
        dry_run::{Planned, table},
        terminal::protocol_line,
    },
    store::{Count, Store, StoreError},
    sweep::Sweep,
};

/// Prints a line for each variant and the sum of all; writes nothing.
pub(super) fn run(sweep: &Sweep<'_>, folder: &Path) -> Result<(), Failure> {
    let (mut finished, mut counts) = Default::default();
    match Store::open_existing(folder) {
        Ok(store) => {
            let declaration = sweep.protocol.declaration(sweep.variants);
            store.check_declaration(folder, &declaration)?;
            (finished, counts) = (store.finished()?, store.counts(sweep.seeds)?);
        }
        Err(StoreError::Missing { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let (found, pending) = sweep.partition(&finished);
    let (done, missing) = (by_variant(&found), by_variant(&pending));
    let mut plans: Vec<Planned> = Vec::new();
    let mut before: Option<(&Variant, RunTime)> = None;
    for (variant, label) in sweep.variants.iter().zip(labels(sweep.variants)) {
        let of = |runs: &HashMap<_, usize>| runs.get(&ptr::from_ref(variant)).map_or(0, |n| *n);
        let (done, missing) = (of(&done), of(&missing));
        // Variants of one configuration are next to each other.
        let known = before.filter(|(of, _)| of.settings() == variant.settings());
        let time = match known {
            Some((_, time)) => Some(time),
            None if missing > 0 => Some(time_of_run(sweep, variant, &counts)),
            None => None,
        };
        before = time.map(|time| (variant, time));
        plans.push(Planned {
            label,
            done,
            missing,
            time: time.filter(|_| missing > 0),
        });
    }
    let line = protocol_line(sweep.protocol, sweep.variants);
    let table = table(&plans, sweep.jobs);
    let folder = folder.display();
    print(&format!(
        "{line}\n\n{table}\nResults would go to {folder}; nothing was trained or written.\n"
    ))
}

/// How many of some runs are of which of the sweep's variants.
fn by_variant(runs: &[RunKey<'_>]) -> HashMap<*const Variant, usize> {
    let mut counts = HashMap::new();
    for run in runs {
        *counts.entry(ptr::from_ref(run.variant)).or_insert(0) += 1;
    }
    counts
}

fn time_of_run(sweep: &Sweep<'_>, variant: &Variant, counts: &[Count]) -> RunTime {
    RunTime::measured(variant, counts).unwrap_or_else(|| {
        let config = sweep.protocol.config(variant);
        RunTime::tried(sweep.kernels, sweep.dataset, &config)
    })
}
