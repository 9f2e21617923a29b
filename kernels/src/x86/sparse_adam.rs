//! The weight gradient of a sparse batch with Adam as its epilogue: the gradient of a row of
//! weights is formed in registers and spent there.

use std::arch::x86_64::*;

use super::{
    adam::{AdamLanes, State},
    lanes::Tail,
    sparse::{add_terms, add_terms_tail},
};
use crate::{AdamStep, BatchColumns, MatRef, Moments};

/// A step of Adam with the gradient Xᵀ·dZ for the rows of w that the batch touches.
#[target_feature(enable = "avx2,fma")]
pub(super) fn sparse_tn_adam(
    x: &BatchColumns,
    dz: MatRef<'_>,
    step: AdamStep,
    w: &mut [f32],
    moments: Moments<'_>,
) {
    let lanes = AdamLanes::new(step);
    let n = dz.cols();
    for &row in x.touched() {
        let row = row as usize;
        let range = row * n..(row + 1) * n;
        let (w, m, v) = (
            &mut w[range.clone()],
            &mut moments.m[range.clone()],
            &mut moments.v[range],
        );
        let mut j = 0;
        while n - j >= 64 {
            update_block::<8>(x, dz, row, j, lanes, w, m, v);
            j += 64;
        }
        if n - j >= 32 {
            update_block::<4>(x, dz, row, j, lanes, w, m, v);
            j += 32;
        }
        while n - j >= 8 {
            update_block::<1>(x, dz, row, j, lanes, w, m, v);
            j += 8;
        }
        if j < n {
            let tail = Tail::new(n - j);
            let mut g = _mm256_setzero_ps();
            for (first, terms) in x.lines(row) {
                g = add_terms_tail(g, terms, first, dz, j, tail);
            }
            let (w, m, v) = (&mut w[j..], &mut m[j..], &mut v[j..]);
            let state = lanes.step(State::load_tail(tail, w, m, v), g);
            state.store_tail(tail, w, m, v);
        }
    }
}

/// The step of the 8·V weights from j of one row.
#[inline]
#[target_feature(enable = "avx2,fma")]
#[expect(clippy::too_many_arguments, reason = "one call in one place")]
fn update_block<const V: usize>(
    x: &BatchColumns,
    dz: MatRef<'_>,
    row: usize,
    j: usize,
    lanes: AdamLanes,
    w: &mut [f32],
    m: &mut [f32],
    v: &mut [f32],
) {
    let mut gradient = [_mm256_setzero_ps(); V];
    for (first, terms) in x.lines(row) {
        gradient = add_terms(gradient, terms, first, dz, j);
    }
    let (w, _) = w[j..j + 8 * V].as_chunks_mut();
    let (m, _) = m[j..j + 8 * V].as_chunks_mut();
    let (v, _) = v[j..j + 8 * V].as_chunks_mut();
    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
        lanes.step(State::load(w, m, v), g).store(w, m, v);
    }
}
