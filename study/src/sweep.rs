//! Workers over runs: each trains on its own core, one thread writes down what they bring.

use std::{
    any::Any,
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use engine::{
    dataset::Dataset,
    rng::Streams,
    train::{Outcome, TrainConfig, Trainer},
};
use kernels::Kernels;

use crate::{
    output::note,
    plan::{Protocol, RunKey, Variant},
    progress::Progress,
    record::{RunRecord, predictions},
    shard::Shard,
    store::{PATIENCE, Store, StoreError},
};

/// Which runs are wanted, and by how many workers.
#[derive(Clone, Copy, Debug)]
pub struct Sweep<'a> {
    /// How every run trains.
    pub protocol: &'a Protocol,
    /// What on.
    pub dataset: &'a Dataset,
    /// What is compared; those of one configuration next to each other spare workers some buffers.
    pub variants: &'a [Variant],
    /// Seeds 0, 1, … of each.
    pub seeds: u64,
    /// The part of these runs that is wanted here.
    pub shard: Shard,
    /// Workers, each one run at a time.
    pub jobs: usize,
    /// The arithmetic.
    pub kernels: Kernels,
}

/// What became of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepEnd {
    /// Runs that were in the store before.
    pub found: usize,
    /// Runs that were added.
    pub added: usize,
    /// Runs whose training broke off.
    pub failed: usize,
    /// Runs that are missing still, because the sweep was stopped.
    pub missing: usize,
}

impl SweepEnd {
    /// All runs that were wanted.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.found + self.added + self.failed + self.missing
    }
}

/// What tells workers that no more runs are wanted.
#[derive(Clone, Copy)]
struct Signs<'a> {
    /// From outside.
    stop: &'a AtomicBool,
    /// From this sweep, also when it sees the other.
    halt: &'a AtomicBool,
}

/// How long a stop from outside may go unseen.
const LOOK: Duration = Duration::from_millis(20);

/// What a worker brings of a run.
enum End {
    Outcome(Outcome),
    /// It panicked.
    Failed {
        message: String,
        time: Duration,
    },
}

