//! One training step against the f64 reference, and the reference against finite differences.

#[path = "common/reference.rs"]
mod reference;

use engine::{
    activation::Activation,
    dataset::{Dataset, Examples, Part},
    init::{InitScope, Initializer},
    input_path::InputPath,
    mlp::Layer,
    optim::Adam,
    rng::Streams,
    workspace::Workspace,
};
use kernels::{Isa, Kernels};
use reference::Network;

const FEATURES: usize = 30;
const CLASSES: usize = 10;
const BATCH: usize = 32;

/// Images of noise, four fifths of it black, every class among the labels.
fn dataset() -> Dataset {
    let byte = |i: usize| {
        let noise = i.wrapping_mul(2_654_435_761) >> 7;
        if noise.is_multiple_of(5) {
            (noise % 251) as u8
        } else {
            0
        }
    };
    let examples = |from: usize, count: usize| {
        let pixels: Vec<u8> = (from * FEATURES..(from + count) * FEATURES)
            .map(byte)
            .collect();
        let labels = (from..from + count)
            .map(|i| (i * 7 % CLASSES) as u8)
            .collect();
        Examples::new(&pixels, FEATURES, labels)
    };
    Dataset::new("noise".into(), examples(0, 500), examples(500, 100)).unwrap()
}

fn batch(dataset: &Dataset, rows: &[u32]) -> Vec<(Vec<f64>, usize)> {
    let examples = dataset.train().examples;
    let row = |&row: &u32| {
        let mut x = vec![0.0; FEATURES];
        for (column, value) in examples.images().row(row as usize) {
            x[column] = f64::from(value);
        }
        (x, usize::from(examples.labels()[row as usize]))
    };
    rows.iter().map(row).collect()
}

/// What a network is made of and runs on.
#[derive(Clone, Debug)]
struct Case {
    isa: Isa,
    hidden: Vec<usize>,
    activation: Activation,
    input: InputPath,
}

impl Case {
    fn workspace(&self, dataset: &Dataset) -> Workspace {
        let kernels = Kernels::get(self.isa).unwrap();
        let mut workspace = Workspace::new(
            kernels,
            dataset,
            &self.hidden,
            self.activation,
            BATCH,
            self.input,
        );
        workspace.initialize(Initializer::HeNormal, InitScope::All, Streams::new(1));
        workspace
    }
}

/// The instruction sets of this CPU, the architectures, the activations and the input paths that
/// are checked.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for isa in Isa::ALL {
        if !isa.is_available() {
            continue;
        }
        for hidden in [vec![], vec![16], vec![13, 9, 21]] {
            for activation in Activation::ALL {
                for input in [InputPath::Sparse, InputPath::Dense] {
                    cases.push(Case {
                        isa,
                        hidden: hidden.clone(),
                        activation,
                        input,
                    });
                }
            }
        }
    }
    cases
}

/// Largest |a − b| over the pairs, against the largest |b|.
fn relative_error(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let (error, scale) = a
        .iter()
        .zip(b)
        .fold((0.0_f64, 0.0_f64), |(error, scale), (a, b)| {
            assert!(a.is_finite() && b.is_finite());
            (error.max((a - b).abs()), scale.max(b.abs()))
        });
    error / scale
}

#[test]
fn the_reference_gradient_is_the_finite_difference_of_its_loss() {
    let dataset = dataset();
    let rows: Vec<u32> = (0..7).collect();
    let batch = batch(&dataset, &rows);
    for activation in Activation::ALL {
        let case = Case {
            isa: Isa::Portable,
            hidden: vec![6, 5],
            activation,
            input: InputPath::Sparse,
        };
        let network = Network::of(case.workspace(&dataset).mlp());
        let gradient = network.gradient(&batch);
        let h = 1e-6;
        for (index, layer) in gradient.layers.iter().enumerate() {
            for (k, expected) in layer.parameters().enumerate() {
                let moved = |by: f64| {
                    let mut moved = network.clone();
                    *moved.layers[index].parameters_mut().nth(k).unwrap() += by;
                    moved.loss(&batch)
                };
                let difference = (moved(h) - moved(-h)) / (2.0 * h);
                assert!(
                    (difference - expected).abs() < 1e-8,
                    "{activation:?}, layer {index}, parameter {k}: {difference} by differences, {expected}"
                );
            }
        }
    }
}

#[test]
fn loss_and_gradients_of_a_batch_are_those_of_the_reference() {
    let dataset = dataset();
    let rows: Vec<u32> = (0..BATCH as u32).map(|i| i * 11 % 400).collect();
    let batch = batch(&dataset, &rows);
    for case in cases() {
        let mut workspace = case.workspace(&dataset);
        let expected = Network::of(workspace.mlp()).gradient(&batch);
        let step = Adam::default().step(1);
        let loss = workspace
            .train_batch(dataset.train().examples, &rows, &[], step)
            .loss
            / BATCH as f64;
        assert!(
            (loss / expected.loss - 1.0).abs() < 1e-6,
            "{case:?}: loss {loss}, {}",
            expected.loss
        );
        // After the first step Adam's mean is the gradient times 1 − β1.
        for (layer, expected) in expected.layers.iter().enumerate() {
            let (weights, bias) = workspace.mean_gradient(layer);
            let weights = (0..weights.rows())
                .flat_map(|input| weights.row(input))
                .copied()
                .collect();
            let kinds = [
                ("weights", weights, expected.weights.concat()),
                ("bias", bias.to_vec(), expected.bias.clone()),
            ];
            for (kind, mean, expected) in kinds {
                let gradient: Vec<f64> = mean.iter().map(|&m| f64::from(m) / 0.1).collect();
                let error = relative_error(&gradient, &expected);
                assert!(
                    error < 1e-6,
                    "{case:?}: gradient of the {kind} of layer {layer} off by {error:e}"
                );
            }
        }
    }
}

