//! Several stores into one: all of their runs or, where two disagree, none.
//!
//! Merging is idempotent, and the order of the stores changes nothing that is kept: runs are a set,
//! facts are equal or joined by a minimum or maximum. One transaction takes in all stores, which are
//! open one at a time, so that neither handles nor memory grow with their number.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use rusqlite::{Connection, Params, Transaction, params};

use super::{STORE_FILE, Store, StoreError, lock, schema};

mod error;
mod rows;

pub use error::MergeError;
use rows::Rows;

/// The tables that a run has rows in, all with its `run_id`; `runs` first, which the others refer to.
const TABLES: [&str; 3] = ["runs", "epochs", "predictions"];

/// Pages that SQLite may keep in memory, in KiB: run identities are scattered over the whole table.
const CACHE_KIB: i64 = 64 * 1024;

/// What a merge came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Stores that were read.
    pub stores: usize,
    /// Runs that were added.
    pub added: usize,
    /// Runs that were met again, the same.
    pub known: usize,
}

impl Store {
    /// Adds every run of the stores in `inputs`, which are only read, to the store in `out`, which is
    /// made where there is none. Where `stop` turns true, nothing is added.
    ///
    /// # Errors
    /// If a store cannot be read or written, is of another study, or has another result of a run;
    /// nothing is added then.
    pub fn merge(
        out: &Path,
        inputs: &[PathBuf],
        stop: &AtomicBool,
    ) -> Result<(Self, Merged), MergeError> {
        let inputs = distinct(out, inputs)?;
        let made = Made::before(out);
        let merged = Self::open_undeclared(out).map_err(MergeError::from);
        let merged = merged.and_then(|mut store| {
            let merged = store.take_in(out, &inputs, stop)?;
            Ok((store, merged))
        });
        if merged.is_err() {
            made.undo(out);
        }
        merged
    }

    fn take_in(
        &mut self,
        out: &Path,
        inputs: &[&Path],
        stop: &AtomicBool,
    ) -> Result<Merged, MergeError> {
        let path = self.path.clone();
        let failed = |source| schema::sqlite_error(&path, source);
        let connection = &mut self.connection;
        connection
            .pragma_update(None, "cache_size", -CACHE_KIB)
            .map_err(failed)?;
        let mut merge = Merge {
            into: connection.transaction().map_err(failed)?,
            path: &path,
            out,
            earlier: &[],
            has_runs: false,
        };
        merge.has_runs = merge.in_out(count_runs)? > 0;
        if !merge.has_runs {
            merge.in_out(|into| into.execute("DELETE FROM study", []))?;
        }
        let mut merged = Merged::default();
        for (index, folder) in inputs.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Err(MergeError::Stopped);
            }
            merge.earlier = &inputs[..index];
            let input = Input::open(folder)?;
            merge.take_declaration(&input)?;
            merge.take_facts(&input)?;
            merge.take_runs(&input, &mut merged)?;
            merged.stores += 1;
        }
        merge.into.commit().map_err(failed)?;
        Ok(merged)
    }
}

/// The folders, each once, in the order of their paths: what a refusal names is then the same
/// whatever the order of the arguments.
fn distinct<'a>(out: &Path, inputs: &'a [PathBuf]) -> Result<Vec<&'a Path>, MergeError> {
    let canonical = |folder: &Path| fs::canonicalize(folder).ok();
    let mut seen = HashSet::new();
    let mut folders = Vec::new();
    let target = canonical(out);
    for folder in inputs {
        if !folder.join(STORE_FILE).is_file() {
            let folder = folder.clone();
            return Err(StoreError::Missing { folder }.into());
        }
        let place = canonical(folder);
        if place.is_some() && place == target {
            let folder = folder.clone();
            return Err(MergeError::Itself { folder });
        }
        if seen.insert(place.unwrap_or_else(|| folder.clone())) {
            folders.push(folder.as_path());
        }
    }
    folders.sort_unstable();
    Ok(folders)
}

/// What was not there before a merge, and is not to be there after one that failed.
struct Made {
    folder: bool,
    store: bool,
}

impl Made {
    fn before(out: &Path) -> Self {
        Self {
            folder: !out.exists(),
            store: !out.join(STORE_FILE).exists(),
        }
    }

