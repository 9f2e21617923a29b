//! The dense product on AVX2 and FMA, and on AVX-512.

mod avx512;
mod blocked;
mod factor;
mod few_terms;
mod finish;
mod half;
mod large;
mod pack;
mod parts;
mod plan;
mod source;
mod terms;
mod tile;
mod tiling;
mod vector;

use crate::{Epilogue, MatMut, MatRef, PackedB};
use avx512::TWO_UNITS_ROWS;
use blocked::Product;
use factor::Factor;
use finish::Finish;
use plan::PANEL;
pub(super) use tiling::{Tiling, Units};

/// Terms from which on a tile is worth turning.
const LEAST_TERMS_TO_TURN: usize = 16;

/// A·B into C, whose shapes fit.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm(
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    tiling: Tiling,
) {
    // Tiles write rows of C. Where its columns are contiguous, Cᵀ = Bᵀ·Aᵀ is the same product.
    let by_columns = c.row_stride() == 1 && c.col_stride() != 1;
    let transposed = by_columns || fills_lanes_transposed(a, b, &c, tiling);
    let (a, b, c) = if transposed {
        (b.t(), a.t(), c.t())
    } else {
        (a, b, c)
    };
    Product {
        a,
        b: Factor::View(b),
        c,
        finish: Finish::new(epilogue, transposed),
        tiling,
    }
    .run();
}

/// Whether C has so few columns that lanes would idle, while its rows, which lie side by side in A, would fill
/// them.
///
/// Not with a B that no order reads: as the left factor it would be cut into other blocks of terms than A
/// (`Plan::new`).
fn fills_lanes_transposed(a: MatRef<'_>, b: MatRef<'_>, c: &MatMut<'_>, tiling: Tiling) -> bool {
    let streams = a.row_stride() == 1 && (b.row_stride() == 1 || b.col_stride() == 1);
    if c.cols() == 1 {
        // As a row it streams A. Not measured with AVX-512.
        return streams && c.row_stride() == 1;
    }
    // Each tile is then turned before it is stored.
    let one_tile_high = c.cols() <= TWO_UNITS_ROWS;
    tiling.has_two_units()
        && streams
        && one_tile_high
        && c.rows() >= PANEL
        && a.cols() >= LEAST_TERMS_TO_TURN
}

/// As `gemm`, with a B that was packed before.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm_packed(
    a: MatRef<'_>,
    b: &PackedB,
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    tiling: Tiling,
) {
    Product {
        a,
        b: Factor::Packed(b),
        c,
        finish: Finish::new(epilogue, false),
        tiling,
    }
    .run();
}

/// As `gemm`, with the rows `rows` of a B whose rows are contiguous.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm_rows(
    a: MatRef<'_>,
    b: MatRef<'_>,
    rows: &[u32],
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    tiling: Tiling,
) {
    Product {
        a,
        b: Factor::Rows(b, rows),
        c,
        finish: Finish::new(epilogue, false),
        tiling,
    }
    .run();
}
