//! Folders of a sweep's shards, and merging them.

use std::{collections::BTreeMap, fs, path::Path, process::Output};

use rusqlite::Connection;

use crate::sweeps::{initstudy, stderr, stdout, sweep};

/// The CSV files of a folder.
pub const FILES: [&str; 4] = ["runs.csv", "epochs.csv", "summary.csv", "comparisons.csv"];

/// A sweep in three shards, in `s/shard-0-of-3` and so on.
pub fn three_shards(home: &Path) {
    for shard in ["0/3", "1/3", "2/3"] {
        let args = ["--seeds", "4", "--out", "s", "--shard", shard];
        let out = sweep(home, &args);
        assert!(out.status.success(), "{}", stderr(&out));
    }
}

/// The folder of a shard.
pub fn shard(index: usize) -> String {
    format!("s/shard-{index}-of-3")
}

/// Merges into the first of the folders.
pub fn merge(home: &Path, folders: &[&str]) -> Output {
    initstudy(home).arg("merge").args(folders).output().unwrap()
}

/// A merge that is done, with runs of the sweep left to be merged or without.
pub fn merged(home: &Path, folders: &[&str]) -> String {
    let out = merge(home, folders);
    let is_part = out.status.code() == Some(75) && stderr(&out).contains(" runs are missing");
    assert!(out.status.success() || is_part, "{}", stderr(&out));
    stdout(&out)
}

/// A refusal in one sentence that has every one of `parts`, after which `out` is as it was.
pub fn refused(home: &Path, folders: &[&str], code: i32, parts: &[&str]) {
    let before = files(&home.join(folders[0]));
    let inputs: Vec<_> = folders[1..].iter().map(|f| files(&home.join(f))).collect();
    let out = merge(home, folders);
    let text = stderr(&out);
    assert_eq!(out.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(before == files(&home.join(folders[0])), "{text}");
    let after: Vec<_> = folders[1..].iter().map(|f| files(&home.join(f))).collect();
    assert!(inputs == after, "an input was changed: {text}");
}

/// Every file of a folder with its bytes, but for the lock's, which stays behind; none where there is
/// no folder.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let named = entries.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap_or_default())
    });
    named.filter(|(name, _)| name != ".lock").collect()
}

pub fn csv_files(folder: &Path) -> Vec<String> {
    let read = |file| fs::read_to_string(folder.join(file)).unwrap();
    FILES.map(read).to_vec()
}

/// A copy of a folder, so that it can be spoilt.
pub fn copy(home: &Path, from: &str, to: &str) {
    fs::create_dir_all(home.join(to)).unwrap();
    for entry in fs::read_dir(home.join(from)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, home.join(to).join(path.file_name().unwrap())).unwrap();
    }
}

pub fn store(home: &Path, folder: &str) -> Connection {
    Connection::open(home.join(folder).join("runs.sqlite")).unwrap()
}

/// Runs SQL on the store of a folder.
pub fn sql(home: &Path, folder: &str, text: &str) {
    let store = store(home, folder);
    store.execute_batch(text).unwrap();
    // As a store of before there were checksums: what is changed here is meant.
    for table in ["runs", "predictions"] {
        let without = format!("UPDATE {table} SET checksum = NULL");
        // What is no store, on purpose, has none.
        let _ = store.execute(&without, []);
    }
}

pub fn number(home: &Path, folder: &str, query: &str) -> i64 {
    let store = store(home, folder);
    store.query_row(query, [], |row| row.get(0)).unwrap()
}

/// Identity, initializer and seed of a shard's first run.
pub fn first_run(home: &Path, folder: &str) -> (String, String, i64) {
    let query = "SELECT run_id, initializer, seed FROM runs ORDER BY run_id LIMIT 1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    store(home, folder).query_row(query, [], row).unwrap()
}
