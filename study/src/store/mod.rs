//! Results in SQLite: the single truth of a folder, one transaction for each finished run.
//!
//! A run that [`Store::record`] acknowledged is on disk: the journal is SQLite's rollback journal
//! with full synchronisation, which also works where a cluster's file system has no shared memory.

mod facts;
mod lock;
mod schema;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use engine::init::Initializer;
use rusqlite::{Connection, Row, Transaction, params};

use crate::record::{EpochRecord, RunRecord, Status};
use lock::FolderLock;

/// Name of the store's file in its folder.
pub const STORE_FILE: &str = "runs.sqlite";

/// The results of a study, open for adding to.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Held for as long as the store is open for writing.
    _lock: Option<FolderLock>,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made or written to.
    #[error("cannot write to {}: {source}; choose another folder with --out", folder.display())]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is no store.
    #[error("{} holds no sweep: there is no {STORE_FILE} in it; name the folder of a sweep", folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// Another process writes here.
    #[error("{} is in use by {holder}; wait for it or choose another --out", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
        /// Who holds it.
        holder: String,
    },
    /// The folder holds runs of another protocol.
    #[error(
        "{} holds a sweep with {key} {stored}, not {wanted}; choose another folder with --out",
        folder.display()
    )]
    OtherStudy {
        /// The folder.
        folder: PathBuf,
        /// The setting that differs.
        key: String,
        /// Its value there.
        stored: String,
        /// Its value here.
        wanted: String,
    },
    /// The file is no store, or one of a later version.
    #[error("{} {fault}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        fault: String,
    },
    /// SQLite failed.
    #[error("the store {} failed: {source}; mend the cause and give the same command again, which goes on from the last run that was kept", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether another request would do: the caller's choice of folder is at fault.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Unwritable { .. } | Self::Missing { .. } | Self::OtherStudy { .. }
        )
    }
}

impl Store {
    /// Opens the store of a folder for adding runs, making both where they are not there yet.
    ///
    /// # Errors
    /// If the folder cannot be written, another process holds it, or it holds a study whose
    /// `declaration` (settings by name) differs.
    pub fn open(folder: &Path, declaration: &[(&str, String)]) -> Result<Self, StoreError> {
        let unwritable = |source| StoreError::Unwritable {
            folder: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let lock = FolderLock::acquire(folder)?;
        let path = folder.join(STORE_FILE);
        let mut store = Self {
            connection: schema::open_to_write(&path)?,
            path,
            _lock: Some(lock),
        };
        store.declare(folder, declaration)?;
        Ok(store)
    }

    /// Opens the store of a folder to read it.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open_existing(folder: &Path) -> Result<Self, StoreError> {
        if !folder.join(STORE_FILE).is_file() {
            return Err(StoreError::Missing {
                folder: folder.to_owned(),
            });
        }
        let path = folder.join(STORE_FILE);
        Ok(Self {
            connection: schema::open_to_read(&path)?,
            path,
            _lock: None,
        })
    }

