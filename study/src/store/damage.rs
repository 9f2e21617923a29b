//! What a store holds that was not written so: pages that make no sense, runs that fail their
//! checksum.

use std::{collections::HashMap, fs, path::Path};

use rusqlite::{Connection, types::ValueRef};

use super::{
    STORE_FILE, Store, StoreError,
    checksum::Checksum,
    error::one_line,
    rows::{PARTS, ReadRuns},
    schema,
    sql::delete_run,
};
use crate::record::RunRecord;

/// What to do with a store that SQLite cannot read to its end.
pub(super) const WAY_OUT: &str =
    "move it away and run the sweep again, or save what can be read by initstudy merge --salvage";

/// A file that each sweep that ended left beside the store that it comes from.
const DERIVED: &str = "runs.csv";

/// What else a sweep writes beside its store.
const ALSO_DERIVED: [&str; 5] = [
    "epochs.csv",
    "summary.csv",
    "comparisons.csv",
    "crossed.csv",
    "sequential.csv",
];

impl Store {
    /// Every run, by variant ([`crate::plan::Variant::sort_key`]) and seed.
    ///
    /// # Errors
    /// If SQLite fails, a row makes no sense, or one is not as it was written.
    pub fn runs(&self) -> Result<Vec<RunRecord>, StoreError> {
        // A store that is written to was looked at when it was opened.
        if self.lock.is_none() {
            check_sound(&self.path, &self.path, &self.connection)?;
        }
        let ReadRuns { mut runs, damaged } =
            self.read_runs().map_err(|source| self.failed(source))?;
        if let Some(first) = damaged.first() {
            return Err(self.damaged(damaged.len(), "runs", first));
        }
        runs.sort_by_cached_key(|run| (run.variant.sort_key(), run.seed));
        Ok(runs)
    }

    /// Takes away the runs that are not as they were written, which are no results, and says how
    /// many: they are missing then, and a sweep trains them again.
    ///
    /// # Errors
    /// If SQLite fails or a row makes no sense.
    pub fn drop_damaged(&mut self) -> Result<usize, StoreError> {
        let damaged = self.damaged_runs()?;
        if !damaged.is_empty() {
            self.transaction(|transaction| take_out(transaction, &damaged))?;
        }
        Ok(damaged.len())
    }

    /// Runs that are not as they were written, in their row, their epochs or their predictions.
    pub(super) fn damaged_runs(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let read = self.read_runs().map_err(|source| self.failed(source))?;
        let mut damaged = read.damaged;
        let predictions = self.damaged_predictions();
        damaged.extend(predictions.map_err(|source| self.failed(source))?);
        damaged.sort_unstable();
        damaged.dedup();
        Ok(damaged)
    }

    /// Runs whose predictions are not as they were written.
    fn damaged_predictions(&self) -> rusqlite::Result<Vec<Vec<u8>>> {
        let mut damaged = Vec::new();
        if self.version < 2 {
            return Ok(damaged);
        }
        let query = "SELECT run_id, classes, checksum,
            (SELECT checksum FROM runs WHERE runs.run_id = predictions.run_id) IS NOT NULL
            FROM predictions";
        let mut statement = self.connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let [run_id, classes] = [row.get_ref(0)?.as_bytes()?, row.get_ref(1)?.as_bytes()?];
            // Where a run has a checksum, its predictions were given one.
            let is_lost = row.get(3)? && row.get_ref(2)? == ValueRef::Null;
            if is_lost || !is_as_written(run_id, classes, row.get_ref(2)?) {
                damaged.push(run_id.to_vec());
            }
        }
        Ok(damaged)
    }

    /// The predicted classes of every run that has them, by run.
    ///
    /// # Errors
    /// If SQLite fails or predictions are not as they were written.
    pub fn predictions(&self) -> Result<HashMap<String, Vec<u8>>, StoreError> {
        let read = || -> rusqlite::Result<HashMap<String, Vec<u8>>> {
            let query = "SELECT run_id, classes FROM predictions";
            let mut statement = self.connection.prepare(query)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let damaged = self.damaged_predictions();
        let damaged = damaged.map_err(|source| self.failed(source))?;
        match damaged.first() {
            Some(first) => Err(self.damaged(damaged.len(), "predictions", first)),
            None => read().map_err(|source| self.failed(source)),
        }
    }

    /// That some rows are not as they were written.
    fn damaged(&self, count: usize, what: &str, first: &[u8]) -> StoreError {
        let first = one_line(String::from_utf8_lossy(first));
        changed(&self.path, count, what, &first)
    }
}

