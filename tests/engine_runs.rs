//! A run is its steps one after the other, measured as it says, and ends where a loss is not finite.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::AtomicBool,
};

use engine::{
    activation::Activation,
    dataset::{Dataset, Examples},
    init::{InitScope, Initializer},
    input_path::InputPath,
    optim::Adam,
    replay::replay,
    rng::Streams,
    synthetic,
    train::{Ending, EpochMetrics, Outcome, Shuffle, TrainConfig, Trainer, batches},
    workspace::Workspace,
};
use kernels::{BatchLoss, Kernels};

fn config() -> TrainConfig {
    TrainConfig {
        hidden: vec![20],
        activation: Activation::Relu,
        epochs: 3,
        batch_size: 37,
        adam: Adam::default(),
        init_scope: InitScope::Hidden,
        shuffle: Shuffle::EachEpoch,
        input: InputPath::Sparse,
    }
}

fn digits() -> Dataset {
    Dataset::from_raw(synthetic::generate_sized(200, 50)).unwrap()
}

fn workspace(dataset: &Dataset, config: &TrainConfig) -> Workspace {
    let kernels = Kernels::active().unwrap();
    let (hidden, activation) = (&config.hidden, config.activation);
    Workspace::new(
        kernels,
        dataset,
        hidden,
        activation,
        config.batch_size,
        config.input,
    )
}

fn run(trainer: &mut Trainer<'_>, initializer: Initializer, streams: Streams) -> Outcome {
    let outcome = trainer.run(initializer, streams, &AtomicBool::new(false));
    outcome.expect("nobody stops it")
}

/// The last batch of an epoch is smaller, and the next epoch's first step has the number after it.
#[test]
fn a_run_is_its_steps_one_after_the_other() {
    let dataset = digits();
    let (initializer, streams) = (Initializer::HeNormal, Streams::new(3));
    for shuffle in [Shuffle::EachEpoch, Shuffle::Once] {
        let config = TrainConfig {
            shuffle,
            ..config()
        };
        let mut workspace = workspace(&dataset, &config);
        workspace.initialize(initializer, config.init_scope, streams);
        let (train, validation) = (dataset.train(), dataset.validation());
        let mut order = vec![0; train.rows.len()];
        let mut steps = 1..;
        let mut losses = Vec::new();
        let epoch = |epoch| {
            let shuffled = if shuffle == Shuffle::Once { 0 } else { epoch };
            streams.batch_order(shuffled, &mut order);
            let mut total = BatchLoss::default();
            for [rows, next] in batches(&order, config.batch_size) {
                let step = config.adam.step(steps.next().unwrap());
                let batch = workspace.train_batch(train.examples, rows, next, step);
                losses.push(batch.loss / rows.len() as f64);
                total.loss += batch.loss;
                total.correct += batch.correct;
            }
            let mut predictions = vec![0; validation.rows.len()];
            let val = workspace.evaluate(&validation, &mut predictions);
            [total, val]
        };
        let expected: Vec<[BatchLoss; 2]> = (0..config.epochs).map(epoch).collect();

        let kernels = Kernels::active().unwrap();
        let outcome = run(
            &mut Trainer::new(kernels, &dataset, config.clone()),
            initializer,
            streams,
        );
        assert_eq!(outcome.epochs.len(), config.epochs);
        for (metrics, [total, val]) in outcome.epochs.into_iter().zip(expected) {
            let (n, n_val) = (train.rows.len() as f64, validation.rows.len() as f64);
            let expected = EpochMetrics {
                train_loss: total.loss / n,
                train_accuracy: total.correct as f64 / n,
                val_loss: val.loss / n_val,
                val_accuracy: val.correct as f64 / n_val,
                time: metrics.time,
            };
            assert_eq!(metrics, expected, "{shuffle:?}");
        }
        let replayed = replay(
            kernels,
            &dataset,
            &config,
            initializer,
            streams,
            losses.len(),
        );
        assert_eq!(replayed.losses, losses, "{shuffle:?}");
    }
}

