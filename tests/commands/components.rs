//! `initstudy components`: the crossed design.

use std::{collections::HashMap, fs, path::Path, process::Output};

use crate::sweeps::{self, command, read_csv, stderr, sweep};
use serde_json::Value;
use study::stats::components::variance_components;

/// Runs `components` with the small sweep's settings.
fn components(home: &Path, args: &[&str]) -> Output {
    let as_sweep = command(home, args);
    let mut components = sweeps::initstudy(home);
    components
        .arg("components")
        .args(as_sweep.get_args().skip(1));
    components.output().unwrap()
}

#[test]
fn the_shares_are_those_of_the_runs_written_and_the_diagonal_is_the_sweep() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "--weight-seeds",
        "3",
        "--order-seeds",
        "4",
        "--metric",
        "test_loss",
        "--out",
        "runs.csv",
        "--json",
        "--initializers",
        "he_normal",
    ];
    let out = components(home.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    let found: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    let runs = read_csv(&home.path().join("runs.csv"));
    assert_eq!(runs.len(), 12);
    let loss: HashMap<(&str, &str), &str> = runs
        .iter()
        .map(|run| {
            let seeds = (run["weight_seed"].as_str(), run["order_seed"].as_str());
            (seeds, run["test_loss"].as_str())
        })
        .collect();
    let table: Vec<Vec<f64>> = ["0", "1", "2"]
        .map(|w| {
            ["0", "1", "2", "3"]
                .map(|o| loss[&(w, o)].parse().unwrap())
                .to_vec()
        })
        .to_vec();
    let rows: Vec<&[f64]> = table.iter().map(Vec::as_slice).collect();
    let expected = variance_components(&rows).unwrap();
    assert_eq!(found[0]["weights_share"], expected.rows.share);
    assert_eq!(found[0]["order_share"], expected.columns.share);
    assert_eq!(found[0]["rest_share"], expected.rest_share);
    sweep(
        home.path(),
        &["--seeds", "3", "--initializers", "he_normal", "--out", "s"],
    );
    for run in read_csv(&home.path().join("s/runs.csv")) {
        let seed = run["seed"].as_str();
        assert_eq!(run["test_loss"], loss[&(seed, seed)]);
    }
}

#[test]
fn a_table_with_a_diverged_run_has_no_components_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "--weight-seeds",
        "2",
        "--order-seeds",
        "2",
        "--learning-rate",
        "1e38",
        "--json",
    ];
    let out = components(home.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    let found: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(found[0]["n_diverged"], 4);
    assert!(found[0]["weights_share"].is_null());
    assert!(
        found[0]["note"]
            .as_str()
            .unwrap()
            .contains("needs 4 values, has 0")
    );
    for seeds in ["1000000", "18446744073709551615"] {
        let asked = ["--weight-seeds", seeds, "--order-seeds", seeds];
        let refused = components(home.path(), &asked);
        assert_eq!(refused.status.code(), Some(2));
        assert!(
            stderr(&refused).contains("10000000 is the most"),
            "{}",
            stderr(&refused)
        );
    }
    // A file that cannot be written or is somebody's is refused before any training.
    fs::write(home.path().join("kept.csv"), "kept").unwrap();
    for (file, part) in [
        ("nowhere/runs.csv", "cannot write"),
        ("kept.csv", "exists already"),
    ] {
        let refused = components(home.path(), &["--dataset", "idx:none", "--out", file]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(stderr(&refused).contains(part), "{}", stderr(&refused));
    }
    let one = components(home.path(), &["--weight-seeds", "1"]);
    assert_eq!(one.status.code(), Some(2), "{}", stderr(&one));
}
