//! The protocol on real MNIST against Keras itself: 30 seeds of four initializers, both scopes.
//!
//! Four minutes on two cores: `cargo test --workspace --test keras_parity -- --ignored`.

#[path = "common/sweeps.rs"]
mod sweeps;

use std::{collections::HashMap, path::Path};

use sweeps::{read_csv, stderr};

const COLUMNS: [&str; 5] = [
    "train_accuracy_first",
    "train_accuracy_last",
    "val_accuracy_first",
    "val_accuracy_last",
    "test_accuracy",
];

/// Mean, standard deviation and size of a sample.
struct Sample {
    mean: f64,
    sd: f64,
    n: f64,
}

impl Sample {
    fn of(rows: &[HashMap<String, String>], initializer: &str, column: &str) -> Self {
        let rows = rows.iter().filter(|row| row["initializer"] == initializer);
        let values: Vec<f64> = rows.map(|row| row[column].parse().unwrap()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        Self {
            mean,
            sd: (squares / (n - 1.0)).sqrt(),
            n,
        }
    }
}

/// Compares a sweep of one scope with the reference, whose runs shuffled once (see the fixture's
/// README).
fn check_scope(scope: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mnist = root.join("../../shared/mnist");
    if !mnist.is_dir() {
        eprintln!("real MNIST is absent: parity with Keras was NOT checked");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = sweeps::initstudy(home.path());
    command.args([
        "sweep",
        "--seeds",
        "30",
        "--shuffle",
        "once",
        "--init-scope",
        scope,
    ]);
    command.args(["--out", "s", "--data-dir"]).arg(&mnist);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let ours = read_csv(&home.path().join("s/runs.csv"));
    let mut keras = read_csv(&root.join("../tests/fixtures/keras/keras.csv"));
    keras.retain(|row| row["init_scope"] == scope);
    for initializer in [
        "random_normal",
        "random_uniform",
        "glorot_uniform",
        "he_normal",
    ] {
        for column in COLUMNS {
            let (a, b) = (
                Sample::of(&ours, initializer, column),
                Sample::of(&keras, initializer, column),
            );
            let error = (a.sd.powi(2) / a.n + b.sd.powi(2) / b.n).sqrt();
            assert!(a.n == 30.0 && b.n >= 8.0, "{} and {} runs", a.n, b.n);
            let distance = (a.mean - b.mean) / error;
            eprintln!(
                "{scope:6} {initializer:14} {column:20} {:.4} {:.4} {distance:+.2}",
                a.mean, b.mean
            );
            assert!(
                distance.abs() < 3.5,
                "{scope}, {initializer}: {column} {:.4}, {:.4} in Keras, {distance:.1} standard errors",
                a.mean,
                b.mean
            );
        }
        let sd = Sample::of(&ours, initializer, "test_accuracy").sd;
        assert!(
            (0.0010..0.0035).contains(&sd),
            "{scope}, {initializer}: sd of test accuracy {sd}"
        );
    }
}

#[test]
#[ignore = "takes minutes where real MNIST is"]
fn the_hidden_scope_trains_as_keras_does() {
    check_scope("hidden");
}

#[test]
#[ignore = "takes minutes where real MNIST is"]
fn the_scope_of_all_layers_trains_as_keras_does() {
    check_scope("all");
}
