//! Products with a sparse left side: linear combinations of the rows of a dense matrix, 32
//! columns at a time.

use wide::f32x8;

use super::{
    adam,
    elementwise::relu_lanes,
    lanes::{rest, set_rest},
};
use crate::{AdamStep, BatchColumns, Epilogue, MatMut, MatRef, Moments, SparseRows};

/// X·W into C for the rows `rows` of x.
pub(super) fn sparse_gemm(
    x: &SparseRows,
    rows: &[u32],
    w: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    for (i, &row) in rows.iter().enumerate() {
        combine(|| x.row(row as usize), w, c.row_mut(i), epilogue);
    }
}

/// Xᵀ·dZ into C.
pub(super) fn sparse_tn_gemm(
    x: &BatchColumns,
    dz: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    for j in 0..x.cols() {
        combine(|| x.column(j), dz, c.row_mut(j), epilogue);
    }
}

/// A step of Adam with the gradient Xᵀ·dZ for the rows of w that the batch touches.
pub(super) fn sparse_tn_adam(
    x: &BatchColumns,
    dz: MatRef<'_>,
    step: AdamStep,
    w: &mut [f32],
    mut moments: Moments<'_>,
) {
    let n = dz.cols();
    for &row in x.touched() {
        let row = row as usize;
        for from in (0..n).step_by(32) {
            let width = (n - from).min(32);
            let mut gradient = [0.0; 32];
            let gradient = &mut gradient[..width];
            let block = MatRef::with_strides(
                dz.data().get(from..).unwrap_or(&[]),
                dz.rows(),
                width,
                dz.row_stride(),
                1,
            );
            combine(|| x.column(row), block, gradient, Epilogue::Store);
            let range = row * n + from..row * n + from + width;
            let w = &mut w[range.clone()];
            adam::adam(step, w, moments.slice(range), gradient);
        }
    }
}

/// Σ value·(row k of `w`) over the terms (k, value), finished into `out`.
fn combine<T: Iterator<Item = (usize, f32)>>(
    terms: impl Fn() -> T,
    w: MatRef<'_>,
    out: &mut [f32],
    epilogue: Epilogue<'_>,
) {
    match epilogue {
        Epilogue::Store => out.fill(0.0),
        Epilogue::Add => {}
        Epilogue::Bias(bias) | Epilogue::BiasRelu(bias) => out.copy_from_slice(bias),
    }
    let relu = matches!(epilogue, Epilogue::BiasRelu(_));
    for (j, out) in (0..).step_by(32).zip(out.chunks_mut(32)) {
        let (eights, last) = out.as_chunks_mut();
        let mut sums = [f32x8::ZERO; 4];
        for (sum, out) in sums.iter_mut().zip(&*eights) {
            *sum = f32x8::new(*out);
        }
        let mut last_sum = rest(last, 0.0);
        for (k, value) in terms() {
            let value = f32x8::splat(value);
            let row = &w.row(k)[j..];
            let (row_eights, row_rest) = row[..8 * eights.len() + last.len()].as_chunks();
            for (sum, w) in sums.iter_mut().zip(row_eights) {
                *sum += value * f32x8::new(*w);
            }
            if !row_rest.is_empty() {
                last_sum += value * rest(row_rest, 0.0);
            }
        }
        let finish = |sum| if relu { relu_lanes(sum) } else { sum };
        for (out, sum) in eights.iter_mut().zip(sums) {
            *out = finish(sum).to_array();
        }
        set_rest(last, finish(last_sum));
    }
}
