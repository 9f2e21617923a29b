//! A store that is merged: read, and trusted only after a look.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

use crate::store::{STORE_FILE, StoreError, schema};

/// A store that is open for reading.
pub(super) struct Input<'a> {
    pub(super) folder: &'a Path,
    path: PathBuf,
    connection: Connection,
    /// The version of its tables.
    pub(super) version: i64,
    /// Where the copy is that is read in place of a store that was cut off in a write.
    _copy: Option<TempDir>,
}

impl<'a> Input<'a> {
    /// Opens the store of a folder.
    pub(super) fn open(folder: &'a Path) -> Result<Self, StoreError> {
        let path = folder.join(STORE_FILE);
        let mut copy = None;
        let (connection, version) = match schema::open_untouched(&path) {
            // A sweep was killed in a write, which SQLite must undo before anybody reads.
            Err(StoreError::Sqlite { source, .. })
                if source.sqlite_error_code() == Some(ErrorCode::ReadOnly) =>
            {
                let copy = copy.insert(copied(&path)?);
                schema::open_to_write(&copy.path().join(STORE_FILE))?
            }
            opened => opened?,
        };
        let input = Self {
            folder,
            path,
            connection,
            version,
            _copy: copy,
        };
        input.check()?;
        Ok(input)
    }

    /// Reads from the store.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        read(&self.connection).map_err(|source| schema::sqlite_error(&self.path, source))
    }

    /// A page that lost its cells to a flipped bit reads as fewer runs, and one that is cut off as
    /// zeros: neither would be an error.
    fn check(&self) -> Result<(), StoreError> {
        let (fault, bytes) = self.read(|from| {
            let check = "PRAGMA quick_check(1)";
            let fault = from.query_row(check, [], |row| row.get::<_, String>(0))?;
            let bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
            Ok((
                fault,
                from.query_row(bytes, [], |row| row.get::<_, u64>(0))?,
            ))
        })?;
        let length = match &self._copy {
            Some(copy) => fs::metadata(copy.path().join(STORE_FILE)),
            None => fs::metadata(&self.path),
        };
        let length = length.map_or(0, |file| file.len());
        let fault = if fault != "ok" {
            fault.replace('\n', " ")
        } else if length < bytes {
            format!("{length} of {bytes} bytes are there")
        } else {
            return Ok(());
        };
        Err(StoreError::Unreadable {
            path: self.path.clone(),
            fault: format!("is damaged ({fault}); move it away and run its sweep again"),
        })
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
