//! The weight gradient's product with Adam as its epilogue: the gradient never leaves the cache.

use std::{cell::Cell, ops::Range};

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
    mut moments: Moments<'_>,
) {
    let n = b.cols();
    by_rows(backend, a, b, a.rows(), |rows, gradient| {
        let range = rows.start * n..rows.end * n;
        let w = &mut w[range.clone()];
        backend.adam(step, w, moments.slice(range), gradient);
    });
}

/// The same for some rows of `w`, rising: `rows[i]` takes its step by row i of A·B, the others none.
pub(crate) fn gemm_adam_rows(
    backend: &dyn Backend,
    a: MatRef<'_>,
    b: MatRef<'_>,
    rows: &[u32],
    step: AdamStep,
    w: &mut [f32],
    mut moments: Moments<'_>,
) {
    let n = b.cols();
    let rows_of_w = w.len() / n.max(1);
    by_rows(backend, a, b, rows_of_w, |block, mut gradient| {
        for neighbours in rows[block].chunk_by(|&row, &next| row + 1 == next) {
            let (of_these, rest) = gradient.split_at(neighbours.len() * n);
            let start = neighbours[0] as usize * n;
            let range = start..start + of_these.len();
            let w = &mut w[range.clone()];
            backend.adam(step, w, moments.slice(range), of_these);
            gradient = rest;
        }
    });
}

/// Gives `spend` the rows of A·B, a block at a time. No A for these weights has more than `most_rows`.
fn by_rows(
    backend: &dyn Backend,
    a: MatRef<'_>,
    b: MatRef<'_>,
    most_rows: usize,
    mut spend: impl FnMut(Range<usize>, &[f32]),
) {
    let n = b.cols();
    if a.rows() == 0 || n == 0 {
        return;
    }
    // Whole tiles of AVX2, of 6 or 12 rows; others end in lower ones.
    let most = (SCRATCH / n).max(LEAST_ROWS) / 12 * 12;
    let height = a.rows().div_ceil(a.rows().div_ceil(most));
    let mut buffer = GRADIENT.take();
    for first in (0..a.rows()).step_by(height) {
        let rows = first..a.rows().min(first + height);
        // As much for every A for these weights, so that the buffer comes to rest.
        let room = most.min(most_rows) * n;
        let gradient = &mut buffer.get_for_gradient(room)[..rows.len() * n];
        let a = MatRef::with_strides(
            // An empty sum has rows without a float behind them.
            a.data()
                .get(first.saturating_mul(a.row_stride())..)
                .unwrap_or(&[]),
            rows.len(),
            a.cols(),
            a.row_stride(),
            a.col_stride(),
        );
        let c = MatMut::new(gradient, rows.len(), n);
        backend.gemm(a, b, c, Epilogue::Store);
        spend(rows, gradient);
    }
    GRADIENT.set(buffer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portable::Portable;

    #[test]
    fn the_scratch_is_no_larger_than_the_gradient_and_no_more_than_a_block_of_it() {
        let n = 1000;
        for (rows, rows_of_scratch) in [(1, 1), (97, 96)] {
            let (a, b) = (vec![1.0; rows], vec![1.0; n]);
            let (a, b) = (MatRef::new(&a, rows, 1), MatRef::new(&b, 1, n));
            let [mut w, mut m, mut v] = [(); 3].map(|()| vec![0.0; rows * n]);
            let moments = Moments {
                m: &mut m,
                v: &mut v,
            };
            gemm_adam(&Portable, a, b, AdamStep::KERAS, &mut w, moments);
            assert_eq!(GRADIENT.take().len(), rows_of_scratch * n);
        }
    }

    #[test]
    fn an_empty_sum_may_have_any_stride_over_several_blocks() {
        let (a, b) = (
            MatRef::with_strides(&[], 97, 0, 1 << (usize::BITS - 1), 1),
            MatRef::new(&[], 0, 1000),
        );
        let [mut w, mut m, mut v] = [(); 3].map(|()| vec![1.0; 97_000]);
        let moments = Moments {
            m: &mut m,
            v: &mut v,
        };
        gemm_adam(&Portable, a, b, AdamStep::KERAS, &mut w, moments);
        assert!(m.iter().all(|&m| m == 0.9), "a gradient of 0");
    }
}