    /// Holds the folder to a declaration: one that has no run yet takes it over, one that has must
    /// have been declared the same.
    fn declare(&mut self, folder: &Path, declaration: &[(&str, String)]) -> Result<(), StoreError> {
        let stored = self.transaction(|transaction| {
            let runs = "SELECT count(*) FROM runs";
            let empty = transaction.query_row(runs, [], |row| Ok(row.get::<_, i64>(0)? == 0))?;
            if empty {
                transaction.execute("DELETE FROM study", [])?;
                for (key, value) in declaration {
                    let row = params![key, value];
                    transaction.execute("INSERT INTO study (key, value) VALUES (?1, ?2)", row)?;
                }
            }
            let mut statement = transaction.prepare("SELECT key, value FROM study")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<BTreeMap<String, String>>>()
        })?;
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
            (stored != wanted).then(|| StoreError::OtherStudy {
                folder: folder.to_owned(),
                key: key.to_owned(),
                stored: value(stored),
                wanted: value(wanted),
            })
        });
        differing.map_or(Ok(()), Err)
    }

    /// The identities of the runs that are there.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn finished(&self) -> Result<HashSet<String>, StoreError> {
        let read = || -> rusqlite::Result<HashSet<String>> {
            let mut statement = self.connection.prepare("SELECT run_id FROM runs")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        read().map_err(|source| self.failed(source))
    }

    /// Adds a run with its epochs and predictions, durably or not at all. A run that is there
    /// already stays as it is.
    ///
    /// # Errors
    /// If SQLite fails; nothing of the run is kept then.
    pub fn record(
        &mut self,
        run: &RunRecord,
        predictions: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        self.transaction(|transaction| insert(transaction, run, predictions))
    }

    /// Every run, by initializer (in the order of [`Initializer::NAMES`]) and seed.
    ///
    /// # Errors
    /// If SQLite fails or a row makes no sense.
    pub fn runs(&self) -> Result<Vec<RunRecord>, StoreError> {
        let mut runs = self.read_runs().map_err(|source| self.failed(source))?;
        let rank = |run: &RunRecord| {
            let name = run.initializer.name();
            Initializer::NAMES.iter().position(|n| *n == name)
        };
        runs.sort_by_cached_key(|run| (rank(run), run.initializer.canonical(), run.seed));
        Ok(runs)
    }

    fn read_runs(&self) -> rusqlite::Result<Vec<RunRecord>> {
        let mut epochs = self.connection.prepare(
            "SELECT train_loss, train_accuracy, val_loss, val_accuracy, seconds
             FROM epochs WHERE run_id = ?1 ORDER BY epoch",
        )?;
        let mut runs = self.connection.prepare(
            "SELECT run_id, dataset, initializer, init_scope, seed, status, diverged_epoch, hidden,
                    activation, epochs, batch_size, learning_rate, test_accuracy, test_loss,
                    seconds, isa
             FROM runs",
        )?;
        let runs: rusqlite::Result<Vec<RunRecord>> = runs.query_map([], run_from_row)?.collect();
        let mut runs = runs?;
        for run in &mut runs {
            let rows = epochs.query_map([&run.run_id], |row| {
                Ok(EpochRecord {
                    train_loss: row.get(0)?,
                    train_accuracy: row.get(1)?,
                    val_loss: row.get(2)?,
                    val_accuracy: row.get(3)?,
                    seconds: row.get(4)?,
                })
            })?;
            run.epochs = rows.collect::<rusqlite::Result<_>>()?;
        }
        Ok(runs)
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
        run().map_err(|source| StoreError::Sqlite {
            path: path.clone(),
            source,
        })
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Sqlite {
            path: self.path.clone(),
            source,
        }
    }
}

fn insert(
    transaction: &Transaction<'_>,
    run: &RunRecord,
    predictions: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let added = transaction.execute(
        "INSERT OR IGNORE INTO runs (run_id, dataset, initializer, init_scope, seed, status,
             diverged_epoch, hidden, activation, epochs, batch_size, learning_rate, test_accuracy,
             test_loss, seconds, isa)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            run.run_id,
            run.dataset,
            run.initializer.canonical(),
            run.init_scope,
            run.seed,
            run.status.name(),
            run.status.diverged_epoch(),
            run.hidden,
            run.activation,
            run.epochs_planned,
            run.batch_size,
            run.learning_rate,
            run.test_accuracy,
            run.test_loss,
            run.seconds,
            run.isa,
        ],
    )?;
    if added == 0 {
        return Ok(());
    }
    for (epoch, record) in (1..).zip(&run.epochs) {
        let epoch: i64 = epoch;
        transaction.execute(
            "INSERT INTO epochs (run_id, epoch, train_loss, train_accuracy, val_loss,
                 val_accuracy, seconds)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                run.run_id,
                epoch,
                record.train_loss,
                record.train_accuracy,
                record.val_loss,
                record.val_accuracy,
                record.seconds,
            ],
        )?;
    }
    if let Some(predictions) = predictions {
        transaction.execute(
            "INSERT INTO predictions (run_id, classes) VALUES (?1, ?2)",
            params![run.run_id, predictions],
        )?;
    }
    Ok(())
}

fn run_from_row(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let initializer: String = row.get(2)?;
    let status: String = row.get(5)?;
    let diverged_epoch: Option<usize> = row.get(6)?;
    Ok(RunRecord {
        run_id: row.get(0)?,
        dataset: row.get(1)?,
        initializer: initializer.parse().map_err(|error| unexpected(2, error))?,
        init_scope: row.get(3)?,
        seed: row.get(4)?,
        status: match (status.as_str(), diverged_epoch) {
            ("ok", None) => Status::Ok,
            ("diverged", Some(epoch)) => Status::Diverged { epoch },
            _ => {
                return Err(unexpected(5, format!("status {status:?} is unknown")));
            }
        },
        hidden: row.get(7)?,
        activation: row.get(8)?,
        epochs_planned: row.get(9)?,
        batch_size: row.get(10)?,
        learning_rate: row.get(11)?,
        test_accuracy: row.get(12)?,
        test_loss: row.get(13)?,
        seconds: row.get(14)?,
        isa: row.get(15)?,
        epochs: Vec::new(),
    })
}

fn unexpected(
    column: usize,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Text;
    rusqlite::Error::FromSqlConversionFailure(column, kind, error.into())
}