/// A 2-pixel image whose label's logit is −∞ under the weights that are drawn: its loss is infinite, but no
/// gradient is, so that blank images still have finite ones after it.
#[test]
fn a_run_ends_where_a_loss_is_not_finite() {
    const LARGEST: f64 = 3e38;
    let is_fit = |seed: &u64| {
        let draws: Vec<f64> = Streams::new(*seed).weights(0).take(4).collect();
        let logit = |class: usize| LARGEST * (2.0 * (draws[class] + draws[2 + class]) - 2.0);
        logit(0).abs() < LARGEST && logit(1) < -1.2 * LARGEST
    };
    let streams = Streams::new((0..).find(is_fit).unwrap());
    let tiny = Initializer::RandomUniform { limit: 1e-3 };
    let huge = Initializer::RandomUniform { limit: LARGEST };
    // Which images are not blank; the initializer, the learning rate; the epoch of the divergence, how many end.
    let cases = [
        ([true, false, false], huge, 1e-3, 1, 0),
        ([false, true, false], huge, 1e-3, 1, 0),
        ([false, false, true], huge, 1e-3, 3, 3),
        // The first step makes logits that overflow in the second.
        ([true, false, false], tiny, 2e38, 2, 1),
    ];
    for (inked, initializer, learning_rate, epoch, finished) in cases {
        let part = |count: usize, is_inked| vec![if is_inked { 255 } else { 0 }; 2 * count];
        let [train, validation, test] = inked;
        let training_file = [part(4, train), part(1, validation)].concat();
        let training_file = Examples::new(&training_file, 2, vec![1; 5]);
        let test = Examples::new(&part(1, test), 2, vec![1]);
        let dataset = Dataset::new("d".into(), training_file, test).unwrap();
        let config = TrainConfig {
            hidden: vec![],
            init_scope: InitScope::All,
            adam: Adam {
                learning_rate,
                ..Adam::default()
            },
            ..config()
        };
        let mut trainer = Trainer::new(Kernels::active().unwrap(), &dataset, config);
        let outcome = run(&mut trainer, initializer, streams);
        let case = format!("{inked:?}, {initializer}: {outcome:?}");
        assert_eq!(outcome.ending, Ending::Diverged { epoch }, "{case}");
        assert_eq!(outcome.epochs.len(), finished, "{case}");
    }
}

#[test]
fn a_run_that_is_told_to_stop_comes_to_nothing() {
    let dataset = digits();
    let mut trainer = Trainer::new(Kernels::active().unwrap(), &dataset, config());
    let stop = AtomicBool::new(true);
    assert_eq!(
        trainer.run(Initializer::HeNormal, Streams::new(0), &stop),
        None
    );
}

#[test]
#[should_panic(expected = "so many weights have no addresses")]
fn a_network_past_all_memory_is_refused() {
    let config = TrainConfig {
        // Times 784 pixels, which 16 divides, their count would wrap around to none.
        hidden: vec![1 << (usize::BITS - 4)],
        ..config()
    };
    workspace(&digits(), &config);
}

#[test]
fn predictions_need_no_labels() {
    let raw = synthetic::generate_sized(200, 150);
    let pixels = raw.test.images.pixels().to_vec();
    let dataset = Dataset::from_raw(raw).unwrap();
    let (sparse, dense) = (InputPath::Sparse, InputPath::Dense);
    for (input, hidden) in [(sparse, vec![20]), (dense, vec![20]), (sparse, vec![])] {
        let config = TrainConfig {
            input,
            hidden,
            ..config()
        };
        let mut trainer = Trainer::new(Kernels::active().unwrap(), &dataset, config);
        let Ending::Finished(test) =
            run(&mut trainer, Initializer::HeNormal, Streams::new(1)).ending
        else {
            panic!("it diverged");
        };
        assert_eq!(trainer.workspace().predict(&pixels), test.predictions);
        assert_eq!(trainer.workspace().predict(&[]), []);
        let part = catch_unwind(AssertUnwindSafe(|| {
            trainer.workspace().predict(&pixels[1..])
        }));
        let text = part.unwrap_err().downcast::<String>().unwrap();
        assert!(text.contains("no whole number of images of 784"), "{text}");
    }
}

#[test]
fn numbers_of_adam_that_train_nothing_or_make_nan_are_refused_by_name() {
    let dataset = digits();
    let default = Adam::default();
    let rate = |learning_rate| Adam {
        learning_rate,
        ..default
    };
    let epsilon = |epsilon| Adam { epsilon, ..default };
    let beta1 = |beta1| Adam { beta1, ..default };
    let beta2 = |beta2| Adam { beta2, ..default };
    let cases = [
        (rate(0.0), "learning rate of 0.0 is"),
        (rate(-1e-3), "learning rate of -0.001 is"),
        (rate(1e-50), "learning rate of 1e-50 is"),
        (rate(1e300), "learning rate of 1e300 is"),
        (epsilon(0.0), "epsilon of 0.0 is"),
        (epsilon(1e-46), "epsilon of 1e-46 is"),
        (epsilon(f64::INFINITY), "epsilon of inf is"),
        (beta1(1.0), "beta1 of 1.0 is"),
        (beta1(-0.1), "beta1 of -0.1 is"),
        (beta2(1.0), "beta2 of 1.0 is"),
        (beta2(f64::NAN), "beta2 of NaN is"),
    ];
    for (adam, expected) in cases {
        let new = || {
            let config = TrainConfig { adam, ..config() };
            let _ = Trainer::new(Kernels::active().unwrap(), &dataset, config);
        };
        let payload = catch_unwind(AssertUnwindSafe(new));
        let payload = payload.expect_err(expected);
        let message = payload.downcast_ref::<String>().expect("a message");
        assert!(
            message.starts_with(&format!("Adam's {expected}")),
            "{message}"
        );
    }
}
