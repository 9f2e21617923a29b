//! Stores that were cut short, flipped, emptied or replaced: what is read is what was written, or one
//! sentence says why not.

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

pub const ARGS: [&str; 7] = ["--seeds", "3", "--epochs", "4", "--quiet", "--out", "s"];

/// Everything that is read from a store.
#[derive(Debug, PartialEq)]
pub struct Content {
    pub runs: Vec<RunRecord>,
    pub predictions: HashMap<String, Vec<u8>>,
    pub labels: Option<Vec<u8>>,
}

pub fn read(folder: &Path) -> Result<Content, StoreError> {
    let store = Store::open_existing(folder)?;
    Ok(Content {
        runs: store.runs()?,
        predictions: store.predictions()?,
        labels: store.test_labels()?,
    })
}

/// A finished sweep, its store byte by byte, and what is in it.
pub struct Finished {
    pub home: TempDir,
    pub bytes: Vec<u8>,
    pub content: Content,
    pub results: BTreeMap<String, String>,
}

impl Finished {
    pub fn sweep() -> Self {
        Self::sweep_of(ARGS[1])
    }

    pub fn sweep_of(seeds: &str) -> Self {
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

    pub fn folder(&self) -> PathBuf {
        self.home.path().join("s")
    }

    /// Puts other bytes in the store's place.
    pub fn replace(&self, bytes: &[u8]) {
        let _ = fs::remove_file(self.folder().join("runs.sqlite-journal"));
        fs::write(self.folder().join("runs.sqlite"), bytes).unwrap();
    }

    /// That the sweep, given once more, says one sentence and leaves the store, or makes it whole.
    /// Whether it made it whole.
    pub fn sweeps_again_or_refuses(&self, bytes: &[u8]) -> bool {
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

pub fn assert_sentence(message: &str) {
    assert!(
        message.contains("runs.sqlite") || message.contains("s holds a sweep"),
        "{message}"
    );
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
}

/// Turns 1 to 4 bits over: of the header, of the first pages, or anywhere.
pub fn flip(bytes: &mut [u8], random: &mut Random) {
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
