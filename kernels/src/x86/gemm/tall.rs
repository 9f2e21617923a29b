//! The loops of a product whose A has many rows and is too large for L2: each block of its rows passes
//! along all of B before the next comes. So A comes from memory once, and whole rows at a time, which the
//! prefetcher follows; B, packed once, streams from L2 or L3, and each panel of it meets eight tiles.

use super::{
    blocked::{Factor, Part, Product},
    parts::{packed, split, steps},
    plan::{PANEL, Plan},
};
use crate::buffer::Scratch;

impl Product<'_> {
    /// Blocks of rows, of terms; then panels of B.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn run_tall(&mut self, plan: Plan, room: &mut Scratch) {
        let (m, n, k) = (self.a.rows(), self.c.cols(), self.a.cols());
        let blocks = split(k, plan.terms);
        // The panels of a block of terms one after the other, or those of all terms.
        let width = n.next_multiple_of(PANEL);
        let mut all: &[f32] = &[];
        if let Factor::View(_) | Factor::Rows(..) = self.b {
            let to = room.get(width * k + 8);
            for terms in blocks.clone() {
                self.b.pack(&terms, 0..n, &mut to[terms.start * width..]);
            }
            all = to;
        }
        for rows in steps(0..m, plan.rows) {
            for terms in blocks.clone() {
                for columns in self.strips_of(0..n) {
                    let right = match self.b {
                        Factor::Packed(b) => {
                            packed(&b.panels()[columns.start * k + terms.start * PANEL..], k)
                        }
                        Factor::View(_) | Factor::Rows(..) => {
                            let depth = terms.len();
                            packed(&all[terms.start * width + columns.start * depth..], depth)
                        }
                    };
                    let most = self.most_rows(columns.len());
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
