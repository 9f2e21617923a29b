//! A table as every rendering takes it: columns with heads, cells with marks and origins.

use super::Origin;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Stem of its files, and its label in LaTeX.
    pub name: &'static str,
    /// What its numbers are.
    pub caption: String,
    /// What a marked cell says, after "Bold:" or the like; none where no cell can be marked.
    pub marked: Option<String>,
    /// What letters say; none where there are none.
    pub lettered: Option<String>,
    /// The columns, left to right.
    pub columns: Vec<Column>,
    /// The rows, a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// A head over this column and its neighbours of the same group.
    pub group: Option<&'static str>,
    /// Its head.
    pub head: String,
    /// Whether it is set flush right, as numbers are.
    pub numeric: bool,
}

/// A cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// What it says; empty where there is nothing.
    pub text: String,
    /// Whether it is among the best of its column.
    pub best: bool,
    /// Letters of the groups that it was not told apart from.
    pub letters: String,
    /// Whether it is a verdict, which is coloured by what it says.
    pub is_verdict: bool,
    /// Where its numbers stand.
    pub origin: Option<Origin>,
}

impl Column {
    /// Names and words.
    pub(in crate::report) fn words(head: &str) -> Self {
        Self {
            group: None,
            head: head.to_owned(),
            numeric: false,
        }
    }

    /// Numbers.
    pub(in crate::report) fn numbers(group: Option<&'static str>, head: &str) -> Self {
        Self {
            group,
            head: head.to_owned(),
            numeric: true,
        }
    }
}

impl Cell {
    /// Words, of no row in particular.
    pub(in crate::report) fn words(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// A verdict.
    pub(in crate::report) fn verdict(text: &str) -> Self {
        Self {
            is_verdict: true,
            ..Self::words(text)
        }
    }

    /// Numbers of a row; a cell without any has no origin.
    pub(in crate::report) fn numbers(text: String, origin: Origin) -> Self {
        Self {
            origin: (!text.is_empty()).then_some(origin),
            text,
            ..Self::default()
        }
    }
}

impl Table {
    /// Whether cells of a column have letters.
    #[must_use]
    pub fn has_letters(&self, column: usize) -> bool {
        self.rows.iter().any(|row| !row[column].letters.is_empty())
    }

    /// Neighbouring columns of one group: its head and how many they are.
    #[must_use]
    pub fn column_groups(&self) -> Vec<(Option<&'static str>, usize)> {
        let mut groups: Vec<(Option<&'static str>, usize)> = Vec::new();
        for column in &self.columns {
            match groups.last_mut() {
                Some((group, width)) if group.is_some() && *group == column.group => *width += 1,
                _ => groups.push((column.group, 1)),
            }
        }
        groups
    }

    /// Whether any column stands under a group's head.
    #[must_use]
    pub fn is_grouped(&self) -> bool {
        self.columns.iter().any(|column| column.group.is_some())
    }

    /// The caption and what marks and letters say, `mark` being what marks a cell.
    #[must_use]
    pub fn full_caption(&self, mark: &str) -> String {
        let mut text = self.caption.clone();
        if let Some(marked) = &self.marked {
            text += &format!(" {mark}: {marked}.");
        }
        if let Some(lettered) = &self.lettered {
            text += &format!(" {lettered}.");
        }
        text
    }
}
