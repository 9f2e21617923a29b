//! The activation of a configuration reaches the runs and the replays made of it.

#[path = "common/reference.rs"]
mod reference;

use std::sync::atomic::AtomicBool;

use engine::{
    activation::Activation,
    dataset::Dataset,
    init::{InitScope, Initializer},
    input_path::InputPath,
    optim::Adam,
    replay::replay,
    rng::Streams,
    synthetic,
    train::{Ending, Outcome, Shuffle, TrainConfig, Trainer},
};
use kernels::Kernels;
use reference::Network;

const BATCH: usize = 32;

fn dataset() -> Dataset {
    Dataset::from_raw(synthetic::generate_sized(2000, 500)).unwrap()
}

fn config(activation: Activation) -> TrainConfig {
    TrainConfig {
        hidden: vec![32, 16],
        activation,
        epochs: 10,
        batch_size: BATCH,
        adam: Adam::default(),
        init_scope: InitScope::Hidden,
        shuffle: Shuffle::EachEpoch,
        input: InputPath::Sparse,
    }
}

fn train(dataset: &Dataset, activation: Activation) -> Outcome {
    let mut trainer = Trainer::new(Kernels::active().unwrap(), dataset, config(activation));
    let stop = AtomicBool::new(false);
    let outcome = trainer.run(Initializer::GlorotUniform, Streams::new(3), &stop);
    outcome.unwrap()
}

#[test]
fn a_network_learns_with_every_activation() {
    let dataset = dataset();
    for activation in Activation::ALL {
        let Ending::Finished(test) = train(&dataset, activation).ending else {
            panic!("{activation:?} diverged");
        };
        // One class in ten is right by chance.
        assert!(test.accuracy > 0.5, "{activation:?}: {}", test.accuracy);
    }
}

#[test]
fn a_replay_takes_the_steps_of_the_run_and_begins_at_the_loss_of_the_reference() {
    let dataset = dataset();
    let steps = dataset.train().rows.len().div_ceil(BATCH);
    for activation in Activation::ALL {
        let replay = replay(
            Kernels::active().unwrap(),
            &dataset,
            &config(activation),
            Initializer::GlorotUniform,
            Streams::new(3),
            steps,
        );
        assert_eq!(replay.initial.activation(), activation);

        let examples = dataset.train().examples;
        let first_batch = replay.order[..BATCH].iter().map(|&row| {
            let mut x = vec![0.0; dataset.features()];
            for (column, value) in examples.images().row(row as usize) {
                x[column] = f64::from(value);
            }
            (x, usize::from(examples.labels()[row as usize]))
        });
        let expected = Network::of(&replay.initial).loss(&first_batch.collect::<Vec<_>>());
        let first = replay.losses[0];
        assert!(
            (first / expected - 1.0).abs() < 1e-6,
            "{activation:?}: {first}, {expected} by the reference"
        );

        let weighted = replay.losses.iter().zip(&replay.batch_sizes);
        let total: f64 = weighted.map(|(loss, &size)| loss * size as f64).sum();
        let mean = total / replay.order.len() as f64;
        let run = train(&dataset, activation).epochs[0].train_loss;
        assert!(
            (mean / run - 1.0).abs() < 1e-12,
            "{activation:?}: {mean}, {run}"
        );
    }
}
