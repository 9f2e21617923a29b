//! Workers over runs: each trains on its own core, one thread writes down what they bring.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use engine::{
    dataset::Dataset,
    init::Initializer,
    rng::Streams,
    train::{Outcome, Trainer},
};
use kernels::Kernels;

use crate::{
    plan::Protocol,
    progress::Progress,
    record::{RunRecord, predictions},
    store::{Store, StoreError},
};

/// Which runs are wanted, and by how many workers.
#[derive(Clone, Copy, Debug)]
pub struct Sweep<'a> {
    /// How every run trains.
    pub protocol: &'a Protocol,
    /// What on.
    pub dataset: &'a Dataset,
    /// The initializers under study.
    pub initializers: &'a [Initializer],
    /// Seeds 0, 1, … of each.
    pub seeds: u64,
    /// Workers, each one run at a time.
    pub jobs: usize,
    /// The arithmetic.
    pub kernels: Kernels,
}

/// What became of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepEnd {
    /// Runs that were in the store before.
    pub found: usize,
    /// Runs that were added.
    pub added: usize,
    /// Runs that are missing still, because the sweep was stopped.
    pub missing: usize,
}

#[derive(Clone, Copy)]
struct Run {
    initializer: Initializer,
    seed: u64,
}

impl Sweep<'_> {
    /// Trains the runs that the store lacks, seed by seed so that pairs are complete early. Where
    /// `stop` turns true, the runs in flight are dropped.
    ///
    /// # Errors
    /// If the store fails; the runs recorded before are kept.
    pub fn run(
        &self,
        store: &mut Store,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<SweepEnd, StoreError> {
        let finished = store.finished()?;
        let wanted = (0..self.seeds).flat_map(|seed| {
            let run = move |&initializer| Run { initializer, seed };
            self.initializers.iter().map(run)
        });
        let is_finished =
            |run: &Run| finished.contains(&self.protocol.run_id(run.initializer, run.seed));
        let (found, pending): (Vec<Run>, Vec<Run>) = wanted.partition(is_finished);
        progress.start(found.len(), pending.len());
        let added = self.train(&pending, store, progress, stop)?;
        progress.finish();
        Ok(SweepEnd {
            found: found.len(),
            added,
            missing: pending.len() - added,
        })
    }

    /// Trains `pending` and records each run as it ends; how many did.
    fn train(
        &self,
        pending: &[Run],
        store: &mut Store,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<usize, StoreError> {
        let next = AtomicUsize::new(0);
        // Set when the store fails: no use in training what cannot be kept.
        let failed = AtomicBool::new(false);
        let workers = self.jobs.min(pending.len());
        let (sender, receiver) = mpsc::sync_channel::<(Run, Outcome)>(workers);
        thread::scope(|scope| {
            for _ in 0..workers {
                let sender = sender.clone();
                let (next, failed) = (&next, &failed);
                scope.spawn(move || {
                    let mut trainer =
                        Trainer::new(self.kernels, self.dataset, self.protocol.config.clone());
                    while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
                        let Some(&run) = pending.get(next.fetch_add(1, Ordering::Relaxed)) else {
                            break;
                        };
                        let outcome = trainer.run(run.initializer, Streams::new(run.seed), stop);
                        let Some(outcome) = outcome else { break };
                        if sender.send((run, outcome)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let mut added = 0;
            for (run, outcome) in receiver {
                let record = RunRecord::new(self.protocol, run.initializer, run.seed, &outcome);
                if let Err(error) = store.record(&record, predictions(&outcome)) {
                    failed.store(true, Ordering::Relaxed);
                    return Err(error);
                }
                added += 1;
                progress.run_done(outcome.time);
            }
            Ok(added)
        })
    }
}
