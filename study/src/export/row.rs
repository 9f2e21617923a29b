//! A row of named cells: what a CSV file and a JSON object have in common, so that both carry the
//! same numbers under the same names.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use crate::stats::Undefined;

/// One cell. A missing number is empty, never zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing: an empty CSV cell, a JSON null.
    Empty,
    /// A name or a sentence.
    Text(String),
    /// A count.
    Count(usize),
    /// A number at full precision.
    Number(f64),
}

/// Cells under their names, and the reasons why some are empty in the last one, `note`.
#[derive(Clone, Debug, Default)]
pub struct Row {
    cells: Vec<(&'static str, Cell)>,
    notes: Vec<String>,
}

impl Row {
    /// Adds a cell.
    #[must_use]
    pub fn with(mut self, name: &'static str, cell: impl Into<Cell>) -> Self {
        self.cells.push((name, cell.into()));
        self
    }

    /// Adds a reason to the note.
    #[must_use]
    pub fn note(mut self, what: &str, reason: impl ToString) -> Self {
        self.notes.push(format!("{what}: {}", reason.to_string()));
        self
    }

    /// Adds the reason why something is undefined, if it is.
    #[must_use]
    pub fn note_unless<T>(self, what: &str, result: &Result<T, Undefined>) -> Self {
        match result {
            Ok(_) => self,
            Err(reason) => self.note(what, reason),
        }
    }

    /// The names of the cells.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.cells.iter().map(|(name, _)| *name).chain(["note"])
    }

    /// The cells in order, the note last.
    pub fn cells(&self) -> impl Serialize + '_ {
        Cells(self)
    }

    fn joined_notes(&self) -> String {
        self.notes.join("; ")
    }
}

/// Writes rows of one kind as CSV, under the header of the first or, where there is none, that of
/// `like`.
///
/// # Errors
/// What the writer says.
pub fn write_csv(
    out: impl std::io::Write,
    rows: impl IntoIterator<Item = Row>,
    like: Option<&Row>,
) -> csv::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(out);
    let mut rows = rows.into_iter().peekable();
    if let Some(first) = rows.peek().or(like) {
        writer.write_record(first.names())?;
    }
    for row in rows {
        writer.serialize(row.cells())?;
    }
    writer.flush()?;
    Ok(())
}

struct Cells<'a>(&'a Row);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.cells.len() + 1))?;
        for (_, cell) in &self.0.cells {
            seq.serialize_element(cell)?;
        }
        seq.serialize_element(&self.0.joined_notes())?;
        seq.end()
    }
}

/// A map, as JSON wants it.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.cells.len() + 1))?;
        for (name, cell) in &self.cells {
            map.serialize_entry(name, cell)?;
        }
        map.serialize_entry("note", &self.joined_notes())?;
        map.end()
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<f64> for Cell {
    /// A number that is none is no result.
    fn from(number: f64) -> Self {
        if number.is_finite() {
            Self::Number(number)
        } else {
            Self::Empty
        }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}
