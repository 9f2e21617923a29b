//! The tile on AVX-512: up to 8 rows by 32 columns, which are two panels of B, or by 16.
//!
//! Each step of k loads a vector of each panel and makes, for each row of A, a fused multiply-add
//! with a value broadcast from memory. A whole tile has sixteen sums in flight, more than the units
//! need, and operands come at little more than one for two multiply-adds. What does not fill a
//! vector is masked. Each sum takes its terms in the order in which the tiles of AVX2 do, and so has
//! the same bits.

use std::arch::x86_64::*;

use super::half::WIDE_HALF_ROWS;
use crate::x86::gemm::{
    parts::equal_parts,
    plan::PANEL,
    tile::{HALF_COLS, Order, Strip, Tiles},
};

/// Most rows of a tile: as many as L1 has ways, for rows of A that are a power of two apart share
/// their sets.
const WIDE_ROWS: usize = 8;
/// Most columns of a tile.
pub(in crate::x86::gemm) const WIDE_COLS: usize = 2 * PANEL;

/// Most rows of a tile of so many columns.
pub(in crate::x86::gemm) fn most_rows_wide(cols: usize) -> usize {
    if HALF_COLS.contains(&cols) {
        WIDE_HALF_ROWS
    } else {
        WIDE_ROWS
    }
}

/// The first `lanes` lanes of 16, or all.
pub(in crate::x86::gemm) fn first_lanes(lanes: usize) -> __mmask16 {
    ((1_u32 << lanes.min(16)) - 1) as __mmask16
}

impl Strip<'_> {
    /// Computes and finishes all tiles, each at most `most` rows high.
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    pub(in crate::x86::gemm) fn run_wide(&mut self, most: usize) {
        let (count, height, higher) = equal_parts(self.rows, most);
        self.wide_tiles(Tiles {
            first: 0,
            height: height + 1,
            count: higher,
        });
        self.wide_tiles(Tiles {
            first: higher * (height + 1),
            height,
            count: count - higher,
        });
    }

    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_tiles(&mut self, tiles: Tiles) {
        if tiles.count == 0 {
            return;
        }
        if HALF_COLS.contains(&self.target.cols) {
            self.wide_halves(tiles);
            return;
        }
        match (self.target.cols, self.a.order == Order::Rows) {
            (WIDE_COLS, true) => self.wide_shape::<2, true, true>(tiles),
            (WIDE_COLS, false) => self.wide_shape::<2, true, false>(tiles),
            (PANEL, true) => self.wide_shape::<1, true, true>(tiles),
            (PANEL, false) => self.wide_shape::<1, true, false>(tiles),
            (_, true) => self.wide_shape::<1, false, true>(tiles),
            (_, false) => self.wide_shape::<1, false, false>(tiles),
        }
    }

    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_shape<const NV: usize, const WHOLE: bool, const BY_ROWS: bool>(
        &mut self,
        tiles: Tiles,
    ) {
        match tiles.height {
            1 => self.wide_sweep::<1, NV, WHOLE, BY_ROWS>(tiles),
            2 => self.wide_sweep::<2, NV, WHOLE, BY_ROWS>(tiles),
            3 => self.wide_sweep::<3, NV, WHOLE, BY_ROWS>(tiles),
            4 => self.wide_sweep::<4, NV, WHOLE, BY_ROWS>(tiles),
            5 => self.wide_sweep::<5, NV, WHOLE, BY_ROWS>(tiles),
            6 => self.wide_sweep::<6, NV, WHOLE, BY_ROWS>(tiles),
            7 => self.wide_sweep::<7, NV, WHOLE, BY_ROWS>(tiles),
            8 => self.wide_sweep::<8, NV, WHOLE, BY_ROWS>(tiles),
            rows => unreachable!("no tile has {rows} rows"),
        }
    }

    /// Tiles of one height, from the first to the last.
    ///
    /// A function of its own for each shape: inlined into one they run out of registers.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_sweep<const MR: usize, const NV: usize, const WHOLE: bool, const BY_ROWS: bool>(
        &mut self,
        tiles: Tiles,
    ) {
        let Self { k, a, b, .. } = *self;
        let (row_stride, k_stride) = a.strides(MR);
        // What one of the orders fixes, the compiler then knows.
        let (row_stride, k_stride) = if BY_ROWS {
            (row_stride, 1)
        } else {
            (1, k_stride)
        };
        let cols = if WHOLE { PANEL * NV } else { self.target.cols };
        let last_tile = tiles.first + (tiles.count - 1) * MR;
        assert!(
            last_tile * a.row_stride + (MR - 1) * row_stride + (k - 1) * k_stride < a.data.len()
                && (k - 1) * b.stride + (NV - 1) * b.next_panel + cols - PANEL * (NV - 1)
                    <= b.data.len()
                && cols == self.target.cols
                && (WHOLE || NV == 1 && cols < PANEL),
            "a strip reaches outside its operands"
        );
        let mask = first_lanes(cols);
        let plain = WHOLE && self.finish.is_plain(&self.target);
        let c_stride = self.target.row_stride;
        assert!(
            !plain || (last_tile + MR - 1) * c_stride + PANEL * NV <= self.target.c.len(),
            "a strip reaches outside C"
        );
        for tile in 0..tiles.count {
            let row = tiles.first + tile * MR;
            if a.order == Order::Packed {
                // In large products C is far away, and comes while the sums are made. In the
                // others whose A had to be packed it may be.
                for i in 0..MR {
                    let at = (row + i) * self.target.row_stride;
                    let c = self.target.c.as_ptr().wrapping_add(at);
                    for v in 0..NV {
                        _mm_prefetch::<_MM_HINT_T0>(c.wrapping_add(PANEL * v).cast());
                    }
                    _mm_prefetch::<_MM_HINT_T0>(c.wrapping_add(PANEL * NV - 1).cast());
                }
            }
            let mut sums = [[_mm512_setzero_ps(); NV]; MR];
            // SAFETY: row ≤ last_tile and i < MR, there are k terms, and the assertion above checked
            // the last element of A, and of B under the mask, that a tile there reaches.
            unsafe {
                let mut a = a.data.as_ptr().add(row * a.row_stride);
                let mut panels: [*const f32; NV] =
                    std::array::from_fn(|v| b.data.as_ptr().wrapping_add(v * b.next_panel));
                for _ in 0..k {
                    let row = panels.map(|from| {
                        // A masked load costs a slot of the multiply-adds.
                        if WHOLE {
                            _mm512_loadu_ps(from)
                        } else {
                            _mm512_maskz_loadu_ps(mask, from)
                        }
                    });
                    for (i, sums) in sums.iter_mut().enumerate() {
                        let x = _mm512_set1_ps(*a.add(i * row_stride));
                        for (sum, b) in sums.iter_mut().zip(row) {
                            *sum = _mm512_fmadd_ps(x, b, *sum);
                        }
                    }
                    a = a.wrapping_add(k_stride);
                    panels = panels.map(|from| from.wrapping_add(b.stride));
                }
            }
            if plain {
                // SAFETY: row ≤ last_tile, whose last element is in C by the assertion above.
                unsafe {
                    let c = self.target.c.as_mut_ptr().add(row * c_stride);
                    self.finish.apply_plain_wide(sums, c, c_stride);
                }
            } else {
                // A copy, so that taking its address does not keep the sums in memory.
                let mut sums = sums;
                self.finish.apply_wide(&mut sums, row, &mut self.target);
            }
        }
    }
}
