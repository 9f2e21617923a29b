//! The tiles of AVX-512 and what else of the dense product is otherwise with it; the loops around
//! them are those of AVX2.

mod few_columns;
mod few_terms;
mod finish;
mod half;
mod terms;
mod tile;
mod transpose;

pub(super) use few_columns::few_columns;
pub(super) use few_terms::terms_in_registers;
pub(super) use half::PAIRED_ROWS;
pub(super) use tile::{ONE_UNIT_ROWS, TWO_UNITS_ROWS, WIDE_COLS};
