//! The tile on AVX-512: up to 8 or 12 rows by up to 32 columns, two panels of B of which the second may be
//! narrower, or by up to 16.
//!
//! Each step of k loads a vector of each panel and makes, for each row of A, a fused multiply-add
//! with a value broadcast from memory. A whole tile has 16 or 24 sums in flight, more than the units
//! need, and operands come at little more than one for two multiply-adds. Each sum takes its terms in the
//! order in which the tiles of AVX2 do, and so has the same bits.

use std::arch::x86_64::*;

use super::terms::{WideTerms, ask_for, in_fours};
use crate::x86::gemm::{
    plan::PANEL,
    tile::{Order, TileStrip, Tiles},
};

/// Most rows of a tile where the core makes one multiply-add a cycle: as many as L1 has ways, for rows of A
/// that are a power of two apart share their sets.
pub(in crate::x86::gemm) const ONE_UNIT_ROWS: usize = 8;
/// Where it makes two: the vectors of B, which mostly come from L2, serve more of them.
pub(in crate::x86::gemm) const TWO_UNITS_ROWS: usize = 12;
/// Most columns of a tile.
pub(in crate::x86::gemm) const WIDE_COLS: usize = 2 * PANEL;
/// Floats of B, 32 KB, that L1 holds: to ask for those takes 2 % of 64×64×64.
const RESIDENT_B: usize = 8192;
/// How many terms ahead two units ask for B: twice as far is no slower, half as far not tried.
const AHEAD: usize = 16;

/// The first `lanes` lanes of 16, or all.
pub(in crate::x86::gemm) fn first_lanes(lanes: usize) -> __mmask16 {
    ((1_u32 << lanes.min(16)) - 1) as __mmask16
}

impl TileStrip<'_> {
    /// Tiles of one height, from the first to the last. If there is a `panel` to pack B into, there is one tile
    /// of [`WIDE_COLS`].
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    pub(in crate::x86::gemm) fn wide_tiles(&mut self, tiles: Tiles, panel: Option<&mut [f32]>) {
        match panel {
            Some(panel) => self.wide_columns::<true>(tiles, panel),
            None if self.tiling.pairs_rows(self.target.cols) => self.wide_halves(tiles),
            None => self.wide_columns::<false>(tiles, &mut []),
        }
    }

    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_columns<const PACKS: bool>(&mut self, tiles: Tiles, panel: &mut [f32]) {
        match (self.target.cols, self.a.order == Order::Rows) {
            (WIDE_COLS, true) => self.wide_shape::<2, true, true, PACKS>(tiles, panel),
            (WIDE_COLS, false) => self.wide_shape::<2, true, false, PACKS>(tiles, panel),
            _ if PACKS => unreachable!("a first tile that packs less than a whole strip"),
            (PANEL, true) => self.wide_shape::<1, true, true, false>(tiles, panel),
            (PANEL, false) => self.wide_shape::<1, true, false, false>(tiles, panel),
            (..PANEL, true) => self.wide_shape::<1, false, true, false>(tiles, panel),
            (..PANEL, false) => self.wide_shape::<1, false, false, false>(tiles, panel),
            (_, true) => self.wide_shape::<2, false, true, false>(tiles, panel),
            (_, false) => self.wide_shape::<2, false, false, false>(tiles, panel),
        }
    }

    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_shape<const NV: usize, const WHOLE: bool, const BY_ROWS: bool, const PACKS: bool>(
        &mut self,
        tiles: Tiles,
        panel: &mut [f32],
    ) {
        macro_rules! of_height {
            ($($rows:literal)*) => {
                match tiles.height {
                    $($rows => self.wide_sweep::<$rows, NV, WHOLE, BY_ROWS, PACKS>(tiles, panel),)*
                    rows => unreachable!("no tile has {rows} rows"),
                }
            };
        }
        of_height!(1 2 3 4 5 6 7 8 9 10 11 12);
    }

    /// Tiles of one height, from the first to the last.
    ///
    /// A function of its own for each shape: inlined into one they run out of registers.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
    fn wide_sweep<
        const MR: usize,
        const NV: usize,
        const WHOLE: bool,
        const BY_ROWS: bool,
        const PACKS: bool,
    >(
        &mut self,
        tiles: Tiles,
        panel: &mut [f32],
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
        let last_of_b = b.last_row(k);
        assert!(
            last_tile * a.row_stride + (MR - 1) * row_stride + (k - 1) * k_stride < a.data.len()
                && last_of_b * b.stride + (NV - 1) * b.next_panel + cols - PANEL * (NV - 1)
                    <= b.data.len()
                && cols == self.target.cols
                && (WHOLE || PANEL * (NV - 1) < cols && cols < PANEL * NV)
                && (!PACKS || WHOLE && k * PANEL * NV <= panel.len())
                && b.picked.is_none_or(|rows| PACKS && rows.len() == k),
            "a strip reaches outside its operands"
        );
        let mask = first_lanes(cols - PANEL * (NV - 1));
        // Terms of which whole vectors may be read: where rows follow each other, all but the last.
        let open = match b.data.len().checked_sub((NV - 1) * b.next_panel + PANEL) {
            _ if WHOLE => k,
            // A row that is repeated has a stride of 0.
            Some(last) => last.checked_div(b.stride).map_or(k, |last| k.min(last + 1)),
            None => 0,
        };
        let leaves_l1 = k.saturating_mul(b.stride.max(PANEL * NV)) > RESIDENT_B;
        let asking = NV == 2 && self.tiling.has_two_units() && leaves_l1;
        let ahead = if asking {
            open.saturating_sub(AHEAD)
        } else {
            0
        };
        let plain = WHOLE && self.finish.is_plain(&self.target);
        let c_stride = self.target.row_stride;
        assert!(
            !plain || (last_tile + MR - 1) * c_stride + PANEL * NV <= self.target.c.len(),
            "a strip reaches outside C"
        );
        let row_of_b = |row: usize| {
            let from = b.data.as_ptr().wrapping_add(row * b.stride);
            std::array::from_fn(|v| from.wrapping_add(v * b.next_panel))
        };
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
            // SAFETY: row ≤ last_tile, there are k terms, and the assertion above checked the last element that a
            // tile there reaches of A, of B under the mask, where no picked row is after `last_of_b`, and of the
            // panel; before term `open` a whole vector of B is there to read.
            unsafe {
                let mut terms = WideTerms::<MR, NV, BY_ROWS, PACKS> {
                    a: in_fours(a.data.as_ptr().add(row * a.row_stride), row_stride),
                    row_stride,
                    k_stride,
                    b: row_of_b(0),
                    b_stride: b.stride,
                    mask,
                    panel: panel.as_mut_ptr(),
                };
                if PACKS && let Some(picked) = b.picked {
                    for (p, &row) in picked.iter().enumerate() {
                        if let Some(&later) = picked.get(p + AHEAD) {
                            ask_for::<NV>(row_of_b(later as usize));
                        }
                        terms.b = row_of_b(row as usize);
                        terms.add(true, &mut sums);
                    }
                } else {
                    for _ in 0..ahead {
                        ask_for(terms.b.map(|from| from.wrapping_add(AHEAD * b.stride)));
                        terms.add(true, &mut sums);
                    }
                    for _ in ahead..open {
                        terms.add(true, &mut sums);
                    }
                    for _ in open..k {
                        terms.add(false, &mut sums);
                    }
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
