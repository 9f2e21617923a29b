//! SQL that several parts of the store need.

use rusqlite::{Connection, ToSql};

use super::rows::PARTS;

/// The time now, UTC.
pub(super) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";

/// Whether there is such a table, which a store of an earlier version may lack.
pub(super) fn has_table(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)";
    connection.query_row(query, [table], |row| row.get(0))
}

/// Deletes a run from all tables; `is_it` is the condition on `run_id` that `?1` makes. What refers to the
/// run goes first.
pub(super) fn delete_run(
    connection: &Connection,
    is_it: &str,
    run_id: impl ToSql,
) -> rusqlite::Result<()> {
    for table in PARTS.into_iter().chain(["runs"]) {
        let delete = format!("DELETE FROM {table} WHERE {is_it}");
        connection.prepare_cached(&delete)?.execute([&run_id])?;
    }
    Ok(())
}
