//! Stores that were cut short, flipped, emptied, replaced, or left in the middle of a write: what is
//! read is what was written, or one sentence says why not; and the sweep goes on from there.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use crate::sweeps::{self, Random, initstudy, results, stderr, sweep};
use rusqlite::Connection;
use study::{
    record::RunRecord,
    store::{Store, StoreError},
};
use tempfile::TempDir;

const FLIPPED: usize = if cfg!(feature = "long-tests") {
    5000
} else {
    500
};
const SWEPT: usize = if cfg!(feature = "long-tests") {
    400
} else {
    30
};

const ARGS: [&str; 7] = ["--seeds", "3", "--epochs", "4", "--quiet", "--out", "s"];

/// Everything that is read from a store.
#[derive(Debug, PartialEq)]
struct Content {
    runs: Vec<RunRecord>,
    predictions: HashMap<String, Vec<u8>>,
    labels: Option<Vec<u8>>,
}

fn read(folder: &Path) -> Result<Content, StoreError> {
    let store = Store::open_existing(folder)?;
    Ok(Content {
        runs: store.runs()?,
        predictions: store.predictions()?,
        labels: store.test_labels()?,
    })
}

/// A finished sweep, its store byte by byte, and what is in it.
struct Finished {
    home: TempDir,
    bytes: Vec<u8>,
    content: Content,
    results: BTreeMap<String, String>,
}

impl Finished {
    fn sweep() -> Self {
        Self::sweep_of(ARGS[1])
    }

    fn sweep_of(seeds: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let args = [&["--seeds", seeds], &ARGS[2..]].concat();
        let out = sweep(home.path(), &args);
        assert!(out.status.success(), "{}", stderr(&out));
        let folder = home.path().join("s");
        let content = read(&folder).unwrap();
        assert_eq!(content.runs.len(), content.predictions.len());
        Self {
            bytes: fs::read(folder.join("runs.sqlite")).unwrap(),
            content,
            results: results(&folder),
            home,
        }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("s")
    }

    /// Puts other bytes in the store's place.
    fn replace(&self, bytes: &[u8]) {
        let _ = fs::remove_file(self.folder().join("runs.sqlite-journal"));
        fs::write(self.folder().join("runs.sqlite"), bytes).unwrap();
    }

    /// That the sweep, given once more, says one sentence and leaves the store, or makes it whole.
    /// Whether it made it whole.
    fn sweeps_again_or_refuses(&self, bytes: &[u8]) -> bool {
        self.replace(bytes);
        let out = sweep(self.home.path(), &ARGS);
        let message = stderr(&out);
        match out.status.code() {
            Some(0) => assert_eq!(results(&self.folder()), self.results),
            Some(1 | 2) => assert_sentence(&message),
            _ => panic!("{}: {message}", out.status),
        }
        out.status.success()
    }
}

fn assert_sentence(message: &str) {
    assert!(
        message.contains("runs.sqlite") || message.contains("s holds a sweep"),
        "{message}"
    );
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
}

/// Turns 1 to 4 bits over: of the header, of the first pages, or anywhere.
fn flip(bytes: &mut [u8], random: &mut Random) {
    let limit = [100, 8192, bytes.len()][random.below(3) as usize].min(bytes.len());
    for _ in 0..=random.below(4) {
        bytes[random.below(limit as u64) as usize] ^= 1 << random.below(8);
    }
}

#[test]
fn flipped_bits_are_refused_or_change_nothing_that_is_read() {
    let finished = Finished::sweep();
    let mut random = Random(5);
    let mut refused = 0;
    for case in 0..FLIPPED {
        let mut bytes = finished.bytes.clone();
        flip(&mut bytes, &mut random);
        finished.replace(&bytes);
        match read(&finished.folder()) {
            Ok(content) => assert!(content == finished.content, "case {case}"),
            Err(error) => {
                assert_sentence(&error.to_string());
                refused += 1;
            }
        }
    }
    eprintln!("{refused} of {FLIPPED} stores with flipped bits were refused, the others the same");
    assert!(refused > FLIPPED / 10);
}

#[test]
fn a_sweep_over_flipped_bits_ends_with_what_it_would_have_found_or_a_sentence() {
    let finished = Finished::sweep();
    let mut random = Random(6);
    let mut whole = 0;
    for _ in 0..SWEPT {
        let mut bytes = finished.bytes.clone();
        flip(&mut bytes, &mut random);
        whole += usize::from(finished.sweeps_again_or_refuses(&bytes));
    }
    eprintln!("{whole} of {SWEPT} sweeps over flipped bits ended whole, the others refused");
}

