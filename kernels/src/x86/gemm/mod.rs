//! The dense product on AVX2 and FMA.

mod blocked;
mod edge;
mod finish;
mod pack;
mod plan;
mod tile;

use crate::{Epilogue, MatMut, MatRef, PackedB};
use blocked::{Factor, Product};
use finish::Finish;
use plan::PANEL;

/// Columns of C up to which one tile of 8 columns of A is as high as C is wide.
const NARROW: usize = 12;

/// A·B into C, whose shapes fit.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm(a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
    if c.rows() == 0 || c.cols() == 0 {
        return;
    }
    // Tiles write rows of C. Where its columns are contiguous, Cᵀ = Bᵀ·Aᵀ is the same product; and
    // so it is where C has few columns and A's columns can be its vectors, for which the tiles are
    // transposed before they are stored.
    let by_columns = c.col_stride() != 1 && c.row_stride() == 1;
    let narrow = c.cols() <= NARROW && a.row_stride() == 1 && a.col_stride() != 1;
    let transposed = by_columns || (narrow && c.col_stride() == 1);
    let finish = Finish::new(epilogue, transposed);
    let product = if transposed {
        let width = if by_columns { PANEL } else { PANEL / 2 };
        Product {
            a: b.t(),
            b: Factor::View(a.t()),
            c: c.t(),
            finish,
            width,
        }
    } else {
        Product {
            a,
            b: Factor::View(b),
            c,
            finish,
            width: PANEL,
        }
    };
    if a.cols() == 0 {
        product.empty();
    } else {
        product.run();
    }
}

/// As `gemm`, with a B that was packed before.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm_packed(a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>) {
    if c.rows() == 0 || c.cols() == 0 {
        return;
    }
    let product = Product {
        a,
        b: Factor::Packed(b),
        c,
        finish: Finish::new(epilogue, false),
        width: PANEL,
    };
    if a.cols() == 0 {
        product.empty();
    } else {
        product.run();
    }
}
