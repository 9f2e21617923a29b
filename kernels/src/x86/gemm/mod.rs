//! The dense product on AVX2 and FMA, and on AVX-512.

mod avx512;
mod blocked;
mod factor;
mod few_columns;
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
mod transpose;
mod vector;

use crate::{Epilogue, MatMut, MatRef, PackedB};
use blocked::Product;
use factor::Factor;
use few_columns::narrow_product;
use finish::Finish;
pub(super) use tiling::{Tiling, Units};

/// A·B into C, whose shapes fit.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm(
    a: MatRef<'_>,
    b: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    tiling: Tiling,
) {
    if narrow_product(a, b, &mut c, epilogue, tiling) {
        return;
    }
    // Tiles write rows of C. Where its columns are contiguous, Cᵀ = Bᵀ·Aᵀ is the same product. A single column of an A
    // by columns is quicker so, too: as a row it streams A (not measured with AVX-512). Not with a B that no order
    // reads: as the left factor it is cut into other blocks of terms (`Plan::new`), which a C by columns must bear.
    let by_columns = c.row_stride() == 1 && c.col_stride() != 1;
    let streams = a.row_stride() == 1 && (b.row_stride() == 1 || b.col_stride() == 1);
    let transposed = by_columns || (c.cols() == 1 && c.row_stride() == 1 && streams);
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
