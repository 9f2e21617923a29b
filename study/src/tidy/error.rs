//! Why a table cannot be used, each in one sentence with its line.

use super::{LONGEST_ROW, MOST_GROUPS, MOST_ROWS};
use crate::{nearest::nearest, report::content::counted};

/// Why a table cannot be used. Lines count from 1, the header's.
#[derive(Debug, thiserror::Error)]
pub enum TidyError {
    /// Reading failed.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// There is no header.
    #[error("the file is empty; a header and one row per run are needed")]
    Empty,
    /// A header and nothing under it.
    #[error("line 1 is the header, and no run follows it")]
    HeaderOnly,
    /// No column of that name.
    #[error("line 1 has no column {wanted:?}; {}", suggestion(.wanted, .header))]
    NoColumn {
        /// The column asked for.
        wanted: String,
        /// Those that there are.
        header: Vec<String>,
    },
    /// Two columns of that name.
    #[error("line 1 has the column {0:?} twice; rename one")]
    TwoColumns(String),
    /// A row of another length than the header's.
    #[error(
        "line {line} has {}, the header has {needed}; give every row one field per column, in quotes where it holds the separator",
        counted(*got, "field")
    )]
    Ragged {
        /// The line.
        line: u64,
        /// Its fields.
        got: usize,
        /// The header's.
        needed: usize,
    },
    /// Bytes that are no text.
    #[error("line {line}, column {column:?}: the bytes are not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// The line.
        line: u64,
        /// The column.
        column: String,
    },
    /// A value that is no number.
    #[error(
        "line {line}, column {column:?}: {text:?} is no number; leave the cell empty where there is none"
    )]
    NotANumber {
        /// The line.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A number too large to hold.
    #[error(
        "line {line}, column {column:?}: {text:?} is beyond the largest number, 1.8e308; write it in another unit"
    )]
    TooLarge {
        /// The line.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A run of no group.
    #[error("line {line}, column {column:?}: the cell is empty; every run belongs to a group")]
    NoGroup {
        /// The line.
        line: u64,
        /// The column.
        column: String,
    },
    /// A row that does not end.
    #[error(
        "line {line}: the row that begins here is longer than {LONGEST_ROW} bytes; close its quotes, or name a CSV file"
    )]
    TooLong {
        /// The line.
        line: u64,
    },
    /// More rows than a table of runs has.
    #[error("the file has more than {MOST_ROWS} rows; name one with fewer runs")]
    TooManyRows,
    /// Two runs of one group with one pair.
    #[error(
        "line {line}, column {column:?}: {group} has {pair:?} already, in line {before}; keep one of them, or name another column with --pair"
    )]
    Repeated {
        /// The line.
        line: u64,
        /// The line of the other.
        before: u64,
        /// The column of pairs.
        column: String,
        /// The group.
        group: String,
        /// The pair.
        pair: String,
    },
    /// So many groups that they are none.
    #[error(
        "line {line}, column {column:?}: more than {MOST_GROUPS} different groups; choose a column that names the group of a run"
    )]
    TooManyGroups {
        /// The line where it is too much.
        line: u64,
        /// The column.
        column: String,
    },
}

/// The nearest name, else the names there are, else that the separator may be another.
fn suggestion(wanted: &str, header: &[String]) -> String {
    if let [only] = header
        && only.contains([';', '\t', '|'])
    {
        return "its fields are separated by another sign than a comma; name it with --delimiter"
            .to_owned();
    }
    match nearest(wanted, header.iter().map(String::as_str)) {
        Some(name) => format!("did you mean {name:?}?"),
        None => {
            let shown = header.join(", ");
            let shown: String = shown.escape_debug().take(400).collect();
            format!("it has {shown}")
        }
    }
}
