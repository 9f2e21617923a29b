//! The tables of a store, their version, and the connection's settings.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode};

use super::StoreError;

/// Goes up with every change of the tables below.
const SCHEMA_VERSION: i64 = 1;

/// Marks a file as a store of this program (`PRAGMA application_id`): "init" in ASCII.
const APPLICATION_ID: i64 = 0x696e_6974;

/// Accuracies are fractions of 1, losses nats, seeds as given; a missing value is NULL.
const TABLES: &str = "
    CREATE TABLE study (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        dataset TEXT NOT NULL,
        initializer TEXT NOT NULL,
        init_scope TEXT NOT NULL,
        seed INTEGER NOT NULL,
        status TEXT NOT NULL,
        diverged_epoch INTEGER,
        hidden TEXT NOT NULL,
        activation TEXT NOT NULL,
        epochs INTEGER NOT NULL,
        batch_size INTEGER NOT NULL,
        learning_rate REAL NOT NULL,
        test_accuracy REAL,
        test_loss REAL,
        seconds REAL NOT NULL,
        isa TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE epochs (
        run_id TEXT NOT NULL REFERENCES runs,
        epoch INTEGER NOT NULL,
        train_loss REAL NOT NULL,
        train_accuracy REAL NOT NULL,
        val_loss REAL NOT NULL,
        val_accuracy REAL NOT NULL,
        seconds REAL NOT NULL,
        PRIMARY KEY (run_id, epoch)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE predictions (
        run_id TEXT PRIMARY KEY REFERENCES runs,
        classes BLOB NOT NULL
    ) STRICT;
";

/// Opens the file, makes the tables where it is new, and refuses what is no store of this version.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let sqlite = |source| sqlite_error(path, source);
    let unreadable = |fault: String| StoreError::Unreadable {
        path: path.to_owned(),
        fault,
    };
    let mut connection = Connection::open(path).map_err(sqlite)?;
    connection
        .busy_timeout(Duration::from_secs(30))
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "synchronous", "FULL")
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(sqlite)?;
    let pragma = |connection: &Connection, name: &str| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
    };
    let application = pragma(&connection, "application_id").map_err(sqlite)?;
    let version = pragma(&connection, "user_version").map_err(sqlite)?;
    match (application, version) {
        (APPLICATION_ID, SCHEMA_VERSION) => {}
        (APPLICATION_ID, newer) if newer > SCHEMA_VERSION => {
            return Err(unreadable(format!(
                "is a store of version {newer}, this program reads up to {SCHEMA_VERSION}; use a newer initstudy"
            )));
        }
        (0, 0) if is_empty(&connection).map_err(sqlite)? => {
            create(&mut connection).map_err(sqlite)?;
        }
        _ => {
            let fault =
                "is a database, but no store of initstudy; choose another folder with --out";
            return Err(unreadable(fault.to_owned()));
        }
    }
    Ok(connection)
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let tables = "SELECT count(*) FROM sqlite_schema";
    connection.query_row(tables, [], |row| Ok(row.get::<_, i64>(0)? == 0))
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()
}

fn sqlite_error(path: &Path, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Unreadable {
            path: path.to_owned(),
            fault: format!("is no readable store ({source}); move it away and run the sweep again"),
        },
        _ => StoreError::Sqlite {
            path: path.to_owned(),
            source,
        },
    }
}
