//! Sentences of a report that depend on how it was asked for: none may say what was not done.

use std::fs;

use crate::{
    printed::flat,
    reporting::{FOUR, of_runs, read, report, small},
    stored,
    sweeps::{initstudy, stderr, sweep},
};

#[test]
fn p_values_that_were_not_adjusted_are_not_called_so() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01", "--adjust", "none"]);
    let text = flat(&read(home.path(), "report.md"));
    assert!(
        text.contains("two one-sided tests, not adjusted either"),
        "{text}"
    );
    for wrong in [
        "adjusted p",
        "adjusted too",
        "adjusted likewise",
        "after adjustment",
    ] {
        assert!(!text.contains(wrong), "{wrong:?} in {text}");
    }
}

#[test]
fn a_test_of_independent_runs_is_told_what_their_seeds_say_against_it() {
    let (home, _) = of_runs(&small(), &["--test", "welch"]);
    let text = flat(&read(home.path(), "report.md"));
    assert!(text.contains("of runs taken as independent"), "{text}");
    assert!(
        text.contains("are not independent, as the tests take them"),
        "{text}"
    );
    let (home, _) = of_runs(&small(), &[]);
    assert!(!read(home.path(), "report.md").contains("are not independent"));
}

#[test]
fn the_interval_beside_a_test_of_ranks_has_its_name() {
    let interval = |test: &str| {
        let (home, _) = of_runs(&small(), &["--test", test]);
        let text = flat(&read(home.path(), "report.md"));
        let named = text.contains("points, 95 % paired t interval");
        assert_ne!(
            named,
            text.contains("points, 95 % interval"),
            "{test}: {text}"
        );
        named
    };
    for test in ["wilcoxon", "nemenyi", "max-t"] {
        assert!(interval(test), "{test}");
    }
    for test in ["paired-t", "tukey-blocks"] {
        assert!(!interval(test), "{test}");
    }
}

#[test]
fn two_groups_have_the_one_test_of_their_difference() {
    let (home, _) = of_runs(&stored::runs(&FOUR[..2], 6), &[]);
    let text = flat(&read(home.path(), "report.md"));
    assert!(!text.contains("All 2 initializers"), "{text}");
    assert!(!text.contains("Friedman"), "{text}");
}

#[test]
fn methods_say_in_what_the_comparison_is_not_the_registered_one() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let run = |args: &[&str]| {
        let out = initstudy(home).args(args).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
    };
    run(&["register", "--seeds", "4", "--out", "promise.toml"]);
    let out = sweep(
        home,
        &[
            "--seeds",
            "4",
            "--registration",
            "promise.toml",
            "--out",
            "s",
        ],
    );
    assert!(out.status.success(), "{}", stderr(&out));
    let methods = |args: &[&str]| {
        run(&[&["report", "s"], args].concat());
        flat(&fs::read_to_string(home.join("s/report/methods.txt")).unwrap())
    };
    let text = methods(&[]);
    assert!(text.contains("It is the one reported here."), "{text}");
    let text = methods(&["--test", "wilcoxon", "--metric", "test_loss"]);
    assert!(
        text.contains("It is not the one reported here: metric test_accuracy was registered and is not shown; test wilcoxon, registered paired-t."),
        "{text}"
    );
}

#[test]
fn many_undecided_pairs_are_counted_and_left_to_the_table() {
    let names: Vec<String> = (1..=7)
        .map(|i| format!("random_normal(stddev=0.0{i})"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (home, _) = of_runs(&stored::runs(&names, 3), &["--test", "sign-flip"]);
    // Three pairs have no p below 0.25.
    let text = flat(&read(home.path(), "report.md"));
    assert!(text.contains("Undecided: 21 pairs"), "{text}");
    assert!(
        text.contains("The table of differences has each."),
        "{text}"
    );
    assert!(!text.contains("are undecided: a difference"), "{text}");
    let (home, _) = of_runs(&stored::runs(&names[..3], 3), &["--test", "sign-flip"]);
    let text = flat(&read(home.path(), "report.md"));
    assert!(text.contains("are undecided: a difference"), "{text}");
}

#[test]
fn the_shapes_of_a_grid_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let mut runs = Vec::new();
    for (id, hidden) in [
        ("a", vec![]),
        ("b", vec![8]),
        ("c", vec![16, 4]),
        ("d", vec![32]),
    ] {
        for mut run in stored::runs(&FOUR[..1], 3) {
            run.variant.hidden = hidden.clone();
            run.run_id += id;
            runs.push(run);
        }
    }
    stored::store_of_grid(&home.path().join("s"), &runs, "hidden");
    let out = report(home.path(), &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = flat(&read(home.path(), "report.md"));
    let shapes = "with no hidden layer or hidden layers of 8, 16-4 or 32 units (ReLU)";
    assert!(text.contains(shapes), "{text}");
    let variants =
        "every combination of the settings that vary, with the initializer random_normal";
    assert!(text.contains(variants), "{text}");
    assert!(
        text.contains("Accuracy in percent, by variant, on"),
        "{text}"
    );
}
