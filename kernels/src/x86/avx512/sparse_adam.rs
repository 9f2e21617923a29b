//! The weight gradient of a sparse batch with Adam as its epilogue, to the bits of
//! [`sparse_adam`](crate::x86::sparse_adam), with sixteen lanes. A row takes all lines of a large batch before
//! the next: what AVX2 gained otherwise was not measured here. Where multiply-adds make roots and a batch is
//! one line, whole blocks of columns come first, with the quotients of each 64 weights
//! [underway](super::underway) while the next get their moments and roots.

use std::{arch::x86_64::*, ops::Range};

use super::{
    adam::{AdamLanes, State},
    lanes::Tail,
    root::Roots,
    underway::{GROUP, Underway},
};
use crate::{
    AdamStep, BatchColumns, MatRef, Moments,
    x86::{
        dense_factor::DenseFactor,
        strip::{Strip, WIDE_BLOCK_COLS, cut, rest, with_vectors},
    },
};

/// A step of Adam with the gradient Xᵀ·dZ for the rows of w that the batch touches.
#[target_feature(enable = "avx512f,avx512dq")]
pub(in crate::x86) fn sparse_tn_adam(
    x: &BatchColumns,
    dz: MatRef<'_>,
    step: AdamStep,
    w: &mut [f32],
    moments: Moments<'_>,
) {
    Update { x, dz, step }.with_roots(Roots::of(&step), w, moments.m, moments.v);
}

/// What a batch does to any row of the weights.
struct Update<'a> {
    x: &'a BatchColumns,
    dz: MatRef<'a>,
    step: AdamStep,
}

