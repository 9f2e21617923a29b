//! The tables of a store, their version, and the connection's settings.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, limits::Limit};

use super::{
    StoreError,
    damage::{WAY_OUT, check_sound},
    error::one_line,
};

/// Goes up with every change of the tables below. A store of an older version is brought up to
/// this when it is opened to add to it, and can be read as it is.
const SCHEMA_VERSION: i64 = 2;

/// Marks a file as a store of this program (`PRAGMA application_id`): "init" in ASCII.
const APPLICATION_ID: i64 = 0x696e_6974;

/// How long to wait for another process that has the store open, unless a store is told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The longest text or blob that is written or read, in bytes: predictions of so many test images.
const LONGEST_VALUE: i32 = 64 << 20;

/// Version 1. Accuracies are fractions of 1, losses nats, seeds as given; a missing value is NULL.
const TABLES: &str = "
    CREATE TABLE study (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE facts (
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

/// From version 1 to 2: runs may have failed, what a run came to has a
/// checksum (runs of before have none), and each invocation of a sweep says where it ran.
const TO_VERSION_2: &str = "
    CREATE TABLE IF NOT EXISTS facts (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE runs ADD COLUMN failure TEXT;
    ALTER TABLE runs ADD COLUMN checksum INTEGER;
    ALTER TABLE predictions ADD COLUMN checksum INTEGER;
    CREATE TABLE environment (
        session INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (session, key)
    ) STRICT, WITHOUT ROWID;
";

/// Opens a store to add to it, and makes the tables where the file is new.
pub(super) fn open_to_write(path: &Path) -> Result<(Connection, i64), StoreError> {
    let sqlite = |source| sqlite_error(path, source);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = open(path, flags).map_err(sqlite)?;
    prepare(&connection).map_err(sqlite)?;
    // Another tool may have left a write-ahead log, which needs shared memory.
    connection
        .pragma_update(None, "journal_mode", "DELETE")
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "synchronous", "EXTRA")
        .map_err(sqlite)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(sqlite)?;
    if is_empty(&connection).map_err(sqlite)? {
        create(&mut connection).map_err(sqlite)?;
    }
    let version = check(path, &connection)?;
    // Before anything is written: a write into pages that make no sense makes less of them.
    check_sound(path, path, &connection)?;
    if version < 2 {
        migrate(&mut connection, TO_VERSION_2, 2).map_err(sqlite)?;
    }
    Ok((connection, SCHEMA_VERSION))
}

/// Opens a store to read it, and changes nothing, except that it takes back what a process left half
/// done that was killed in the middle of writing: SQLite could not read it otherwise. Its version.
pub(super) fn open_to_read(path: &Path) -> Result<(Connection, i64), StoreError> {
    // Of a file that must not be written to, SQLite makes this a connection that only reads.
    match open_query_only(path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        Err(error) if error.was_cut_off() => Err(StoreError::Unreadable {
            path: path.to_owned(),
            fault: "was cut off in a write, which can only be undone where the folder can be written to; copy it to such a place".to_owned(),
        }),
        opened => opened,
    }
}

/// As [`open_to_read`], but a write that was cut off is not undone either: SQLite's `ReadOnly` then.
pub(super) fn open_untouched(path: &Path) -> Result<(Connection, i64), StoreError> {
    open_query_only(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open_query_only(path: &Path, flags: OpenFlags) -> Result<(Connection, i64), StoreError> {
    let sqlite = |source| sqlite_error(path, source);
    let connection = open(path, flags).map_err(sqlite)?;
    prepare(&connection).map_err(sqlite)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(sqlite)?;
    let version = check(path, &connection)?;
    Ok((connection, version))
}

/// Opens a file. SQLite is built to take a name that begins with `file:` for a URI, whatever the
/// flags; here it is a folder's.
fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    if path.as_os_str().as_encoded_bytes().starts_with(b"file:") {
        return Connection::open_with_flags(Path::new(".").join(path), flags);
    }
    Connection::open_with_flags(path, flags)
}

/// What every connection is held to.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)
}

/// The version of a store; refuses what is none, or of a later version.
fn check(path: &Path, connection: &Connection) -> Result<i64, StoreError> {
    let pragma = |name: &str| {
        let value = connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        value.map_err(|source| sqlite_error(path, source))
    };
    let fault = match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION_ID, version @ 1..=SCHEMA_VERSION) => {
            // The first stores of version 1 had no facts.
            let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'
                 AND (name IN ('study', 'runs', 'epochs', 'predictions')
                      OR name = 'facts' AND ?1 > 1)";
            let tables: i64 = connection
                .query_row(tables, [version], |row| row.get(0))
                .map_err(|source| sqlite_error(path, source))?;
            if tables == if version > 1 { 5 } else { 4 } {
                return Ok(version);
            }
            format!("is damaged (not all tables of a store are in it); {WAY_OUT}")
        }
        (APPLICATION_ID, other) => format!(
            "is a store of version {other}, this program knows version {SCHEMA_VERSION}; use the initstudy that wrote it"
        ),
        _ => "is a database, but no store of initstudy; choose another folder".to_owned(),
    };
    Err(StoreError::Unreadable {
        path: path.to_owned(),
        fault,
    })
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let tables = "SELECT count(*) FROM sqlite_schema";
    connection.query_row(tables, [], |row| Ok(row.get::<_, i64>(0)? == 0))
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(TO_VERSION_2)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    transaction.commit()
}

fn migrate(connection: &mut Connection, change: &str, version: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(change)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

pub(super) fn sqlite_error(path: &Path, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Unreadable {
            path: path.to_owned(),
            fault: format!("is no readable store ({}); {WAY_OUT}", one_line(&source)),
        },
        _ => StoreError::Sqlite {
            path: path.to_owned(),
            source,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_written_with_a_rollback_journal_and_its_folder_synchronised() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("runs.sqlite");
        drop(open_to_write(&path).unwrap());
        let tool = Connection::open(&path).unwrap();
        tool.pragma_update(None, "journal_mode", "WAL").unwrap();
        drop(tool);
        let (store, _) = open_to_write(&path).unwrap();
        let mode = store.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
        assert_eq!(mode.unwrap(), "delete");
        // EXTRA.
        let level = store.pragma_query_value(None, "synchronous", |row| row.get(0));
        assert_eq!(level, Ok(3));
        drop(store);
        // The two bytes of the header that tell readers of a log.
        assert_eq!(std::fs::read(&path).unwrap()[18..20], [1, 1]);
    }
}
