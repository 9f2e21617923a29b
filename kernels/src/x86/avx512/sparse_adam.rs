//! The weight gradient of a sparse batch with Adam as its epilogue, to the bits of
//! [`sparse_adam`](crate::x86::sparse_adam), with sixteen lanes. It is still one walk for all widths of
//! columns and all batches: what AVX2 gained otherwise was not measured here.

use std::arch::x86_64::*;

use super::{
    adam::{AdamLanes, State},
    lanes::Tail,
};
use crate::{AdamStep, BatchColumns, MatRef, Moments, x86::dense_factor::DenseFactor};

/// A step of Adam with the gradient Xᵀ·dZ for the rows of w that the batch touches.
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::x86) fn sparse_tn_adam(
    x: &BatchColumns,
    dz: MatRef<'_>,
    step: AdamStep,
    w: &mut [f32],
    moments: Moments<'_>,
) {
    let update = Update {
        x,
        dz,
        lanes: AdamLanes::new(&step),
    };
    let n = dz.cols();
    for &row in x.touched() {
        let row = row as usize;
        let range = row * n..(row + 1) * n;
        let w = &mut w[range.clone()];
        let m = &mut moments.m[range.clone()];
        let v = &mut moments.v[range];
        let mut j = 0;
        while n - j >= 128 {
            update.block::<8>(row, j, w, m, v);
            j += 128;
        }
        if n - j >= 64 {
            update.block::<4>(row, j, w, m, v);
            j += 64;
        }
        while n - j >= 16 {
            update.block::<1>(row, j, w, m, v);
            j += 16;
        }
        if j < n {
            update.tail(row, j, w, m, v);
        }
    }
}

/// What a batch does to any row of the weights.
struct Update<'a> {
    x: &'a BatchColumns,
    dz: MatRef<'a>,
    lanes: AdamLanes,
}

impl Update<'_> {
    /// The step of the 16·V weights from j of one row.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn block<const V: usize>(
        &self,
        row: usize,
        j: usize,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let mut gradient = [_mm512_setzero_ps(); V];
        for (first, terms) in self.x.lines(row) {
            gradient = DenseFactor::new(self.dz, first).add_wide(gradient, terms, j);
        }
        let (w, _) = w[j..j + 16 * V].as_chunks_mut();
        let (m, _) = m[j..j + 16 * V].as_chunks_mut();
        let (v, _) = v[j..j + 16 * V].as_chunks_mut();
        for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
            self.lanes.step(State::load(w, m, v), g).store(w, m, v);
        }
    }

    /// The step of the weights from j to the end of one row, fewer than sixteen.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn tail(&self, row: usize, j: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let (w, m, v) = (&mut w[j..], &mut m[j..], &mut v[j..]);
        let tail = Tail::new(w.len());
        let mut gradient = _mm512_setzero_ps();
        for (first, terms) in self.x.lines(row) {
            gradient = DenseFactor::new(self.dz, first).add_tail_wide(gradient, terms, j, tail);
        }
        let state = self.lanes.step(State::load_tail(tail, w, m, v), gradient);
        state.store_tail(tail, w, m, v);
    }
}
