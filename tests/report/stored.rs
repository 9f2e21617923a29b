//! Stores of runs that were never trained, for tests of what is made of them: values come from a
//! fixed rule, so that reports of them can be kept as files.

use std::path::Path;

use engine::{activation::Activation, init::InitScope};
use study::{
    plan::{VARIED, Variant},
    record::{EpochRecord, RunRecord, Status},
    store::Store,
};

/// Images of the test set that the runs say something of.
const IMAGES: usize = 400;

/// The protocol of every store here.
pub fn declaration() -> Vec<(&'static str, String)> {
    let value = |(key, value): (&'static str, &str)| (key, value.to_owned());
    [
        (
            "dataset_sha256",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ),
        ("hidden", "128"),
        ("activation", "relu"),
        ("init_scope", "hidden"),
        ("epochs", "2"),
        ("batch_size", "32"),
        ("shuffle", "each-epoch"),
        ("optimizer", "adam(beta1=0.9,beta2=0.999,epsilon=1e-7)"),
        ("learning_rate", "0.001"),
        ("input", "sparse"),
        ("isa", "portable"),
        ("numerics_version", "1"),
    ]
    .map(value)
    .to_vec()
}

/// A number in 0 to 1 that looks like noise and is the same everywhere: splitmix64's.
fn noise(parts: [u64; 3]) -> f64 {
    let mut state = parts.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |state, part| {
        (state ^ part)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            .rotate_left(31)
    });
    state ^= state >> 30;
    state = state.wrapping_mul(0x94d0_49bb_1331_11eb);
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

/// A run of the `index`th initializer: its accuracy moves with the seed, which all share, and by
/// itself; the third of four falls behind.
pub fn run(label: &str, index: usize, seed: u64) -> RunRecord {
    let place = index as u64;
    let behind = if index == 2 { 0.03 } else { 0.0 };
    let shared = 0.02 * noise([seed, 0, 7]);
    let accuracy = |step: u64, level: f64| {
        let own = 0.01 * noise([seed, place + 1, step]);
        ((level - behind + shared + own) * 400.0).round() / 400.0
    };
    let epoch = |step: u64, level: f64| EpochRecord {
        train_loss: 1.0 - level + 0.01 * noise([seed, place, step]),
        train_accuracy: accuracy(step, level),
        val_loss: 1.1 - level,
        val_accuracy: accuracy(step + 10, level - 0.01),
        seconds: 0.25,
    };
    RunRecord {
        run_id: format!("{label}-{seed}"),
        dataset: "mnist".to_owned(),
        variant: Variant {
            initializer: label.parse().unwrap(),
            hidden: vec![128],
            activation: Activation::Relu,
            learning_rate: 0.001,
            batch_size: 32,
            init_scope: InitScope::Hidden,
        },
        seed,
        status: Status::Ok,
        epochs_planned: 2,
        test_accuracy: Some(accuracy(99, 0.94)),
        test_loss: Some(0.2 + behind + 0.1 * noise([seed, place, 77])),
        seconds: 0.5,
        isa: "portable".to_owned(),
        epochs: vec![epoch(1, 0.9), epoch(2, 0.95)],
    }
}

/// A run as it would have been had it diverged in its second epoch.
pub fn diverged(mut run: RunRecord) -> RunRecord {
    run.status = Status::Diverged { epoch: 2 };
    run.test_accuracy = None;
    run.test_loss = None;
    run.epochs.truncate(1);
    run
}

/// Every initializer under every seed.
pub fn runs(labels: &[&str], seeds: u64) -> Vec<RunRecord> {
    let of_label = |(index, label): (usize, &&str)| {
        let label = (*label).to_owned();
        (0..seeds)
            .map(move |seed| run(&label, index, seed))
            .collect::<Vec<_>>()
    };
    labels.iter().enumerate().flat_map(of_label).collect()
}

/// Makes a store of some runs, with as many images right as their accuracies say.
pub fn store(folder: &Path, runs: &[RunRecord]) {
    store_of_images(folder, runs, IMAGES);
}

/// A store of a grid over `setting`, in which the runs differ; without predictions.
pub fn store_of_grid(folder: &Path, runs: &[RunRecord], setting: &str) {
    let varied = |(name, value): (&'static str, String)| {
        (
            name,
            if name == setting {
                VARIED.to_owned()
            } else {
                value
            },
        )
    };
    let declaration: Vec<_> = declaration().into_iter().map(varied).collect();
    let mut store = Store::open(folder, &declaration).unwrap();
    for run in runs {
        store.record(run, None).unwrap();
    }
}

/// [`store`] with predictions of another number of images, of which the accuracies are to be shares.
pub fn store_of_images(folder: &Path, runs: &[RunRecord], images: usize) {
    let mut store = Store::open(folder, &declaration()).unwrap();
    store.keep_test_labels(&vec![0; images]).unwrap();
    for run in runs {
        let right = run
            .test_accuracy
            .map(|accuracy| (accuracy * images as f64).round() as usize);
        let classes = right.map(|right| {
            let start = (noise([run.seed, 3, 3]) * images as f64) as usize;
            let place = |image: usize| (image + images - start) % images;
            (0..images)
                .map(|image| u8::from(place(image) >= right))
                .collect::<Vec<u8>>()
        });
        store.record(run, classes.as_deref()).unwrap();
    }
}

/// Makes a store without predictions.
pub fn store_without_predictions(folder: &Path, runs: &[RunRecord]) {
    let mut store = Store::open(folder, &declaration()).unwrap();
    for run in runs {
        store.record(run, None).unwrap();
    }
}
