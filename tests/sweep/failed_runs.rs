//! Runs that break off in the middle: recorded with what they said, in nobody's way, tried again.

use crate::tiny_dataset;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use engine::{
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    input_path::InputPath,
    rng::Streams,
    train::{Outcome, Shuffle, Trainer},
};
use kernels::{Isa, Kernels};
use study::{
    metric::Metric,
    plan::{Protocol, RunKey, Settings, Variant},
    progress::Progress,
    record::Status as RunStatus,
    shard::Shard,
    status::Status,
    store::Store,
    sweep::{Sweep, SweepEnd},
};

struct Ground {
    dataset: Dataset,
    protocol: Protocol,
    variants: Vec<Variant>,
    kernels: Kernels,
}

fn ground() -> Ground {
    let dataset = Dataset::from_raw(tiny_dataset::tiny()).unwrap();
    let kernels = Kernels::get(Isa::Portable).unwrap();
    let settings = Settings {
        initializers: vec![Initializer::HeNormal, Initializer::GlorotUniform],
        hidden: vec![vec![3]],
        activation: vec![Activation::Relu],
        learning_rate: vec![0.01],
        batch_size: vec![4],
        init_scope: vec![InitScope::Hidden],
        epochs: 2,
        shuffle: Shuffle::EachEpoch,
        input: Some(InputPath::Dense),
    };
    Ground {
        protocol: settings.on(&dataset, "checksum", Isa::Portable).unwrap(),
        variants: settings.variants(),
        dataset,
        kernels,
    }
}

impl Ground {
    fn open(&self, folder: &std::path::Path) -> Store {
        let declaration = self.protocol.declaration(&self.variants);
        Store::open(folder, &declaration).unwrap()
    }

    /// Four seeds of two initializers; those that `breaks` names break off.
    fn sweep(&self, store: &mut Store, breaks: fn(RunKey<'_>) -> bool) -> SweepEnd {
        let sweep = Sweep {
            protocol: &self.protocol,
            dataset: &self.dataset,
            variants: &self.variants,
            seeds: 4,
            shard: Shard::WHOLE,
            jobs: 2,
            kernels: self.kernels,
        };
        let (stop, halt) = (AtomicBool::new(false), AtomicBool::new(false));
        let halt = &halt;
        let worker = || {
            // Broken by a panic in the middle, if nobody replaced it.
            let mut whole = true;
            move |run: RunKey<'_>| -> Option<Outcome> {
                assert!(whole, "a worker that panicked was used again");
                whole = false;
                assert!(!breaks(run), "seed {} is cursed", run.seed);
                whole = true;
                let config = self.protocol.config(run.variant);
                let mut trainer = Trainer::new(self.kernels, &self.dataset, config);
                trainer.run(run.variant.initializer, Streams::new(run.seed), halt)
            }
        };
        let progress = Progress::new(true, 2);
        let swept = sweep.run_with(store, &progress, &stop, halt, worker);
        swept.unwrap()
    }
}

fn cursed(run: RunKey<'_>) -> bool {
    run.seed == 2 || run.seed == 0 && run.variant.initializer == Initializer::HeNormal
}

#[test]
fn a_run_that_breaks_off_is_recorded_and_the_others_go_on() {
    let (ground, folder) = (ground(), tempfile::tempdir().unwrap());
    let mut store = ground.open(folder.path());
    let end = ground.sweep(&mut store, cursed);
    let expected = SweepEnd {
        added: 5,
        failed: 3,
        ..SweepEnd::default()
    };
    assert_eq!(end, expected);
    let runs = store.runs().unwrap();
    assert_eq!(runs.len(), 8);
    for run in &runs {
        let message = format!("seed {} is cursed", run.seed);
        let key = RunKey {
            variant: &run.variant,
            seed: run.seed,
        };
        let expected = if cursed(key) {
            RunStatus::Failed { message }
        } else {
            RunStatus::Ok
        };
        assert_eq!(run.status, expected);
    }
    // No result of a run that has none.
    let groups = Metric::TestAccuracy.groups(&runs);
    let sizes = groups.iter().map(|g| (g.values.len(), g.missing));
    assert_eq!(sizes.collect::<Vec<_>>(), [(3, 0), (2, 0)]);
    let status = Status::of(&store, None).unwrap();
    assert_eq!(status.sum(|variant| variant.failed), 3);
    assert_eq!(status.failures.len(), 3);
    assert_eq!(status.failures[0].label, "he_normal");
    assert_eq!(status.failures[0].message, "seed 0 is cursed");
}

