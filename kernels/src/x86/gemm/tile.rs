//! The microkernel: tiles of the product, each held in registers from its first term to its last.
//!
//! A tile is `MR` rows by `NV` vectors of 8 columns. Each step of k loads a row of B (`NV`
//! vectors), broadcasts `MR` values of A, and makes `MR·NV` fused multiply-adds. Tiles come in
//! strips, one below the other along one panel of B, so that what can be decided or checked once
//! is not decided for each. Nothing here blocks or allocates.

use std::arch::x86_64::*;

use super::{
    finish::{Finish, Target},
    parts::equal_parts,
    plan::PANEL,
    terms::{PACKING, PADDED, RAGGED, TileTerms, ask_for},
    tiling::Tiling,
};
use crate::x86::lanes::Tail;

/// Most rows of a tile of AVX2 whose rows share no vector: 12 sums. With one to three vectors of B and a
/// value of A they fit the 16 ymm registers, and their chains keep two FMA units of latency 4 or 5 busy.
pub(super) fn most_rows(cols: usize) -> usize {
    12 / cols.div_ceil(8)
}

/// Steps of k that a turn of the loop makes: the pointers move once for all of them.
const UNROLL: usize = 4;

/// How many rows ahead a first tile asks for B, which it reads from afar. No more, for rows a page apart share
/// sets of L1, which has eight ways or twelve.
const AHEAD: usize = 8;

/// The rows of A that a strip multiplies: row r of the strip begins at `r·row_stride`.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) data: &'a [f32],
    pub(super) row_stride: usize,
    pub(super) order: Order,
}

impl Left<'_> {
    /// How far apart a tile of so many rows has its rows, and its terms.
    #[inline]
    pub(super) fn strides(&self, height: usize) -> (usize, usize) {
        match self.order {
            Order::Rows => (self.row_stride, 1),
            Order::Terms(stride) => (1, stride),
            Order::Packed => (1, height),
        }
    }
}

/// How the elements of a tile's rows follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The terms of a row are adjacent.
    Rows,
    /// The rows of a term are adjacent, terms this far apart.
    Terms(usize),
    /// The rows of a term are adjacent, and so are terms: a panel as high as the tile.
    Packed,
}

/// The columns of B that a strip multiplies: element (k, j) is at `k·stride + j`.
#[derive(Clone, Copy)]
pub(super) struct Right<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    /// How far on the next 16 columns of a row are, for the tiles of AVX-512 that take more.
    pub(super) next_panel: usize,
    /// The rows of B that are the terms, if they are picked: for a tile that packs them.
    pub(super) picked: Option<&'a [u32]>,
    /// Whether whole vectors may be read: what lies past the tile's columns is never stored.
    pub(super) padded: bool,
}

impl Right<'_> {
    /// The last of the rows that k terms read.
    pub(super) fn last_row(&self, k: usize) -> usize {
        match self.picked {
            None => k - 1,
            Some(rows) => rows.iter().copied().max().map_or(0, |last| last as usize),
        }
    }
}

/// A strip: `rows` rows of A by the columns of `target`, over `k` terms.
pub(super) struct TileStrip<'a> {
    pub(super) rows: usize,
    pub(super) k: usize,
    pub(super) a: Left<'a>,
    pub(super) b: Right<'a>,
    pub(super) target: Target<'a>,
    pub(super) finish: Finish<'a>,
    pub(super) tiling: Tiling,
}

/// Tiles of one height along a strip.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    /// The strip's row at which the first begins.
    pub(super) first: usize,
    pub(super) height: usize,
    pub(super) count: usize,
}

