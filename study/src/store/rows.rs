//! Runs as rows: written one transaction each, read back in one pass.

use std::collections::HashSet;

use engine::activation::Activation;
use rusqlite::{
    Row, ToSql, Transaction, params, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    Store, StoreError, checksum::Checksum, environment::count_run, epochs::EpochStream,
    sql::delete_run,
};
use crate::{
    plan::{Variant, parse_hidden, scope_named},
    record::{RunRecord, Status},
};

/// How many runs of a variant ended how.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// The variant.
    pub variant: Variant,
    /// `ok`, `diverged` or `failed`.
    pub status: String,
    /// Runs.
    pub runs: u64,
    /// Those among them whose seed is below the limit.
    pub wanted: u64,
    /// Wall time of all of them, in seconds.
    pub seconds: f64,
}

impl Store {
    /// The identities of the results that are there. Runs that failed are none.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn finished(&self) -> Result<HashSet<String>, StoreError> {
        let read = || -> rusqlite::Result<HashSet<String>> {
            let query = "SELECT run_id FROM runs WHERE status <> 'failed'";
            let mut statement = self.connection.prepare(query)?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        read().map_err(|source| self.failed(source))
    }

    /// Adds a run with its epochs and predictions, durably or not at all. A result that is there
    /// already stays as it is; a failure gives way.
    ///
    /// # Errors
    /// If SQLite fails; nothing of the run is kept then.
    pub fn record(
        &mut self,
        run: &RunRecord,
        predictions: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let session = self.session;
        self.transaction(|transaction| {
            let added = insert(transaction, run, predictions)?;
            match session.filter(|_| added && run.is_result()) {
                Some(session) => count_run(transaction, session),
                None => Ok(()),
            }
        })
    }

    /// How many runs of each variant ended how, by variant; `seeds` is the limit of
    /// [`Count::wanted`].
    ///
    /// # Errors
    /// If SQLite fails or a row makes no sense.
    pub fn counts(&self, seeds: u64) -> Result<Vec<Count>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Count>> {
            let mut statement = self.connection.prepare(
                "SELECT initializer, hidden, activation, learning_rate, batch_size, init_scope,
                     status, count(*), sum(seed < ?1), sum(seconds)
                 FROM runs GROUP BY 1, 2, 3, 4, 5, 6, 7",
            )?;
            let rows = statement.query_map([seeds], |row| {
                Ok(Count {
                    variant: variant_from_row(row, 0)?,
                    status: row.get(6)?,
                    runs: row.get(7)?,
                    wanted: row.get(8)?,
                    seconds: row.get(9)?,
                })
            })?;
            rows.collect()
        };
        let mut counts = read().map_err(|source| self.failed(source))?;
        counts.sort_by_cached_key(|count| (count.variant.sort_key(), count.status.clone()));
        Ok(counts)
    }

    /// Runs that failed: variant, seed and message of up to `most` of them.
    ///
    /// # Errors
    /// If SQLite fails or a row makes no sense.
    pub fn failures(&self, most: u32) -> Result<Vec<(Variant, u64, String)>, StoreError> {
        if self.version < 2 {
            return Ok(Vec::new());
        }
        let read = || -> rusqlite::Result<Vec<_>> {
            let mut statement = self.connection.prepare(
                "SELECT initializer, hidden, activation, learning_rate, batch_size, init_scope,
                     seed, coalesce(failure, '')
                 FROM runs WHERE status = 'failed' ORDER BY seed, run_id LIMIT ?1",
            )?;
            let rows = statement.query_map([most], |row| {
                Ok((variant_from_row(row, 0)?, row.get(6)?, row.get(7)?))
            })?;
            rows.collect()
        };
        read().map_err(|source| self.failed(source))
    }

    /// Runs and epochs as two streams in the order of their keys, which meet by run.
    pub(super) fn read_runs(&self) -> rusqlite::Result<ReadRuns> {
        // A column that version 1 lacks.
        let [columns, checksum] = match self.version {
            1 => [COLUMNS.replace("failure", "NULL"), "NULL".to_owned()],
            _ => [COLUMNS.to_owned(), "checksum".to_owned()],
        };
        let query = format!("SELECT {columns}, {checksum} FROM runs ORDER BY run_id");
        let mut runs = self.connection.prepare(&query)?;
        let mut epochs = self.connection.prepare(
            "SELECT run_id, train_loss, train_accuracy, val_loss, val_accuracy, seconds
             FROM epochs ORDER BY run_id, epoch",
        )?;
        let mut epochs = EpochStream::new(epochs.query([])?)?;
        let mut read = ReadRuns::default();
        let mut rows = runs.query([])?;
        while let Some(row) = rows.next()? {
            let run_id = row.get_ref(0)?.as_bytes()?;
            let epochs = epochs.take(run_id)?;
            let Some(epochs) = epochs else {
                read.damaged.push(run_id.to_vec());
                continue;
            };
            // Whatever stands there: a checksum that was changed is damage as well.
            let stored = row.get_ref(WIDTH)?;
            if stored != ValueRef::Null {
                let mut checksum = Checksum::default();
                for column in 0..WIDTH {
                    checksum.add(row.get_ref(column)?);
                }
                epochs.iter().for_each(|epoch| checksum.add_epoch(epoch));
                if stored != ValueRef::Integer(checksum.sum().into()) {
                    read.damaged.push(run_id.to_vec());
                    continue;
                }
            }
            read.runs.push(RunRecord {
                epochs,
                ..run_from_row(row)?
            });
        }
        Ok(read)
    }
}