impl Update<'_> {
    /// The step, its roots made one way; by multiply-adds in whole blocks only.
    #[target_feature(enable = "avx512f,avx512dq")]
    fn with_roots(&self, roots: Roots, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let done = match roots {
            Roots::ThreeByMultiplyAdds => self.blocks::<3>(w, m, v),
            // Beside a block of 64 the other columns would walk the terms again, which took 1.1 of the time with 96
            // and 100 on Zen 4; with three, on Intel's, it was not measured.
            Roots::TwoByMultiplyAdds if (65..WIDE_BLOCK_COLS).contains(&self.dz.cols()) => 0,
            Roots::TwoByMultiplyAdds => self.blocks::<2>(w, m, v),
            Roots::Divider => 0,
        };
        self.rows(done, w, m, v);
    }

    /// The step of as many columns as are whole blocks, for a batch of one line; how many they are. In a larger one a
    /// gradient has so many terms that Adam is little beside it.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn blocks<const BY_MULTIPLY_ADDS: usize>(
        &self,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) -> usize {
        // Eight sums hide the latency of a multiply-add, but four are better than none.
        if self.dz.cols() < WIDE_BLOCK_COLS {
            self.blocks_of::<4, BY_MULTIPLY_ADDS>(w, m, v)
        } else {
            self.blocks_of::<8, BY_MULTIPLY_ADDS>(w, m, v)
        }
    }

    /// The same by blocks of 16·V columns, V being 4 or 8.
    ///
    /// A function of its own, so that all its numbers stay in registers.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn blocks_of<const V: usize, const BY_MULTIPLY_ADDS: usize>(
        &self,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) -> usize {
        const { assert!(V == 4 || V == 8) };
        let n = self.dz.cols();
        let columns = n / (16 * V) * (16 * V);
        let mut slabs = self.x.slabs();
        let (Some((_, slab)), None, 1..) = (slabs.next(), slabs.next(), columns) else {
            return 0;
        };
        let dz = DenseFactor::new(self.dz, 0);
        let mut underway = Underway::<BY_MULTIPLY_ADDS>::new(&self.step, w, Moments { m, v });
        for &row in self.x.touched() {
            let row = row as usize;
            for j in (0..columns).step_by(16 * V) {
                let sums = dz.add_wide([_mm512_setzero_ps(); V], slab.terms(row), Strip::whole(j));
                let at = row * n + j;
                // Not a loop: gradients are to stay in registers.
                let (groups, _) = sums.as_chunks();
                underway.step(at, groups[0]);
                if let Some(&second) = groups.get(1) {
                    underway.step(at + GROUP, second);
                }
            }
        }
        underway.finish();
        columns
    }

    /// The step of the columns from `first` on by the divider: whole strips row after row, and then what they
    /// leave, row after row again.
    #[target_feature(enable = "avx512f,avx512dq")]
    fn rows(&self, first: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        let end = n - (n - first) % WIDE_BLOCK_COLS;
        if end > first {
            self.whole_strips(first..end, w, m, v);
        }
        if let Some((vectors, _)) = cut::<16>(n - end).next() {
            with_vectors!(vectors, V => self.strip::<V>(Strip::within(end, n), w, m, v));
        }
        if let Some(j) = rest::<16>(n - end) {
            self.tail(end + j, w, m, v);
        }
    }

    /// The step of some columns, a whole number of blocks.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn whole_strips(&self, columns: Range<usize>, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let lanes = AdamLanes::new(&self.step);
        for &row in self.x.touched() {
            let at = row as usize * self.dz.cols();
            for j in columns.clone().step_by(WIDE_BLOCK_COLS) {
                let gradient = self.gradient::<8>(row, Strip::whole(j));
                let range = at + j..at + j + WIDE_BLOCK_COLS;
                let w = w[range.clone()].as_chunks_mut().0;
                let m = m[range.clone()].as_chunks_mut().0;
                let v = v[range].as_chunks_mut().0;
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                    lanes.step(State::load(w, m, v), g).store(w, m, v);
                }
            }
        }
    }

    /// The step of the columns of one strip. Where they are no whole number of sixteen, the last vector overlaps
    /// the one before: it is read before that one is written, so that both write the same there.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn strip<const V: usize>(
        &self,
        strip: Strip<V, 16>,
        w: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
    ) {
        let lanes = AdamLanes::new(&self.step);
        let columns = strip.columns();
        for &row in self.x.touched() {
            let gradient = self.gradient(row, strip);
            let at = row as usize * self.dz.cols();
            let range = at + columns.start..at + columns.end;
            let (w, m, v) = (&mut w[range.clone()], &mut m[range.clone()], &mut v[range]);
            let last = State::load(last_vector(w), last_vector(m), last_vector(v));
            let others = w.as_chunks_mut().0.iter_mut();
            let others = others.zip(m.as_chunks_mut().0).zip(v.as_chunks_mut().0);
            for (((w, m), v), &g) in others.zip(&gradient[..V - 1]) {
                lanes.step(State::load(w, m, v), g).store(w, m, v);
            }
            lanes
                .step(last, gradient[V - 1])
                .store(last_vector(w), last_vector(m), last_vector(v));
        }
    }

    /// The gradient of a strip of a row.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn gradient<const V: usize>(&self, row: u32, strip: Strip<V, 16>) -> [__m512; V] {
        let mut gradient = [_mm512_setzero_ps(); V];
        for (first, terms) in self.x.lines(row as usize) {
            gradient = DenseFactor::new(self.dz, first).add_wide(gradient, terms, strip);
        }
        gradient
    }

    /// The step of the columns that no strip has, those from `first` on.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn tail(&self, first: usize, w: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let n = self.dz.cols();
        let (lanes, tail) = (AdamLanes::new(&self.step), Tail::new(n - first));
        for &row in self.x.touched() {
            let row = row as usize;
            let mut gradient = _mm512_setzero_ps();
            for (line, terms) in self.x.lines(row) {
                let dz = DenseFactor::new(self.dz, line);
                gradient = dz.add_tail_wide(gradient, terms, first, tail);
            }
            let range = row * n + first..(row + 1) * n;
            let (w, m, v) = (&mut w[range.clone()], &mut m[range.clone()], &mut v[range]);
            let state = lanes.step(State::load_tail(tail, w, m, v), gradient);
            state.store_tail(tail, w, m, v);
        }
    }
}

