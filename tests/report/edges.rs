//! `initstudy report` of few runs, of runs that diverged, and of values that are all alike.

use crate::printed::{cells_of_page, flat};
use crate::reporting::{FOUR, assert_compiles, of_runs, read, report, test_cell};
use crate::stored;
use crate::sweeps::{read_csv, stderr, stdout};

#[test]
fn one_initializer_has_a_table_and_nothing_to_compare() {
    let (home, text) = of_runs(&stored::runs(&FOUR[..1], 8), &[]);
    assert!(
        flat(&text).contains("nothing to compare: the folder holds one initializer"),
        "{text}"
    );
    assert!(
        flat(&text).contains("No test compares it with another"),
        "{text}"
    );
    assert!(!text.contains('*'), "nobody leads alone: {text}");
    assert!(!home.path().join("s/report/comparisons.tex").exists());
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn two_seeds_have_intervals_and_one_has_none() {
    let (home, text) = of_runs(&stored::runs(&FOUR, 2), &["--margin", "0.01"]);
    assert!(flat(&text).contains("n = 2 seeds each"), "{text}");
    assert!(text.contains(" ± "), "{text}");
    assert_compiles(&home.path().join("s/report"));
    let (home, text) = of_runs(&stored::runs(&FOUR, 1), &["--margin", "0.01"]);
    assert!(
        flat(&text).contains("no interval of the mean: needs 2 values, has 1 (training accuracy"),
        "{text}"
    );
    assert!(flat(&text).contains("Without a test: 6 pairs"), "{text}");
    let table = text.split("Findings").next().unwrap();
    assert!(!table.contains(" ± ") && !table.contains('*'), "{table}");
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn runs_that_diverged_are_counted_and_a_group_without_others_stays() {
    let mut runs = stored::runs(&FOUR, 6);
    for run in &mut runs[6..12] {
        *run = stored::diverged(run.clone());
    }
    let (home, text) = of_runs(&runs, &["--margin", "0.01"]);
    assert!(
        flat(&text).contains("no mean: needs 1 value, has 0"),
        "{text}"
    );
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains(
            "6 of the 24 runs diverged, a loss being no finite number: 6 of random_uniform"
        ),
        "{methods}"
    );
    let rows = &cells_of_page(&read(home.path(), "report.html"))[0];
    assert_eq!(rows[1], ["random_uniform", "0", "6", "", "", "", "", ""]);
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn a_group_that_was_not_tested_against_the_best_is_neither_marked_nor_called_worse() {
    let mut runs = stored::runs(&FOUR, 6);
    for seed in 0..6 {
        // Sums of few powers of two: the differences are one number, to the last bit.
        let accuracy = 0.96875 + seed as f64 / 1024.0;
        runs[seed].test_accuracy = Some(accuracy);
        runs[18 + seed].test_accuracy = Some(accuracy + 0.015_625);
    }
    let (home, text) = of_runs(&runs, &[]);
    let text = flat(&text);
    assert!(text.contains("is that of he_normal: "), "{text}");
    assert!(
        text.contains(
            "every initializer tested against it is significantly lower; not tested: random_normal."
        ),
        "{text}"
    );
    assert!(
        text.contains("not tested against the best, and so neither: random_normal (test)."),
        "{text}"
    );
    assert!(
        text.contains(
            "no letters: a pair with it has no test (test accuracy, random_normal, he_normal)"
        ),
        "{text}"
    );
    let cells = FOUR.map(|label| test_cell(home.path(), label));
    for (cell, (bold, letter)) in
        cells
            .iter()
            .zip([(false, false), (false, true), (false, true), (true, false)])
    {
        assert_eq!(cell.contains("**"), bold, "{cells:?}");
        assert_eq!(cell.contains("<sup>"), letter, "{cells:?}");
    }
}

#[test]
fn groups_of_one_mean_share_the_lead() {
    let mut runs = stored::runs(&FOUR, 6);
    for seed in 0..6 {
        runs[18 + seed].test_accuracy = Some(0.98 + 0.001 * seed as f64);
        runs[seed].test_accuracy = runs[18 + seed].test_accuracy;
    }
    let (home, text) = of_runs(&runs, &[]);
    let text = flat(&text);
    assert!(
        text.contains("The highest mean test accuracy is shared by random_normal and he_normal: 98.25 %, and their runs are identical, seed by seed; every initializer tested against it is significantly lower."),
        "{text}"
    );
    for label in [FOUR[0], FOUR[3]] {
        assert!(test_cell(home.path(), label).contains("**"));
    }
}

#[test]
fn pairs_that_are_both_equivalent_and_different_are_counted_as_such() {
    let (home, text) = of_runs(&stored::runs(&FOUR, 12), &["--margin", "0.5"]);
    let text = flat(&text);
    assert!(
        text.contains("Of 6 pairs: 0 different, 6 equivalent within 50 points (3 of them also significantly different) and 0 undecided."),
        "{text}"
    );
    assert!(text.contains("This takes precedence"), "{text}");
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("equivalence takes precedence"),
        "{methods}"
    );
}

#[test]
fn few_pairs_are_resampled_with_a_caution_and_fewer_not_at_all() {
    let (home, text) = of_runs(&stored::runs(&FOUR, 6), &["--test", "welch"]);
    let text = flat(&text);
    let caution = "under 20 pairs of runs the intervals over new seeds, and over both, cover less often than stated";
    assert!(
        text.contains(&format!(
            "Runs are paired by seed here, unlike in the comparisons, which take them for independent. Caution: {caution}."
        )),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "- intervals over new seeds and test images: {caution} (test accuracy, every pair)"
        )),
        "{text}"
    );
    let rows = read_csv(&home.path().join("s/report/crossed.csv"));
    assert!(rows.iter().all(|row| row["note"].contains(caution)));
    let (home, text) = of_runs(&stored::runs(&FOUR, 4), &[]);
    assert!(
        flat(&text).contains(
            "no intervals over new test images: 4 pairs of runs are too few to resample, it takes 5"
        ),
        "{text}"
    );
    assert!(!home.path().join("s/report/crossed.tex").exists());
    let (_home, text) = of_runs(&stored::runs(&FOUR, 20), &[]);
    assert!(!text.contains("Caution"), "{text}");
}

