//! Results in SQLite: the single truth of a folder, one transaction for each finished run.
//!
//! A run that [`Store::record`] acknowledged is on disk: the journal is SQLite's rollback journal
//! which also works where a cluster's file system has no shared memory. A commit is the removal of that
//! journal; `synchronous=EXTRA` synchronises the folder after it, as FULL does not: a power cut could
//! bring the journal back, which takes the last run away again (sqlite.org/pragma.html#pragma_synchronous).

mod checksum;
mod damage;
mod environment;
mod epochs;
mod error;
mod facts;
mod lock;
mod merge;
mod rows;
mod schema;
mod sql;

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, Transaction, params};

use crate::plan::{Declared, VARIED};
use lock::FolderLock;

pub use environment::Session;
pub use error::StoreError;
pub use merge::{Loss, MergeError, Merged, Part};
pub use rows::Count;
pub use schema::PATIENCE;

/// Name of the store's file in its folder.
pub const STORE_FILE: &str = "runs.sqlite";

/// Which of several settings that differ is told: the least. The others may follow from the instruction
/// set, as the input path does.
fn rank(key: &str) -> u8 {
    u8::from(key != "isa")
}

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
        Self::open_locked(folder, Self::lock_folder(folder)?)
    }

    /// Takes a folder's lock, making the folder where it is not there.
    fn lock_folder(folder: &Path) -> Result<FolderLock, StoreError> {
        let unwritable = |source| StoreError::Unwritable {
            folder: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(unwritable)?;
        FolderLock::acquire(folder)
    }

    fn open_locked(folder: &Path, lock: FolderLock) -> Result<Self, StoreError> {
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

    /// The name of the folder that it lies in.
    pub(crate) fn folder_name(&self) -> Option<String> {
        let path = self.path.canonicalize().ok()?;
        Some(path.parent()?.file_name()?.to_str()?.to_owned())
    }

    /// Who writes to a folder now, if somebody does.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn holder(folder: &Path) -> Result<Option<String>, StoreError> {
        lock::holder(folder)
    }

    /// What the folder is held to: settings by name, [`VARIED`] for those that have several values.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn declaration(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let mut declaration = self.declared()?;
        for value in declaration.values_mut() {
            if Declared::parse(value).is_varied() {
                VARIED.clone_into(value);
            }
        }
        Ok(declaration)
    }

    /// What the folder is held to, as it is stored.
    fn declared(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut statement = self.connection.prepare("SELECT key, value FROM study")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().map_err(|source| self.failed(source))
    }

    /// Whether runs of a declaration can be added: of each setting it must have the folder's values,
    /// some of them, or all and more. That is the folder's study, in part or grown.
    ///
    /// # Errors
    /// If a setting differs.
    pub fn check_declaration(
        &self,
        folder: &Path,
        declaration: &[(&str, String)],
    ) -> Result<(), StoreError> {
        let stored = self.declared()?;
        let declared = declaration
            .iter()
            .map(|(key, value)| (*key, Declared::parse(value)));
        let declared: BTreeMap<&str, Declared> = declared.collect();
        let stored_keys = stored.keys().map(String::as_str);
        let mut keys: Vec<&str> = stored_keys.chain(declared.keys().copied()).collect();
        keys.sort_by_key(|key| rank(key));
        let value = |value: Option<Declared>| value.map_or("(none)".to_owned(), |v| v.to_string());
        let differing = keys.into_iter().find_map(|key| {
            let (stored, wanted) = (
                stored.get(key).map(|text| Declared::parse(text)),
                declared.get(key).cloned(),
            );
            let agree = match (&stored, &wanted) {
                (Some(stored), Some(wanted)) => {
                    stored.is_within(wanted) || wanted.is_within(stored)
                }
                _ => false,
            };
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
    /// agree with it, and is held to the larger of both afterwards.
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
        let stored = self.declared()?;
        let grows = |(key, value): &&(&str, String)| {
            let stored = stored.get(*key).map(|text| Declared::parse(text));
            stored.is_some_and(|stored| !Declared::parse(value).is_within(&stored))
        };
        self.transaction(|transaction| {
            let widen = "UPDATE study SET value = ?2 WHERE key = ?1";
            for (key, value) in declaration.iter().filter(grows) {
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
