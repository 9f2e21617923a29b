//! `initstudy analyze` and `calibrate` on a sweep's folder.

use std::{fs, path::Path, process::Output};

use crate::sweeps::{initstudy, read_csv, stderr, stdout, sweep};
use serde_json::Value;

fn run(home: &Path, args: &[&str]) -> Output {
    initstudy(home).args(args).output().unwrap()
}

/// `calibrate` on column `m` of the table `t.csv`, by its groups `g`.
const OF_TABLE: [&str; 7] = [
    "calibrate",
    "--csv",
    "t.csv",
    "--group",
    "g",
    "--metric",
    "m",
];

#[test]
fn analyze_rewrites_what_the_sweep_wrote() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "4", "--out", "s"]);
    let read = |file: &str| fs::read_to_string(home.path().join("s").join(file)).unwrap();
    let files = ["runs.csv", "epochs.csv", "summary.csv", "comparisons.csv"];
    let before = files.map(read);
    for file in files {
        fs::write(home.path().join("s").join(file), "damaged").unwrap();
    }
    let out = run(home.path(), &["analyze", "s"]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(before, files.map(read));
    let text = stdout(&out);
    let files = "runs.csv, epochs.csv, summary.csv, comparisons.csv and crossed.csv rewritten in ";
    assert!(text.contains(files), "{text}");
    for metric in ["train_accuracy_first", "test_accuracy", "test_loss"] {
        assert!(text.contains(metric), "{text}");
    }
}

#[test]
fn the_crossed_bootstrap_agrees_with_the_accuracies_of_the_runs() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "5", "--out", "s"]);
    let out = run(
        home.path(),
        &["analyze", "s", "--json", "--resamples", "500"],
    );
    assert!(out.status.success(), "{}", stderr(&out));
    let result: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(result["metrics"].as_array().unwrap().len(), 6);
    let crossed = result["crossed"].as_array().unwrap();
    let rows = read_csv(&home.path().join("s/comparisons.csv"));
    let of_test: Vec<_> = rows
        .iter()
        .filter(|r| r["metric"] == "test_accuracy")
        .collect();
    assert_eq!(crossed.len(), of_test.len());
    for (crossed, row) in crossed.iter().zip(of_test) {
        assert_eq!(crossed["a"], row["a"].as_str());
        let difference: f64 = row["difference"].parse().unwrap();
        let number = |name: &str| crossed[name].as_f64().unwrap();
        assert!(
            (number("difference") - difference).abs() < 1e-12,
            "{crossed}"
        );
        assert!(number("both_low") <= difference && difference <= number("both_high"));
        // Two sources of noise are more than either.
        let error = |of: &str| number(&format!("{of}_standard_error"));
        assert!(
            error("both") > 0.9 * error("seeds").max(error("images")),
            "{crossed}"
        );
    }
    assert_eq!(
        read_csv(&home.path().join("s/crossed.csv")).len(),
        crossed.len()
    );
}

#[test]
fn other_settings_change_the_files_and_the_metric_flag_what_is_shown() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "5", "--out", "s"]);
    let args = [
        "analyze",
        "s",
        "--metric",
        "test_loss",
        "--control",
        "he_normal",
    ];
    let more = [
        "--margin",
        "0.5",
        "--test",
        "wilcoxon",
        "--adjust",
        "bonferroni",
    ];
    let out = run(home.path(), &[&args[..], &more].concat());
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(
        text.contains("test_loss") && !text.contains("val_accuracy"),
        "{text}"
    );
    let rows = read_csv(&home.path().join("s/comparisons.csv"));
    assert_eq!(rows.len(), 6 * 3);
    for row in &rows {
        assert_eq!(row["b"], "he_normal");
        assert_eq!(row["adjustment"], "bonferroni");
        // It is one of the loss that is shown.
        let margin = if row["metric"] == "test_loss" {
            "0.5"
        } else {
            ""
        };
        assert_eq!(row["margin"], margin);
        assert!(
            row["p"].is_empty() || row["test"].starts_with("Wilcoxon"),
            "{row:?}"
        );
    }
}