    fn undo(&self, out: &Path) {
        // What cannot be taken away again is an empty store, which is in nobody's way.
        if self.store {
            let _ = fs::remove_file(out.join(STORE_FILE));
        }
        if self.folder {
            let _ = fs::remove_file(out.join(lock::LOCK_FILE));
            let _ = fs::remove_dir(out);
        }
    }
}

/// A store that is merged.
struct Input<'a> {
    folder: &'a Path,
    path: PathBuf,
    connection: Connection,
}

impl<'a> Input<'a> {
    fn open(folder: &'a Path) -> Result<Self, StoreError> {
        let path = folder.join(STORE_FILE);
        let connection = schema::open_to_read(&path)?;
        let input = Self {
            folder,
            path,
            connection,
        };
        // A page that lost its cells to a flipped bit reads as fewer runs and not as an error.
        let check = "PRAGMA quick_check(1)";
        let fault = input.read(|from| from.query_row(check, [], |row| row.get::<_, String>(0)))?;
        if fault == "ok" {
            return Ok(input);
        }
        Err(StoreError::Unreadable {
            path: input.path,
            fault: format!("is damaged ({fault}); move it away and run its sweep again"),
        })
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        read(&self.connection).map_err(|source| schema::sqlite_error(&self.path, source))
    }
}

/// A merge under way.
struct Merge<'a> {
    into: Transaction<'a>,
    path: &'a Path,
    out: &'a Path,
    /// The inputs that were taken in.
    earlier: &'a [&'a Path],
    /// Whether there is a run by now.
    has_runs: bool,
}

