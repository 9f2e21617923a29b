//! `initstudy replay`, repeated in f64 from what its file says and nothing else of the engine.

use std::{fs::File, path::Path};

use crate::reference::{Adam, Layer, Network};
use crate::sweeps;
use engine::activation::Activation;
use ndarray::{Array1, Array2};
use ndarray_npy::NpzReader;
use study::data::{DataSource, LoadOptions, load};

/// The images and labels that a replay's order counts through.
struct TrainingFile {
    pixels: Vec<u8>,
    features: usize,
    labels: Vec<u8>,
}

/// Real MNIST where it lies beside the project, else the synthetic digits, and says which.
fn source(root: &Path) -> (DataSource, LoadOptions) {
    let folder = root.join("../../shared/mnist");
    if folder.is_dir() {
        let data_dir = Some(folder);
        (
            DataSource::Mnist,
            LoadOptions {
                data_dir,
                ..LoadOptions::default()
            },
        )
    } else {
        eprintln!("real MNIST is absent: the replay is checked on the synthetic digits");
        (DataSource::Synthetic, LoadOptions::default())
    }
}

impl TrainingFile {
    fn example(&self, index: u32) -> (Vec<f64>, usize) {
        let start = index as usize * self.features;
        let pixels = &self.pixels[start..start + self.features];
        let x = pixels.iter().map(|&byte| f64::from(byte) / 255.0).collect();
        (x, usize::from(self.labels[index as usize]))
    }
}

fn network(npz: &mut NpzReader<File>, prefix: &str) -> Network {
    let layers = (0..2).map(|index| {
        let weights: Array2<f32> = npz.by_name(&format!("{prefix}w{index}")).unwrap();
        let bias: Array1<f32> = npz.by_name(&format!("{prefix}b{index}")).unwrap();
        Layer {
            weights: weights
                .outer_iter()
                .map(|row| row.iter().map(|&w| f64::from(w)).collect())
                .collect(),
            bias: bias.iter().map(|&b| f64::from(b)).collect(),
        }
    });
    Network {
        layers: layers.collect(),
        activation: Activation::Relu,
    }
}

#[test]
fn fifty_steps_repeated_in_f64_give_the_same_losses_and_weights() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (source, options) = source(root);
    let home = tempfile::tempdir().unwrap();
    let mut command = sweeps::initstudy(home.path());
    command.args([
        "replay",
        "--initializer",
        "he_normal",
        "--seed",
        "3",
        "--steps",
        "50",
    ]);
    command.args(["--out", "run.npz", "--dataset", &source.to_string()]);
    if let Some(folder) = &options.data_dir {
        command.arg("--data-dir").arg(folder);
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", sweeps::stderr(&out));

    let data = load(&source, &options).unwrap().data.train;
    let file = TrainingFile {
        features: data.images.image_size(),
        pixels: data.images.into_pixels(),
        labels: data.labels,
    };
    let mut npz = NpzReader::new(File::open(home.path().join("run.npz")).unwrap()).unwrap();
    let order: Array1<u32> = npz.by_name("order").unwrap();
    let batch_sizes: Array1<u64> = npz.by_name("batch_sizes").unwrap();
    let losses: Array1<f64> = npz.by_name("loss").unwrap();
    let mut network_now = network(&mut npz, "initial_");
    let mut adam = Adam::new(&network_now);
    let mut examples = order.iter().map(|&index| file.example(index));
    assert_eq!((batch_sizes.len(), losses.len()), (50, 50));
    for (&size, &loss) in batch_sizes.iter().zip(&losses) {
        let batch: Vec<_> = examples.by_ref().take(size as usize).collect();
        let gradient = network_now.gradient(&batch);
        assert!(
            (loss / gradient.loss - 1.0).abs() < 1e-4,
            "loss {loss}, not {}",
            gradient.loss
        );
        adam.step(&mut network_now, &gradient);
    }
    let trained = network(&mut npz, "");
    for (layer, expected) in trained.layers.iter().zip(&network_now.layers) {
        let worst = layer
            .parameters()
            .zip(expected.parameters())
            .fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-4, "weights are off by {worst:e}");
    }
}

#[test]
fn an_unwritable_file_is_named_with_code_2() {
    let home = tempfile::tempdir().unwrap();
    let out = sweeps::initstudy(home.path())
        .args([
            "replay",
            "--dataset",
            "synthetic",
            "--steps",
            "1",
            "--out",
            "nowhere/run.npz",
        ])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(
        sweeps::stderr(&out).contains("nowhere/run.npz"),
        "{}",
        sweeps::stderr(&out)
    );
}
