//! The weight gradient of a sparse batch with Adam as its epilogue: the gradient of a row of
//! weights is formed in registers and spent there.
//!
//! Adam waits for the divider, the gradient for the loads and multipliers, and the two take nearly
//! as long as both alone; what was tried to make them overlap is in benches/README.md.

use std::{arch::x86_64::*, ops::Range};

use super::{
    adam::{AdamLanes, State},
    lanes::{Tail, load, store},
    sparse::Factor,
};
use crate::{AdamStep, BatchColumns, MatRef, Moments, batch_columns::LINE};

/// Lines of a batch, and rows of W, that are taken together where the batch has more lines: 64 rows of
/// dZ by 64 columns are 16 KB, half of L1, and as many sums the other half.
const LINES: usize = 2;
const GROUP: usize = 64;

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
    // Rows of one block, or of several, take the tighter loop. What it leaves of a row takes a second
    // walk over all of them, which one block does not earn.
    if n == 32 {
        update.blocks::<4>(n, w, m, v);
        return;
    }
    let blocks = if n == 64 || n >= 128 { n / 64 * 64 } else { 0 };
    if blocks > 0 {
        update.blocks::<8>(blocks, w, m, v);
    }
    if blocks < n {
        update.rest(blocks, w, m, v);
    }
}

/// What a batch does to any row of the weights.
struct Update<'a> {
    x: &'a BatchColumns,
    dz: MatRef<'a>,
    lanes: AdamLanes,
}

impl Update<'_> {
    /// The step of the first `columns` columns, a multiple of 8·V.
    #[target_feature(enable = "avx2,fma")]
    fn blocks<const V: usize>(&self, columns: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        // To look for more slabs before each sum takes as long as two of its terms (benches/README.md).
        match self.x.lines_per_column() {
            0..=1 => self.blocks_of::<V, true>(columns, w, m, v),
            2..=LINES => self.blocks_of::<V, false>(columns, w, m, v),
            _ => self.blocks_in_groups::<V>(columns, w, m, v),
        }
    }

    /// The same with a batch that is `ONE` slab or not.
    ///
    /// A function of its own, so that all its numbers stay in registers.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn blocks_of<const V: usize, const ONE: bool>(
        &self,
        columns: usize,
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
            let range = row * n..row * n + columns;
            let w = vectors_mut::<V>(&mut w[range.clone()]);
            let m = vectors_mut::<V>(&mut m[range.clone()]);
            let v = vectors_mut::<V>(&mut v[range]);
            let terms = slab.terms(row);
            let mut j = 0;
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

    /// The same with a batch of more than `LINES`: all rows of a group take their terms from some
    /// lines before any of them takes those of the next, so that what they read of dZ stays in L1.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn blocks_in_groups<const V: usize>(
        &self,
        columns: usize,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let (n, lanes) = (self.dz.cols(), self.lanes);
        let lines = self.x.lines_per_column();
        let mut partial = [[[0.0; 8]; V]; GROUP];
        for rows in self.x.touched().chunks(GROUP) {
            for j in (0..columns).step_by(8 * V) {
                let mut done = 0;
                while lines - done > LINES {
                    for (&row, partial) in rows.iter().zip(&mut partial) {
                        let sums = self.add_lines(partial, row as usize, done..done + LINES, j);
                        for (out, sum) in partial.iter_mut().zip(sums) {
                            store(out, sum);
                        }
                    }
                    done += LINES;
                }
                for (&row, partial) in rows.iter().zip(&partial) {
                    let row = row as usize;
                    let gradient = self.add_lines(partial, row, done..lines, j);
                    let first = row * n + j;
                    let range = first..first + 8 * V;
                    let w = w[range.clone()].as_chunks_mut().0;
                    let m = m[range.clone()].as_chunks_mut().0;
                    let v = v[range].as_chunks_mut().0;
                    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                        lanes.step(State::load(w, m, v), g).store(w, m, v);
                    }
                }
            }
        }
    }

    /// The gradient of the 8·V weights from column j of a row, as far as these lines go: `partial`
    /// is that of the lines before them, if there are any.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn add_lines<const V: usize>(
        &self,
        partial: &[[f32; 8]; V],
        row: usize,
        lines: Range<usize>,
        j: usize,
    ) -> [__m256; V] {
        let mut sums = [_mm256_setzero_ps(); V];
        if lines.start > 0 {
            for (sum, partial) in sums.iter_mut().zip(partial) {
                *sum = load(partial);
            }
        }
        for (first, terms) in self.x.lines_of(row, lines) {
            sums = Factor::new(self.dz, first).add(sums, terms, j);
        }
        sums
    }

    /// The step of the columns from `first` on.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn rest(&self, first: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        for &row in self.x.touched() {
            let row = row as usize;
            let range = row * n..(row + 1) * n;
            let w = &mut w[range.clone()];
            let m = &mut m[range.clone()];
            let v = &mut v[range];
            let mut j = first;
            while n - j >= 64 {
                self.vectors::<8>(row, j, w, m, v);
                j += 64;
            }
            if n - j >= 32 {
                self.vectors::<4>(row, j, w, m, v);
                j += 32;
            }
            while n - j >= 8 {
                self.vectors::<1>(row, j, w, m, v);
                j += 8;
            }
            if j < n {
                self.tail(row, j, w, m, v);
            }
        }
    }

    /// The step of the 8·V weights from column j of one row. The loop over vectors stands in
    /// `blocks_of` too: called from there, it was not inlined, and the sums went through memory.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn vectors<const V: usize>(
        &self,
        row: usize,
        j: usize,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let gradient = self.add_lines(&[[0.0; 8]; V], row, 0..self.x.lines_per_column(), j);
        let to = j..j + 8 * V;
        let w = w[to.clone()].as_chunks_mut().0.iter_mut();
        let m = m[to.clone()].as_chunks_mut().0;
        let v = v[to].as_chunks_mut().0;
        for (((w, m), v), g) in w.zip(m).zip(v).zip(gradient) {
            self.lanes.step(State::load(w, m, v), g).store(w, m, v);
        }
    }

    /// The step of the weights from column j to the end of one row, fewer than eight.
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

/// Floats by V vectors.
#[inline]
fn vectors_mut<const V: usize>(x: &mut [f32]) -> &mut [[[f32; 8]; V]] {
    x.as_chunks_mut().0.as_chunks_mut().0
}