impl Merge<'_> {
    fn in_out<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.into).map_err(|source| schema::sqlite_error(self.path, source))
    }

    /// Holds an input to the study of those before it.
    fn take_declaration(&self, input: &Input<'_>) -> Result<(), MergeError> {
        let theirs = input.read(|from| key_values(from, "study"))?;
        let ours = self.in_out(|into| key_values(into, "study"))?;
        if ours.is_empty() {
            let insert = "INSERT INTO study (key, value) VALUES (?1, ?2)";
            for row in &theirs {
                self.in_out(|into| into.execute(insert, row))?;
            }
            return Ok(());
        }
        // A store that was killed before it declared anything says nothing of another study.
        if theirs.is_empty() {
            return Ok(());
        }
        let keys = theirs.keys().chain(ours.keys());
        let mut differing = keys.filter(|key| theirs.get(*key) != ours.get(*key));
        match differing.next() {
            None => Ok(()),
            Some(key) => {
                let holder = "SELECT 1 FROM study WHERE key = ?1 AND value IS ?2";
                let value = |values: &BTreeMap<String, String>| values.get(key).cloned();
                let other = self.holder(holder, params![key, value(&ours)]);
                Err(other_study(input, key, value(&theirs), other, value(&ours)))
            }
        }
    }

    /// Joins an input's facts with those that are there.
    fn take_facts(&self, input: &Input<'_>) -> Result<(), MergeError> {
        let theirs = input.read(|from| key_values(from, "facts"))?;
        let ours = self.in_out(|into| key_values(into, "facts"))?;
        let registered = |facts: &BTreeMap<String, String>| facts.contains_key("registration");
        match (registered(&ours), registered(&theirs)) {
            (true, false) if input.read(count_runs)? > 0 => {
                let holder = "SELECT 1 FROM facts WHERE key = 'registration'";
                return Err(MergeError::HalfRegistered {
                    registered: self.holder(holder, []),
                    unregistered: input.folder.to_owned(),
                });
            }
            (false, true) if self.has_runs => {
                return Err(MergeError::HalfRegistered {
                    registered: input.folder.to_owned(),
                    unregistered: self.holder("SELECT 1 FROM runs", []),
                });
            }
            _ => {}
        }
        for (key, theirs) in theirs {
            let ours = ours.get(&key);
            let joined = match (key.as_str(), ours) {
                (_, None) => theirs,
                (_, Some(ours)) if *ours == theirs => continue,
                // The promise is as old as its oldest record …
                ("registration_time", Some(ours)) => ours.clone().min(theirs),
                // … and at least so many runs were there before it.
                ("registration_runs", Some(ours)) => larger(ours, &theirs),
                (_, Some(ours)) => {
                    let holder = "SELECT 1 FROM facts WHERE key = ?1 AND value = ?2";
                    let other = self.holder(holder, params![key, ours]);
                    let ours = Some(ours.clone());
                    return Err(other_study(input, &key, Some(theirs), other, ours));
                }
            };
            let insert = "INSERT OR REPLACE INTO facts (key, value) VALUES (?1, ?2)";
            self.in_out(|into| into.execute(insert, params![key, joined]))?;
        }
        Ok(())
    }

    /// Adds the runs that are not there; one that is must be the same.
    fn take_runs(&mut self, input: &Input<'_>, merged: &mut Merged) -> Result<(), MergeError> {
        let ids = input.read(|from| {
            let mut ids = from.prepare("SELECT run_id FROM runs")?;
            ids.query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()
        })?;
        for run_id in ids {
            let known = "SELECT 1 FROM runs WHERE run_id = ?1";
            if self.in_out(|into| exists(into, known, [&run_id]))? {
                self.compare(&run_id, input)?;
                merged.known += 1;
                continue;
            }
            for table in TABLES {
                let rows = input.read(|from| Rows::of_run(from, table, &run_id))?;
                self.in_out(|into| rows.insert(into, table))?;
            }
            merged.added += 1;
            self.has_runs = true;
        }
        Ok(())
    }

    fn compare(&self, run_id: &str, input: &Input<'_>) -> Result<(), MergeError> {
        for table in TABLES {
            let theirs = input.read(|from| Rows::of_run(from, table, run_id))?;
            let ours = self.in_out(|into| Rows::of_run(into, table, run_id))?;
            if theirs.results().eq(ours.results()) {
                continue;
            }
            let (initializer, seed) = self.in_out(|into| {
                let query = "SELECT initializer, seed FROM runs WHERE run_id = ?1";
                into.query_row(query, [run_id], |row| Ok((row.get(0)?, row.get(1)?)))
            })?;
            return Err(MergeError::Conflict {
                run_id: run_id.to_owned(),
                initializer,
                seed,
                table,
                folder: input.folder.to_owned(),
                other: self.holder("SELECT 1 FROM runs WHERE run_id = ?1", [run_id]),
            });
        }
        Ok(())
    }

    /// Where something that is in the merged store came from: the first input for which `query` has a
    /// row, or else the store that was merged into. For messages only, it opens each input again.
    fn holder(&self, query: &str, params: impl Params + Clone) -> PathBuf {
        let has_it = |folder: &&&Path| {
            let connection = schema::open_to_read(&folder.join(STORE_FILE)).ok();
            connection.is_some_and(|from| exists(&from, query, params.clone()).unwrap_or(false))
        };
        self.earlier
            .iter()
            .find(has_it)
            .map_or(self.out, |f| *f)
            .to_owned()
    }
}

fn key_values(connection: &Connection, table: &str) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare_cached(&format!("SELECT key, value FROM {table}"))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn count_runs(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM runs", [], |row| row.get(0))
}

fn exists(connection: &Connection, query: &str, params: impl Params) -> rusqlite::Result<bool> {
    connection.prepare_cached(query)?.exists(params)
}

/// The larger of two counts, as the store has them.
fn larger(a: &str, b: &str) -> String {
    let count = |text: &str| text.parse::<u64>().unwrap_or(0);
    count(a).max(count(b)).to_string()
}

fn other_study(
    input: &Input<'_>,
    key: &str,
    value: Option<String>,
    other: PathBuf,
    other_value: Option<String>,
) -> MergeError {
    MergeError::OtherStudy {
        folder: input.folder.to_owned(),
        key: key.to_owned(),
        value: shown(value),
        other,
        other_value: shown(other_value),
    }
}

/// A value as a sentence can hold it.
fn shown(value: Option<String>) -> String {
    const LONGEST: usize = 70;
    match value {
        None => "missing".to_owned(),
        Some(text) if text.chars().count() > LONGEST => {
            let beginning: String = text.chars().take(LONGEST).collect();
            format!("{beginning}…")
        }
        Some(text) => text,
    }
}
