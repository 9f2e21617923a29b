//! Results in SQLite: the single truth of a folder, one transaction for each finished run.
//!
//! A run that [`Store::record`] acknowledged is on disk: the journal is SQLite's rollback journal
//! with full synchronisation, which also works where a cluster's file system has no shared memory.

mod checksum;
mod damage;
mod environment;
mod error;
mod facts;
mod lock;
mod merge;
mod rows;
mod schema;

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, Transaction, params};

use crate::plan::VARIED;
use lock::FolderLock;

pub use environment::Session;
pub use error::StoreError;
pub use merge::{MergeError, Merged};
pub use rows::Count;
pub use schema::PATIENCE;

/// Name of the store's file in its folder.
pub const STORE_FILE: &str = "runs.sqlite";

/// The results of a study, open for adding to.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// The version of the tables: one that is only read may be older than this program's.
    version: i64,
    /// The session that is under way here.
    session: Option<i64>,
    /// Held for as long as the store is open for writing.
    lock: Option<FolderLock>,
}

impl Store {
    /// Opens the store of a folder for adding runs, making both where they are not there yet.
    ///
    /// # Errors
    /// If the folder cannot be written, another process holds it, or it holds a study whose
    /// `declaration` (settings by name) differs.
    pub fn open(folder: &Path, declaration: &[(&str, String)]) -> Result<Self, StoreError> {
        let mut store = Self::open_undeclared(folder)?;
        store.declare(folder, declaration)?;
        Ok(store)
    }

    /// As [`Store::open`], whatever the folder's study.
    fn open_undeclared(folder: &Path) -> Result<Self, StoreError> {
        let unwritable = |source| StoreError::Unwritable {
            folder: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let lock = FolderLock::acquire(folder)?;
        damage::check_place(folder)?;
        let path = folder.join(STORE_FILE);
        let (connection, version) = schema::open_to_write(&path)?;
        Ok(Self {
            connection,
            path,
            version,
            session: None,
            lock: Some(lock),
        })
    }

    /// Opens the store of a folder to read it.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open_existing(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(STORE_FILE);
        let is_empty = match fs::metadata(&path) {
            Ok(file) => {
                damage::check_place(folder)?;
                // An empty file is what SQLite makes before the first write.
                file.is_file() && file.len() <= 1
            }
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => true,
                _ => {
                    return Err(StoreError::Unreadable {
                        path,
                        fault: format!(
                            "cannot be looked at: {error}; see to its folder, and leave to read it"
                        ),
                    });
                }
            },
        };
        if is_empty {
            return Err(StoreError::Missing {
                folder: folder.to_owned(),
            });
        }
        let (connection, version) = schema::open_to_read(&path)?;
        Ok(Self {
            connection,
            path,
            version,
            session: None,
            lock: None,
        })
    }

    /// Who writes to a folder now, if somebody does.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn holder(folder: &Path) -> Result<Option<String>, StoreError> {
        lock::holder(folder)
    }

    /// What the folder is held to: settings by name.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn declaration(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut statement = self.connection.prepare("SELECT key, value FROM study")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().map_err(|source| self.failed(source))
    }

    /// Whether runs of a declaration can be added: each setting must be the folder's. One that is
    /// varied, here or there, agrees with any value, as a run's own settings tell it apart.
    ///
    /// # Errors
    /// If a setting differs.
    pub fn check_declaration(
        &self,
        folder: &Path,
        declaration: &[(&str, String)],
    ) -> Result<(), StoreError> {
        let stored = self.declaration()?;
        let declared = declaration
            .iter()
            .map(|(key, value)| (*key, value.as_str()));
        let declared: BTreeMap<&str, &str> = declared.collect();
        let mut keys = stored
            .keys()
            .map(String::as_str)
            .chain(declared.keys().copied());
        let value = |value: Option<&str>| value.unwrap_or("(none)").to_owned();
        let differing = keys.find_map(|key| {
            let (stored, wanted) = (
                stored.get(key).map(String::as_str),
                declared.get(key).copied(),
            );
            let agree = stored == wanted
                || (stored.is_some() && wanted.is_some())
                    && [stored, wanted].contains(&Some(VARIED));
            (!agree).then(|| StoreError::OtherStudy {
                folder: folder.to_owned(),
                key: key.to_owned(),
                stored: value(stored),
                wanted: value(wanted),
            })
        });
        differing.map_or(Ok(()), Err)
    }

    /// Holds the folder to a declaration: one that has no run yet takes it over, one that has must
    /// agree with it, and knows afterwards what is varied in it.
    fn declare(&mut self, folder: &Path, declaration: &[(&str, String)]) -> Result<(), StoreError> {
        let empty = self.transaction(|transaction| {
            let runs = "SELECT NOT EXISTS (SELECT 1 FROM runs)";
            let empty = transaction.query_row(runs, [], |row| row.get(0))?;
            if empty {
                transaction.execute("DELETE FROM study", [])?;
                for (key, value) in declaration {
                    let row = params![key, value];
                    transaction.execute("INSERT INTO study (key, value) VALUES (?1, ?2)", row)?;
                }
            }
            Ok(empty)
        })?;
        if empty {
            return Ok(());
        }
        self.check_declaration(folder, declaration)?;
        self.transaction(|transaction| {
            let widen = "UPDATE study SET value = ?2 WHERE key = ?1 AND value <> ?2";
            for (key, value) in declaration.iter().filter(|(_, value)| value == VARIED) {
                transaction.execute(widen, params![key, value])?;
            }
            Ok(())
        })
    }

    /// How long a write waits for other programs that have the store open, before it fails with an
    /// error that [is busy](StoreError::is_busy).
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn set_patience(&mut self, patience: Duration) -> Result<(), StoreError> {
        let set = self.connection.busy_timeout(patience);
        set.map_err(|source| self.failed(source))
    }

    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let path = &self.path;
        let run = || {
            let transaction = self.connection.transaction()?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        run().map_err(|source| schema::sqlite_error(path, source))
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        schema::sqlite_error(&self.path, source)
    }
}
