//! The loops around the tile: which part of which operand is in which cache.

use std::{cell::Cell, ops::Range};

use super::{
    finish::{Finish, Target},
    pack::Lines,
    plan::{BSource, PANEL, Plan},
    tile::{Left, Order, Right, Strip, heights, most_rows},
    vector::row_times_matrix,
};
use crate::{MatMut, MatRef, PackedB, buffer::Scratch};

/// Columns up to which a tile of one row is no slower than streaming the rows of B.
const FEW_COLS: usize = 32;

/// Room for packed blocks.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) a: Scratch,
    pub(super) b: Scratch,
}

thread_local! {
    static BUFFERS: Cell<Buffers> = const { Cell::new(Buffers { a: Scratch::new(), b: Scratch::new() }) };
}

/// The right factor of a product.
#[derive(Clone, Copy)]
pub(super) enum Factor<'a> {
    View(MatRef<'a>),
    /// For panels of `PANEL` columns only.
    Packed(&'a PackedB),
}

/// A product of at least one row, column and term.
pub(super) struct Product<'a> {
    pub(super) a: MatRef<'a>,
    pub(super) b: Factor<'a>,
    pub(super) c: MatMut<'a>,
    pub(super) finish: Finish<'a>,
}

/// What a strip computes.
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    pub(super) terms: Range<usize>,
}

impl Factor<'_> {
    /// How tiles get at it, unless another way pays.
    fn source(self) -> BSource {
        match self {
            Self::Packed(_) => BSource::Packed,
            Self::View(b) if b.col_stride() == 1 => BSource::Direct,
            Self::View(_) => BSource::PackedAhead,
        }
    }
}

impl Product<'_> {
    /// No terms: every sum is 0.
    pub(super) fn empty(&mut self) {
        let (row_stride, col_stride) = (self.c.row_stride(), self.c.col_stride());
        for i in 0..self.c.rows() {
            for j in 0..self.c.cols() {
                let c = &mut self.c.data()[i * row_stride + j * col_stride];
                *c = self.finish.value(i, j, 0.0, *c);
            }
        }
    }

    /// Blocks of terms, of rows, of columns: a block of A waits in L2, a panel of B in L1.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run(&mut self) {
        let (a, b) = (self.a, self.b);
        let (m, n, k) = (a.rows(), self.c.cols(), a.cols());
        let a_readable = a.col_stride() == 1 || a.row_stride() == 1;
        let plan = Plan::new(m, n, k, a_readable, b.source());
        if let Factor::View(b) = b
            && m == 1
            && n >= FEW_COLS
            && b.col_stride() == 1
            && a_readable
        {
            row_times_matrix(a, b, self.c.reborrow(), self.finish, split(k, plan.terms));
            return;
        }
        if plan.large {
            let mut buffers = BUFFERS.take();
            self.run_large(plan, &mut buffers);
            BUFFERS.set(buffers);
            return;
        }
        let packs = plan.pack_a || plan.b.needs_room();
        let mut buffers = if packs {
            BUFFERS.take()
        } else {
            Buffers::default()
        };
        for terms in split(k, plan.terms) {
            let depth = terms.len();
            let panel_len = depth * PANEL;
            let panels = match (plan.b, b) {
                (BSource::PackedByFirstTile, _) => buffers.b.get(panel_len + 8),
                (BSource::PackedAhead, Factor::View(b)) => {
                    let to = buffers.b.get(panel_len * n.div_ceil(PANEL) + 8);
                    for (index, columns) in panels_of(0..n).enumerate() {
                        columns_of(b, terms.clone(), columns)
                            .interleave(&mut to[index * panel_len..], PANEL);
                    }
                    to
                }
                _ => &mut [],
            };
            for rows in split(m, plan.rows) {
                let mut block: Option<&[f32]> = None;
                if plan.pack_a {
                    let to = buffers.a.get(rows.len() * depth + 8);
                    pack_rows(a, rows.clone(), &terms, most_rows(PANEL), to);
                    block = Some(to);
                }
                for (index, columns) in panels_of(0..n).enumerate() {
                    let (rows, terms) = (rows.clone(), terms.clone());
                    let most = most_rows(if block.is_some() {
                        PANEL
                    } else {
                        columns.len()
                    });
                    let mut to_pack: &mut [f32] = &mut [];
                    let right = match b {
                        Factor::Packed(b) => {
                            let panel = &b.panels()[columns.start * k..];
                            packed(&panel[terms.start * PANEL..])
                        }
                        Factor::View(_) if plan.b == BSource::PackedAhead => {
                            packed(&panels[index * panel_len..])
                        }
                        Factor::View(b) if plan.b == BSource::Direct || rows.len() <= most => {
                            rows_of(b, terms.clone(), columns.clone())
                        }
                        Factor::View(b) if columns.len() < PANEL => {
                            columns_of(b, terms.clone(), columns.clone()).interleave(panels, PANEL);
                            packed(panels)
                        }
                        Factor::View(b) => {
                            to_pack = &mut *panels;
                            rows_of(b, terms.clone(), columns.clone())
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
pub(super) fn pack_rows(
    a: MatRef<'_>,
    rows: Range<usize>,
    terms: &Range<usize>,
    most: usize,
    to: &mut [f32],
) {
    let mut done = 0;
    for height in heights(rows.len(), most) {
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
pub(super) fn packed(data: &[f32]) -> Right<'_> {
    Right {
        data,
        stride: PANEL,
        padded: true,
    }
}

/// The terms and columns of B, to be packed.
pub(super) fn columns_of(b: MatRef<'_>, terms: Range<usize>, columns: Range<usize>) -> Lines<'_> {
    Lines {
        data: &b.data()[terms.start * b.row_stride() + columns.start * b.col_stride()..],
        line_stride: b.col_stride(),
        k_stride: b.row_stride(),
        lines: columns.len(),
        k: terms.len(),
    }
}

/// Columns in panels, of which the last may be narrower.
pub(super) fn panels_of(columns: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    steps(columns, PANEL)
}

/// A range in parts of `length`, of which the last may be shorter.
pub(super) fn steps(range: Range<usize>, length: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range
        .step_by(length)
        .map(move |start| start..end.min(start + length))
}

/// 0 to `total` in as few parts of at most `most` as will do, as equal as they can be.
pub(super) fn split(total: usize, most: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    heights(total, most).scan(0, |end, height| {
        let start = *end;
        *end += height;
        Some(start..*end)
    })
}