/// That some rows of the store at `path` are not as they were written.
pub(super) fn changed(path: &Path, count: usize, what: &str, first: &str) -> StoreError {
    StoreError::Unreadable {
        path: path.to_owned(),
        fault: format!(
            "was damaged: {count} of its {what} are no longer what was written, {first} the first; the same sweep again trains those anew"
        ),
    }
}

/// Deletes runs, and what other tables have of none.
pub(super) fn take_out(connection: &Connection, runs: &[Vec<u8>]) -> rusqlite::Result<()> {
    for run_id in runs {
        delete_run(connection, "run_id = CAST(?1 AS TEXT)", run_id)?;
    }
    for table in PARTS {
        let orphans = format!("DELETE FROM {table} WHERE run_id NOT IN (SELECT run_id FROM runs)");
        connection.execute(&orphans, [])?;
    }
    Ok(())
}

/// Whether predictions agree with their checksum, where they have one.
pub(super) fn is_as_written(run_id: &[u8], classes: &[u8], checksum: ValueRef<'_>) -> bool {
    let sum = || Checksum::of_predictions(run_id, classes);
    checksum == ValueRef::Null || checksum == ValueRef::Integer(sum().into())
}

/// Refuses what is in a store's place and is none. That it is there yet is not asked: an empty file
/// is what SQLite makes before the first write. But the CSV files come after that.
pub(super) fn check_place(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(STORE_FILE);
    let metadata = fs::metadata(&path);
    let fault = match &metadata {
        Ok(there) if !there.is_file() => {
            "is no file; move it away, or choose another folder with --out"
        }
        // SQLite takes one of a single byte for an empty one, too.
        Ok(there) if there.len() > 1 => return Ok(()),
        _ if folder.join(DERIVED).exists() => {
            "is missing or empty, but runs.csv beside it tells of runs; bring the store back, or move the CSV files away to begin anew"
        }
        _ => {
            let mut names = ALSO_DERIVED.to_vec();
            names.retain(|name| folder.join(name).exists());
            if names.is_empty() {
                return Ok(());
            }
            return Err(StoreError::Taken {
                folder: folder.to_owned(),
                names,
            });
        }
    };
    Err(StoreError::Unreadable {
        path,
        fault: fault.to_owned(),
    })
}

/// Looks at every page of a store, which is at `file` and called `path`. A page that lost its cells
/// to a flipped bit reads as fewer runs, and one that is cut off as zeros: neither would be an
/// error.
pub(super) fn check_sound(
    path: &Path,
    file: &Path,
    connection: &Connection,
) -> Result<(), StoreError> {
    let sqlite = |source| schema::sqlite_error(path, source);
    let fault = "PRAGMA integrity_check(1)";
    let fault = connection.query_row(fault, [], |row| row.get::<_, String>(0));
    let bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes = connection.query_row(bytes, [], |row| row.get::<_, u64>(0));
    let (fault, bytes) = (fault.map_err(sqlite)?, bytes.map_err(sqlite)?);
    let length = fs::metadata(file).map_or(0, |file| file.len());
    let fault = if fault != "ok" {
        one_line(fault)
    } else if length < bytes {
        format!("{length} of {bytes} bytes are there")
    } else {
        return Ok(());
    };
    Err(StoreError::Unreadable {
        path: path.to_owned(),
        fault: format!("is damaged ({fault}); {WAY_OUT}"),
    })
}
