//! `initstudy register`, `sweep --registration` and what `analyze` says of deviations.

use std::{fs, path::Path, process::Output};

use crate::sweeps::{initstudy, stderr, stdout, sweep};
use serde_json::Value;

fn run(home: &Path, args: &[&str]) -> Output {
    initstudy(home).args(args).output().unwrap()
}

const PAIR: &str = "glorot_uniform,he_normal";

fn register(home: &Path) {
    let args = [
        "register",
        "--seeds",
        "3",
        "--margin",
        "0.02",
        "--initializers",
        PAIR,
    ];
    let out = run(home, &[&args[..], &["--out", "plan.toml"]].concat());
    assert!(out.status.success(), "{}", stderr(&out));
}

fn deviations(home: &Path, args: &[&str]) -> Vec<String> {
    let out = run(
        home,
        &[&["analyze", "s", "--json", "--resamples", "100"], args].concat(),
    );
    assert!(out.status.success(), "{}", stderr(&out));
    let result: Value = serde_json::from_slice(&out.stdout).unwrap();
    let found = result["registration"]["deviations"].as_array().unwrap();
    let found = found.iter().map(|d| d.as_str().unwrap().to_owned());
    // The tests spare resamples.
    found.filter(|d| !d.starts_with("resamples")).collect()
}

#[test]
fn a_promise_that_is_kept_has_no_deviations_and_a_broken_one_lists_each() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    register(home);
    let args = [
        "--registration",
        "plan.toml",
        "--initializers",
        PAIR,
        "--out",
        "s",
    ];
    let out = sweep(home, &[&args[..], &["--seeds", "3"]].concat());
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(!stderr(&out).contains("registration"), "{}", stderr(&out));
    let other = ["--registration", "plan.toml", "--seeds", "2", "--out", "t"];
    let out = sweep(home, &other);
    let message = stderr(&out);
    let told = message.find("goes beyond its registration").unwrap();
    assert!(told < message.find(" runs").unwrap(), "{message}");
    assert!(
        message.contains("random_normal was not registered"),
        "{message}"
    );
    // What is left out may be there already, or come later.
    let part = ["--initializers", "he_normal", "--seeds", "1", "--out", "s"];
    let out = sweep(home, &part);
    assert!(!stderr(&out).contains("registration"), "{}", stderr(&out));
    let more = [&args[..4], &["--seeds", "4", "--out", "u"]].concat();
    let out = sweep(home, &more);
    assert!(
        stderr(&out).contains("4 seeds, registered 3"),
        "{}",
        stderr(&out)
    );
    for margin in [&[][..], &["--margin", "0.02"]] {
        assert!(deviations(home, margin).is_empty());
    }
    let text = stdout(&run(home, &["analyze", "s", "--margin", "0.02"]));
    assert!(
        text.contains("for test_accuracy") && text.contains("No deviation."),
        "{text}"
    );
    let other = [
        "--test",
        "wilcoxon",
        "--alpha",
        "0.01",
        "--adjust",
        "none",
        "--control",
        "he_normal",
        "--metric",
        "test_loss",
        "--margin",
        "0.05",
    ];
    assert_eq!(
        deviations(home, &other),
        [
            "metric test_accuracy was registered and is not shown",
            "test wilcoxon, registered paired-t",
            "adjustment none, registered holm",
            "alpha 0.01, registered 0.05",
            "margin 0.05, registered 0.02",
            "control he_normal, registered none",
        ]
    );
    sweep(
        home,
        &[
            "--initializers",
            "he_normal,he_uniform",
            "--seeds",
            "5",
            "--out",
            "s",
        ],
    );
    assert_eq!(
        deviations(home, &["--margin", "0.02"]),
        [
            "he_normal has 5 seeds, registered 3",
            "he_uniform was not registered"
        ]
    );
}

#[test]
fn a_registration_after_the_fact_is_told_and_another_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    register(home);
    let args = ["--initializers", PAIR, "--out", "s"];
    sweep(home, &[&args[..], &["--seeds", "2"]].concat());
    let with = |file: &str| {
        let more = ["--seeds", "3", "--registration", file];
        sweep(home, &[&args[..], &more].concat())
    };
    assert!(with("plan.toml").status.success());
    assert!(
        with("plan.toml").status.success(),
        "the same one again changes nothing"
    );
    let found = deviations(home, &["--margin", "0.02"]);
    assert_eq!(found, ["4 runs existed when the registration was recorded"]);
    let text = fs::read_to_string(home.join("plan.toml")).unwrap();
    fs::write(
        home.join("other.toml"),
        text.replace("seeds = 3", "seeds = 9"),
    )
    .unwrap();
    let out = with("other.toml");
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("holds a sweep with registration"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn a_file_that_is_no_registration_is_refused_with_line_and_column() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    register(home);
    let text = fs::read_to_string(home.join("plan.toml")).unwrap();
    let cases = [
        (
            text.replace("alpha =", "alfa ="),
            "column 1: unknown field `alfa`",
        ),
        (text.replace("seeds = 3", "seeds = -3"), "line 4, column 9"),
        (text.replace("paired-t", "t"), "test \"t\" is unknown"),
        (
            text.replace("he_normal", "he"),
            "initializer \"he\" is unknown",
        ),
        (text.replace("seeds = 3", "seeds = 0"), "seeds 0 must"),
        (
            text.replace("seeds = 3", "seeds = 1000001"),
            "1000000 is the most",
        ),
        (text.replace("alpha = 0.05", "alpha = 7.0"), "alpha 7 must"),
        (
            text.replace("margin = 0.02", "margin = -1.0"),
            "margin -1 must",
        ),
        (String::new(), "missing field"),
        ("{".to_owned(), "line 1"),
    ];
    for (text, part) in cases {
        fs::write(home.join("bad.toml"), text).unwrap();
        let out = sweep(home, &["--registration", "bad.toml", "--out", "bad"]);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert!(
        !home.join("bad").exists(),
        "refused before anything is made"
    );
    let again = run(home, &["register", "--seeds", "3", "--out", "plan.toml"]);
    assert!(
        stderr(&again).contains("not overwritten"),
        "{}",
        stderr(&again)
    );
}