/// The tables that a run has rows in beside its own in `runs`, to which their `run_id` refers.
pub(super) const PARTS: [&str; 2] = ["epochs", "predictions"];

/// The columns of a run, in the order of its checksum.
pub(super) const COLUMNS: &str = "run_id, dataset, seed, status, diverged_epoch, failure, epochs, \
    test_accuracy, test_loss, seconds, isa, \
    initializer, hidden, activation, learning_rate, batch_size, init_scope";

/// How many [`COLUMNS`] there are.
const WIDTH: usize = 17;

/// What there is to read.
#[derive(Debug, Default)]
pub(super) struct ReadRuns {
    pub(super) runs: Vec<RunRecord>,
    /// Identities, byte by byte, of the runs that are not as they were written.
    pub(super) damaged: Vec<Vec<u8>>,
}

/// Whether the run was not there yet.
fn insert(
    transaction: &Transaction<'_>,
    run: &RunRecord,
    predictions: Option<&[u8]>,
) -> rusqlite::Result<bool> {
    // One that failed goes, with whatever it has elsewhere.
    let failed = "SELECT run_id FROM runs WHERE run_id = ?1 AND status = 'failed'";
    delete_run(transaction, &format!("run_id IN ({failed})"), &run.run_id)?;
    let [hidden, activation, _, _, init_scope] = run.variant.settings().map(|(_, value)| value);
    let initializer = run.variant.initializer.canonical();
    let values: [&dyn ToSql; WIDTH] = [
        &run.run_id,
        &run.dataset,
        &run.seed,
        &run.status.name(),
        &run.status.diverged_epoch(),
        &run.status.failure(),
        &run.epochs_planned,
        &run.test_accuracy,
        &run.test_loss,
        &run.seconds,
        &run.isa,
        &initializer,
        &hidden,
        &activation,
        &run.variant.learning_rate,
        &run.variant.batch_size,
        &init_scope,
    ];
    let mut checksum = Checksum::default();
    for value in values {
        match value.to_sql()? {
            ToSqlOutput::Borrowed(value) => checksum.add(value),
            ToSqlOutput::Owned(value) => checksum.add(ValueRef::from(&value)),
            // No value of a run is of another kind.
            _ => {}
        }
    }
    run.epochs.iter().for_each(|e| checksum.add_epoch(e));
    let sum = checksum.sum();
    let places: Vec<String> = (1..=WIDTH + 1).map(|place| format!("?{place}")).collect();
    let added = transaction
        .prepare(&format!(
            "INSERT OR IGNORE INTO runs ({COLUMNS}, checksum) VALUES ({})",
            places.join(", ")
        ))?
        .execute(params_from_iter(
            values.into_iter().chain([&sum as &dyn ToSql]),
        ))?;
    if added == 0 {
        return Ok(false);
    }
    let mut epochs = transaction.prepare(
        "INSERT INTO epochs (run_id, epoch, train_loss, train_accuracy, val_loss, val_accuracy,
             seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (number, epoch) in (1_i64..).zip(&run.epochs) {
        epochs.execute(params![
            run.run_id,
            number,
            epoch.train_loss,
            epoch.train_accuracy,
            epoch.val_loss,
            epoch.val_accuracy,
            epoch.seconds,
        ])?;
    }
    if let Some(predictions) = predictions {
        transaction.execute(
            "INSERT INTO predictions (run_id, classes, checksum) VALUES (?1, ?2, ?3)",
            params![
                run.run_id,
                predictions,
                Checksum::of_predictions(run.run_id.as_bytes(), predictions)
            ],
        )?;
    }
    Ok(true)
}

fn run_from_row(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let status: String = row.get(3)?;
    let diverged_epoch: Option<usize> = row.get(4)?;
    let failure: Option<String> = row.get(5)?;
    Ok(RunRecord {
        run_id: row.get(0)?,
        dataset: row.get(1)?,
        variant: variant_from_row(row, 11)?,
        seed: row.get(2)?,
        status: match (status.as_str(), diverged_epoch, failure) {
            ("ok", None, None) => Status::Ok,
            ("diverged", Some(epoch), None) => Status::Diverged { epoch },
            ("failed", None, Some(message)) => Status::Failed { message },
            _ => return Err(unexpected(3, format!("status {status:?} is unknown"))),
        },
        epochs_planned: row.get(6)?,
        test_accuracy: row.get(7)?,
        test_loss: row.get(8)?,
        seconds: row.get(9)?,
        isa: row.get(10)?,
        epochs: Vec::new(),
    })
}

/// The variant in the columns from `first` on: initializer, hidden, activation, learning rate,
/// batch size, scope.
fn variant_from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Variant> {
    let text = |column: usize| row.get::<_, String>(first + column);
    let unknown =
        |column: usize, what: &str| unexpected(first + column, format!("{what} is unknown"));
    let (activation, init_scope) = (text(2)?, text(5)?);
    Ok(Variant {
        initializer: text(0)?.parse().map_err(|error| unexpected(first, error))?,
        hidden: parse_hidden(&text(1)?).map_err(|error| unexpected(first + 1, error))?,
        activation: Activation::named(&activation).ok_or_else(|| unknown(2, &activation))?,
        learning_rate: row.get(first + 3)?,
        batch_size: row.get(first + 4)?,
        init_scope: scope_named(&init_scope).ok_or_else(|| unknown(5, &init_scope))?,
    })
}

fn unexpected(
    column: usize,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Text;
    rusqlite::Error::FromSqlConversionFailure(column, kind, error.into())
}
