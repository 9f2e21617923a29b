//! The loops around the tile: which part of which operand is in which cache.

use std::{cell::Cell, ops::Range};

use super::{
    finish::{Finish, Target},
    pack::Lines,
    tile::{Left, Order, PANEL, Right, Strip, WIDE_ROWS, heights},
};
use crate::{MatMut, MatRef, gemm::buffer::Buffer};

/// Terms of a block: a panel of B of this depth takes 16 KB, half of L1.
const KC: usize = 256;
/// Rows of a block of A: with `KC` terms 172 KB, two thirds of a 256 KB L2.
const MC: usize = 168;
/// Rows that pass along all of a B that stays in L1 before the next do: their A stays there too.
const STRIP: usize = 48;
/// Floats of B that stay in L1 with what else a tile touches.
const RESIDENT: usize = 4096;
/// Rows and columns from which A is packed: below, the copy costs more than the order saves.
const PACK_A_ROWS: usize = 192;
const PACK_A_COLS: usize = 64;

thread_local! {
    static PANELS: Cell<Buffer> = const { Cell::new(Buffer::new()) };
    static BLOCK: Cell<Buffer> = const { Cell::new(Buffer::new()) };
}

/// A product of at least one row, column and term.
pub(super) struct Product<'a> {
    pub(super) a: MatRef<'a>,
    pub(super) b: MatRef<'a>,
    pub(super) c: MatMut<'a>,
    pub(super) finish: Finish<'a>,
}

impl Product<'_> {
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run(self) {
        let Self { a, b, .. } = &self;
        let readable = a.col_stride() == 1 || a.row_stride() == 1;
        if readable && b.rows() * b.cols().next_multiple_of(PANEL) <= RESIDENT {
            self.with_b_resident();
        } else {
            self.in_blocks();
        }
    }

    /// No terms: every sum is 0.
    pub(super) fn empty(mut self) {
        let (row_stride, col_stride) = (self.c.row_stride(), self.c.col_stride());
        for i in 0..self.c.rows() {
            for j in 0..self.c.cols() {
                let c = &mut self.c.data()[i * row_stride + j * col_stride];
                *c = self.finish.value(i, j, 0.0, *c);
            }
        }
    }

    /// B stays in L1, and each row of A and C is touched once.
    #[target_feature(enable = "avx2,fma")]
    fn with_b_resident(mut self) {
        let (a, b) = (self.a, self.b);
        let (n, k) = (b.cols(), a.cols());
        if b.col_stride() == 1 {
            for rows in split(a.rows(), STRIP) {
                for columns in panels_of(n) {
                    let right = rows_of(b, 0..k, columns.clone());
                    self.strip(rows.clone(), columns, 0..k, None, right, &mut []);
                }
            }
            return;
        }
        let mut buffer = PANELS.take();
        let panels = buffer.get(k * n.next_multiple_of(PANEL) + PANEL);
        for (columns, panel) in panels_of(n).zip(panels.chunks_mut(k * PANEL)) {
            columns_of(b, 0..k, columns).interleave(panel, PANEL);
        }
        for rows in split(a.rows(), STRIP) {
            for (columns, panel) in panels_of(n).zip(panels.chunks(k * PANEL)) {
                self.strip(rows.clone(), columns, 0..k, None, packed(panel), &mut []);
            }
        }
        PANELS.set(buffer);
    }

    /// Blocks of k, of rows, of columns: a block of A waits in L2, a panel of B in L1. The panel
    /// is packed by the first tile that reads it.
    #[target_feature(enable = "avx2,fma")]
    fn in_blocks(mut self) {
        let (a, b) = (self.a, self.b);
        let (m, n, k) = (a.rows(), b.cols(), a.cols());
        let (mut panel_buffer, mut block_buffer) = (PANELS.take(), BLOCK.take());
        let panel = panel_buffer.get(KC * PANEL + PANEL);
        let readable = a.col_stride() == 1 || a.row_stride() == 1;
        let pack_a = !readable || (m >= PACK_A_ROWS && n >= PACK_A_COLS);
        for terms in split(k, KC) {
            for rows in split(m, MC) {
                let mut block: Option<&[f32]> = None;
                if pack_a {
                    let to = block_buffer.get(rows.len() * terms.len() + 8);
                    pack_rows(a, rows.clone(), &terms, to);
                    block = Some(to);
                }
                for columns in panels_of(n) {
                    let (rows, terms) = (rows.clone(), terms.clone());
                    if b.col_stride() != 1 {
                        columns_of(b, terms.clone(), columns.clone()).interleave(panel, PANEL);
                        self.strip(rows, columns, terms, block, packed(panel), &mut []);
                    } else {
                        let right = rows_of(b, terms.clone(), columns.clone());
                        let several = rows.len() > WIDE_ROWS;
                        let panel = if several { &mut *panel } else { &mut [] };
                        self.strip(rows, columns, terms, block, right, panel);
                    }
                }
            }
        }
        PANELS.set(panel_buffer);
        BLOCK.set(block_buffer);
    }

    /// One strip, its rows of A where they lie or in a packed `block`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn strip(
        &mut self,
        rows: Range<usize>,
        columns: Range<usize>,
        terms: Range<usize>,
        block: Option<&[f32]>,
        right: Right<'_>,
        panel: &mut [f32],
    ) {
        let finish = self
            .finish
            .of_block(terms.start == 0, terms.end == self.a.cols());
        let (row_stride, col_stride) = (self.c.row_stride(), self.c.col_stride());
        // Packed panels of A have a given height.
        let most = if block.is_some() {
            WIDE_ROWS
        } else {
            Strip::most_rows(columns.len())
        };
        Strip {
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
        }
        .run(most, panel);
    }
}

