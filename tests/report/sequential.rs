//! The report of a sequential sweep: what its looks decided comes first, and everything else says
//! that it does not allow for the looks.

use std::{fs, path::Path};

use rusqlite::Connection;

use crate::{
    printed::{cells_of_page, flat},
    reporting::{assert_compiles, read, report},
    sweeps::{read_csv, stderr, sweep},
};

/// Two initializers that differ by less than the margin, and one that differs by more.
const DECIDED: [&str; 2] = [
    "0.03",
    "random_normal(stddev=1e-6),glorot_uniform,he_uniform",
];

/// Two whose weights a first step makes the same, so that no look has a test of them.
const OPEN: [&str; 2] = [
    "0.1",
    "random_normal(stddev=1e-30),random_normal(stddev=2e-30)",
];

fn until(home: &Path, [margin, initializers]: [&str; 2]) {
    let out = sweep(
        home,
        &[
            "--until",
            "decided",
            "--looks",
            "10,11,30",
            "--metric",
            "test_loss",
            "--margin",
            margin,
            "--initializers",
            initializers,
            "--out",
            "s",
        ],
    );
    assert!(out.status.success(), "{}", stderr(&out));
}

/// The findings of `report.md`, of which the first is the first after the title.
fn findings(home: &Path) -> String {
    let out = report(home, &["--metric", "test_loss"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = read(home, "report.md");
    let (_, after) = text.split_once("\n\n").unwrap();
    flat(after.split("## Tables").next().unwrap())
}

fn change(home: &Path, statements: &str) {
    let store = Connection::open(home.join("s/runs.sqlite")).unwrap();
    store.execute_batch(statements).unwrap();
}

/// As if the sweep had been stopped before a seed's runs.
fn forget_seed(home: &Path, seed: u32) {
    let of_seed = format!("WHERE run_id IN (SELECT run_id FROM runs WHERE seed = {seed})");
    change(
        home,
        &format!(
            "DELETE FROM epochs {of_seed}; DELETE FROM predictions {of_seed};
             DELETE FROM runs WHERE seed = {seed};"
        ),
    );
}

#[test]
fn the_verdicts_of_the_looks_come_first_and_are_those_of_the_sweep() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    until(home, DECIDED);
    let found = findings(home);
    let rows = read_csv(&home.join("s/sequential.csv"));
    let count = |verdict| rows.iter().filter(|row| row["verdict"] == verdict).count();
    let (different, equivalent) = (count("different"), count("equivalent"));
    assert!(different > 0 && equivalent > 0, "{rows:?}");
    let first = format!(
        "- Of 3 pairs, by group-sequential tests of test loss at α = 0.05 over all looks: {different} different, {equivalent} equivalent within 0.03 nats and {} undecided.",
        count("undecided")
    );
    assert!(found.starts_with(&first), "{found}");
    assert!(found.contains("so that they are descriptive"), "{found}");
    let head = format!("Equivalent in test loss by the looks: {equivalent} pair");
    assert!(found.contains(&head), "{found}");
    let forest = read(home, "figures/forest.svg");
    assert!(forest.contains("not adjusted for the looks"), "{forest}");
    let [sweep, report] = ["s/sequential.csv", "s/report/sequential.csv"]
        .map(|path| fs::read_to_string(home.join(path)).unwrap());
    assert_eq!(sweep, report);
    let page = read(home, "report.html");
    let printed = &cells_of_page(&page)[0];
    assert_eq!(printed.len(), rows.len());
    for (index, (cells, row)) in printed.iter().zip(&rows).enumerate() {
        for (cell, name) in [
            (0, "a"),
            (1, "b"),
            (2, "look"),
            (3, "seeds"),
            (10, "verdict"),
        ] {
            assert_eq!(cells[cell], row[name], "{name}");
        }
        let key = format!("data-csv=\"sequential.csv:{}:p_bound\"", index + 2);
        assert!(page.contains(&key), "{key}");
    }
    let document = read(home, "report.tex");
    assert!(document.contains("\\input{sequential}"), "{document}");
    assert_compiles(&home.join("s/report"));
}

#[test]
fn the_methods_name_the_rule_of_the_looks_and_how_many_were_made() {
    let home = tempfile::tempdir().unwrap();
    until(home.path(), OPEN);
    let found = findings(home.path());
    assert!(
        found.contains("Looks made: 3, at 10, 11 and 30 seeds; planned: 3"),
        "{found}"
    );
    assert!(
        found.contains("The last look that was planned left 1 pair undecided."),
        "{found}"
    );
    let methods = flat(&read(home.path(), "methods.txt"));
    for part in [
        "3 looks planned, at 10, 11 and 30 seeds; all of them were made",
        "a margin of ±0.1 nats",
        "α = 0.05 was spent over the looks",
        "(Lan and DeMets 1983)",
        "(O’Brien and Fleming 1979)",
        "not adjusted for the looks",
    ] {
        assert!(methods.contains(part), "no {part:?} in {methods}");
    }
    assert!(!methods.contains("No margin"), "{methods}");
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn a_sweep_that_was_stopped_says_which_look_it_lacks() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    until(home, OPEN);
    forget_seed(home, 20);
    let found = findings(home);
    assert!(
        found.contains("Looks made: 2, at 10 and 11 seeds; planned: 3"),
        "{found}"
    );
    let unfinished = "The sweep is not finished: the look at 30 seeds has not all of its runs, and 1 pair may still be decided.";
    assert!(found.contains(unfinished), "{found}");
    assert_eq!(
        read_csv(&home.join("s/report/sequential.csv"))[0]["look"],
        "2"
    );
    forget_seed(home, 3);
    let found = findings(home);
    assert!(
        found.contains("no pair has been looked at. Looks made: none"),
        "{found}"
    );
    let methods = flat(&read(home, "methods.txt"));
    assert!(methods.contains("none of them was made"), "{methods}");
    assert!(!home.join("s/report/sequential.csv").exists());
}

#[test]
fn a_store_that_does_not_say_how_it_looked_is_reported_without_verdicts_of_looks() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    until(home, DECIDED);
    change(
        home,
        "UPDATE facts SET value = 'half' WHERE key = 'until_alpha'",
    );
    let found = findings(home);
    assert!(
        found.contains("no verdict can be given: what the store says of its looks cannot be read"),
        "{found}"
    );
    change(home, "DELETE FROM facts WHERE key LIKE 'until_%'");
    let found = findings(home);
    let why = "the store does not say its looks, margin and alpha";
    assert!(found.contains(why), "{found}");
    let methods = flat(&read(home, "methods.txt"));
    assert!(methods.contains(why), "{methods}");
    assert!(!methods.contains("No margin"), "{methods}");
    assert!(!home.join("s/report/sequential.csv").exists());
}

#[test]
fn seeds_that_no_look_asked_for_are_told() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    until(home, DECIDED);
    let further = "There are runs of further seeds, which no look has.";
    findings(home);
    assert!(!flat(&read(home, "methods.txt")).contains(further));
    let seeds = ["--seeds", "40", "--initializers", DECIDED[1], "--out", "s"];
    let out = sweep(home, &seeds);
    assert!(out.status.success(), "{}", stderr(&out));
    findings(home);
    let methods = flat(&read(home, "methods.txt"));
    assert!(methods.contains(further), "{methods}");
}
