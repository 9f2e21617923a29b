//! The tiles of AVX-512 and what else of the dense product is otherwise with it; the loops around
//! them are those of AVX2.

mod few_terms;
mod finish;
mod half;
mod tile;
mod transpose;

pub(super) use few_terms::terms_in_registers;
pub(super) use tile::{WIDE_COLS, most_rows_wide};
