//! Sweeps that are killed, or asked to stop, at random moments: every run that anybody saw in the
//! store stays there, and the results are those of a sweep that nobody disturbed.
//!
//! With the feature `long-tests`, 200 kills and 60 of each signal; else 12 and 4.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::sweeps::{self, Random, committed, results, signal, stderr, sweep};
use study::store::Store;

const KILLS: usize = if cfg!(feature = "long-tests") {
    200
} else {
    12
};
const SIGNALS: usize = if cfg!(feature = "long-tests") { 60 } else { 4 };

const ARGS: [&str; 6] = ["--seeds", "4", "--epochs", "300", "--out", "s"];

/// A sweep that nobody disturbs, and how long it takes.
fn undisturbed() -> (BTreeMap<String, String>, Duration) {
    let home = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let out = sweep(home.path(), &ARGS);
    assert!(out.status.success(), "{}", stderr(&out));
    (results(&home.path().join("s")), start.elapsed())
}

/// Starts sweeps and ends each at a random moment by `signals`, until `count` were caught at work;
/// one that comes to its end is compared, and another begun in a new folder. How they ended.
fn disturb(count: usize, seed: u64, signals: &[&str]) -> Vec<ExitStatus> {
    let (wanted, duration) = undisturbed();
    let mut random = Random(seed);
    let mut ends = Vec::new();
    let (mut folders, mut seen_in_all) = (0, 0);
    while ends.len() < count {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("s");
        let mut seen = BTreeSet::new();
        loop {
            let delay = random.below(duration.as_micros() as u64 / 2);
            let end = Instant::now() + Duration::from_micros(delay);
            let mut child = sweeps::command(home.path(), &ARGS)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            while Instant::now() < end {
                seen.extend(committed(&folder));
                thread::sleep(Duration::from_millis(2));
            }
            let was_at_work = child.try_wait().unwrap().is_none();
            for name in signals.iter().filter(|_| was_at_work) {
                signal(&child, name);
            }
            let status = child.wait().unwrap();
            // One that came to its end by itself in this instant was not caught.
            if was_at_work && !status.success() {
                ends.push(status);
            }
            check(&folder, &seen, &wanted);
            if ends.len() == count || seen.len() == wanted.len() && !was_at_work {
                break;
            }
        }
        let out = sweep(home.path(), &ARGS);
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(results(&folder), wanted);
        folders += 1;
        seen_in_all += seen.len();
    }
    eprintln!(
        "{count} sweeps ended by {signals:?} in {folders} folders, {seen_in_all} runs seen before"
    );
    ends
}

/// That what is in the store now includes what was seen there, and is as it should be.
fn check(folder: &Path, seen: &BTreeSet<String>, wanted: &BTreeMap<String, String>) {
    if !folder.join("runs.sqlite").exists() {
        assert!(seen.is_empty());
        return;
    }
    // What a person does next: look, which undoes what was half written. Before the first
    // transaction there is nothing to look at.
    match Store::open_existing(folder) {
        Ok(store) => drop(store.runs().unwrap()),
        Err(_) if seen.is_empty() => return,
        Err(error) => panic!("{error}"),
    }
    let there = results(folder);
    for run in seen {
        assert!(there.contains_key(run), "{run} was lost");
    }
    assert!(there.iter().all(|(run, found)| wanted[run] == *found));
}

#[test]
fn a_sweep_killed_at_random_moments_loses_no_run_that_was_seen_and_repeats_none() {
    for status in disturb(KILLS, 1, &["-KILL"]) {
        assert_eq!(status.signal(), Some(9));
    }
}

/// 75, but at the very beginning, when nobody listens yet. That it is 75 later is for
/// `interrupted.rs`.
fn assert_interrupted(ends: &[ExitStatus], signal: i32) {
    for end in ends {
        let expected = end.code() == Some(75) || end.signal() == Some(signal);
        assert!(expected, "{end}");
    }
}

#[test]
fn a_sweep_asked_to_stop_at_random_moments_loses_nothing_and_says_75() {
    assert_interrupted(&disturb(SIGNALS, 2, &["-TERM"]), 15);
    assert_interrupted(&disturb(SIGNALS, 3, &["-INT"]), 2);
}

#[test]
fn a_second_ctrl_c_ends_the_sweep_at_once_and_loses_nothing() {
    assert_interrupted(&disturb(SIGNALS, 4, &["-INT", "-INT"]), 2);
}
