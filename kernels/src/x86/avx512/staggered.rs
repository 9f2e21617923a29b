//! The gradient of [`sparse_adam`](super::sparse_adam) and its Adam with three blocks of columns underway
//! at once, where multiply-adds divide: roots alone leave the divider time.
//!
//! A sum waits for its terms, a root for the divider and a weight for the root. One after the other they
//! take as long as all of them added up, perhaps because what waits fills the core's scheduler and what
//! comes after it does not get in. So while one block takes its terms, the block before it gets its moments
//! and roots and the one before that its weights, a vector of each with every term (benches/README.md has
//! the gain).

use std::{arch::x86_64::*, iter};

use super::{
    adam::AdamLanes,
    division::Division,
    lanes::{load, store},
    sparse_adam::Update,
};
use crate::x86::dense_factor::DenseFactor;

/// Columns of a block, whose sums hide the latency of a multiply-add.
const COLUMNS: usize = 128;

/// That many of a row.
type Block = [[f32; 16]; COLUMNS / 16];

impl Update<'_> {
    /// The step of as many columns as are whole blocks, for a batch of one line; how many they are. In a
    /// larger one a gradient has so many terms that Adam is little beside it.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(super) fn staggered(&self, w: &mut [f32], m: &mut [f32], v: &mut [f32]) -> usize {
        let n = self.dz.cols();
        let columns = n / COLUMNS * COLUMNS;
        let mut slabs = self.x.slabs();
        let (Some((_, slab)), None, 1..) = (slabs.next(), slabs.next(), columns) else {
            return 0;
        };
        let dz = DenseFactor::new(self.dz, 0);
        let mut underway = Underway::none(AdamLanes::new(&self.step, Division::MultiplyAdds));
        for &row in self.x.touched() {
            let row = row as usize;
            for j in (0..columns).step_by(COLUMNS) {
                underway.advance([w, m, v], Some(row * n + j), dz, j, slab.terms(row));
            }
        }
        for _ in 0..2 {
            underway.advance([w, m, v], None, dz, 0, iter::empty());
        }
        columns
    }
}

/// The two blocks that have all their terms and are not done.
struct Underway {
    lanes: AdamLanes,
    /// Where the weights begin of the block that has its gradient.
    summed: Option<usize>,
    gradient: Block,
    /// Where those begin of the block that has its moments, too, with its m and √v + ε.
    rooted: Option<usize>,
    m: Block,
    denominator: Block,
    /// What is worked on in the place of a block that is not there: weights, m and v.
    spare: [Block; 3],
}

impl Underway {
    /// None yet.
    fn none(lanes: AdamLanes) -> Self {
        let zero = [[0.0; 16]; COLUMNS / 16];
        Self {
            lanes,
            summed: None,
            gradient: zero,
            rooted: None,
            m: zero,
            denominator: [[1.0; 16]; COLUMNS / 16],
            spare: [zero; 3],
        }
    }

    /// Every block is one further, and the one whose weights begin at `at` comes in: its gradient is the sum
    /// of these terms, a value times its columns of a row of dZ. With each of them the block before it gets a
    /// vector of moments and roots, and the one before that a vector of weights.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn advance(
        &mut self,
        [w, m, v]: [&mut [f32]; 3],
        at: Option<usize>,
        dz: DenseFactor<'_>,
        j: usize,
        terms: impl Iterator<Item = (usize, f32)>,
    ) {
        let lanes = self.lanes;
        let [spare_w, spare_m, spare_v] = &mut self.spare;
        let weights = block_at(w, self.rooted, spare_w).iter_mut();
        let moments = block_at(m, self.summed, spare_m).iter_mut();
        let moments = moments.zip(block_at(v, self.summed, spare_v));
        let kept = self.m.iter_mut().zip(&mut self.denominator);
        let vectors = weights.zip(moments.zip(&self.gradient)).zip(kept);
        let mut waiting = vectors.map(|((w, ((m, v), gradient)), (kept_m, denominator))| {
            store(w, lanes.weights(load(w), load(kept_m), load(denominator)));
            let (new_m, new_v, new_denominator) = lanes.moments(load(m), load(v), load(gradient));
            store(m, new_m);
            store(v, new_v);
            store(kept_m, new_m);
            store(denominator, new_denominator);
        });
        let mut sums = [_mm512_setzero_ps(); COLUMNS / 16];
        for (k, value) in terms {
            waiting.next();
            let value = _mm512_set1_ps(value);
            let row: &Block = dz.columns_wide(k, j);
            for (sum, dz) in sums.iter_mut().zip(row) {
                *sum = _mm512_fmadd_ps(value, load(dz), *sum);
            }
        }
        // Those for which there was no term.
        waiting.for_each(drop);
        for (gradient, sum) in self.gradient.iter_mut().zip(sums) {
            store(gradient, sum);
        }
        (self.rooted, self.summed) = (self.summed, at);
    }
}

/// The block from `at` on, or else the spare one.
#[inline]
fn block_at<'a>(x: &'a mut [f32], at: Option<usize>, spare: &'a mut Block) -> &'a mut Block {
    match at {
        Some(at) => {
            let (vectors, _) = x[at..].as_chunks_mut();
            vectors.first_chunk_mut().expect("the columns of a block")
        }
        None => spare,
    }
}
