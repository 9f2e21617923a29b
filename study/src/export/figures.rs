//! The rows of curves.csv and settling.csv: the numbers of the figures that no other file has.

use super::row::Row;
use crate::report::figures::Drawn;

/// A row for each group and epoch of the learning curves.
#[must_use]
pub fn curve_rows(drawn: &[Drawn]) -> Vec<Row> {
    let row = |drawn: &Drawn| {
        Row::default()
            .with("curve", drawn.panel.as_str())
            .with("initializer", drawn.label.as_str())
            .with("epoch", drawn.x.map(|x| x as usize))
            .with("mean", drawn.value)
            .with("ci_low", drawn.interval.map(|interval| interval.low))
            .with("ci_high", drawn.interval.map(|interval| interval.high))
    };
    drawn.iter().map(row).collect()
}

/// A row for each pair, test and number of seeds.
#[must_use]
pub fn settling_rows(metric: &str, drawn: &[Drawn]) -> Vec<Row> {
    let row = |drawn: &Drawn| {
        Row::default()
            .with("metric", metric)
            .with("pair", drawn.label.as_str())
            .with("test_of", drawn.panel.as_str())
            .with("seeds", drawn.x.map(|x| x as usize))
            .with("p_adjusted", drawn.value)
    };
    drawn.iter().map(row).collect()
}
