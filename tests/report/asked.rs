//! A report is held to what its sweep was asked for: the margin, and runs that are still to come.

use std::{fs, path::Path};

use crate::sweeps::{initstudy, read_csv, results, stderr, stdout, sweep};

fn run(home: &Path, args: &[&str]) -> String {
    let out = initstudy(home).args(args).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    stdout(&out)
}

fn report(home: &Path, folder: &str, args: &[&str]) -> String {
    let fixed = ["report", folder, "--format", "md", "--resamples", "100"];
    run(home, &[&fixed[..], args].concat());
    fs::read_to_string(home.join(folder).join("report/report.md")).unwrap()
}

#[test]
fn the_margin_of_the_sweep_is_that_of_its_analysis_and_its_report() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let asked = ["--seeds", "3", "--margin", "0.5", "--out", "s"];
    assert!(sweep(home, &asked).status.success());
    let text = report(home, "s", &[]);
    assert!(text.contains("equivalent within 50 points"), "{text}");
    assert!(!text.contains("no margin was stated"), "{text}");
    run(home, &["analyze", "s", "--resamples", "100"]);
    // It is one of accuracies.
    for row in read_csv(&home.join("s/comparisons.csv")) {
        let is_loss = row["metric"] == "test_loss";
        assert_eq!(row["margin"], if is_loss { "" } else { "0.5" });
        assert_eq!(row["p_equivalence"].is_empty(), is_loss);
    }
    let of_loss = ["--metric", "test_loss"];
    let text = report(home, "s", &of_loss);
    assert!(text.contains("no margin was stated"), "{text}");
    let text = report(home, "s", &[&of_loss[..], &["--margin", "9"]].concat());
    assert!(text.contains("equivalent within 9 nats"), "{text}");
    for row in read_csv(&home.join("s/report/comparisons.csv")) {
        let is_loss = row["metric"] == "test_loss";
        assert_eq!(row["margin"], if is_loss { "9.0" } else { "" });
    }
    // Another one is taken where it is given, and none where there was none.
    let text = report(home, "s", &["--margin", "0.25"]);
    assert!(text.contains("equivalent within 25 points"), "{text}");
    assert!(
        sweep(home, &["--seeds", "3", "--out", "t"])
            .status
            .success()
    );
    let text = report(home, "t", &[]);
    assert!(text.contains("no margin was stated"), "{text}");
}

#[test]
fn the_margin_of_looks_is_theirs_alone() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let asked = [
        "--until", "decided", "--looks", "10,11", "--margin", "0.5", "--out", "s",
    ];
    assert!(sweep(home, &asked).status.success());
    let text = report(home, "s", &[]);
    assert!(
        text.contains("Equivalence was tested by the looks alone"),
        "{text}"
    );
    let rows = read_csv(&home.join("s/report/comparisons.csv"));
    assert!(rows.iter().all(|row| row["margin"].is_empty()), "{rows:?}");
}

#[test]
fn the_margin_of_a_registration_goes_before_that_of_the_sweep() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for (name, margin) in [("none", &[][..]), ("quarter", &["--margin", "0.25"])] {
        let file = format!("{name}.toml");
        let promise = ["register", "--seeds", "3", "--out", &file];
        run(home, &[&promise[..], margin].concat());
        let asked = [
            "--seeds",
            "3",
            "--margin",
            "0.5",
            "--registration",
            &file,
            "--out",
            name,
        ];
        assert!(sweep(home, &asked).status.success());
        let text = run(home, &["analyze", name, "--resamples", "100"]);
        assert!(!text.contains("margin 0.5"), "{text}");
        let rows = read_csv(&home.join(name).join("comparisons.csv"));
        let expected = margin.last().copied().unwrap_or_default();
        let accuracies = rows.iter().filter(|row| row["metric"] != "test_loss");
        for row in accuracies {
            assert_eq!(row["margin"], expected, "{name}");
        }
    }
}

#[test]
fn a_report_of_a_part_says_first_that_runs_are_missing() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for shard in ["0/2", "1/2"] {
        let asked = ["--seeds", "4", "--out", "p", "--shard", shard];
        assert!(sweep(home, &asked).status.success());
    }
    let [a, b] = ["p/shard-0-of-2", "p/shard-1-of-2"];
    let there = results(&home.join(a)).len();
    let missing = format!("{} of the 16 runs", 16 - there);
    let text = report(home, a, &[]);
    let (_, after) = text.split_once("\n\n").unwrap();
    let first = format!("- The sweep is not finished: {missing} it asked for have not been tried");
    assert!(after.starts_with(&first), "{text}");
    let text = run(home, &["analyze", a, "--resamples", "100"]);
    let line = format!("{missing} that the sweep asked for have not been tried");
    assert!(text.contains(&line), "{text}");
    run(home, &["merge", "m", a, b]);
    let text = report(home, "m", &[]);
    assert!(!text.contains("not finished"), "{text}");
}

#[test]
fn a_session_that_found_every_run_there_made_none_of_them() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    for jobs in ["1", "2"] {
        let asked = ["--seeds", "2", "--jobs", jobs, "--out", "s"];
        assert!(sweep(home, &asked).status.success());
    }
    let text = report(home, "s", &[]);
    assert!(text.contains("\n- jobs: 1\n"), "{text}");
}
