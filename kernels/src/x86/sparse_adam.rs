//! The weight gradient of a sparse batch with Adam as its epilogue: the gradient of a row of
//! weights is formed in registers and spent there; in batches of more than 64, what 64 rows of weights
//! have of theirs so far waits in L1.
//!
//! Adam waits for the divider, the gradient for the loads and multipliers, and the two take nearly
//! as long as both alone; what was tried to make them overlap is in benches/tried.md.

use std::{arch::x86_64::*, ops::Range};

use super::{
    adam::{AdamLanes, State},
    dense_factor::DenseFactor,
    lanes::{Tail, load, store},
    strip::{BLOCK_COLS, Strip, cut, rest, with_vectors},
};
use crate::{AdamStep, BatchColumns, MatRef, Moments};

/// Lines of a batch, and rows of W, that are taken together where the batch has more lines: 64 rows of
/// dZ by 64 columns are 16 KB, and so are the sums. With 64 to 512 units this was no slower than one or
/// four lines, or 32 rows, and runs at batches of 256 take 0.87 to 0.92 of what they did.
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
    // To look for more lines before each sum takes as long as two of its terms (benches/tried.md).
    match x.lines_per_column() {
        0..=1 => update.rows::<true>(w, m, v),
        2..=LINES => update.rows::<false>(w, m, v),
        _ => update.groups(w, m, v),
    }
    if let Some(first) = rest::<8>(dz.cols()) {
        update.rest(first, w, m, v);
    }
}

/// What a batch does to any row of the weights.
struct Update<'a> {
    x: &'a BatchColumns,
    dz: MatRef<'a>,
    lanes: AdamLanes,
}