impl TileStrip<'_> {
    /// Computes and finishes all tiles, each at most `most` rows high. If `panel` is not empty,
    /// the first leaves there the rows of B, filled up to whole vectors, and the others read them
    /// from there.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run(&mut self, most: usize, panel: &mut [f32]) {
        let (count, height, higher) = equal_parts(self.rows, most);
        let mut high = Tiles {
            first: 0,
            height: height + 1,
            count: higher,
        };
        let mut low = Tiles {
            first: higher * (height + 1),
            height,
            count: count - higher,
        };
        if panel.is_empty() {
            if self.b.padded {
                self.tiles::<PADDED>(high, &mut []);
                self.tiles::<PADDED>(low, &mut []);
            } else {
                self.tiles::<RAGGED>(high, &mut []);
                self.tiles::<RAGGED>(low, &mut []);
            }
            return;
        }
        let leader = if higher > 0 { &mut high } else { &mut low };
        let first = Tiles {
            count: 1,
            ..*leader
        };
        leader.count -= 1;
        leader.first += leader.height;
        self.tiles::<PACKING>(first, panel);
        let mut rest = TileStrip {
            b: Right {
                data: panel,
                stride: self.target.cols.next_multiple_of(8),
                next_panel: PANEL,
                picked: None,
                padded: true,
            },
            target: self.target.reborrow(),
            ..*self
        };
        rest.tiles::<PADDED>(high, &mut []);
        rest.tiles::<PADDED>(low, &mut []);
    }

    #[target_feature(enable = "avx2,fma")]
    fn tiles<const B: u8>(&mut self, tiles: Tiles, panel: &mut [f32]) {
        if tiles.count == 0 {
            return;
        }
        if self.tiling.is_wide() {
            // SAFETY: a wide `Tiling` is proof of all of AVX-512 that the callee is compiled for.
            unsafe { self.wide_tiles(tiles, (B == PACKING).then_some(panel)) };
            return;
        }
        if B != PACKING && self.tiling.pairs_rows(self.target.cols) {
            self.halves(tiles);
            return;
        }
        if self.a.order == Order::Rows {
            self.shape::<true, B>(tiles, panel);
        } else {
            self.shape::<false, B>(tiles, panel);
        }
    }

    #[target_feature(enable = "avx2,fma")]
    fn shape<const BY_ROWS: bool, const B: u8>(&mut self, tiles: Tiles, panel: &mut [f32]) {
        match (tiles.height, self.target.cols.div_ceil(8)) {
            (1, 2) => self.sweep::<1, 2, BY_ROWS, B>(tiles, panel),
            (2, 2) => self.sweep::<2, 2, BY_ROWS, B>(tiles, panel),
            (3, 2) => self.sweep::<3, 2, BY_ROWS, B>(tiles, panel),
            (4, 2) => self.sweep::<4, 2, BY_ROWS, B>(tiles, panel),
            (5, 2) => self.sweep::<5, 2, BY_ROWS, B>(tiles, panel),
            (6, 2) => self.sweep::<6, 2, BY_ROWS, B>(tiles, panel),
            (1, 1) => self.sweep::<1, 1, BY_ROWS, B>(tiles, panel),
            (2, 1) => self.sweep::<2, 1, BY_ROWS, B>(tiles, panel),
            (3, 1) => self.sweep::<3, 1, BY_ROWS, B>(tiles, panel),
            (4, 1) => self.sweep::<4, 1, BY_ROWS, B>(tiles, panel),
            (5, 1) => self.sweep::<5, 1, BY_ROWS, B>(tiles, panel),
            (6, 1) => self.sweep::<6, 1, BY_ROWS, B>(tiles, panel),
            (7, 1) => self.sweep::<7, 1, BY_ROWS, B>(tiles, panel),
            (8, 1) => self.sweep::<8, 1, BY_ROWS, B>(tiles, panel),
            (9, 1) => self.sweep::<9, 1, BY_ROWS, B>(tiles, panel),
            (10, 1) => self.sweep::<10, 1, BY_ROWS, B>(tiles, panel),
            (11, 1) => self.sweep::<11, 1, BY_ROWS, B>(tiles, panel),
            (12, 1) => self.sweep::<12, 1, BY_ROWS, B>(tiles, panel),
            // Of other heights none is made: strips of three vectors have fours.
            (4, 3) => self.sweep::<4, 3, BY_ROWS, B>(tiles, panel),
            (rows, vectors) => unreachable!("no tile has {rows} rows of {vectors} vectors"),
        }
    }

    /// Tiles of one height, from the first to the last.
    #[target_feature(enable = "avx2,fma")]
    fn sweep<const MR: usize, const NV: usize, const BY_ROWS: bool, const B: u8>(
        &mut self,
        tiles: Tiles,
        panel: &mut [f32],
    ) {
        let Self { k, a, b, .. } = *self;
        let (row_stride, k_stride) = a.strides(MR);
        let tail = Tail::of_some(self.target.cols - 8 * (NV - 1));
        let width = if TileTerms::<MR, NV, BY_ROWS, B>::MASKED {
            self.target.cols
        } else {
            8 * NV
        };
        let last_tile = tiles.first + (tiles.count - 1) * MR;
        let last = k - 1;
        assert!(
            last_tile * a.row_stride + (MR - 1) * row_stride + last * k_stride < a.data.len()
                && b.last_row(k) * b.stride + width <= b.data.len()
                && (B != PACKING || last * 8 * NV + 8 * NV <= panel.len())
                && b.picked.is_none_or(|rows| B == PACKING && rows.len() == k),
            "a strip reaches outside its operands"
        );
        let plain = self.finish.is_plain(&self.target);
        let c_stride = self.target.row_stride;
        assert!(
            !plain || (last_tile + MR - 1) * c_stride + 8 * NV <= self.target.c.len(),
            "a strip reaches outside C"
        );
        for tile in 0..tiles.count {
            let row = tiles.first + tile * MR;
            let mut acc = [[_mm256_setzero_ps(); NV]; MR];
            if !BY_ROWS && a.order == Order::Packed {
                // In large products C is far away, and comes while the sums are made. In the
                // others whose A had to be packed it may be.
                for i in 0..MR {
                    let c = self.target.c.as_ptr().wrapping_add((row + i) * c_stride);
                    _mm_prefetch::<_MM_HINT_T0>(c.cast());
                    _mm_prefetch::<_MM_HINT_T0>(c.wrapping_add(8 * NV - 1).cast());
                }
            }
            // SAFETY: row ≤ last_tile, and the assertion above checked the last element of all
            // three operands that a tile there reaches.
            unsafe {
                let mut terms = TileTerms::<MR, NV, BY_ROWS, B> {
                    a: a.data.as_ptr().add(row * a.row_stride),
                    row_stride,
                    k_stride,
                    b: b.data.as_ptr(),
                    b_stride: b.stride,
                    panel: panel.as_mut_ptr(),
                    tail: &tail,
                };
                if B != PACKING {
                    for _ in 0..k / UNROLL {
                        for u in 0..UNROLL {
                            terms.add(u, &mut acc);
                        }
                        terms.advance(UNROLL);
                    }
                    for _ in 0..k % UNROLL {
                        terms.add(0, &mut acc);
                        terms.advance(1);
                    }
                } else if let Some(picked) = b.picked {
                    let row_of_b = |row: u32| b.data.as_ptr().wrapping_add(row as usize * b.stride);
                    for (p, &row) in picked.iter().enumerate() {
                        if let Some(&later) = picked.get(p + AHEAD) {
                            ask_for::<NV>(row_of_b(later));
                        }
                        terms.b = row_of_b(row);
                        terms.add(0, &mut acc);
                        terms.advance(1);
                    }
                } else {
                    for _ in 0..k {
                        ask_for::<NV>(terms.b.wrapping_add(AHEAD.wrapping_mul(b.stride)));
                        terms.add(0, &mut acc);
                        terms.advance(1);
                    }
                }
            }
            if plain {
                // SAFETY: row ≤ last_tile, whose last element is in C by the assertion above.
                unsafe {
                    let c = self.target.c.as_mut_ptr().add(row * c_stride);
                    self.finish.apply_plain(acc, c, c_stride);
                }
            } else {
                // A copy, so that taking its address does not keep the sums in memory.
                let mut sums = acc;
                self.finish.apply(&mut sums, row, tail, &mut self.target);
            }
        }
    }
}
