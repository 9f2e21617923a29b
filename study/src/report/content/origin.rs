//! Where a printed number stands in the CSV files that a report comes with.

use crate::comparison::Analysis;

/// A row of a CSV file, and the columns of it that were printed, with their values in full.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The file.
    pub file: &'static str,
    /// The line of the row; the header is line 1.
    pub line: usize,
    /// Columns and values; a value that does not exist is no part of it.
    pub values: Vec<(&'static str, f64)>,
}

impl Origin {
    /// The row and its values for people: `summary.csv, line 18: mean = 0.9745`.
    #[must_use]
    pub fn describe(&self) -> String {
        // In full, which of a small p is 300 zeros unless as a power of ten.
        let written = |v: f64| match v != 0.0 && v.abs() < 1e-4 {
            true => format!("{v:e}"),
            false => v.to_string(),
        };
        let values = self.values.iter();
        let values = values.map(|(name, v)| format!("{name} = {}", written(*v)));
        let values: Vec<String> = values.collect();
        format!("{}, line {}: {}", self.file, self.line, values.join(", "))
    }

    /// The row and its columns for programs: `summary.csv:18:mean,sd`.
    #[must_use]
    pub fn key(&self) -> String {
        let names: Vec<&str> = self.values.iter().map(|(name, _)| *name).collect();
        format!("{}:{}:{}", self.file, self.line, names.join(","))
    }
}

/// Where the rows of each analysis begin, in the files that `export::write_analyses` writes.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Metric, its first line in summary.csv, in comparisons.csv, in omnibus.csv.
    first: Vec<(String, [usize; 3])>,
}

impl Rows {
    /// The rows of some analyses, written in this order.
    #[must_use]
    pub fn of(analyses: &[Analysis]) -> Self {
        let mut next = [2; 3];
        let first = analyses.iter().map(|analysis| {
            let here = next;
            next[0] += analysis.summaries.len();
            next[1] += analysis.comparisons.len();
            next[2] += analysis.omnibus.len();
            (analysis.metric.clone(), here)
        });
        Self {
            first: first.collect(),
        }
    }

    /// Row `index` of a metric in summary.csv.
    #[must_use]
    pub fn summary(
        &self,
        metric: &str,
        index: usize,
        values: &[(&'static str, Option<f64>)],
    ) -> Origin {
        self.row(0, "summary.csv", metric, index, values)
    }

    /// Row `index` of a metric in comparisons.csv.
    #[must_use]
    pub fn comparison(
        &self,
        metric: &str,
        index: usize,
        values: &[(&'static str, Option<f64>)],
    ) -> Origin {
        self.row(1, "comparisons.csv", metric, index, values)
    }

    /// Row `index` of a metric in omnibus.csv.
    #[must_use]
    pub fn omnibus(
        &self,
        metric: &str,
        index: usize,
        values: &[(&'static str, Option<f64>)],
    ) -> Origin {
        self.row(2, "omnibus.csv", metric, index, values)
    }

    fn row(
        &self,
        kind: usize,
        file: &'static str,
        metric: &str,
        index: usize,
        values: &[(&'static str, Option<f64>)],
    ) -> Origin {
        let first = self.first.iter().find(|(name, _)| name == metric);
        Origin {
            file,
            line: first.map_or(0, |(_, lines)| lines[kind]) + index,
            values: existing(values),
        }
    }
}

/// The values that there are.
pub(in crate::report) fn existing(
    values: &[(&'static str, Option<f64>)],
) -> Vec<(&'static str, f64)> {
    let there = |(name, value): &(&'static str, Option<f64>)| Some((*name, (*value)?));
    values.iter().filter_map(there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tooltip_has_no_row_of_zeros() {
        let origin = Origin {
            file: "comparisons.csv",
            line: 2,
            values: vec![("p", f64::MIN_POSITIVE), ("difference", -2e-5), ("n", 12.0)],
        };
        assert_eq!(
            origin.describe(),
            "comparisons.csv, line 2: p = 2.2250738585072014e-308, difference = -2e-5, n = 12"
        );
    }
}
