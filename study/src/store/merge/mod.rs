//! Several stores into one: all of their runs or, where two disagree, none.
//!
//! Merging is idempotent, and the order of the stores changes nothing that is kept: runs and sessions
//! are sets, facts are equal or joined by a minimum or maximum. One transaction takes in all stores,
//! which are open one at a time: neither handles nor the memory for runs grow with their number.

use std::{
    collections::HashSet,
    fmt, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use rusqlite::{Connection, Params, Transaction};

use super::{STORE_FILE, Store, StoreError, damage::take_out, schema, sql::delete_run};

mod error;
mod facts;
mod input;
mod lost;
mod rows;
mod salvage;
mod sessions;

use facts::Declarations;
use input::Input;
use lost::Seen;
use rows::Rows;
use salvage::RunRows;
use sessions::Sessions;

pub use error::MergeError;

/// Pages that SQLite may keep in memory, in KiB: run identities are scattered over the whole table.
const CACHE_KIB: i64 = 64 * 1024;

/// What a merge came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Stores that were read.
    pub stores: usize,
    /// Runs that were added.
    pub added: usize,
    /// Runs that were met again, the same.
    pub known: usize,
    /// Runs that were left out because they are damaged.
    pub damaged: usize,
    /// Runs that the store had which was merged into, and that were taken out because they were
    /// damaged; some of them may have been added again.
    pub dropped: usize,
    /// What else than runs could not be read.
    pub lost: Vec<Loss>,
}

/// What could not be read of a damaged store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Its folder.
    pub folder: PathBuf,
    /// Which part.
    pub part: Part,
}

/// A part of a store beside its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The declaration of the study, which its runs told.
    Study,
    /// Registration, looks and test labels, in part.
    Facts,
    /// Sessions, in part.
    Sessions,
}

impl Merged {
    fn lose(&mut self, folder: &Path, part: Part) {
        let folder = folder.to_owned();
        self.lost.push(Loss { folder, part });
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = match self.part {
            Part::Study => {
                "lost the settings of its study, which were found again by its runs' identities"
            }
            Part::Facts => {
                "lost some of its registration, its looks or its test labels, which are left out"
            }
            Part::Sessions => "lost some of its sessions, which are left out",
        };
        write!(f, "{} {lost}", self.folder.display())
    }
}

impl Store {
    /// Adds every run of the stores in `inputs`, which are only read, to the store in `out`, which is
    /// made where there is none. Those that are damaged are refused, or, to `salvage` them, read as
    /// far as they can be. Where `stop` turns true, nothing is added.
    ///
    /// # Errors
    /// If a store cannot be read or written, is of another study, or has another result of a run;
    /// nothing is added then.
    pub fn merge(
        out: &Path,
        inputs: &[PathBuf],
        salvage: bool,
        stop: &AtomicBool,
    ) -> Result<(Self, Merged), MergeError> {
        let inputs = distinct(out, inputs)?;
        let lock = Self::lock_folder(out)?;
        // Asked by who holds the folder: before, another merge may be about to make it.
        let is_new = !out.join(STORE_FILE).exists();
        let mut store = Self::open_locked(out, lock)?;
        match store.take_in(out, &inputs, salvage, stop) {
            Ok(merged) => Ok((store, merged)),
            Err(error) => {
                if is_new {
                    store.unmake();
                }
                Err(error)
            }
        }
    }

    /// Takes a store away that was made here. Its folder stays, for the lock's file: who waits for
    /// the lock has that file open, and the next would make another and not see the first's lock.
    fn unmake(self) {
        let Self {
            connection,
            path,
            lock,
            ..
        } = self;
        drop(connection);
        // What cannot be taken away is an empty store, which is in nobody's way.
        let _ = fs::remove_file(path);
        drop(lock);
    }

