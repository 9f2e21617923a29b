//! The rows that a run has in a table, whatever the table's columns.

use std::cmp::Ordering;

use rusqlite::{
    Connection, params_from_iter,
    types::{Value, ValueRef},
};

/// Columns that tell how a run was made and not what came of it, and what is computed from them. The
/// data set's name is what somebody called it: its content is in the run's identity.
const CIRCUMSTANCES: [&str; 3] = ["dataset", "seconds", "checksum"];

/// Some rows of a table, in the order of its key.
pub(super) struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    pub(super) fn of_run(
        connection: &Connection,
        table: &str,
        run_id: &str,
    ) -> rusqlite::Result<Self> {
        let query = format!("SELECT * FROM {table} WHERE run_id = ?1 ORDER BY 1, 2");
        let mut statement = connection.prepare_cached(&query)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let rows = statement.query_map([run_id], |row| (0..width).map(|i| row.get(i)).collect())?;
        Ok(Self {
            rows: rows.collect::<rusqlite::Result<_>>()?,
            columns,
        })
    }

    /// Adds these rows to the same table of another store.
    pub(super) fn insert(&self, connection: &Connection, table: &str) -> rusqlite::Result<()> {
        let places: Vec<String> = (1..=self.columns.len()).map(|i| format!("?{i}")).collect();
        let insert = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            self.columns.join(", "),
            places.join(", ")
        );
        let mut statement = connection.prepare_cached(&insert)?;
        for row in &self.rows {
            statement.execute(params_from_iter(row))?;
        }
        Ok(())
    }

    /// The first row's cell of a column, unless it is empty.
    pub(super) fn cell(&self, column: &str) -> Option<ValueRef<'_>> {
        let (_, value) = self.cells().find(|(name, _)| *name == column)?;
        (*value != Value::Null).then(|| value.into())
    }

    /// The cells of some columns, row by row.
    pub(super) fn by_row(&self, columns: &[&str]) -> impl Iterator<Item = ValueRef<'_>> {
        let places = columns.iter().filter_map(|column| {
            let mut names = self.columns.iter();
            names.position(|name| name == column)
        });
        let places: Vec<usize> = places.collect();
        self.rows
            .iter()
            .flat_map(move |row| places.clone().into_iter().map(|place| (&row[place]).into()))
    }

    /// Whether these rows of a run, the same result as others, are those to keep: so that neither
    /// order nor stages decide under which name and with which times a run is known.
    pub(super) fn go_before(&self, other: &Self) -> bool {
        let order = CIRCUMSTANCES.iter().map(|column| {
            match (self.cell(column), other.cell(column)) {
                (Some(ValueRef::Text(ours)), Some(ValueRef::Text(theirs))) => ours.cmp(theirs),
                (Some(ValueRef::Real(ours)), Some(ValueRef::Real(theirs))) => {
                    ours.total_cmp(&theirs)
                }
                (Some(ValueRef::Integer(ours)), Some(ValueRef::Integer(theirs))) => {
                    ours.cmp(&theirs)
                }
                // A checksum is better than none.
                (ours, theirs) => ours.is_none().cmp(&theirs.is_none()),
            }
        });
        order.fold(Ordering::Equal, Ordering::then).is_lt()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Why the run failed, if these are the row of one that did.
    pub(super) fn failure(&self) -> Option<&str> {
        self.cells().find_map(|cell| match cell {
            ("failure", Value::Text(text)) => Some(text.as_str()),
            _ => None,
        })
    }

    /// What came of the run: all cells but those that another try would fill otherwise. Those
    /// without a value count as those of a column that an older store lacks.
    pub(super) fn results(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.cells()
            .filter(|(column, value)| !CIRCUMSTANCES.contains(column) && **value != Value::Null)
    }

    fn cells(&self) -> impl Iterator<Item = (&str, &Value)> {
        let cells = |row| self.columns.iter().map(String::as_str).zip(row);
        self.rows.iter().flat_map(cells)
    }
}
