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
    store::{Store, StoreError},
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
    let mut tried = Tried::default();
    for (variant, label) in sweep.variants.iter().zip(labels(sweep.variants)) {
        let of = |runs: &HashMap<_, usize>| runs.get(&ptr::from_ref(variant)).map_or(0, |n| *n);
        let (done, missing) = (of(&done), of(&missing));
        let time = (missing > 0).then(|| {
            RunTime::measured(variant, &counts).unwrap_or_else(|| tried.time(sweep, variant))
        });
        plans.push(Planned {
            label,
            done,
            missing,
            time,
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

/// Times that batches were tried for.
#[derive(Default)]
struct Tried<'a>(HashMap<(&'a [usize], &'static str, usize), RunTime>);

impl<'a> Tried<'a> {
    /// That of a variant. Neither the learning rate nor what is initialized changes the work of a
    /// batch, so that a grid over those is tried once.
    fn time(&mut self, sweep: &Sweep<'a>, variant: &'a Variant) -> RunTime {
        let Variant {
            hidden,
            activation,
            batch_size,
            ..
        } = variant;
        let work = (hidden.as_slice(), activation.name(), *batch_size);
        *self.0.entry(work).or_insert_with(|| {
            let config = sweep.protocol.config(variant);
            RunTime::tried(sweep.kernels, sweep.dataset, &config)
        })
    }
}
