//! `sweep --until decided`: looks after fixed seeds, decisions that do not depend on how the sweep
//! came there.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::sweeps::{self, read_csv, stderr, stdout, sweep};

/// Two initializers that differ much and two that are one.
const UNTIL: [&str; 10] = [
    "--until",
    "decided",
    "--margin",
    "0.2",
    "--looks",
    "10,20,30",
    "--metric",
    "test_loss",
    "--initializers",
    "random_normal(stddev=1e-6),glorot_uniform,he_uniform",
];

fn decisions(folder: &Path) -> String {
    fs::read_to_string(folder.join("sequential.csv")).unwrap()
}

#[test]
fn a_decided_pair_ends_early_and_the_report_says_at_which_look() {
    let home = tempfile::tempdir().unwrap();
    let out = sweep(home.path(), &[&UNTIL[..], &["--out", "s"]].concat());
    assert!(out.status.success(), "{}", stderr(&out));
    let rows = read_csv(&home.path().join("s/sequential.csv"));
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let number = |name: &str| row[name].parse::<f64>().unwrap_or(f64::NAN);
        let (different, equivalent) = (
            number("p") <= number("p_bound"),
            number("p_equivalence") <= number("p_equivalence_bound"),
        );
        let verdict = match (equivalent, different) {
            (true, _) => "equivalent",
            (false, true) => "different",
            (false, false) => "undecided",
        };
        assert_eq!(row["verdict"], verdict, "{row:?}");
        let seeds = ["10", "20", "30"][row["look"].parse::<usize>().unwrap() - 1];
        assert_eq!(row["seeds"], seeds);
        assert_eq!(row["n"], seeds, "a look sees the seeds below its number");
        assert!(verdict != "undecided" || row["look"] == "3", "{row:?}");
    }
    assert!(rows.iter().any(|row| row["look"] == "1"), "{rows:?}");
    let text = stdout(&out);
    assert!(text.contains("looks at 10, 20, 30 seeds"), "{text}");
    // Nobody trains on for a pair that is decided.
    let runs = read_csv(&home.path().join("s/runs.csv"));
    for name in ["random_normal(stddev=1e-6)", "glorot_uniform", "he_uniform"] {
        let trained = runs.iter().filter(|run| run["initializer"] == name).count();
        let needed = rows
            .iter()
            .filter(|row| row["a"] == name || row["b"] == name)
            .map(|row| row["seeds"].parse::<usize>().unwrap())
            .max();
        assert_eq!(Some(trained), needed, "{name}");
    }
}

#[test]
fn decisions_are_the_same_after_an_interruption_and_with_more_runs_in_the_store() {
    let home = tempfile::tempdir().unwrap();
    let until = |out: &str| {
        let out = sweep(home.path(), &[&UNTIL[..], &["--out", out]].concat());
        assert!(out.status.success(), "{}", stderr(&out));
    };
    until("once");
    // As after an interruption: a part of the first look's runs is there.
    let some = [
        "--seeds",
        "3",
        "--initializers",
        "he_uniform",
        "--out",
        "part",
    ];
    sweep(home.path(), &some);
    until("part");
    // More runs than any look wants.
    let many = ["--seeds", "35", "--initializers", UNTIL[9], "--out", "many"];
    sweep(home.path(), &many);
    until("many");
    let once = decisions(&home.path().join("once"));
    assert_eq!(once, decisions(&home.path().join("part")));
    assert_eq!(once, decisions(&home.path().join("many")));
    until("once");
    assert_eq!(once, decisions(&home.path().join("once")));
}

#[test]
fn another_rule_in_the_same_folder_is_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let first = sweep(home.path(), &[&UNTIL[..], &["--out", "s"]].concat());
    assert!(first.status.success(), "{}", stderr(&first));
    let cases = [
        (3, "0.1", "margin 0.2, not 0.1"),
        (5, "10,20,40", "looks 10,20,30, not 10,20,40"),
        (7, "test_accuracy", "metric test_loss, not test_accuracy"),
        (9, "he_uniform,glorot_uniform", "initializers random_normal"),
    ];
    for (place, value, part) in cases {
        let mut args = UNTIL;
        args[place] = value;
        let out = sweep(home.path(), &[&args[..], &["--out", "s"]].concat());
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
    let alpha = ["--alpha", "0.01", "--out", "s"];
    let out = sweep(home.path(), &[&UNTIL[..], &alpha].concat());
    assert!(stderr(&out).contains("alpha 0.05, not 0.01"));
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str); 12] = [
        (
            &["--seeds", "1", "--metric", "foo"],
            "--metric is for --until",
        ),
        (&["--seeds", "1", "--alpha", "7"], "--alpha is for --until"),
        (
            &["--dry-run", "--max-seeds", "9"],
            "--max-seeds is for --until",
        ),
        (&["--until", "decided"], "--margin"),
        (&["--until", "decided", "--seeds", "9"], "--seeds"),
        (
            &["--until", "decided", "--margin", "0.1", "--max-seeds", "9"],
            "cannot look after 9 seeds",
        ),
        (
            &["--until", "decided", "--margin", "0"],
            "the margin must be positive",
        ),
        (
            &["--until", "decided", "--margin", "0.1", "--looks", "20,10"],
            "looks must be ascending",
        ),
        (
            &["--until", "decided", "--margin", "0.1", "--alpha", "0"],
            "alpha must be strictly between 0 and 0.5",
        ),
        (
            &["--until", "decided", "--margin", "0.1", "--alpha", "2"],
            "alpha must be strictly between 0 and 0.5",
        ),
        (
            &["--until", "decided", "--margin", "0.1", "--metric", "loss"],
            "--metric",
        ),
        (
            &[
                "--until",
                "decided",
                "--margin",
                "0.1",
                "--initializers",
                "he_normal",
            ],
            "two or more",
        ),
    ];
    for (args, part) in cases {
        let out = sweep(home.path(), args);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_sweep_that_is_stopped_at_a_later_look_counts_each_run_once() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let mut args = UNTIL;
    (args[3], args[5]) = ("1e-9", "10,20,2000");
    args[9] = "random_normal(stddev=0.1),random_normal(stddev=0.1000001)";
    let mut child = sweeps::command(home, &[&args[..], &["--out", "s"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Some runs of the third look are there.
    while sweeps::committed(&home.join("s")).len() < 50 {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "it ended by itself: {ended:?}");
        thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.unwrap().success());
    let out = child.wait_with_output().unwrap();
    let text = stderr(&out);
    assert_eq!(out.status.code(), Some(75), "{text}");
    let there = sweeps::committed(&home.join("s")).len();
    let says = format!("stopped with {} of 4000 runs missing", 4000 - there);
    assert!(text.contains(&says), "no {says:?} in {text}");
}
