//! The loops around the tile: which part of which operand is in which cache.

use std::{cell::Cell, ops::Range};

use super::{
    avx512::WIDE_COLS,
    factor::Factor,
    few_terms::{MOST_TERMS, short_product},
    finish::{Finish, Target},
    parts::{left_of, pack_rows, packed, rows_of, split, strips},
    plan::{Nest, PANEL, Plan},
    source::BSource,
    tile::{Left, Order, Right, TileStrip},
    tiling::Tiling,
    vector::row_times_matrix,
};
use crate::{
    MatMut, MatRef,
    buffer::{CACHE_LINE, PAGE, Scratch},
};

/// Columns up to which a tile of one row is no slower than streaming the rows of B.
const FEW_COLS: usize = 32;

/// Columns that are packed together where rows are picked: eight lines of each row, so that they stream,
/// and with 512 terms 256 KB, of an L2 that may hold no more.
const PART_COLS: usize = 128;
const _: () = assert!(PART_COLS.is_multiple_of(WIDE_COLS), "strips in parts");

/// Room for packed blocks.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) a: Scratch,
    pub(super) b: Scratch,
}

thread_local! {
    static BUFFERS: Cell<Buffers> = const { Cell::new(Buffers { a: Scratch::new(), b: Scratch::new() }) };
}

/// A product.
pub(super) struct Product<'a> {
    pub(super) a: MatRef<'a>,
    pub(super) b: Factor<'a>,
    pub(super) c: MatMut<'a>,
    pub(super) finish: Finish<'a>,
    pub(super) tiling: Tiling,
}

/// What a strip computes.
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    pub(super) terms: Range<usize>,
}