#[test]
fn calibrate_reads_what_compare_reads() {
    let home = tempfile::tempdir().unwrap();
    let rows: String = (0..20).map(|i| format!("a;0.{i:02}\n")).collect();
    fs::write(home.path().join("t.csv"), format!("g;m\n{rows}")).unwrap();
    let args = [&OF_TABLE[..], &["--splits", "100"]].concat();
    let out = run(home.path(), &[&args[..], &["--delimiter", ";"]].concat());
    assert!(out.status.success(), "{}", stderr(&out));
    let out = run(home.path(), &args);
    assert!(stderr(&out).contains("--delimiter"), "{}", stderr(&out));
    let out = run(home.path(), &["calibrate", "s", "--group", "g"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("--group g"), "{}", stderr(&out));
}

#[test]
fn a_folder_that_takes_no_files_is_shown_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "2", "--out", "s"]);
    let summary = home.path().join("s/summary.csv");
    fs::remove_file(&summary).unwrap();
    fs::create_dir(&summary).unwrap();
    for (args, part) in [
        (&[][..], "train_accuracy_first"),
        (&["--json"], "\"metrics\""),
    ] {
        let method = ["--resamples", "100"];
        let out = run(
            home.path(),
            &[&["analyze", "s"], &method[..], args].concat(),
        );
        assert_eq!(out.status.code(), Some(1));
        assert!(stdout(&out).contains(part), "{}", stdout(&out));
        assert!(!stdout(&out).contains("rewritten"), "{}", stdout(&out));
        assert!(
            stderr(&out).contains("cannot write the CSV files in s"),
            "{}",
            stderr(&out)
        );
    }
}

#[test]
fn a_folder_without_a_sweep_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for command in ["analyze", "calibrate"] {
        let out = run(home.path(), &[command, "nowhere"]);
        assert_eq!(out.status.code(), Some(2));
        assert!(
            stderr(&out).contains("nowhere holds no sweep"),
            "{}",
            stderr(&out)
        );
    }
    sweep(home.path(), &["--seeds", "1", "--out", "s"]);
    let out = run(home.path(), &["analyze", "s", "--metric", "test_acuracy"]);
    assert!(
        stderr(&out).contains("did you mean \"test_accuracy\"?"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn calibration_of_normal_values_finds_every_test_at_its_level() {
    let home = tempfile::tempdir().unwrap();
    // 40 normal scores: splits of them are what every test assumes or withstands.
    let score = |i: u32| (f64::from(i) + 0.5) / 40.0;
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let rows: String = (0..40)
        .map(|i| format!("only,{}\n", logit(score(i))))
        .collect();
    fs::write(home.path().join("t.csv"), format!("g,m\n{rows}")).unwrap();
    let args = [&OF_TABLE[..], &["--json"]].concat();
    let out = run(home.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    let rows: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(rows.len(), 7);
    for row in rows {
        assert_eq!(
            (row["half"].as_u64(), row["splits"].as_u64()),
            (Some(20), Some(2000))
        );
        let (low, high) = (
            row["rate_low"].as_f64().unwrap(),
            row["rate_high"].as_f64().unwrap(),
        );
        // Rank tests cannot reach 0.05 exactly; none lies further off than this.
        assert!(low < 0.05 && high > 0.04, "{row}");
    }
}

#[test]
fn calibration_is_repeated_to_the_bit() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "6", "--out", "s"]);
    let args = ["calibrate", "s", "--splits", "100", "--only", "he_normal"];
    let (one, other) = (run(home.path(), &args), run(home.path(), &args));
    assert!(one.status.success(), "{}", stderr(&one));
    assert_eq!(one.stdout, other.stdout);
}
