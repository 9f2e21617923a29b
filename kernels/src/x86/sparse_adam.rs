//! The weight gradient of a sparse batch with Adam as its epilogue: the gradient of a row of
//! weights is formed in registers and spent there.
//!
//! Adam waits for the divider, the gradient for the loads and multipliers, and the two take as
//! long as both alone; what was tried to make them overlap is in benches/README.md.

use std::arch::x86_64::*;

use super::{
    adam::{AdamLanes, State},
    lanes::Tail,
    sparse::Factor,
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
    let update = Update {
        x,
        dz,
        lanes: AdamLanes::new(step),
    };
    let n = dz.cols();
    for &row in x.touched() {
        let row = row as usize;
        let range = row * n..(row + 1) * n;
        let w = &mut w[range.clone()];
        let m = &mut moments.m[range.clone()];
        let v = &mut moments.v[range];
        let mut j = 0;
        while n - j >= 64 {
            update.block::<8>(row, j, w, m, v);
            j += 64;
        }
        if n - j >= 32 {
            update.block::<4>(row, j, w, m, v);
            j += 32;
        }
        while n - j >= 8 {
            update.block::<1>(row, j, w, m, v);
            j += 8;
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
    /// The step of the 8·V weights from j of one row.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn block<const V: usize>(
        &self,
        row: usize,
        j: usize,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let mut gradient = [_mm256_setzero_ps(); V];
        for (first, terms) in self.x.lines(row) {
            gradient = Factor::new(self.dz, first).add(gradient, terms, j);
        }
        let (w, _) = w[j..j + 8 * V].as_chunks_mut();
        let (m, _) = m[j..j + 8 * V].as_chunks_mut();
        let (v, _) = v[j..j + 8 * V].as_chunks_mut();
        for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
            self.lanes.step(State::load(w, m, v), g).store(w, m, v);
        }
    }

    /// The step of the weights from j to the end of one row, fewer than eight.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn tail(&self, row: usize, j: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let (w, m, v) = (&mut w[j..], &mut m[j..], &mut v[j..]);
        let tail = Tail::new(w.len());
        let mut gradient = _mm256_setzero_ps();
        for (first, terms) in self.x.lines(row) {
            gradient = Factor::new(self.dz, first).add_tail(gradient, terms, j, tail);
        }
        let state = self.lanes.step(State::load_tail(tail, w, m, v), gradient);
        state.store_tail(tail, w, m, v);
    }
}
