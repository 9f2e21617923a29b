//! `initstudy sweep --shard`: which runs a part trains, where to, and what it says of itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::sweeps::{initstudy, read_csv, stderr, stdout, sweep};

/// The runs of a part of n: the sweep is of 4 initializers and 6 seeds but for what `args` say.
fn runs_of(home: &Path, shard: &str, args: &[&str]) -> BTreeSet<String> {
    let folder = format!("s/shard-{}", shard.replace('/', "-of-"));
    let all = [&["--shard", shard, "--out", "s"], args].concat();
    let out = sweep(home, &all);
    assert!(out.status.success(), "{}", stderr(&out));
    let rows = read_csv(&home.join(folder).join("runs.csv"));
    rows.into_iter().map(|row| row["run_id"].clone()).collect()
}

#[test]
fn every_run_is_in_exactly_one_shard() {
    let whole = tempfile::tempdir().unwrap();
    sweep(whole.path(), &["--seeds", "6", "--out", "s"]);
    let rows = read_csv(&whole.path().join("s/runs.csv"));
    let all: BTreeSet<String> = rows.into_iter().map(|row| row["run_id"].clone()).collect();
    assert_eq!(all.len(), 24);
    for count in [1, 2, 5] {
        let home = tempfile::tempdir().unwrap();
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for index in 0..count {
            for run in runs_of(home.path(), &format!("{index}/{count}"), &["--seeds", "6"]) {
                *times.entry(run).or_default() += 1;
            }
        }
        assert!(times.values().all(|&times| times == 1), "{times:?}");
        assert!(times.keys().eq(&all), "of {count} shards");
    }
}

#[test]
fn a_run_keeps_its_shard_when_initializers_are_listed_otherwise_and_seeds_are_added() {
    let home = tempfile::tempdir().unwrap();
    let listed = "he_normal,glorot_uniform,random_normal,random_uniform";
    let reversed = "random_uniform,random_normal,glorot_uniform,he_normal,he_uniform";
    let few = runs_of(
        home.path(),
        "1/3",
        &["--initializers", listed, "--seeds", "3"],
    );
    let many = tempfile::tempdir().unwrap();
    let more = runs_of(
        many.path(),
        "1/3",
        &["--initializers", reversed, "--seeds", "6"],
    );
    assert!(!few.is_empty() && few.is_subset(&more) && few != more);
}

#[test]
fn a_shard_says_that_it_is_one_and_compares_nothing() {
    let home = tempfile::tempdir().unwrap();
    let out = sweep(home.path(), &["--seeds", "4", "--shard", "1/2"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.starts_with("Shard 1/2 has its "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    // By default too each shard has a folder of its own.
    let runs = home
        .path()
        .join("results/idx-small-hidden/shard-1-of-2/runs.csv");
    assert!(runs.is_file());
    assert!(runs.with_file_name("epochs.csv").is_file());
    assert!(!runs.with_file_name("comparisons.csv").exists());
}

#[test]
fn a_shard_without_runs_is_done_at_once() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--initializers", "he_normal", "--seeds", "1"];
    let counts: Vec<usize> = (0..3)
        .map(|index| runs_of(home.path(), &format!("{index}/3"), &args).len())
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), 1, "{counts:?}");
}

#[test]
fn what_is_no_shard_is_refused_with_what_to_write() {
    let home = tempfile::tempdir().unwrap();
    let cases = [
        ("3", "write I/N"),
        ("0/0", "write I/N"),
        ("-1/2", "write I/N"),
        ("2/2", "of 2 the last is 1"),
    ];
    for (shard, part) in cases {
        let out = sweep(home.path(), &[&format!("--shard={shard}")]);
        assert_eq!(out.status.code(), Some(2), "{shard}");
        assert!(stderr(&out).contains(part), "{shard}: {}", stderr(&out));
    }
}

#[test]
fn a_shard_does_not_decide_when_the_sweep_has_seen_enough() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--shard", "0/2", "--until", "decided", "--margin", "0.1"];
    let out = sweep(home.path(), &args);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("--until"), "{}", stderr(&out));
}

#[test]
fn the_status_of_parts_tells_damaged_ones_apart_and_numbers_of_parts_too() {
    let home = tempfile::tempdir().unwrap();
    for shard in ["0/2", "0/4", "1/4"] {
        runs_of(home.path(), shard, &["--seeds", "6"]);
    }
    let status = || {
        initstudy(home.path())
            .args(["status", "s"])
            .output()
            .unwrap()
    };
    let out = status();
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    // One of two and two of four.
    assert!(text.contains("Parts that have not begun: 3"), "{text}");
    assert!(
        text.contains("parts of 2 and of 4, which hold the same runs"),
        "{text}"
    );
    let damaged = home.path().join("s/shard-0-of-4/runs.sqlite");
    std::fs::write(damaged, [7; 5000]).unwrap();
    let out = status();
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    assert!(stderr(&out).contains("shard-0-of-4"), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.contains("0/2") && text.contains("1/4"), "{text}");
    let of_it = text.lines().find(|line| line.contains("0/4"));
    assert!(
        of_it.is_some_and(|line| line.contains("not readable")),
        "{text}"
    );
    assert!(text.contains("Parts that have not begun: 3"), "{text}");
}
