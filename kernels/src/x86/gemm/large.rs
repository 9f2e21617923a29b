//! The loops of a large product, those of Goto and van de Geijn (2008), "Anatomy of
//! high-performance matrix multiplication": a block of B is packed once for all rows and waits in
//! L3, a block of A in L2, and a panel of B passes from one to the other.

use super::{
    blocked::{Buffers, Factor, Part, Product},
    parts::{pack_rows, packed, split, steps},
    plan::{PANEL, Plan},
};

/// Columns of a packed block of B: 2 MB at 512 terms.
const BLOCK_COLS: usize = 1024;

impl Product<'_> {
    /// Blocks of columns, of terms, of rows; then panels of B.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run_large(&mut self, plan: Plan, buffers: &mut Buffers) {
        let (a, b) = (self.a, self.b);
        let (m, n, k) = (a.rows(), self.c.cols(), a.cols());
        let most = self.most_rows(PANEL);
        for block in steps(0..n, BLOCK_COLS) {
            for terms in split(k, plan.terms) {
                let depth = terms.len();
                let panels: &[f32] = match b {
                    Factor::Packed(_) => &[],
                    Factor::View(_) | Factor::Rows(..) => {
                        let len = b.deepest(depth) * block.len().next_multiple_of(PANEL) + 8;
                        let to = buffers.b.get(len);
                        b.pack(&terms, block.clone(), to);
                        to
                    }
                };
                for rows in steps(0..m, plan.rows) {
                    let left = buffers.a.get(rows.len() * b.deepest(depth) + 8);
                    pack_rows(a, rows.clone(), &terms, most, left);
                    for columns in self.strips_of(block.clone()) {
                        let (right, panel) = match b {
                            Factor::Packed(b) => {
                                (&b.panels()[columns.start * k + terms.start * PANEL..], k)
                            }
                            Factor::View(_) | Factor::Rows(..) => {
                                (&panels[(columns.start - block.start) * depth..], depth)
                            }
                        };
                        let part = Part {
                            rows: rows.clone(),
                            columns,
                            terms: terms.clone(),
                        };
                        self.strip(part, most, Some(left), packed(right, panel), &mut []);
                    }
                }
            }
        }
    }
}
