//! A store that is merged: read, and trusted only after a look.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, ErrorKind, Read},
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
        let end = if salvage { lost_end(&path) } else { None };
        let (connection, version) = match schema::open_untouched(&path) {
            // SQLite reads nothing of a file that is too short; pages of zeros are damaged ones.
            _ if end.is_some() => open_copy(copy.insert(copied(&path, end)?), &path)?,
            // A sweep was killed in a write, which SQLite must undo before anybody reads.
            Err(error) if error.was_cut_off() => {
                open_copy(copy.insert(copied(&path, None)?), &path)?
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

/// Opens a copy to read, whose faults are those of what was copied.
fn open_copy(copy: &TempDir, of: &Path) -> Result<(Connection, i64), StoreError> {
    let opened = schema::open_to_read(&copy.path().join(STORE_FILE));
    opened.map_err(|error| match error {
        StoreError::Unreadable { fault, .. } => StoreError::Unreadable {
            path: of.to_owned(),
            fault,
        },
        StoreError::Sqlite { source, .. } => StoreError::Sqlite {
            path: of.to_owned(),
            source,
        },
        other => other,
    })
}

/// Bytes that a store had, where its file was cut short: those of the pages that its header counts
/// (SQLite, "Database File Format", 1.3).
fn lost_end(path: &Path) -> Option<u64> {
    let mut header = [0; 32];
    let mut file = File::open(path).ok()?;
    file.read_exact(&mut header).ok()?;
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 1 << 16,
        bytes => u64::from(bytes),
    };
    if !header.starts_with(b"SQLite format 3\0") || !page.is_power_of_two() || page < 512 {
        return None;
    }
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    let end = page * u64::from(pages);
    // What nobody has written is no length but damage.
    const LARGEST: u64 = 1 << 40;
    let here = file.metadata().ok()?.len();
    (here >= page && here < end && end <= LARGEST).then_some(end)
}

/// A store with the journal that belongs to it, if one does, in a temporary folder, its file as long
/// as `end` says.
fn copied(path: &Path, end: Option<u64>) -> Result<TempDir, StoreError> {
    let copy = || -> io::Result<TempDir> {
        let folder = tempfile::tempdir()?;
        let store = folder.path().join(STORE_FILE);
        fs::copy(path, &store)?;
        if let Some(end) = end {
            File::options().write(true).open(&store)?.set_len(end)?;
        }
        let journal = format!("{STORE_FILE}-journal");
        match fs::copy(path.with_file_name(&journal), folder.path().join(journal)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(folder),
        }
    };
    copy().map_err(|error| StoreError::Unreadable {
        path: path.to_owned(),
        fault: match end {
            None => format!(
                "was cut off in a write and cannot be copied to be mended ({error}); the command of its sweep mends it"
            ),
            Some(_) => format!(
                "was cut short and cannot be copied to be read ({error}); make room in the folder for temporary files, or name another by TMPDIR"
            ),
        },
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
