//! The loops of products that the caches do not hold.
//!
//! A large product takes those of Goto and van de Geijn (2008), "Anatomy of high-performance matrix
//! multiplication": a block of B is packed once for all rows and waits in L3, a block of A in L2, and a
//! panel of B passes from one to the other.
//!
//! A tall one has many rows of A, but not the columns that would pay for packing them. Each block of its
//! rows passes along all of B before the next comes, so that A comes from memory once, and whole rows at a
//! time, which the prefetcher follows. B, packed once, streams from L2 or L3. Training in batches
//! of less than 192 images makes no such product, nor does evaluation, which takes 64 at a time; larger
//! batches between wide layers do.

use super::{
    blocked::{Buffers, Part, Product},
    factor::Factor,
    parts::{pack_rows, split, steps, strips},
    plan::{PANEL, Plan},
};
use crate::buffer::Scratch;

/// Columns of a packed block of B: 2 MB at 512 terms.
const PACKED_COLS: usize = 1024;

impl Product<'_> {
    /// Blocks of columns, of terms, of rows; then panels of B.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run_large(&mut self, plan: Plan, buffers: &mut Buffers) {
        let (a, b) = (self.a, self.b);
        let (m, n, k) = (a.rows(), self.c.cols(), a.cols());
        let most = self.tiling.most_rows(plan.strip_cols);
        for block in steps(0..n, PACKED_COLS) {
            for terms in split(k, plan.terms) {
                let panels: &[f32] = match b {
                    Factor::Packed(_) => &[],
                    Factor::View(_) | Factor::Rows(..) => {
                        let width = block.len().next_multiple_of(PANEL);
                        let to = buffers.b.get(b.deepest(terms.len()) * width + 8);
                        b.pack(&terms, block.clone(), to);
                        to
                    }
                };
                for rows in steps(0..m, plan.rows) {
                    let left = buffers.a.get(rows.len() * b.deepest(terms.len()) + 8);
                    pack_rows(a, rows.clone(), &terms, most, left);
                    for columns in strips(block.clone(), plan.strip_cols, plan.splits_rest) {
                        let right = b.right(&terms, &columns, panels, block.start);
                        let part = Part {
                            rows: rows.clone(),
                            columns,
                            terms: terms.clone(),
                        };
                        self.strip(part, most, Some(left), right, &mut []);
                    }
                }
            }
        }
    }

    /// Blocks of rows, of terms; then panels of B.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run_tall(&mut self, plan: Plan, room: &mut Scratch) {
        let b = self.b;
        let (m, n, k) = (self.a.rows(), self.c.cols(), self.a.cols());
        let width = n.next_multiple_of(PANEL);
        let blocks = split(k, plan.terms);
        let panels: &[f32] = match b {
            Factor::Packed(_) => &[],
            Factor::View(_) | Factor::Rows(..) => {
                let to = room.get(b.deepest(k) * width + 8);
                for terms in blocks.clone() {
                    b.pack(&terms, 0..n, &mut to[terms.start * width..]);
                }
                to
            }
        };
        for rows in steps(0..m, plan.rows) {
            for terms in blocks.clone() {
                let panels = panels.get(terms.start * width..).unwrap_or(&[]);
                for columns in strips(0..n, plan.strip_cols, plan.splits_rest) {
                    let right = b.right(&terms, &columns, panels, 0);
                    let most = self.most_rows_in_place(columns.len());
                    let part = Part {
                        rows: rows.clone(),
                        columns,
                        terms: terms.clone(),
                    };
                    self.strip(part, most, None, right, &mut []);
                }
            }
        }
    }
}
