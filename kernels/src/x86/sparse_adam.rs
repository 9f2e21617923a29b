//! The weight gradient of a sparse batch with Adam as its epilogue: the gradient of a row of
//! weights is formed in registers and spent there.
//!
//! Adam waits for the divider, the gradient for the loads and multipliers, and the two take nearly
//! as long as both alone; what was tried to make them overlap is in benches/README.md.

use std::{arch::x86_64::*, ops::Range};

use super::{
    adam::{AdamLanes, State},
    lanes::Tail,
    sparse::Factor,
};
use crate::{AdamStep, BatchColumns, MatRef, Moments, batch_columns::LINE};

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
        lanes: AdamLanes::new(&step),
    };
    let Moments { m, v } = moments;
    let n = dz.cols();
    let [sixty_fours, thirty_twos, eights] = [64, 32, 8].map(|width| n / width * width);
    update.strips::<8>(0..sixty_fours, w, m, v);
    update.strips::<4>(sixty_fours..thirty_twos, w, m, v);
    update.strips::<1>(thirty_twos..eights, w, m, v);
    if eights < n {
        update.tail(eights, w, m, v);
    }
}

/// What a batch does to any row of the weights.
#[derive(Clone, Copy)]
struct Update<'a> {
    x: &'a BatchColumns,
    dz: MatRef<'a>,
    lanes: AdamLanes,
}

impl Update<'_> {
    /// The step of some columns, a multiple of 8·V, of all rows.
    #[target_feature(enable = "avx2,fma")]
    fn strips<const V: usize>(
        self,
        columns: Range<usize>,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        if columns.is_empty() {
            return;
        }
        // To look for more slabs before each sum takes as long as two of its terms.
        if self.x.rows() <= LINE {
            self.strips_of::<V, true>(columns, w, m, v);
        } else {
            self.strips_of::<V, false>(columns, w, m, v);
        }
    }

    /// The same for a batch of which it is known whether it is `ONE` slab.
    ///
    /// A function of its own, so that all its numbers stay in registers.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn strips_of<const V: usize, const ONE: bool>(
        self,
        columns: Range<usize>,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let Some((_, slab)) = self.x.slabs().next() else {
            return;
        };
        let factor = Factor::new(self.dz, 0);
        let (n, lanes) = (self.dz.cols(), self.lanes);
        for &row in self.x.touched() {
            let row = row as usize;
            let range = row * n + columns.start..row * n + columns.end;
            let w = vectors_mut::<V>(&mut w[range.clone()]);
            let m = vectors_mut::<V>(&mut m[range.clone()]);
            let v = vectors_mut::<V>(&mut v[range]);
            let terms = slab.terms(row);
            let mut j = columns.start;
            for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
                let mut gradient = factor.add([_mm256_setzero_ps(); V], terms, j);
                if !ONE {
                    for (first, terms) in self.x.lines(row).skip(1) {
                        gradient = Factor::new(self.dz, first).add(gradient, terms, j);
                    }
                }
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                    lanes.step(State::load(w, m, v), g).store(w, m, v);
                }
                j += 8 * V;
            }
        }
    }

    /// The step of the columns from j on, fewer than eight, of all rows.
    #[target_feature(enable = "avx2,fma")]
    fn tail(self, j: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        let tail = Tail::new(n - j);
        for &row in self.x.touched() {
            let row = row as usize;
            let range = row * n + j..(row + 1) * n;
            let (w, m, v) = (&mut w[range.clone()], &mut m[range.clone()], &mut v[range]);
            let mut gradient = _mm256_setzero_ps();
            for (first, terms) in self.x.lines(row) {
                gradient = Factor::new(self.dz, first).add_tail(gradient, terms, j, tail);
            }
            let state = self.lanes.step(State::load_tail(tail, w, m, v), gradient);
            state.store_tail(tail, w, m, v);
        }
    }
}

/// Floats by V vectors.
#[inline]
fn vectors_mut<const V: usize>(x: &mut [f32]) -> &mut [[[f32; 8]; V]] {
    x.as_chunks_mut().0.as_chunks_mut().0
}