impl Product<'_> {
    /// No terms: every sum is 0.
    fn empty(&mut self) {
        let (row_stride, col_stride) = (self.c.row_stride(), self.c.col_stride());
        for i in 0..self.c.rows() {
            for j in 0..self.c.cols() {
                let c = &mut self.c.data()[i * row_stride + j * col_stride];
                *c = self.finish.value(i, j, 0.0, *c);
            }
        }
    }

    /// Most rows of a tile that reads A where it lies: by rows that are whole pages apart, or nearly, they
    /// share one set of L1, whose eight ways hold a line of each of six and B. With AVX-512 twelve were no slower on
    /// Emerald Rapids, whose L1 has twelve ways; else it was not measured.
    pub(super) fn most_rows_in_place(&self, cols: usize) -> usize {
        let most = self.tiling.most_rows(cols);
        // Within a line of whole pages.
        let apart = self.a.row_stride().saturating_add(CACHE_LINE);
        let clash = self.a.col_stride() == 1 && apart >= PAGE && apart % PAGE <= 2 * CACHE_LINE;
        if clash && !self.tiling.is_wide() {
            most.min(self.tiling.most_rows(PANEL))
        } else {
            most
        }
    }

    /// Computes and finishes all of C.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run(mut self) {
        if self.c.rows() == 0 || self.c.cols() == 0 {
            return;
        }
        if self.a.cols() == 0 {
            self.empty();
        } else {
            self.run_blocks();
        }
    }

    /// What has loops of its own goes there. Else blocks of terms, of rows, of columns: a block of A
    /// waits in L2, a panel of B in L1.
    #[target_feature(enable = "avx2,fma")]
    fn run_blocks(&mut self) {
        let (a, b) = (self.a, self.b);
        let (m, n, k) = (a.rows(), self.c.cols(), a.cols());
        if k <= MOST_TERMS
            && self.finish.is_store()
            && let Factor::View(b) = b
            && short_product(a, b, self.c.reborrow(), self.tiling)
        {
            return;
        }
        let plan = Plan::new(a, n, b.source(m, self.tiling), self.tiling);
        if let Factor::View(b) = b
            && m == 1
            && n >= FEW_COLS
            && b.col_stride() == 1
            && !plan.pack_a
        {
            row_times_matrix(a, b, self.c.reborrow(), self.finish, split(k, plan.terms));
            return;
        }
        if plan.nest != Nest::Blocks {
            let mut buffers = BUFFERS.take();
            if plan.nest == Nest::Large {
                self.run_large(plan, &mut buffers);
            } else {
                self.run_tall(plan, &mut buffers.b);
            }
            BUFFERS.set(buffers);
            return;
        }
        let packs = plan.pack_a || plan.b.needs_room();
        let mut buffers = if packs {
            BUFFERS.take()
        } else {
            Buffers::default()
        };
        // Columns of a strip whose first tile can pack.
        let least_packing = if self.tiling.is_wide() {
            WIDE_COLS
        } else {
            PANEL
        };
        // As a block of A is packed, so are its tiles.
        let most_packed = self.tiling.most_rows(plan.strip_cols);
        for terms in split(k, plan.terms) {
            let depth = terms.len();
            let panels = match plan.b {
                BSource::PackedByFirstTile => buffers.b.get(b.deepest(depth) * plan.strip_cols + 8),
                BSource::PackedInParts => {
                    let cols = n.min(PART_COLS).next_multiple_of(PANEL);
                    buffers.b.get(b.deepest(depth) * cols)
                }
                BSource::PackedAhead => {
                    let to = buffers.b.get(depth * n.next_multiple_of(PANEL) + 8);
                    b.pack(&terms, 0..n, to);
                    to
                }
                BSource::Direct | BSource::Packed => &mut [],
            };
            for rows in split(m, plan.rows) {
                let mut block: Option<&[f32]> = None;
                if plan.pack_a {
                    let to = buffers.a.get(rows.len() * depth + 8);
                    pack_rows(a, rows.clone(), &terms, most_packed, to);
                    block = Some(to);
                }
                for columns in strips(0..n, plan.strip_cols, plan.splits_rest) {
                    let (rows, terms) = (rows.clone(), terms.clone());
                    let most = if block.is_some() {
                        most_packed
                    } else {
                        self.most_rows_in_place(columns.len())
                    };
                    let mut to_pack: &mut [f32] = &mut [];
                    let right = match b {
                        Factor::Packed(_) => b.right(&terms, &columns, &[], 0),
                        Factor::Rows(..) if plan.b == BSource::PackedInParts => {
                            let from = columns.start % PART_COLS;
                            if from == 0 {
                                let part = columns.start..n.min(columns.start + PART_COLS);
                                b.pack(&terms, part, panels);
                            }
                            packed(&panels[from * depth..], depth)
                        }
                        Factor::View(_) if plan.b == BSource::PackedAhead => {
                            b.right(&terms, &columns, panels, 0)
                        }
                        Factor::View(b) if plan.b == BSource::Direct || rows.len() <= most => {
                            rows_of(b, terms.clone(), columns.clone())
                        }
                        Factor::View(_) | Factor::Rows(..) if columns.len() < least_packing => {
                            b.pack(&terms, columns.clone(), panels);
                            packed(panels, depth)
                        }
                        Factor::View(b) => {
                            to_pack = &mut *panels;
                            rows_of(b, terms.clone(), columns.clone())
                        }
                        Factor::Rows(b, picked) => {
                            let picked = &picked[terms.clone()];
                            assert!(
                                picked.iter().all(|&row| (row as usize) < b.rows()),
                                "a picked row is not in B"
                            );
                            to_pack = &mut *panels;
                            Right {
                                picked: Some(picked),
                                ..rows_of(b, 0..b.rows(), columns.clone())
                            }
                        }
                    };
                    let part = Part {
                        rows,
                        columns,
                        terms,
                    };
                    self.strip(part, most, block, right, to_pack);
                }
            }
        }
        if packs {
            BUFFERS.set(buffers);
        }
    }

    /// One strip, its rows of A where they lie or in a packed `block`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn strip(
        &mut self,
        part: Part,
        most: usize,
        block: Option<&[f32]>,
        right: Right<'_>,
        panel: &mut [f32],
    ) {
        let Part {
            rows,
            columns,
            terms,
        } = part;
        let finish = self
            .finish
            .of_block(terms.start == 0, terms.end == self.a.cols());
        let (row_stride, col_stride) = (self.c.row_stride(), self.c.col_stride());
        let mut strip = TileStrip {
            rows: rows.len(),
            k: terms.len(),
            a: match block {
                None => left_of(self.a, rows.start, terms.start),
                Some(data) => Left {
                    data,
                    row_stride: terms.len(),
                    order: Order::Packed,
                },
            },
            b: right,
            target: Target {
                c: &mut self.c.data()[rows.start * row_stride + columns.start * col_stride..],
                row_stride,
                col_stride,
                cols: columns.len(),
            },
            finish: finish.at(rows.start, columns.start),
            tiling: self.tiling,
        };
        strip.run(most, panel);
    }
}