impl Update<'_> {
    /// The step of all strips with a batch that is `ONE` line or not: whole blocks row after row, and
    /// then what they leave, row after row again.
    #[target_feature(enable = "avx2,fma")]
    fn rows<const ONE: bool>(&self, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        let blocks = n / BLOCK_COLS * BLOCK_COLS;
        if blocks > 0 {
            self.blocks::<ONE>(blocks, w, m, v);
        }
        if let Some((vectors, j)) = cut::<8>(n).find(|strip| strip.1 == blocks) {
            with_vectors!(vectors, V => self.strip::<V, ONE>(Strip::within(j, n), w, m, v));
        }
    }

    /// The step of the first `columns` columns, a multiple of 64.
    ///
    /// A function of its own, so that all its numbers stay in registers, and with a loop over vectors of
    /// its own: `spend` costs it 5 to 10 %, as the last vector does not come last there.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn blocks<const ONE: bool>(&self, columns: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let Some((_, slab)) = self.x.slabs().next() else {
            return;
        };
        let factor = DenseFactor::new(self.dz, 0);
        let (n, lanes) = (self.dz.cols(), self.lanes);
        for &row in self.x.touched() {
            let row = row as usize;
            let range = row * n..row * n + columns;
            let w = blocks_mut(&mut w[range.clone()]);
            let m = blocks_mut(&mut m[range.clone()]);
            let v = blocks_mut(&mut v[range]);
            let terms = slab.terms(row);
            let mut j = 0;
            for ((w, m), v) in w.iter_mut().zip(m).zip(v) {
                let strip = Strip::whole(j);
                let mut gradient = factor.add([_mm256_setzero_ps(); 8], terms, strip);
                if !ONE {
                    for (first, terms) in self.x.lines(row).skip(1) {
                        gradient = DenseFactor::new(self.dz, first).add(gradient, terms, strip);
                    }
                }
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                    lanes.step(State::load(w, m, v), g).store(w, m, v);
                }
                j += BLOCK_COLS;
            }
        }
    }

    /// The step of the columns of one strip.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn strip<const V: usize, const ONE: bool>(
        &self,
        strip: Strip<V, 8>,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let Some((_, slab)) = self.x.slabs().next() else {
            return;
        };
        let factor = DenseFactor::new(self.dz, 0);
        let (n, lanes) = (self.dz.cols(), self.lanes);
        let columns = strip.columns();
        for &row in self.x.touched() {
            let row = row as usize;
            let mut gradient = factor.add([_mm256_setzero_ps(); V], slab.terms(row), strip);
            if !ONE {
                for (first, terms) in self.x.lines(row).skip(1) {
                    gradient = DenseFactor::new(self.dz, first).add(gradient, terms, strip);
                }
            }
            let range = row * n + columns.start..row * n + columns.end;
            let (w, m, v) = (&mut w[range.clone()], &mut m[range.clone()], &mut v[range]);
            spend(lanes, gradient, w, m, v);
        }
    }

    /// The step of all strips with a batch of more than `LINES`: all rows of a group take their terms
    /// from some lines before any of them takes those of the next, so that what they read of dZ stays
    /// in L1.
    #[target_feature(enable = "avx2,fma")]
    fn groups(&self, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        let mut partial = [[[0.0; 8]; 8]; GROUP];
        for rows in self.x.touched().chunks(GROUP) {
            for (vectors, j) in cut::<8>(n) {
                let (w, m, v) = (&mut *w, &mut *m, &mut *v);
                with_vectors!(vectors, V => {
                    self.group::<V>(rows, Strip::within(j, n), &mut partial, w, m, v);
                });
            }
        }
    }

    /// The step of the columns of one strip of some rows, with room for their sums.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn group<const V: usize>(
        &self,
        rows: &[u32],
        strip: Strip<V, 8>,
        partial: &mut [[[f32; 8]; 8]; GROUP],
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let (n, lanes) = (self.dz.cols(), self.lanes);
        let lines = self.x.lines_per_column();
        let mut done = 0;
        while lines - done > LINES {
            for (&row, partial) in rows.iter().zip(&mut *partial) {
                let sums = self.add_lines(partial, row as usize, done..done + LINES, strip);
                for (out, sum) in partial.iter_mut().zip(sums) {
                    store(out, sum);
                }
            }
            done += LINES;
        }
        for (&row, partial) in rows.iter().zip(partial) {
            let row = row as usize;
            let gradient = self.add_lines(partial, row, done..lines, strip);
            let range = row * n + strip.columns().start..row * n + strip.columns().end;
            let (w, m, v) = (&mut w[range.clone()], &mut m[range.clone()], &mut v[range]);
            spend(lanes, gradient, w, m, v);
        }
    }

    /// The gradient of a strip of a row, as far as these lines go: `partial` is that of the lines before
    /// them, if there are any.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn add_lines<const V: usize>(
        &self,
        partial: &[[f32; 8]; 8],
        row: usize,
        lines: Range<usize>,
        strip: Strip<V, 8>,
    ) -> [__m256; V] {
        let mut sums = [_mm256_setzero_ps(); V];
        if lines.start > 0 {
            for (sum, partial) in sums.iter_mut().zip(partial) {
                *sum = load(partial);
            }
        }
        for (first, terms) in self.x.lines_of(row, lines) {
            sums = DenseFactor::new(self.dz, first).add(sums, terms, strip);
        }
        sums
    }

    /// The step of the columns that no strip has, those from `first` on.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn rest(&self, first: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        let tail = Tail::new(n - first);
        for &row in self.x.touched() {
            let row = row as usize;
            let mut gradient = _mm256_setzero_ps();
            for (line, terms) in self.x.lines(row) {
                gradient = DenseFactor::new(self.dz, line).add_tail(gradient, terms, first, tail);
            }
            let range = row * n + first..row * n + n;
            let (w, m, v) = (&mut w[range.clone()], &mut m[range.clone()], &mut v[range]);
            let state = self.lanes.step(State::load_tail(tail, w, m, v), gradient);
            state.store_tail(tail, w, m, v);
        }
    }
}

/// A step of a strip of a row. Where its columns are no whole number of eight, the last vector overlaps
/// the one before: it is read before that one is written, so that both write the same there.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn spend<const V: usize>(
    lanes: AdamLanes,
    gradient: [__m256; V],
    w: &mut [f32],
    m: &mut [f32],
    v: &mut [f32],
) {
    let last = State::load(last_eight(w), last_eight(m), last_eight(v));
    let others = w.as_chunks_mut().0.iter_mut();
    let others = others.zip(m.as_chunks_mut().0).zip(v.as_chunks_mut().0);
    for (((w, m), v), &g) in others.zip(&gradient[..V - 1]) {
        lanes.step(State::load(w, m, v), g).store(w, m, v);
    }
    lanes
        .step(last, gradient[V - 1])
        .store(last_eight(w), last_eight(m), last_eight(v));
}

fn last_eight(row: &mut [f32]) -> &mut [f32; 8] {
    row.last_chunk_mut().expect("eight columns")
}

/// Floats by blocks of 64.
#[inline]
fn blocks_mut(x: &mut [f32]) -> &mut [[[f32; 8]; 8]] {
    x.as_chunks_mut().0.as_chunks_mut().0
}