#[test]
fn weights_after_fifty_steps_are_those_of_the_reference() {
    let dataset = dataset();
    let mut order = vec![0; dataset.train().rows.len()];
    for case in cases() {
        let mut workspace = case.workspace(&dataset);
        let mut network = Network::of(workspace.mlp());
        let mut adam = reference::Adam::new(&network);
        for t in 0..50 {
            // 400 examples in batches of 32: every thirteenth batch is half a one.
            let (epoch, index) = (t / 13, t % 13);
            Streams::new(1).batch_order(epoch, &mut order);
            let rows = order.chunks(BATCH).nth(index).unwrap();
            let expected = network.gradient(&batch(&dataset, rows));
            adam.step(&mut network, &expected);
            let step = Adam::default().step(t + 1);
            workspace.train_batch(dataset.train().examples, rows, &[], step);
        }
        for (layer, expected) in workspace.mlp().layers().iter().zip(&network.layers) {
            assert_eq!(layer.parameters().count(), expected.parameters().count());
            for (w, expected) in layer.parameters().zip(expected.parameters()) {
                assert!(
                    (f64::from(w) - expected).abs() < 1e-5,
                    "{case:?}: {w}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn an_evaluation_is_the_reference_s_and_leaves_no_trace() {
    let dataset = dataset();
    let examples = dataset.train().examples;
    // Two whole batches and a part of one, from somewhere in the file.
    let part = Part {
        examples,
        rows: 5..5 + 2 * 64 + 7,
    };
    for case in cases() {
        let (mut evaluated, mut other) = (case.workspace(&dataset), case.workspace(&dataset));
        let train = |workspace: &mut Workspace, t: usize| {
            let rows: Vec<u32> = (0..BATCH).map(|i| (t * 37 + i * 11) as u32 % 400).collect();
            workspace.train_batch(examples, &rows, &[], Adam::default().step(t));
        };
        for t in 1..=3 {
            train(&mut evaluated, t);
            train(&mut other, t);
        }
        let mut predictions = vec![u8::MAX; part.rows.len()];
        let result = evaluated.evaluate(&part, &mut predictions);

        let network = Network::of(evaluated.mlp());
        let rows: Vec<u32> = part.rows.clone().map(|row| row as u32).collect();
        let batch = batch(&dataset, &rows);
        let loss = network.loss(&batch) * batch.len() as f64;
        assert!((result.loss / loss - 1.0).abs() < 1e-5, "{case:?}: loss");
        let mut correct = 0;
        for ((x, label), &predicted) in batch.iter().zip(&predictions) {
            let probabilities = network.activations(x).pop().unwrap();
            let largest = probabilities.iter().copied().fold(0.0, f64::max);
            let predicted = usize::from(predicted);
            assert!(probabilities[predicted] > largest - 1e-6, "{case:?}");
            correct += usize::from(predicted == *label);
        }
        assert_eq!(result.correct, correct, "{case:?}");

        train(&mut evaluated, 4);
        train(&mut other, 4);
        let bits = |workspace: &mut Workspace| -> Vec<u32> {
            let layers = workspace.mlp().layers().iter();
            layers
                .flat_map(Layer::parameters)
                .map(f32::to_bits)
                .collect()
        };
        assert_eq!(bits(&mut evaluated), bits(&mut other), "{case:?}");
    }
}

#[test]
fn a_run_after_one_that_diverged_is_as_any_other() {
    let dataset = dataset();
    let rows: Vec<u32> = (0..BATCH as u32).collect();
    let train = |workspace: &mut Workspace, learning_rate: f64| {
        let adam = Adam {
            learning_rate,
            ..Adam::default()
        };
        for t in 1..=8 {
            workspace.train_batch(dataset.train().examples, &rows, &[], adam.step(t));
        }
    };
    // Biases and all of the weights' rows, their padding among it.
    let stored = |workspace: &mut Workspace| -> Vec<u32> {
        let layers = workspace.mlp().layers().iter();
        let values = layers.flat_map(|layer| layer.weights().data().iter().chain(layer.bias()));
        values.map(|value| value.to_bits()).collect()
    };
    for case in cases() {
        let mut used = case.workspace(&dataset);
        train(&mut used, 1e39);
        let has_nan = stored(&mut used)
            .iter()
            .any(|&bits| f32::from_bits(bits).is_nan());
        assert!(has_nan, "{case:?} did not diverge");
        used.initialize(Initializer::HeNormal, InitScope::All, Streams::new(1));
        train(&mut used, 1e-3);
        let mut new = case.workspace(&dataset);
        train(&mut new, 1e-3);
        assert_eq!(stored(&mut used), stored(&mut new), "{case:?}");
    }
}
