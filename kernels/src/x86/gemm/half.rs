//! The tile for 9 to 12 columns: a vector of 8, and half a vector that two rows share.
//!
//! Two whole vectors would leave up to seven lanes of the second idle. Here the lower half of one
//! vector holds the last columns of one row, its upper half those of the next: three fused
//! multiply-adds for two rows instead of four. Most products of 9 and 10 columns, as ten classes make, go to
//! [`few_columns`](super::few_columns) instead; here come those of few terms or rows, or of a packed B.

use std::{arch::x86_64::*, ops::RangeInclusive};

use super::tile::{Order, TileStrip, Tiles};
use crate::x86::lanes::{Tail, store_first_half};

/// Columns for which tiles of halves are made.
pub(super) const HALF_COLS: RangeInclusive<usize> = 9..=12;

/// Most rows of a tile: 7 sums of whole vectors and 4 of halves, two vectors of B and two values of
/// A; an eighth row would take the last register, and the compiler spills one.
pub(super) const HALF_ROWS: usize = 7;

impl TileStrip<'_> {
    /// Tiles of one height, from the first to the last, over 9 to 12 columns.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn halves(&mut self, tiles: Tiles) {
        match (tiles.height, self.a.order == Order::Rows) {
            (1, true) => self.sweep_halves::<1, true>(tiles),
            (2, true) => self.sweep_halves::<2, true>(tiles),
            (3, true) => self.sweep_halves::<3, true>(tiles),
            (4, true) => self.sweep_halves::<4, true>(tiles),
            (5, true) => self.sweep_halves::<5, true>(tiles),
            (6, true) => self.sweep_halves::<6, true>(tiles),
            (7, true) => self.sweep_halves::<7, true>(tiles),
            (1, false) => self.sweep_halves::<1, false>(tiles),
            (2, false) => self.sweep_halves::<2, false>(tiles),
            (3, false) => self.sweep_halves::<3, false>(tiles),
            (4, false) => self.sweep_halves::<4, false>(tiles),
            (5, false) => self.sweep_halves::<5, false>(tiles),
            (6, false) => self.sweep_halves::<6, false>(tiles),
            (7, false) => self.sweep_halves::<7, false>(tiles),
            (rows, _) => unreachable!("no tile of halves has {rows} rows"),
        }
    }

    #[target_feature(enable = "avx2,fma")]
    fn sweep_halves<const MR: usize, const BY_ROWS: bool>(&mut self, tiles: Tiles) {
        let Self { k, a, b, .. } = *self;
        let cols = self.target.cols;
        let (row_stride, k_stride) = a.strides(MR);
        // What one of the orders fixes, the compiler then knows.
        let (row_stride, k_stride) = if BY_ROWS {
            (row_stride, 1)
        } else {
            (1, k_stride)
        };
        let last_tile = tiles.first + (tiles.count - 1) * MR;
        assert!(
            last_tile * a.row_stride + (MR - 1) * row_stride + (k - 1) * k_stride < a.data.len()
                && (k - 1) * b.stride + cols <= b.data.len()
                && HALF_COLS.contains(&cols)
                && b.picked.is_none(),
            "a strip reaches outside its operands"
        );
        let tail = Tail::of_some(cols - 8);
        // Terms of which all 12 floats may be read: where rows follow each other, all but the last.
        let open = if k > 1 && (k - 2) * b.stride + 12 <= b.data.len() {
            k - 1
        } else {
            0
        };
        let plain = self.finish.is_store() && self.target.col_stride == 1;
        let c_stride = self.target.row_stride;
        assert!(
            !plain || (last_tile + MR - 1) * c_stride + cols <= self.target.c.len(),
            "a strip reaches outside C"
        );
        for tile in 0..tiles.count {
            let row = tiles.first + tile * MR;
            let mut sums = [_mm256_setzero_ps(); MR];
            let mut halves = [_mm256_setzero_ps(); MR];
            // SAFETY: row ≤ last_tile, i < MR and p < k, and the assertion above checked the last
            // element of A and of B that a tile there reaches; before term `open` 12 floats of B are
            // there to read, from it on the mask lets only columns through.
            unsafe {
                let a = a.data.as_ptr().add(row * a.row_stride);
                let value = |i: usize, p: usize| {
                    _mm256_broadcast_ss(&*a.add(i * row_stride + p * k_stride))
                };
                let mut add = |p: usize, whole: __m256, half: __m256| {
                    for i in (0..MR - MR % 2).step_by(2) {
                        let (x, y) = (value(i, p), value(i + 1, p));
                        sums[i] = _mm256_fmadd_ps(x, whole, sums[i]);
                        sums[i + 1] = _mm256_fmadd_ps(y, whole, sums[i + 1]);
                        let both = _mm256_blend_ps::<0b1111_0000>(x, y);
                        halves[i] = _mm256_fmadd_ps(both, half, halves[i]);
                    }
                    if MR % 2 == 1 {
                        let x = value(MR - 1, p);
                        sums[MR - 1] = _mm256_fmadd_ps(x, whole, sums[MR - 1]);
                        halves[MR - 1] = _mm256_fmadd_ps(x, half, halves[MR - 1]);
                    }
                };
                for p in 0..open {
                    let b = b.data.as_ptr().add(p * b.stride);
                    let half = _mm_loadu_ps(b.add(8));
                    add(p, _mm256_loadu_ps(b), _mm256_set_m128(half, half));
                }
                for p in open..k {
                    let b = b.data.as_ptr().add(p * b.stride);
                    add(p, _mm256_loadu_ps(b), tail.load_half(b.add(8)));
                }
            }
            if plain {
                for i in 0..MR {
                    let half = if i % 2 == 0 {
                        _mm256_castps256_ps128(halves[i])
                    } else {
                        _mm256_extractf128_ps::<1>(halves[i - 1])
                    };
                    // SAFETY: row + i is a row of C by the assertion above, and its `cols` floats
                    // are a vector's 8 and the tail's.
                    unsafe {
                        let c = self.target.c.as_mut_ptr().add((row + i) * c_stride);
                        _mm256_storeu_ps(c, sums[i]);
                        store_first_half(c.add(8), half, tail.len());
                    }
                }
                continue;
            }
            let mut acc = [[_mm256_setzero_ps(); 2]; MR];
            for i in 0..MR {
                let half = if i % 2 == 0 {
                    halves[i]
                } else {
                    _mm256_permute2f128_ps::<0x11>(halves[i - 1], halves[i - 1])
                };
                acc[i] = [sums[i], half];
            }
            self.finish.apply(&mut acc, row, tail, &mut self.target);
        }
    }
}
