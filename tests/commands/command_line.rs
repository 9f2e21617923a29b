//! What the command line says of itself, and of numbers that are none.

use crate::sweeps::{initstudy, stderr, stdout};
use engine::init::Initializer;
use study::{comparison::Test, metric::Metric};

fn help(command: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let out = initstudy(home.path()).args([command, "--help"]).output();
    let text = stdout(&out.unwrap());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn help_names_every_initializer_metric_and_test() {
    let sweep = help("sweep");
    for name in Initializer::NAMES {
        assert!(sweep.contains(name), "{name}");
    }
    for part in ["random_normal(stddev=", "random_uniform(limit="] {
        assert!(sweep.contains(part), "{part}");
    }
    for command in [
        "sweep",
        "components",
        "analyze",
        "report",
        "register",
        "plan",
        "calibrate",
    ] {
        let help = help(command);
        for metric in Metric::ALL {
            assert!(help.contains(metric.name()), "{command}: {}", metric.name());
        }
    }
    let compare = help("compare");
    for test in Test::all() {
        assert!(compare.contains(test.name()), "{}", test.name());
    }
}

#[test]
fn a_merge_into_a_file_is_refused_without_a_flag_that_merge_lacks() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("runs.csv"), "").unwrap();
    let merge = initstudy(home.path())
        .args(["merge", "runs.csv", "s"])
        .output();
    let merge = merge.unwrap();
    let message = stderr(&merge);
    assert_eq!(merge.status.code(), Some(2), "{message}");
    assert!(message.contains("runs.csv is a file"), "{message}");
    assert!(!message.contains("--out"), "{message}");
}

#[test]
fn a_negative_number_may_have_an_exponent() {
    let home = tempfile::tempdir().unwrap();
    let plan = |difference| {
        let args = ["plan", "--sd", "0.002", "--difference", difference];
        initstudy(home.path()).args(args).output().unwrap()
    };
    let [short, long] = ["-1e-3", "-0.001"].map(plan);
    assert!(short.status.success(), "{}", stderr(&short));
    assert_eq!(short.stdout, long.stdout);
}

#[test]
fn a_number_that_is_none_is_refused_in_our_words() {
    let home = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str); 8] = [
        (&["sweep", "--seeds", "-3"], "no whole number from 1 to"),
        (&["sweep", "--seeds", "1e3"], "no whole number from 1 to"),
        // What no sweep can keep is not promised.
        (
            &["register", "--out", "p.toml", "--seeds", "1000001"],
            "no whole number from 1 to 1000000",
        ),
        (
            &["sweep", "--until", "decided", "--max-seeds", "1000001"],
            "no whole number from 1 to 1000000",
        ),
        (&["sweep", "--jobs", "0"], "no whole number from 1 to 1024"),
        (&["sweep", "--margin", "foo"], "it is no number"),
        (
            &["sweep", "--until", "decided", "--looks", "1,x"],
            "no whole number",
        ),
        (&["compare", "f", "--alpha", "5%"], "it is no number"),
    ];
    for (args, part) in cases {
        let out = initstudy(home.path()).args(args).output().unwrap();
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{message}");
        assert!(message.contains(part), "{args:?}: {message}");
        assert!(message.contains(args[args.len() - 2]), "{message}");
        assert!(
            !message.contains("literal") && !message.contains("-- -3"),
            "{message}"
        );
    }
}
