//! The dense product on AVX2 and FMA.

mod blocked;
mod edge;
mod finish;
mod half;
mod large;
mod pack;
mod plan;
mod tile;
mod vector;

use crate::{Epilogue, MatMut, MatRef, PackedB};
use blocked::{Factor, Product};
use finish::Finish;

/// A·B into C, whose shapes fit.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm(a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
    if c.rows() == 0 || c.cols() == 0 {
        return;
    }
    // Tiles write rows of C. Where its columns are contiguous, Cᵀ = Bᵀ·Aᵀ is the same product.
    let transposed = c.col_stride() != 1 && c.row_stride() == 1;
    let finish = Finish::new(epilogue, transposed);
    let mut product = if transposed {
        Product {
            a: b.t(),
            b: Factor::View(a.t()),
            c: c.t(),
            finish,
        }
    } else {
        Product {
            a,
            b: Factor::View(b),
            c,
            finish,
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
    let mut product = Product {
        a,
        b: Factor::Packed(b),
        c,
        finish: Finish::new(epilogue, false),
    };
    if a.cols() == 0 {
        product.empty();
    } else {
        product.run();
    }
}