fn last_vector(row: &mut [f32]) -> &mut [f32; 16] {
    row.last_chunk_mut().expect("sixteen columns")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Isa, Kernels, SparseRows};

    const PIXELS: usize = 70;

    /// A batch of which four pixels of five are 0; or all but one column is, or all.
    fn images(batch: usize, touched: impl Fn(usize) -> bool) -> Vec<u8> {
        let mixed = (0..(batch * PIXELS) as u32).map(|i| i.wrapping_mul(2_654_435_761) >> 16);
        let is_touched = (0..batch * PIXELS).map(|i| touched(i % PIXELS));
        let bytes = mixed.zip(is_touched);
        bytes
            .map(|(x, is_touched)| {
                if is_touched && x % 5 == 0 {
                    x as u8 | 1
                } else {
                    0
                }
            })
            .collect()
    }

    fn step(flush_subnormals: bool) -> AdamStep {
        AdamStep {
            flush_subnormals,
            ..AdamStep::KERAS
        }
    }

    /// Weights and moments after some steps with the batch's gradient, by one way to make roots.
    fn steps(x: &BatchColumns, dz: MatRef<'_>, roots: Roots) -> [Vec<f32>; 3] {
        let [mut w, mut m, mut v] = [(); 3].map(|()| vec![0.0; PIXELS * dz.cols()]);
        for step in [false, true, false].map(step) {
            // SAFETY: the test has the kernels of AVX-512, so this CPU has what they are compiled for.
            unsafe { Update { x, dz, step }.with_roots(roots, &mut w, &mut m, &mut v) };
        }
        [w, m, v]
    }

    /// How many columns are taken in blocks of 16·V.
    fn in_blocks<const V: usize>(x: &BatchColumns, dz: MatRef<'_>) -> usize {
        let [mut w, mut m, mut v] = [(); 3].map(|()| vec![0.0; PIXELS * dz.cols()]);
        let step = step(false);
        // SAFETY: the test has the kernels of AVX-512, so this CPU has what they are compiled for.
        unsafe { Update { x, dz, step }.blocks_of::<V, 2>(&mut w, &mut m, &mut v) }
    }

    #[test]
    fn in_blocks_or_not_steps_have_the_same_bits() {
        let Ok(kernels) = Kernels::get(Isa::Avx512) else {
            eprintln!("this CPU has no AVX-512: its sparse gradient was NOT checked");
            return;
        };
        let levels = std::array::from_fn(|byte| byte as f32 / 255.0);
        for n in [
            1, 32, 50, 63, 64, 90, 100, 120, 128, 129, 144, 200, 256, 300,
        ] {
            for batch in [0, 1, 2, 31, 32, 33, 70] {
                for touched in [PIXELS, 1, 0] {
                    let x = SparseRows::from_levels(
                        &images(batch, |pixel| pixel < touched),
                        PIXELS,
                        &levels,
                    );
                    let mut columns = BatchColumns::new(PIXELS, batch.max(1));
                    let rows: Vec<u32> = (0..batch as u32).collect();
                    columns.fill(kernels, &x, &rows);
                    let stride = n + 3;
                    let dz: Vec<f32> = (0..batch.max(1) * stride)
                        .map(|i| match i % 97 {
                            0..20 => 0.0,
                            20 => 1e-40,
                            21 => 1e-25,
                            22 => 1e25,
                            23 if i % 13 == 0 => f32::INFINITY,
                            _ => (i as f32 * 0.7).cos(),
                        })
                        .collect();
                    let dz = MatRef::with_strides(&dz, batch, n, stride, 1);
                    let is_one_line = (1..=32).contains(&batch);
                    let in_blocks = [in_blocks::<4>(&columns, dz), in_blocks::<8>(&columns, dz)];
                    for (width, got) in [64, 128].into_iter().zip(in_blocks) {
                        let blocks = if is_one_line { n / width * width } else { 0 };
                        assert_eq!(got, blocks, "{batch} rows, {n} columns by {width}");
                    }
                    let expected = steps(&columns, dz, Roots::Divider);
                    for roots in [Roots::TwoByMultiplyAdds, Roots::ThreeByMultiplyAdds] {
                        let got = steps(&columns, dz, roots);
                        for (expected, got) in expected.iter().zip(&got) {
                            for (i, (a, b)) in expected.iter().zip(got).enumerate() {
                                assert!(
                                    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                                    "{batch} rows of {touched} pixels, {n} columns, {i}: {a:e}, {roots:?} {b:e}"
                                );
                            }
                        }
                    }
                    let moved = expected[1].iter().any(|&m| m != 0.0);
                    assert!(
                        moved || columns.touched().is_empty() || n == 1,
                        "{batch} rows, {n} columns"
                    );
                }
            }
        }
    }
}
