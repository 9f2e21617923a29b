//! The weight gradient's product with Adam as its epilogue: the gradient never leaves the cache.

use std::cell::Cell;

use crate::buffer::Scratch;
use crate::{AdamStep, Epilogue, MatMut, MatRef, Moments, backend::Backend};

/// Floats of gradient, 48 KB of them, that wait until Adam has used them.
const SCRATCH: usize = 12_288;

/// Rows that are asked for together however wide they are: in strips of fewer the product reads B
/// too often. A step of 784-1024-10 took 1.8 times as long with 3 rows.
const LEAST_ROWS: usize = 96;

thread_local! {
    static GRADIENT: Cell<Scratch> = const { Cell::new(Scratch::new()) };
}

/// One step of Adam over `w` (m×n, row-major) with the gradient A·B, some rows at a time.
///
/// The bits are those of the whole product followed by the whole step: no sum of the product
/// depends on how many rows are asked for, and no weight's step on another's.
pub(crate) fn gemm_adam(
    backend: &dyn Backend,
    a: MatRef<'_>,
    b: MatRef<'_>,
    step: AdamStep,
    w: &mut [f32],
    moments: Moments<'_>,
) {
    let n = b.cols();
    if w.is_empty() {
        return;
    }
    // Whole tiles of AVX2, of 6 or 12 rows; others end in lower ones.
    let rows = (SCRATCH / n).max(LEAST_ROWS) / 12 * 12;
    let blocks = a.rows().div_ceil(rows);
    let rows = a.rows().div_ceil(blocks);
    let mut buffer = GRADIENT.take();
    let blocks = w
        .chunks_mut(rows * n)
        .zip(moments.m.chunks_mut(rows * n))
        .zip(moments.v.chunks_mut(rows * n));
    for (block, ((w, m), v)) in blocks.enumerate() {
        let first = block * rows;
        let height = w.len() / n;
        let gradient = buffer.get(w.len());
        let a = MatRef::with_strides(
            // An empty sum has rows without a float behind them.
            a.data().get(first * a.row_stride()..).unwrap_or(&[]),
            height,
            a.cols(),
            a.row_stride(),
            a.col_stride(),
        );
        backend.gemm(a, b, MatMut::new(gradient, height, n), Epilogue::Store);
        backend.adam(step, w, Moments { m, v }, gradient);
    }
    GRADIENT.set(buffer);
}