#[test]
fn a_constant_metric_is_said_to_be_one() {
    let mut runs = stored::runs(&FOUR, 5);
    for run in &mut runs {
        run.test_accuracy = Some(0.95);
    }
    let (home, text) = of_runs(&runs, &["--margin", "0.01"]);
    assert!(
        flat(&text)
            .contains("no test: all paired differences are zero (test accuracy, every pair;"),
        "{text}"
    );
    assert!(flat(&text).contains("Without a test: 6 pairs"), "{text}");
    assert!(
        flat(&text).contains("All 4 initializers have one mean test accuracy: 95.00 %, and their runs are identical, seed by seed. No test"),
        "{text}"
    );
    assert!(!test_cell(home.path(), FOUR[0]).contains("**"));
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn fifteen_initializers_of_two_hundred_seeds_fill_pages_and_have_their_intervals_over_images() {
    let labels: Vec<String> = (1..=15)
        .map(|i| format!("random_normal(stddev={})", f64::from(i) / 100.0))
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let images = 100;
    let mut runs = stored::runs(&labels, 200);
    for run in &mut runs {
        let of_images = |accuracy: f64| (accuracy * images as f64).round() / images as f64;
        run.test_accuracy = run.test_accuracy.map(of_images);
    }
    let home = tempfile::tempdir().unwrap();
    stored::store_of_images(&home.path().join("s"), &runs, images);
    let out = report(home.path(), &["--margin", "0.001"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let said = flat(&stdout(&out));
    assert!(
        !said.contains("no intervals over new test images"),
        "{said}"
    );
    let pages = cells_of_page(&read(home.path(), "report.html"));
    assert_eq!((pages[0].len(), pages[1].len()), (15, 105));
    assert!(read(home.path(), "comparisons.tex").contains("\\begin{longtable}"));
    assert_compiles(&home.path().join("s/report"));
    let crossed = read_csv(&home.path().join("s/report/crossed.csv"));
    let mut compared = read_csv(&home.path().join("s/report/comparisons.csv"));
    compared.retain(|pair| pair["metric"] == "test_accuracy");
    assert_eq!((crossed.len(), compared.len()), (105, 105));
    for (pair, of_runs) in crossed.iter().zip(&compared) {
        assert_eq!((&pair["a"], &pair["b"]), (&of_runs["a"], &of_runs["b"]));
        let number = |column: &str| pair[column].parse::<f64>().unwrap();
        let difference = number("difference");
        // The images that are right are as many as the accuracy says.
        let of_runs: f64 = of_runs["difference"].parse().unwrap();
        assert!((difference - of_runs).abs() < 1e-12, "{pair:?}");
        for over in ["seeds", "images", "both"] {
            let (low, high) = (
                number(&format!("{over}_low")),
                number(&format!("{over}_high")),
            );
            assert!(low <= difference && difference <= high, "{over}: {pair:?}");
        }
    }
}

#[test]
fn methods_tell_and_cite_nothing_that_did_not_happen() {
    let (home, _) = of_runs(&stored::runs(&FOUR[..1], 1), &["--margin", "0.01"]);
    let methods = read(home.path(), "methods.txt");
    for absent in [
        "interval (",
        "t intervals",
        "Letters",
        "make a pair",
        "  A",
        "  T",
        "None of the 1",
    ] {
        assert!(!flat(&methods).contains(absent), "{absent}: {methods}");
    }
    assert!(
        flat(&methods).contains("The run did not diverge."),
        "{methods}"
    );
    assert!(
        !methods.lines().any(|line| line.trim_start().contains("  ")),
        "{methods}"
    );
    assert!(methods.contains("β₁\u{a0}=\u{a0}0.9"), "{methods}");
    for absent in ["student1908", "piepho2004", "schuirmann1987", "hedges1981"] {
        assert!(
            !read(home.path(), "references.bib").contains(absent),
            "{absent}"
        );
    }
    let mut runs = stored::runs(&FOUR, 3);
    for run in &mut runs {
        *run = stored::diverged(run.clone());
    }
    let (home, text) = of_runs(&runs, &["--margin", "0.01"]);
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("No pair of initializers could be tested"),
        "{methods}"
    );
    let text = flat(&text);
    for absent in ["0 to 0", "one seed gives", "unknown points", "1 values"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(
        text.contains("no mean, as no run that finished has a value; n = 0 seeds"),
        "{text}"
    );
}