#[test]
fn a_failed_run_is_tried_again_and_gives_way_to_its_result() {
    let (ground, folder) = (ground(), tempfile::tempdir().unwrap());
    let mut store = ground.open(folder.path());
    ground.sweep(&mut store, cursed);
    let end = ground.sweep(&mut store, |_| false);
    assert_eq!((end.found, end.added, end.failed), (5, 3, 0));
    let runs = store.runs().unwrap();
    assert_eq!(runs.len(), 8);
    assert!(runs.iter().all(|run| run.status == RunStatus::Ok));
    let other = tempfile::tempdir().unwrap();
    let mut whole = ground.open(other.path());
    ground.sweep(&mut whole, |_| false);
    for (a, b) in runs.iter().zip(whole.runs().unwrap()) {
        assert_eq!((&a.run_id, a.test_loss), (&b.run_id, b.test_loss));
        assert_eq!(a.epochs.len(), 2);
    }
}

#[test]
fn a_run_that_fails_again_is_still_one_run() {
    let (ground, folder) = (ground(), tempfile::tempdir().unwrap());
    let mut store = ground.open(folder.path());
    ground.sweep(&mut store, cursed);
    assert_eq!(ground.sweep(&mut store, cursed).failed, 3);
    assert_eq!(store.runs().unwrap().len(), 8);
}

#[test]
fn a_store_that_fails_stops_the_runs_in_flight() {
    let (ground, folder) = (ground(), tempfile::tempdir().unwrap());
    let mut store = ground.open(folder.path());
    let path = folder.path().join("runs.sqlite");
    let sweep = Sweep {
        protocol: &ground.protocol,
        dataset: &ground.dataset,
        variants: &ground.variants,
        seeds: 1,
        shard: Shard::WHOLE,
        jobs: 2,
        kernels: ground.kernels,
    };
    let (stop, halt) = (AtomicBool::new(false), AtomicBool::new(false));
    let [is_training, gave_up] = [AtomicBool::new(false), AtomicBool::new(false)];
    let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
    // Waits for a flag, a minute at most.
    let wait = |flag: &AtomicBool| {
        let end = Instant::now() + Duration::from_secs(60);
        while !is(flag) && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
        is(flag)
    };
    let worker = || {
        |run: RunKey<'_>| -> Option<Outcome> {
            if run.variant.initializer == Initializer::HeNormal {
                is_training.store(true, Ordering::Relaxed);
                if !wait(&halt) {
                    gave_up.store(true, Ordering::Relaxed);
                }
                return None;
            }
            assert!(wait(&is_training));
            let other = rusqlite::Connection::open(&path).unwrap();
            let drop = "DROP TABLE predictions; DROP TABLE epochs; DROP TABLE runs";
            other.execute_batch(drop).unwrap();
            let config = ground.protocol.config(run.variant);
            let mut trainer = Trainer::new(ground.kernels, &ground.dataset, config);
            trainer.run(run.variant.initializer, Streams::new(run.seed), &halt)
        }
    };
    let ended = sweep.run_with(&mut store, &Progress::new(true, 2), &stop, &halt, worker);
    assert!(ended.is_err(), "{ended:?}");
    assert!(is(&is_training) && !is(&gave_up), "a run in flight went on");
}
