//! The dense product on AVX2 and FMA.

mod blocked;
mod edge;
mod finish;
mod pack;
mod plan;
mod tile;

use crate::{Epilogue, MatMut, MatRef};
use blocked::Product;
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
    let product = if transposed {
        Product {
            a: b.t(),
            b: a.t(),
            c: c.t(),
            finish,
        }
    } else {
        Product { a, b, c, finish }
    };
    if a.cols() == 0 {
        product.empty();
    } else {
        product.run();
    }
}
