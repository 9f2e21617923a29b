//! A store that is merged: read, and trusted only after a look.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, Row};
use tempfile::TempDir;

use crate::store::{STORE_FILE, StoreError, damage, schema};

/// A store that is open for reading.
pub(super) struct Input<'a> {
    pub(super) folder: &'a Path,
    path: PathBuf,
    pub(super) connection: Connection,
    /// The version of its tables.
    pub(super) version: i64,
    /// Whether what is sound of it is wanted though it may be damaged.
    pub(super) may_be_damaged: bool,
    /// Where the copy is that is read in place of a store that was cut off in a write.
    _copy: Option<TempDir>,
}

impl<'a> Input<'a> {
    /// Opens the store of a folder; one that is damaged only to `salvage` what can be read.
    pub(super) fn open(folder: &'a Path, salvage: bool) -> Result<Self, StoreError> {
        let path = folder.join(STORE_FILE);
        let mut copy = None;
        let (connection, version) = match schema::open_untouched(&path) {
            // A sweep was killed in a write, which SQLite must undo before anybody reads.
            Err(error) if error.was_cut_off() => {
                let copy = copy.insert(copied(&path)?);
                schema::open_to_read(&copy.path().join(STORE_FILE))?
            }
            opened => opened?,
        };
        let file = match &copy {
            Some(copy) => &copy.path().join(STORE_FILE),
            None => &path,
        };
        if !salvage {
            damage::check_sound(&path, file, &connection)?;
        }
        // All is read as it is at one moment, though its sweep may go on: a commit waits for the end.
        let begin = connection.execute_batch("BEGIN DEFERRED");
        begin.map_err(|source| schema::sqlite_error(&path, source))?;
        Ok(Self {
            folder,
            path,
            connection,
            version,
            may_be_damaged: salvage,
            _copy: copy,
        })
    }

    /// Reads from the store.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        read(&self.connection).map_err(|source| schema::sqlite_error(&self.path, source))
    }

    /// Rows of a table in the order of its `key`. Of one that may be damaged as many as can be read
    /// from both its ends, and whether that is all.
    pub(super) fn rows<T: Ord>(
        &self,
        select: &str,
        key: &[&str],
        of: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<(BTreeSet<T>, bool), StoreError> {
        let ordered = |direction: &str| {
            let key: Vec<String> = key.iter().map(|key| format!("{key} {direction}")).collect();
            format!("{select} ORDER BY {}", key.join(", "))
        };
        if !self.may_be_damaged {
            let rows = self.read(|from| {
                let mut query = from.prepare(&ordered("ASC"))?;
                query.query_map([], of)?.collect()
            })?;
            return Ok((rows, true));
        }
        let (mut found, mut is_all) = (BTreeSet::new(), true);
        for direction in ["ASC", "DESC"] {
            let mut read = || -> rusqlite::Result<()> {
                let mut query = self.connection.prepare(&ordered(direction))?;
                let mut rows = query.query([])?;
                while let Some(row) = rows.next()? {
                    match of(row) {
                        Ok(row) => drop(found.insert(row)),
                        Err(_) => is_all = false,
                    }
                }
                Ok(())
            };
            match read() {
                Ok(()) => break,
                Err(_) => is_all = false,
            }
        }
        Ok((found, is_all))
    }

    /// That the store no longer says of which study its runs are.
    pub(super) fn undeclared(&self) -> StoreError {
        let way_out = if self.may_be_damaged {
            "nor do its runs' identities: leave it out"
        } else {
            damage::WAY_OUT
        };
        undeclared(&self.path, way_out)
    }

    pub(super) fn damaged_run(&self, run_id: &str) -> StoreError {
        damage::changed(&self.path, 1, "runs", run_id)
    }
}

/// That the store at `path` has runs and no longer says of which study.
pub(super) fn undeclared(path: &Path, way_out: &str) -> StoreError {
    StoreError::Unreadable {
        path: path.to_owned(),
        fault: format!("has runs, but its table study no longer says by which settings; {way_out}"),
    }
}

/// A store with the journal that belongs to it, in a temporary folder.
fn copied(path: &Path) -> Result<TempDir, StoreError> {
    let copy = || -> io::Result<TempDir> {
        let folder = tempfile::tempdir()?;
        fs::copy(path, folder.path().join(STORE_FILE))?;
        let journal = format!("{STORE_FILE}-journal");
        fs::copy(path.with_file_name(&journal), folder.path().join(journal))?;
        Ok(folder)
    };
    copy().map_err(|error| StoreError::Unreadable {
        path: path.to_owned(),
        fault: format!(
            "was cut off in a write and cannot be copied to be mended ({error}); the command of its sweep mends it"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn an_input_is_read_as_it_is_at_one_moment() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        drop(Store::open(folder, &[("epochs", "2".to_owned())]).unwrap());
        let input = Input::open(folder, false).unwrap();
        let count = |from: &Connection| {
            from.query_row("SELECT count(*) FROM facts", [], |row| row.get::<_, i64>(0))
        };
        assert_eq!(input.read(count).unwrap(), 0);
        let writer = Connection::open(folder.join(STORE_FILE)).unwrap();
        writer.busy_timeout(std::time::Duration::ZERO).unwrap();
        let insert = "INSERT INTO facts (key, value) VALUES ('a', 'b')";
        assert!(writer.execute(insert, []).is_err(), "nobody waited");
        assert_eq!(input.read(count).unwrap(), 0);
        drop(input);
        assert_eq!(writer.execute(insert, []), Ok(1));
    }
}