impl Sweep<'_> {
    /// Every run that is wanted, seed by seed so that pairs are complete early.
    pub fn wanted(&self) -> impl Iterator<Item = RunKey<'_>> {
        self.identified().map(|(run, _)| run)
    }

    /// The runs that are wanted, with their identities.
    fn identified(&self) -> impl Iterator<Item = (RunKey<'_>, String)> {
        let ids = |variant| (variant, self.protocol.run_ids(variant));
        let ids: Vec<_> = self.variants.iter().map(ids).collect();
        let variants = ids.len();
        let all = (0..self.seeds).flat_map(move |seed| (0..variants).map(move |of| (seed, of)));
        all.map(move |(seed, of)| {
            let (variant, ids) = &ids[of];
            (RunKey { variant, seed }, ids.under(seed))
        })
        .filter(|(_, id)| self.shard.holds(id))
    }

    /// The runs that are wanted, those that are in `finished` and those that are not.
    #[must_use]
    pub fn partition(&self, finished: &HashSet<String>) -> (Vec<RunKey<'_>>, Vec<RunKey<'_>>) {
        let (mut found, mut pending) = (Vec::new(), Vec::new());
        for (run, id) in self.identified() {
            if finished.contains(&id) {
                found.push(run);
            } else {
                pending.push(run);
            }
        }
        (found, pending)
    }

    /// Trains the runs that the store lacks. Where `stop` turns true, the runs in flight are
    /// dropped. A run whose training panics is recorded as failed, and the others go on.
    ///
    /// # Errors
    /// If the store fails; the runs recorded before are kept.
    pub fn run(
        &self,
        store: &mut Store,
        progress: &Progress,
        stop: &AtomicBool,
    ) -> Result<SweepEnd, StoreError> {
        let halt = AtomicBool::new(false);
        self.run_with(store, progress, stop, &halt, || self.worker(&halt))
    }

    /// [`Sweep::run`] with another way to train: `make` makes a worker, which trains one run after
    /// another, `None` where `halt` turned true, which it does when the sweep is stopped and when its
    /// store fails. One that panicked is replaced.
    ///
    /// # Errors
    /// If the store fails; the runs recorded before are kept.
    pub fn run_with<W>(
        &self,
        store: &mut Store,
        progress: &Progress,
        stop: &AtomicBool,
        halt: &AtomicBool,
        make: impl Fn() -> W + Sync,
    ) -> Result<SweepEnd, StoreError>
    where
        W: FnMut(RunKey<'_>) -> Option<Outcome>,
    {
        let finished = store.finished()?;
        let (found, pending) = self.partition(&finished);
        let mut end = SweepEnd {
            found: found.len(),
            missing: pending.len(),
            ..SweepEnd::default()
        };
        progress.start(end.found, end.missing);
        let signs = Signs { stop, halt };
        self.train(&pending, store, progress, signs, make, &mut end)?;
        progress.finish();
        Ok(end)
    }

    /// A worker, which keeps its buffers for as long as the configuration stays the same.
    fn worker<'s>(&'s self, halt: &'s AtomicBool) -> impl FnMut(RunKey<'_>) -> Option<Outcome> {
        let mut kept: Option<(TrainConfig, Trainer<'_>)> = None;
        move |run| {
            let config = self.protocol.config(run.variant);
            let same = kept.take().filter(|(of, _)| *of == config);
            let (_, trainer) = kept.insert(same.unwrap_or_else(|| {
                let trainer = Trainer::new(self.kernels, self.dataset, config.clone());
                (config, trainer)
            }));
            trainer.run(run.variant.initializer, Streams::new(run.seed), halt)
        }
    }

    /// Trains `pending`, records each run as it ends, and counts it in `end`.
    fn train<W>(
        &self,
        pending: &[RunKey<'_>],
        store: &mut Store,
        progress: &Progress,
        signs: Signs<'_>,
        make: impl Fn() -> W + Sync,
        end: &mut SweepEnd,
    ) -> Result<(), StoreError>
    where
        W: FnMut(RunKey<'_>) -> Option<Outcome>,
    {
        let Signs { stop, halt } = signs;
        let next = AtomicUsize::new(0);
        let workers = self.jobs.min(pending.len());
        let (sender, receiver) = mpsc::sync_channel::<(RunKey<'_>, End)>(workers);
        thread::scope(|scope| {
            for _ in 0..workers {
                let sender = sender.clone();
                let (next, make) = (&next, &make);
                scope.spawn(move || {
                    let mut worker = make();
                    while !stop.load(Ordering::Relaxed) && !halt.load(Ordering::Relaxed) {
                        let Some(&run) = pending.get(next.fetch_add(1, Ordering::Relaxed)) else {
                            break;
                        };
                        let start = Instant::now();
                        // What the panic left half done goes with the worker.
                        let end = match catch_unwind(AssertUnwindSafe(|| worker(run))) {
                            Ok(Some(outcome)) => End::Outcome(outcome),
                            Ok(None) => break,
                            Err(panic) => {
                                worker = make();
                                End::Failed {
                                    message: panic_message(&*panic),
                                    time: start.elapsed(),
                                }
                            }
                        };
                        if sender.send((run, end)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            // Gone with this thread's end, or a worker would wait for somebody to take its run.
            let receiver = receiver;
            let mut patient = Patient::new(store, stop)?;
            let recorded = loop {
                match receiver.recv_timeout(LOOK) {
                    Ok((run, ended)) => match self.record(run, ended, &mut patient, end) {
                        Ok(Some(time)) => progress.run_done(time),
                        // What the workers still bring is dropped, as runs in flight are.
                        Ok(None) => break Ok(()),
                        // No use in training what cannot be kept.
                        Err(error) => break Err(error),
                    },
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break patient.done(),
                }
                if stop.load(Ordering::Relaxed) {
                    halt.store(true, Ordering::Relaxed);
                }
            };
            halt.store(true, Ordering::Relaxed);
            recorded
        })
    }

    /// Keeps what came of a run; how long it took, or nothing where the sweep was stopped before it
    /// could be kept.
    fn record(
        &self,
        run: RunKey<'_>,
        ended: End,
        store: &mut Patient<'_>,
        end: &mut SweepEnd,
    ) -> Result<Option<Duration>, StoreError> {
        let (kept, count, time) = match ended {
            End::Outcome(outcome) => {
                let record = RunRecord::new(self.protocol, run, &outcome);
                let kept = store.record(&record, predictions(&outcome))?;
                (kept, &mut end.added, outcome.time)
            }
            End::Failed { message, time } => {
                let record = RunRecord::failed(self.protocol, run, message, time);
                (store.record(&record, None)?, &mut end.failed, time)
            }
        };
        if !kept {
            return Ok(None);
        }
        *count += 1;
        end.missing -= 1;
        Ok(Some(time))
    }
}

/// A store that is written to for as long as it takes: another program that reads it holds up a
/// write until it is done, which is no reason to lose a sweep.
struct Patient<'a> {
    store: &'a mut Store,
    stop: &'a AtomicBool,
    has_said_so: bool,
}

/// How long one try waits, after which it is seen whether the sweep was stopped.
const TRY: Duration = Duration::from_secs(1);

impl<'a> Patient<'a> {
    fn new(store: &'a mut Store, stop: &'a AtomicBool) -> Result<Self, StoreError> {
        store.set_patience(TRY)?;
        Ok(Self {
            store,
            stop,
            has_said_so: false,
        })
    }

    /// Records a run; false where the sweep was stopped while this waited.
    fn record(&mut self, run: &RunRecord, classes: Option<&[u8]>) -> Result<bool, StoreError> {
        loop {
            match self.store.record(run, classes) {
                Err(error) if error.is_busy() => {}
                recorded => return recorded.map(|()| true),
            }
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            if !self.has_said_so {
                self.has_said_so = true;
                note(
                    "initstudy: another program is reading the store and holds up the next run; waiting until it is done",
                );
            }
        }
    }

    /// Leaves the store as it was. One that was stopped is not to wait long for anything more.
    fn done(self) -> Result<(), StoreError> {
        if self.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.store.set_patience(PATIENCE)
    }
}

/// The text that a panic carries.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