/// Packs rows and terms of A as a strip's tiles will read them.
#[target_feature(enable = "avx2,fma")]
fn pack_rows(a: MatRef<'_>, rows: Range<usize>, terms: &Range<usize>, to: &mut [f32]) {
    let mut done = 0;
    for height in heights(rows.len(), WIDE_ROWS) {
        let first = rows.start + done;
        columns_of(a.t(), terms.clone(), first..first + height)
            .interleave(&mut to[done * terms.len()..], height);
        done += height;
    }
}

/// A from (i, k) on.
fn left_of(a: MatRef<'_>, i: usize, k: usize) -> Left<'_> {
    Left {
        data: &a.data()[i * a.row_stride() + k * a.col_stride()..],
        row_stride: a.row_stride(),
        order: if a.col_stride() == 1 {
            Order::Rows
        } else {
            Order::Terms(a.col_stride())
        },
    }
}

/// The terms and columns of a B whose rows are contiguous, where they lie.
fn rows_of(b: MatRef<'_>, terms: Range<usize>, columns: Range<usize>) -> Right<'_> {
    Right {
        data: &b.data()[terms.start * b.row_stride() + columns.start..],
        stride: b.row_stride(),
        padded: columns.len().is_multiple_of(8),
    }
}

/// A packed panel of B.
fn packed(data: &[f32]) -> Right<'_> {
    Right {
        data,
        stride: PANEL,
        padded: true,
    }
}

/// The terms and columns of B, to be packed.
fn columns_of(b: MatRef<'_>, terms: Range<usize>, columns: Range<usize>) -> Lines<'_> {
    Lines {
        data: &b.data()[terms.start * b.row_stride() + columns.start * b.col_stride()..],
        line_stride: b.col_stride(),
        k_stride: b.row_stride(),
        lines: columns.len(),
        k: terms.len(),
    }
}

/// 0 to `n` in panels, of which the last may be narrower.
fn panels_of(n: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n)
        .step_by(PANEL)
        .map(move |start| start..n.min(start + PANEL))
}

/// 0 to `total` in as few parts of at most `most` as will do, as equal as they can be.
fn split(total: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    heights(total, most).scan(0, |end, height| {
        let start = *end;
        *end += height;
        Some(start..*end)
    })
}
