//! The tile of [`half`](crate::x86::gemm::half) with the registers of AVX-512: twice as many rows between one
//! tile's beginning and end.

use std::arch::x86_64::*;

use crate::x86::{
    gemm::{
        half::HALF_COLS,
        tile::{Order, TileStrip, Tiles},
    },
    lanes::{Tail, store_first_half},
};

/// Most rows of a tile: 16 sums of whole vectors and 8 of halves.
pub(in crate::x86::gemm) const PAIRED_ROWS: usize = 16;

/// The sums of two rows.
#[derive(Clone, Copy)]
struct Pair {
    whole: [__m256; 2],
    /// The last columns of the first row, then those of the second.
    half: __m256,
}

impl TileStrip<'_> {
    /// Tiles of one height, from the first to the last, over 9 to 12 columns.
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    pub(in crate::x86::gemm) fn wide_halves(&mut self, tiles: Tiles) {
        if self.a.order == Order::Rows {
            self.wide_half_shape::<true>(tiles);
        } else {
            self.wide_half_shape::<false>(tiles);
        }
    }

    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_half_shape<const BY_ROWS: bool>(&mut self, tiles: Tiles) {
        match tiles.height.div_ceil(2) {
            1 => self.sweep_pairs::<1, BY_ROWS>(tiles),
            2 => self.sweep_pairs::<2, BY_ROWS>(tiles),
            3 => self.sweep_pairs::<3, BY_ROWS>(tiles),
            4 => self.sweep_pairs::<4, BY_ROWS>(tiles),
            5 => self.sweep_pairs::<5, BY_ROWS>(tiles),
            6 => self.sweep_pairs::<6, BY_ROWS>(tiles),
            7 => self.sweep_pairs::<7, BY_ROWS>(tiles),
            8 => self.sweep_pairs::<8, BY_ROWS>(tiles),
            pairs => unreachable!("no tile of halves has {pairs} pairs of rows"),
        }
    }

    /// Tiles of `PAIRS` pairs of rows; of an odd number of rows the last pairs with itself.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn sweep_pairs<const PAIRS: usize, const BY_ROWS: bool>(&mut self, tiles: Tiles) {
        let Self { k, a, b, .. } = *self;
        let (cols, height) = (self.target.cols, tiles.height);
        let (row_stride, k_stride) = a.strides(height);
        // What one of the orders fixes, the compiler then knows.
        let (row_stride, k_stride) = if BY_ROWS {
            (row_stride, 1)
        } else {
            (1, k_stride)
        };
        let last_tile = tiles.first + (tiles.count - 1) * height;
        assert!(
            last_tile * a.row_stride + (height - 1) * row_stride + (k - 1) * k_stride
                < a.data.len()
                && (k - 1) * b.stride + cols <= b.data.len()
                && HALF_COLS.contains(&cols)
                && b.picked.is_none()
                && height.div_ceil(2) == PAIRS,
            "a strip reaches outside its operands"
        );
        let tail = Tail::of_some(cols - 8);
        // Terms of which all 12 floats may be read: where rows follow each other, all but the last.
        let open = if k > 1 && (k - 2) * b.stride + 12 <= b.data.len() {
            k - 1
        } else {
            0
        };
        let odd = height % 2;
        let plain = self.finish.is_store() && self.target.col_stride == 1;
        let c_stride = self.target.row_stride;
        assert!(
            !plain || (last_tile + height - 1) * c_stride + cols <= self.target.c.len(),
            "a strip reaches outside C"
        );
        for tile in 0..tiles.count {
            let row = tiles.first + tile * height;
            let zero = _mm256_setzero_ps();
            let mut pairs = [Pair {
                whole: [zero; 2],
                half: zero,
            }; PAIRS];
            // SAFETY: row ≤ last_tile, no row of a pair is past the tile's, p < k, and the assertion
            // above checked the last element of A and of B that a tile there reaches; before term
            // `open` 12 floats of B are there to read, from it on the mask lets only columns through.
            unsafe {
                let mut a = a.data.as_ptr().add(row * a.row_stride);
                let mut b_row = b.data.as_ptr();
                let mut add = |a: *const f32, whole: __m256, half: __m256| {
                    for (i, pair) in pairs.iter_mut().enumerate() {
                        // The last pair of an odd number of rows.
                        let alone = if i == PAIRS - 1 { odd } else { 0 };
                        let x = _mm256_broadcast_ss(&*a.add(2 * i * row_stride));
                        let y = _mm256_broadcast_ss(&*a.add((2 * i + 1 - alone) * row_stride));
                        pair.whole[0] = _mm256_fmadd_ps(x, whole, pair.whole[0]);
                        pair.whole[1] = _mm256_fmadd_ps(y, whole, pair.whole[1]);
                        let both = _mm256_blend_ps::<0b1111_0000>(x, y);
                        pair.half = _mm256_fmadd_ps(both, half, pair.half);
                    }
                };
                for _ in 0..open {
                    let half = _mm_loadu_ps(b_row.add(8));
                    add(a, _mm256_loadu_ps(b_row), _mm256_set_m128(half, half));
                    a = a.wrapping_add(k_stride);
                    b_row = b_row.wrapping_add(b.stride);
                }
                for _ in open..k {
                    add(a, _mm256_loadu_ps(b_row), tail.load_half(b_row.add(8)));
                    a = a.wrapping_add(k_stride);
                    b_row = b_row.wrapping_add(b.stride);
                }
            }
            if plain {
                for (i, pair) in pairs.iter().enumerate() {
                    let alone = if i == PAIRS - 1 { odd } else { 0 };
                    // SAFETY: both rows are rows of C by the assertion above, and the `cols` floats of
                    // each are a vector's 8 and the tail's.
                    unsafe {
                        let c = self.target.c.as_mut_ptr().add((row + 2 * i) * c_stride);
                        _mm256_storeu_ps(c, pair.whole[0]);
                        store_first_half(c.add(8), _mm256_castps256_ps128(pair.half), tail.len());
                        if alone == 0 {
                            let c = c.add(c_stride);
                            _mm256_storeu_ps(c, pair.whole[1]);
                            let half = _mm256_extractf128_ps::<1>(pair.half);
                            store_first_half(c.add(8), half, tail.len());
                        }
                    }
                }
                continue;
            }
            for (i, pair) in pairs.iter().enumerate() {
                let alone = if i == PAIRS - 1 { odd } else { 0 };
                let first = [pair.whole[0], pair.half];
                let upper = _mm256_permute2f128_ps::<0x11>(pair.half, pair.half);
                let row = row + 2 * i;
                if alone == 0 {
                    let mut sums = [first, [pair.whole[1], upper]];
                    self.finish.apply(&mut sums, row, tail, &mut self.target);
                } else {
                    self.finish.apply(&mut [first], row, tail, &mut self.target);
                }
            }
        }
    }
}