    fn take_in(
        &mut self,
        out: &Path,
        inputs: &[&Path],
        salvage: bool,
        stop: &AtomicBool,
    ) -> Result<Merged, MergeError> {
        // Where a run is damaged here, an input may have it whole.
        let damaged = self.damaged_runs()?;
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
            has_unregistered: false,
        };
        if !damaged.is_empty() {
            merge.in_out(|into| take_out(into, &damaged))?;
        }
        merge.has_runs = merge.in_out(count_runs)? > 0;
        merge.has_unregistered = merge.has_runs;
        let mut declarations = Declarations::of(&merge)?;
        let mut sessions = merge.in_out(Sessions::of)?;
        let mut merged = Merged {
            dropped: damaged.len(),
            ..Merged::default()
        };
        for (index, folder) in inputs.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Err(MergeError::Stopped);
            }
            merge.earlier = &inputs[..index];
            let input = Input::open(folder, salvage)?;
            merge.take_facts(&input, &mut merged)?;
            let seen = merge.take_runs(&input, &mut merged)?;
            declarations.take(&input, seen, &mut merged)?;
            if !sessions.take(&input, &merge)? {
                merged.lose(folder, Part::Sessions);
            }
            merged.stores += 1;
        }
        merge.earlier = inputs;
        declarations.write(&merge)?;
        merge.in_out(sessions::number_by_time)?;
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

/// A merge under way.
struct Merge<'a> {
    into: Transaction<'a>,
    path: &'a Path,
    out: &'a Path,
    /// The inputs that were taken in.
    earlier: &'a [&'a Path],
    /// Whether there is a run by now.
    has_runs: bool,
    /// Whether there is one that, as far as is known, nothing was promised for.
    has_unregistered: bool,
}

impl Merge<'_> {
    fn in_out<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.into).map_err(|source| schema::sqlite_error(self.path, source))
    }

    /// Adds the runs that are not there; one that is must be the same. What those of a damaged store
    /// tell of their study.
    fn take_runs(&mut self, input: &Input<'_>, merged: &mut Merged) -> Result<Seen, MergeError> {
        let mut seen = Seen::default();
        for run_id in input.run_ids()? {
            let Some(theirs) = input.run(&run_id)? else {
                merged.damaged += 1;
                continue;
            };
            if input.may_be_damaged {
                seen.add(&theirs.run);
            }
            let ours = self.in_out(|into| Rows::of_run(into, "runs", &run_id))?;
            match (ours.failure(), theirs.run.failure()) {
                // A result stands above a failure, which is a try that came to nothing.
                _ if ours.is_empty() => {}
                (None, None) => {
                    self.compare(&run_id, &theirs, input.folder)?;
                    merged.known += 1;
                    if theirs.run.go_before(&ours) {
                        self.remove(&run_id)?;
                        self.insert(&theirs)?;
                    }
                    continue;
                }
                (Some(ours), Some(theirs)) if ours <= theirs => continue,
                (None, Some(_)) => continue,
                (Some(_), _) => {
                    self.remove(&run_id)?;
                }
            }
            self.insert(&theirs)?;
            merged.added += usize::from(theirs.run.failure().is_none());
            self.has_runs = true;
        }
        Ok(seen)
    }

    fn insert(&self, run: &RunRows) -> Result<(), StoreError> {
        for (table, rows) in run.tables() {
            self.in_out(|into| rows.insert(into, table))?;
        }
        Ok(())
    }

    /// Takes a run out, with what it has in other tables.
    fn remove(&self, run_id: &str) -> Result<(), StoreError> {
        self.in_out(|into| delete_run(into, "run_id = ?1", run_id))
    }

    /// Refuses a run of the store in `folder` that came to something else here.
    fn compare(&self, run_id: &str, theirs: &RunRows, folder: &Path) -> Result<(), MergeError> {
        for (table, theirs) in theirs.tables() {
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
                folder: folder.to_owned(),
                other: self.source_of("SELECT 1 FROM runs WHERE run_id = ?1", [run_id]),
            });
        }
        Ok(())
    }

    /// Where something that is in the merged store came from: the first input for which `query` has a
    /// row, or else the store that was merged into. For messages only, it opens each input again.
    fn source_of(&self, query: &str, params: impl Params + Clone) -> PathBuf {
        let has_it = |folder: &&&Path| {
            let opened = schema::open_untouched(&folder.join(STORE_FILE)).ok();
            opened.is_some_and(|(from, _)| exists(&from, query, params.clone()).unwrap_or(false))
        };
        self.earlier
            .iter()
            .find(has_it)
            .map_or(self.out, |f| *f)
            .to_owned()
    }
}

fn count_runs(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM runs", [], |row| row.get(0))
}

fn exists(connection: &Connection, query: &str, params: impl Params) -> rusqlite::Result<bool> {
    connection.prepare_cached(query)?.exists(params)
}
