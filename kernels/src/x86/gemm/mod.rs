//! The dense product on AVX2 and FMA, and on AVX-512.

mod avx512;
mod blocked;
mod edge;
mod factor;
mod few_terms;
mod finish;
mod half;
mod large;
mod pack;
mod parts;
mod plan;
mod terms;
mod tile;
mod vector;

use crate::{Epilogue, MatMut, MatRef, PackedB};
use blocked::Product;
use factor::Factor;
use finish::Finish;

/// A·B into C, whose shapes fit; if `wide`, with the tiles of AVX-512.
///
/// # Safety
/// If `wide`, the CPU has all that [`Isa::Avx512`](crate::Isa::Avx512) stands for.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn gemm(
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    wide: bool,
) {
    // Tiles write rows of C. Where its columns are contiguous, Cᵀ = Bᵀ·Aᵀ is the same product. A single
    // column would leave lanes idle; as a row it streams an A by columns. Not with a B that no order reads:
    // as the left factor it would be cut into other blocks of terms than A (`Plan::new`). Not measured
    // with AVX-512.
    let b_readable = b.row_stride() == 1 || b.col_stride() == 1;
    let as_row = c.cols() == 1 && a.row_stride() == 1 && b_readable;
    let transposed = c.row_stride() == 1 && (c.col_stride() != 1 || as_row);
    let (a, b, c) = if transposed {
        (b.t(), a.t(), c.t())
    } else {
        (a, b, c)
    };
    let finish = Finish::new(epilogue, transposed);
    // SAFETY: the caller's promise.
    unsafe { Product::new(a, Factor::View(b), c, finish, wide) }.run();
}

/// As `gemm`, with a B that was packed before.
///
/// # Safety
/// As there.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn gemm_packed(
    a: MatRef<'_>,
    b: &PackedB,
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    wide: bool,
) {
    let finish = Finish::new(epilogue, false);
    // SAFETY: the caller's promise.
    unsafe { Product::new(a, Factor::Packed(b), c, finish, wide) }.run();
}

/// As `gemm`, with the rows `rows` of a B whose rows are contiguous.
///
/// # Safety
/// As there.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn gemm_rows(
    a: MatRef<'_>,
    b: MatRef<'_>,
    rows: &[u32],
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
    wide: bool,
) {
    let finish = Finish::new(epilogue, false);
    // SAFETY: the caller's promise.
    unsafe { Product::new(a, Factor::Rows(b, rows), c, finish, wide) }.run();
}
