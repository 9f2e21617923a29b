//! `initstudy plan`: seeds that a verdict needs.

use crate::sweeps::{initstudy, stderr, sweep};
use serde_json::Value;

fn seeds(args: &[&str]) -> Value {
    let home = tempfile::tempdir().unwrap();
    let out = initstudy(home.path())
        .arg("plan")
        .args(args)
        .arg("--json")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn seeds_are_those_of_statsmodels() {
    // statsmodels 0.15.0: TTestIndPower().solve_power(d, power=0.9, alpha=0.05) and
    // TTestPower().solve_power(d / sqrt(2 (1 - r)), …), rounded up.
    let welch = seeds(&["--difference", "0.001", "--sd", "0.002", "--power", "0.9"]);
    assert_eq!(welch["seeds"], 86);
    let paired = [
        "--difference",
        "0.001",
        "--sd",
        "0.002",
        "--paired",
        "--correlation",
        "0.4",
    ];
    assert_eq!(seeds(&paired)["seeds"], 53);
}

#[test]
fn a_pilot_gives_each_pair_its_seeds() {
    let home = tempfile::tempdir().unwrap();
    sweep(home.path(), &["--seeds", "4", "--out", "pilot"]);
    let out = initstudy(home.path())
        .args(["plan", "--pilot", "pilot", "--difference", "0.02", "--json"])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let rows: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        let number = |name: &str| row[name].as_f64();
        let (Some(a), Some(b), Some(r)) = (number("sd_a"), number("sd_b"), number("correlation"))
        else {
            assert!(!row["note"].as_str().unwrap().is_empty(), "{row}");
            continue;
        };
        // The same assumptions, given by hand, need as many.
        let (a, b, r) = (a.to_string(), b.to_string(), r.to_string());
        let by_hand = ["--difference", "0.02", "--sd", &a, "--sd-b", &b];
        assert_eq!(seeds(&by_hand)["seeds"], row["seeds_independent"]);
        let paired = [&by_hand[..], &["--paired", "--correlation", &r]].concat();
        assert_eq!(seeds(&paired)["seeds"], row["seeds_paired"]);
    }
}

#[test]
fn an_impossible_request_is_refused_in_one_sentence() {
    let home = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str); 11] = [
        (&["--sd", "1"], "--difference"),
        (&["--difference", "1"], "--sd"),
        (&["--difference", "0", "--sd", "1"], "no size up to"),
        (
            &["--difference", "1", "--sd", "1", "--margin", "1"],
            "--difference 1 must lie within --margin 1",
        ),
        (
            &["--difference", "1", "--sd", "-1"],
            "--sd -1 must be a positive",
        ),
        (&["--difference", "1", "--sd", "0"], "--sd 0 must be"),
        (
            &["--difference", "1", "--sd", "1", "--power", "90"],
            "--power 90 must lie strictly between 0 and 1",
        ),
        (
            &["--difference", "1", "--sd", "1", "--power", "1"],
            "--power 1 must lie",
        ),
        (
            &["--difference", "1", "--sd", "1", "--metric", "test_loss"],
            "--metric",
        ),
        (
            &["--difference", "1", "--pilot", "s", "--sd-b", "5"],
            "--sd-b",
        ),
        (
            &["--difference", "1", "--pilot", "s", "--correlation", "0.5"],
            "--correlation",
        ),
    ];
    for (args, part) in cases {
        let out = initstudy(home.path())
            .arg("plan")
            .args(args)
            .output()
            .unwrap();
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

#[test]
fn a_power_below_1_is_not_printed_as_1() {
    let home = tempfile::tempdir().unwrap();
    let request = ["plan", "--difference", "1", "--sd", "0.01"];
    let out = initstudy(home.path()).args(request).output().unwrap();
    assert!(out.status.success(), "{}", stderr(&out));
    let said = String::from_utf8(out.stdout).unwrap();
    assert!(
        said.contains("2 seeds of each group: power above 0.9999"),
        "{said}"
    );
}