#[test]
fn a_truncated_store_is_refused_at_every_length() {
    let finished = Finished::sweep();
    let mut random = Random(7);
    let whole = finished.bytes.len() as u64;
    let pages = (1..whole / 4096).map(|page| page * 4096);
    let anywhere = (0..200).map(|_| 1 + random.below(whole - 1));
    for length in pages.chain(anywhere).chain([1, 15, 16, 99, 100, whole - 1]) {
        finished.replace(&finished.bytes[..length as usize]);
        let error = read(&finished.folder()).expect_err("a part of a store");
        assert_sentence(&error.to_string());
    }
    for length in [1, 99, 4096, 5000, whole - 1] {
        assert!(!finished.sweeps_again_or_refuses(&finished.bytes[..length as usize]));
    }
}

#[test]
fn a_result_that_was_changed_is_named_and_trained_again() {
    let finished = Finished::sweep();
    let loss = finished.content.runs[5].test_loss.unwrap().to_be_bytes();
    let run = &finished.content.runs[7].run_id;
    let classes = &finished.content.predictions[run];
    let places = [loss.as_slice(), classes.as_slice()].map(|part| {
        let mut windows = finished.bytes.windows(part.len());
        windows.position(|window| window == part).unwrap()
    });
    let changed = [&finished.content.runs[5].run_id, run];
    for (place, run_id) in places.into_iter().zip(changed) {
        let mut bytes = finished.bytes.clone();
        bytes[place + 7] ^= 1;
        finished.replace(&bytes);
        let analyze = || {
            initstudy(finished.home.path())
                .args(["analyze", "s"])
                .output()
                .unwrap()
        };
        let out = analyze();
        assert_eq!(out.status.code(), Some(1));
        assert_sentence(&stderr(&out));
        assert!(
            stderr(&out).contains("was damaged: 1 of its"),
            "{}",
            stderr(&out)
        );
        let merge = ["merge", "merged", "s"];
        let merge = initstudy(finished.home.path())
            .args(merge)
            .output()
            .unwrap();
        assert_eq!(merge.status.code(), Some(1));
        assert!(stderr(&merge).contains(run_id), "{}", stderr(&merge));
        let out = sweep(finished.home.path(), &ARGS);
        assert!(out.status.success());
        assert!(
            stderr(&out).contains("taken out of s/runs.sqlite: 1"),
            "{}",
            stderr(&out)
        );
        assert_eq!(results(&finished.folder()), finished.results);
        assert!(analyze().status.success());
    }
}

#[test]
fn a_changed_checksum_costs_the_run_that_it_is_of() {
    let finished = Finished::sweep();
    let home = finished.home.path();
    for table in ["runs", "predictions"] {
        finished.replace(&finished.bytes);
        let store = Connection::open(finished.folder().join("runs.sqlite")).unwrap();
        // Bit 32: a CRC-32 has none.
        let change = format!(
            "UPDATE {table} SET checksum = checksum + 4294967296
             WHERE run_id = (SELECT min(run_id) FROM runs)"
        );
        assert_eq!(store.execute(&change, []), Ok(1));
        drop(store);
        let out = initstudy(home).args(["analyze", "s"]).output().unwrap();
        assert_eq!(out.status.code(), Some(1));
        let says = format!("was damaged: 1 of its {table}");
        assert!(stderr(&out).contains(&says), "{}", stderr(&out));
        let merge = ["merge", table, "s", "--salvage"];
        let out = initstudy(home).args(merge).output().unwrap();
        assert_eq!(out.status.code(), Some(75), "{}", stderr(&out));
        assert_eq!(results(&home.join(table)).len(), finished.results.len() - 1);
        let out = sweep(home, &ARGS);
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(results(&finished.folder()), finished.results);
    }
}

