//! Anybody's table, one row per run: read into groups, trusting nothing.

use std::{cell::Cell, collections::HashMap, io::Read, rc::Rc};

use csv::{ByteRecord, ReaderBuilder};

use crate::{
    bounded::Bounded,
    comparison::{Group, Run},
};

mod error;

pub use error::TidyError;

/// Which columns hold what.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The group of a run.
    pub group: &'a str,
    /// What was measured.
    pub metric: &'a str,
    /// What runs of different groups share, as a seed; none where nothing is shared.
    pub pair: Option<&'a str>,
}

/// A longer row, in bytes, is none: a quote is open, or the file is no table.
const LONGEST_ROW: usize = 1 << 20;

/// More rows than this are a mistaken file, and fill the memory.
const MOST_ROWS: usize = 1_000_000;

/// More groups than this are a mistaken column, and half a million pairs.
const MOST_GROUPS: usize = 1000;

/// Longer texts are cut in messages.
const SHOWN: usize = 60;

/// The groups of a table in the order in which they first appear. A cell that is empty, `NA`, or
/// no finite number (`nan`, `inf`) is a run without a value; a run without a pair is in no pair.
///
/// # Errors
/// If the table cannot be read, with line and column.
pub fn read(
    input: impl Read,
    delimiter: u8,
    columns: Columns<'_>,
) -> Result<Vec<Group>, TidyError> {
    let room = Rc::new(Cell::new(LONGEST_ROW));
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(Bounded::new(input, Rc::clone(&room)));
    let mut record = ByteRecord::new();
    let mut next = |record: &mut ByteRecord| {
        room.set(LONGEST_ROW);
        let line = reader.position().line();
        let read = reader.read_byte_record(record);
        if read.is_err() && room.get() == 0 {
            return Err(TidyError::TooLong { line });
        }
        Ok(read?)
    };
    if !next(&mut record)? {
        return Err(TidyError::Empty);
    }
    let header = header(&record)?;
    let find = |name| find(&header, name);
    let place = Places {
        group: find(columns.group)?,
        metric: find(columns.metric)?,
        pair: columns.pair.map(find).transpose()?,
    };
    let mut table = Table::default();
    while next(&mut record)? {
        if table.rows == MOST_ROWS {
            return Err(TidyError::TooManyRows);
        }
        table.rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            return Err(TidyError::Ragged {
                line,
                got: record.len(),
                needed: header.len(),
            });
        }
        let text = |index: usize| {
            let column = || header[index].clone();
            std::str::from_utf8(&record[index])
                .map(str::trim)
                .map_err(|_| TidyError::NotUtf8 {
                    line,
                    column: column(),
                })
        };
        table.add(
            Cells {
                group: text(place.group)?,
                metric: text(place.metric)?,
                pair: place.pair.map(text).transpose()?.unwrap_or(""),
            },
            line,
            columns,
        )?;
    }
    if table.groups.is_empty() {
        return Err(TidyError::HeaderOnly);
    }
    let groups = table.groups.into_iter();
    Ok(groups
        .map(|(label, runs)| Group::new(label, runs))
        .collect())
}

struct Places {
    group: usize,
    metric: usize,
    pair: Option<usize>,
}

struct Cells<'a> {
    group: &'a str,
    metric: &'a str,
    pair: &'a str,
}

#[derive(Default)]
struct Table {
    rows: usize,
    groups: Vec<(String, Vec<Run>)>,
    group_index: HashMap<String, usize>,
    pair_index: HashMap<String, u64>,
    /// The line of each group's run of each pair.
    seen: HashMap<(usize, u64), u64>,
}

impl Table {
    fn add(&mut self, cells: Cells<'_>, line: u64, columns: Columns<'_>) -> Result<(), TidyError> {
        let group = self.group(cells.group, line, columns)?;
        let value = number(cells.metric).map_err(|fault| {
            let column = columns.metric.to_owned();
            let text = cells.metric.chars().take(SHOWN).collect();
            match fault {
                NoNumber::Text => TidyError::NotANumber { line, column, text },
                NoNumber::Overflow => TidyError::TooLarge { line, column, text },
            }
        })?;
        let pair = self.pair(cells.pair);
        if let Some(pair) = pair
            && let Some(before) = self.seen.insert((group, pair), line)
        {
            return Err(TidyError::Repeated {
                line,
                before,
                column: columns.pair.unwrap_or_default().to_owned(),
                group: cells.group.to_owned(),
                pair: cells.pair.to_owned(),
            });
        }
        self.groups[group].1.push(Run { pair, value });
        Ok(())
    }

    fn group(&mut self, name: &str, line: u64, columns: Columns<'_>) -> Result<usize, TidyError> {
        if let Some(&index) = self.group_index.get(name) {
            return Ok(index);
        }
        let column = columns.group.to_owned();
        if name.is_empty() {
            return Err(TidyError::NoGroup { line, column });
        }
        if self.groups.len() == MOST_GROUPS {
            return Err(TidyError::TooManyGroups { line, column });
        }
        let index = self.groups.len();
        self.group_index.insert(name.to_owned(), index);
        self.groups.push((name.to_owned(), Vec::new()));
        Ok(index)
    }

    fn pair(&mut self, name: &str) -> Option<u64> {
        if is_missing(name) {
            return None;
        }
        if let Some(&pair) = self.pair_index.get(name) {
            return Some(pair);
        }
        let pair = self.pair_index.len() as u64;
        self.pair_index.insert(name.to_owned(), pair);
        Some(pair)
    }
}

/// Whether a cell says that there is nothing to say.
fn is_missing(text: &str) -> bool {
    text.is_empty() || ["na", "n/a", "null", "none"].contains(&text.to_lowercase().as_str())
}

/// Why a cell holds no number.
enum NoNumber {
    Text,
    Overflow,
}

/// A number, or none where the cell says that there is none.
fn number(text: &str) -> Result<Option<f64>, NoNumber> {
    if is_missing(text) {
        return Ok(None);
    }
    let value: f64 = text.parse().map_err(|_| NoNumber::Text)?;
    // Digits that become infinite are a number that was written down and would be lost.
    if value.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
        return Err(NoNumber::Overflow);
    }
    Ok(value.is_finite().then_some(value))
}

fn header(record: &ByteRecord) -> Result<Vec<String>, TidyError> {
    let name = |(index, bytes): (usize, &[u8])| {
        std::str::from_utf8(bytes)
            .map(|name| name.trim().to_owned())
            .map_err(|_| TidyError::NotUtf8 {
                line: 1,
                column: format!("number {}", index + 1),
            })
    };
    record.iter().enumerate().map(name).collect()
}

fn find(header: &[String], wanted: &str) -> Result<usize, TidyError> {
    let mut found = (0..header.len()).filter(|&i| header[i] == wanted);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => Err(TidyError::TwoColumns(wanted.to_owned())),
        (None, _) => Err(TidyError::NoColumn {
            wanted: wanted.to_owned(),
            header: header.to_vec(),
        }),
    }
}
