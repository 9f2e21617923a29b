//! The loops around the tile: which part of which operand is in which cache.

use std::{cell::Cell, ops::Range};

use super::{
    finish::{Finish, Target},
    pack::Lines,
    tile::{Left, NARROW_ROWS, PANEL, Reads, Right, WIDE_ROWS, tile},
};
use crate::{MatMut, MatRef, gemm::buffer::Buffer};

/// Terms of a block: a panel of B of this depth takes 16 KB, half of L1.
const KC: usize = 256;
/// Rows of a block of A: with `KC` terms 172 KB, two thirds of a 256 KB L2.
const MC: usize = 168;
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
        let k = a.cols();
        let mut buffer = PANELS.take();
        let packed: &[f32] = if b.col_stride() == 1 {
            &[]
        } else {
            let panels = buffer.get(k * b.cols().next_multiple_of(PANEL) + PANEL);
            for (columns, panel) in panels_of(b.cols()).zip(panels.chunks_mut(k * PANEL)) {
                columns_of(b, 0..k, columns).interleave(panel, PANEL);
            }
            panels
        };
        let height = if b.cols() <= 8 {
            NARROW_ROWS
        } else {
            WIDE_ROWS
        };
        for rows in split(a.rows(), height) {
            for (panel, columns) in panels_of(b.cols()).enumerate() {
                let right = if b.col_stride() == 1 {
                    rows_of(b, 0..k, columns.clone())
                } else {
                    Right {
                        data: &packed[panel * k * PANEL..],
                        stride: PANEL,
                        reads: Reads::Padded,
                    }
                };
                let left = left_of(a, rows.start, 0);
                self.tile(rows.clone(), columns, k, left, right, self.finish);
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
        let height = if n <= 8 && !pack_a {
            NARROW_ROWS
        } else {
            WIDE_ROWS
        };
        for terms in split(k, KC) {
            let finish = self.finish.of_block(terms.start == 0, terms.end == k);
            let depth = terms.len();
            for block in split(m, MC) {
                let mut packed: &[f32] = &[];
                if pack_a {
                    let to = block_buffer.get(block.len() * depth + 8);
                    for rows in split(block.len(), height) {
                        let lines = rows_to_pack(a, block.start + rows.start, rows.len(), &terms);
                        lines.interleave(&mut to[rows.start * depth..], rows.len());
                    }
                    packed = to;
                }
                for columns in panels_of(n) {
                    let direct = b.col_stride() == 1;
                    if !direct {
                        columns_of(b, terms.clone(), columns.clone()).interleave(panel, PANEL);
                    }
                    for rows in split(block.len(), height) {
                        let mut right = Right {
                            data: panel,
                            stride: PANEL,
                            reads: Reads::Padded,
                        };
                        if direct && (rows.start == 0) {
                            right = rows_of(b, terms.clone(), columns.clone());
                            if block.len() > height {
                                right.reads = Reads::Packing(&mut *panel);
                            }
                        }
                        let left = if pack_a {
                            Left {
                                data: &packed[rows.start * depth..],
                                stride: rows.len(),
                                by_rows: false,
                            }
                        } else {
                            left_of(a, block.start + rows.start, terms.start)
                        };
                        let rows = block.start + rows.start..block.start + rows.end;
                        self.tile(rows, columns.clone(), depth, left, right, finish);
                    }
                }
            }
        }
        PANELS.set(panel_buffer);
        BLOCK.set(block_buffer);
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn tile(
        &mut self,
        rows: Range<usize>,
        columns: Range<usize>,
        k: usize,
        left: Left<'_>,
        right: Right<'_>,
        finish: Finish<'_>,
    ) {
        let (row_stride, col_stride) = (self.c.row_stride(), self.c.col_stride());
        let target = Target {
            c: &mut self.c.data()[rows.start * row_stride + columns.start * col_stride..],
            row_stride,
            col_stride,
            cols: columns.len(),
        };
        let finish = finish.at(rows.start, columns.start);
        tile(rows.len(), k, left, right, target, finish);
    }
}

/// A from (i, k) on.
fn left_of(a: MatRef<'_>, i: usize, k: usize) -> Left<'_> {
    let by_rows = a.col_stride() == 1;
    Left {
        data: &a.data()[i * a.row_stride() + k * a.col_stride()..],
        stride: if by_rows {
            a.row_stride()
        } else {
            a.col_stride()
        },
        by_rows,
    }
}

/// The terms and columns of a B whose rows are contiguous, where they lie.
fn rows_of(b: MatRef<'_>, terms: Range<usize>, columns: Range<usize>) -> Right<'_> {
    Right {
        data: &b.data()[terms.start * b.row_stride() + columns.start..],
        stride: b.row_stride(),
        reads: if columns.len().is_multiple_of(8) {
            Reads::Padded
        } else {
            Reads::Ragged
        },
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

/// Rows i to i + `rows` of A and their terms, to be packed.
fn rows_to_pack<'a>(a: MatRef<'a>, i: usize, rows: usize, terms: &Range<usize>) -> Lines<'a> {
    columns_of(a.t(), terms.clone(), i..i + rows)
}

/// 0 to `n` in panels, of which the last may be narrower.
fn panels_of(n: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n)
        .step_by(PANEL)
        .map(move |start| start..n.min(start + PANEL))
}

/// 0 to `total` in as few parts of at most `most` as will do, as equal as they can be: a last
/// tile of one row would leave the FMA units waiting for each other's results.
fn split(total: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = total.div_ceil(most);
    let (each, longer) = (total / parts, total % parts);
    (0..parts).scan(0, move |start, part| {
        let from = *start;
        *start += each + usize::from(part < longer);
        Some(from..*start)
    })
}