#[test]
fn a_dry_run_makes_no_time_of_seconds_that_are_none() {
    let finished = Finished::sweep();
    for seconds in ["-1", "1e300"] {
        let store = Connection::open(finished.folder().join("runs.sqlite")).unwrap();
        let change = format!("UPDATE runs SET seconds = {seconds}");
        assert!(store.execute(&change, []).unwrap() > 0);
        drop(store);
        let args = [&["--dry-run", "--seeds", "5"], &ARGS[2..]].concat();
        let out = sweep(finished.home.path(), &args);
        assert!(out.status.success(), "{seconds}: {}", stderr(&out));
        let text = sweeps::stdout(&out);
        assert!(
            text.contains("a time that the store does not tell"),
            "{text}"
        );
    }
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let finished = Finished::sweep();
    let store = Connection::open(finished.folder().join("runs.sqlite")).unwrap();
    store.pragma_update(None, "user_version", 9).unwrap();
    drop(store);
    let before = fs::read(finished.folder().join("runs.sqlite")).unwrap();
    let looks = [["status", "s"], ["analyze", "s"]];
    let looks = looks.map(|args| initstudy(finished.home.path()).args(args).output().unwrap());
    for out in looks
        .into_iter()
        .chain([sweep(finished.home.path(), &ARGS)])
    {
        assert_eq!(out.status.code(), Some(1));
        assert!(
            stderr(&out).contains("is a store of version 9"),
            "{}",
            stderr(&out)
        );
    }
    assert_eq!(
        before,
        fs::read(finished.folder().join("runs.sqlite")).unwrap()
    );
}

#[test]
fn a_store_that_is_gone_while_its_csv_files_are_there_is_not_begun_anew() {
    let finished = Finished::sweep();
    let csv = fs::read(finished.folder().join("runs.csv")).unwrap();
    let store = finished.folder().join("runs.sqlite");
    let refused = || {
        let out = sweep(finished.home.path(), &ARGS);
        assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
        assert_sentence(&stderr(&out));
        stderr(&out)
    };
    fs::write(&store, []).unwrap();
    assert!(refused().contains("runs.csv beside it tells of runs"));
    fs::remove_file(&store).unwrap();
    assert!(refused().contains("runs.csv beside it tells of runs"));
    fs::create_dir(&store).unwrap();
    assert!(refused().contains("is no file"));
    assert!(
        read(&finished.folder())
            .unwrap_err()
            .to_string()
            .contains("is no file")
    );
    assert_eq!(csv, fs::read(finished.folder().join("runs.csv")).unwrap());
    // The way out that it names: all of the CSV files moved away, and not the first alone.
    fs::remove_dir(&store).unwrap();
    fs::remove_file(finished.folder().join("runs.csv")).unwrap();
    let out = sweep(finished.home.path(), &ARGS);
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    let names = ["epochs.csv", "summary.csv", "comparisons.csv"];
    assert!(stderr(&out).contains(&names.join(", ")), "{}", stderr(&out));
    for name in names {
        fs::remove_file(finished.folder().join(name)).unwrap();
    }
    let out = sweep(finished.home.path(), &ARGS);
    assert!(out.status.success(), "{}", stderr(&out));
}

#[test]
fn a_write_that_was_cut_off_is_undone_by_whoever_looks_first() {
    let finished = Finished::sweep();
    for args in [["analyze", "cut-off"], ["status", "cut-off"]] {
        let folder = finished.home.path().join("cut-off");
        sweeps::copy_cut_off(&finished.folder(), &folder);
        let out = initstudy(finished.home.path()).args(args).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(read(&folder).unwrap(), finished.content);
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn what_can_be_read_of_a_damaged_store_is_salvaged_and_the_sweep_trains_the_rest() {
    let finished = Finished::sweep_of("30");
    let mut random = Random(8);
    let mut saved = Vec::new();
    for case in 0..20 {
        let mut bytes = finished.bytes.clone();
        // Not the first page, without which nothing tells where the tables are.
        let page = 1 + random.below(bytes.len() as u64 / 4096 - 1) as usize;
        bytes[page * 4096..(page + 1) * 4096].fill(0);
        finished.replace(&bytes);
        let new = format!("new{case}");
        let merge = ["merge", &new, "s", "--salvage"];
        let home = finished.home.path();
        let out = initstudy(home).args(merge).output().unwrap();
        // What is lost is missing, and said to be.
        let is_done = [Some(0), Some(75)].contains(&out.status.code());
        assert!(is_done, "page {page}: {}", stderr(&out));
        let kept = results(&home.join(&new));
        assert!(
            kept.iter()
                .all(|(run, found)| finished.results[run] == *found)
        );
        saved.push(kept.len());
        let out = sweep(home, &["--seeds", "30", "--epochs", "4", "--out", &new]);
        assert!(out.status.success(), "page {page}: {}", stderr(&out));
        assert_eq!(results(&home.join(&new)), finished.results);
    }
    eprintln!("of 120 runs were saved: {saved:?}");
    assert!(saved.iter().sum::<usize>() > 20 * 60);
}
