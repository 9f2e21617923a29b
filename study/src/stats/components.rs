//! Variance components of a crossed design: how much of the spread over runs is the initial
//! weights', how much the batch order's, how much is neither's alone.

use super::dist::fisher;
use super::outcome::{TestResult, Undefined, check_blocks};
use super::repeated::Blocks;

/// Components of value = mean + row + column + rest, rows and columns random.
#[derive(Debug, Clone, PartialEq)]
pub struct VarianceComponents {
    /// Variance between rows.
    pub rows: Component,
    /// Variance between columns.
    pub columns: Component,
    /// Variance of the rest: interaction and noise, which one run per cell cannot tell apart.
    pub rest: f64,
    /// Share of the rest in the sum of the three.
    pub rest_share: f64,
}

/// One component.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Method-of-moments (ANOVA) estimate. Unbiased, and so negative where the true one is small.
    pub variance: f64,
    /// Share of the sum of components, a negative one counted as 0.
    pub share: f64,
    /// F test of no variance.
    pub test: TestResult,
}

/// Components of a complete table, `table[row][column]`, one run per cell (Searle, Casella and
/// McCulloch 1992, chapter 4).
pub fn variance_components(table: &[&[f64]]) -> Result<VarianceComponents, Undefined> {
    let columns = check_blocks(table, 2, 2)? as f64;
    let rows = table.len() as f64;
    let by_row = Blocks::new(table)?;
    let transposed: Vec<Vec<f64>> = (0..table[0].len())
        .map(|j| table.iter().map(|r| r[j]).collect())
        .collect();
    let slices: Vec<&[f64]> = transposed.iter().map(Vec::as_slice).collect();
    let by_column = Blocks::new(&slices)?;
    let rest = by_row.mean_square;
    let mean_square = |effects: &[f64], repeats: f64| {
        repeats * effects.iter().map(|e| e * e).sum::<f64>() / (effects.len() as f64 - 1.0)
    };
    let row_square = mean_square(&by_row.effects, columns);
    let column_square = mean_square(&by_column.effects, rows);
    let row_variance = (row_square - rest) / columns;
    let column_variance = (column_square - rest) / rows;
    let total = row_variance.max(0.0) + column_variance.max(0.0) + rest;
    let component = |name, variance: f64, square: f64, levels: f64| {
        let (f, df) = (square / rest, levels - 1.0);
        Component {
            variance,
            share: variance.max(0.0) / total,
            test: TestResult::new(name, f, fisher::sf(f, df, by_row.df))
                .df(df)
                .df_error(by_row.df),
        }
    };
    Ok(VarianceComponents {
        rows: component("F of rows", row_variance, row_square, rows),
        columns: component("F of columns", column_variance, column_square, columns),
        rest,
        rest_share: rest / total,
    })
}
