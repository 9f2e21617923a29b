//! The dense product on AVX2 and FMA, and on AVX-512.

mod blocked;
mod edge;
mod finish;
mod finish_wide;
mod half;
mod large;
mod pack;
mod parts;
mod plan;
mod tile;
mod transpose;
mod vector;
mod wide;
mod wide_half;
mod wide_short;

use crate::{Epilogue, MatMut, MatRef, PackedB};
use blocked::Product;

/// A·B into C, whose shapes fit.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm(a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
    // Tiles write rows of C. Where its columns are contiguous, Cᵀ = Bᵀ·Aᵀ is the same product.
    let transposed = c.col_stride() != 1 && c.row_stride() == 1;
    Product::new(a, b, c, epilogue, transposed).run();
}

/// As `gemm`, with a B that was packed before.
#[target_feature(enable = "avx2,fma")]
pub(super) fn gemm_packed(a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>) {
    Product::packed(a, b, c, epilogue).run();
}

/// As `gemm`, with the tiles of AVX-512.
///
/// # Safety
/// The CPU has AVX-512 F.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn gemm_wide(
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    let transposed = c.col_stride() != 1 && c.row_stride() == 1;
    let product = Product::new(a, b, c, epilogue, transposed);
    // SAFETY: the caller's promise.
    unsafe { product.widened() }.run();
}

/// As `gemm_packed`, with the tiles of AVX-512.
///
/// # Safety
/// The CPU has AVX-512 F.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn gemm_packed_wide(
    a: MatRef<'_>,
    b: &PackedB,
    c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    // SAFETY: the caller's promise.
    unsafe { Product::packed(a, b, c, epilogue).widened() }.run();
}
