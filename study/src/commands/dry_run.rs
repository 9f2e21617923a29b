//! `initstudy sweep --dry-run`: what would be trained, and how long it would take.

use std::path::Path;

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
    let of = |variant: &Variant| {
        let same = |run: &&_| is_of(run, variant);
        let done = found.iter().filter(same).count();
        (done, pending.iter().filter(same).count())
    };
    let mut plans: Vec<Planned> = Vec::new();
    let mut before: Option<(&Variant, RunTime)> = None;
    for (variant, label) in sweep.variants.iter().zip(labels(sweep.variants)) {
        let (done, missing) = of(variant);
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

fn is_of(run: &RunKey<'_>, variant: &Variant) -> bool {
    std::ptr::eq(run.variant, variant)
}

fn time_of_run(sweep: &Sweep<'_>, variant: &Variant, counts: &[Count]) -> RunTime {
    RunTime::measured(variant, counts).unwrap_or_else(|| {
        let config = sweep.protocol.config(variant);
        RunTime::tried(sweep.kernels, sweep.dataset, &config)
    })
}
