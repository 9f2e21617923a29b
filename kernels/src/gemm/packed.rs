//! A right factor packed once, for weights that many products share.

use crate::{Buffer, MatRef, buffer::CACHE_LINE};

/// Columns of a panel: a cache line.
pub(crate) const PANEL: usize = CACHE_LINE;

/// A matrix B in panels of 16 columns, each a row of 16 floats per row of B, the last panel filled
/// up with zeros. The same on every instruction set.
#[derive(Debug)]
pub struct PackedB {
    rows: usize,
    cols: usize,
    panels: Buffer,
}

impl PackedB {
    /// Packs a copy of B.
    ///
    /// # Panics
    /// If so many floats have no addresses, as of a B whose stride is 0.
    #[must_use]
    #[track_caller]
    pub fn new(b: MatRef<'_>) -> Self {
        let (rows, cols) = (b.rows(), b.cols());
        let packed = cols.checked_next_multiple_of(PANEL);
        let packed = packed.and_then(|cols| cols.checked_mul(rows));
        let mut panels = Buffer::zeros(packed.expect("so many panels have no addresses"));
        if rows > 0 {
            let firsts = (0..cols).step_by(PANEL);
            for (panel, first) in panels.chunks_exact_mut(rows * PANEL).zip(firsts) {
                for (k, row) in panel.chunks_exact_mut(PANEL).enumerate() {
                    for (x, j) in row.iter_mut().zip(first..cols) {
                        *x = b.at(k, j);
                    }
                }
            }
        }
        Self { rows, cols, panels }
    }

    /// Rows of B.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of B.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The panels, one after the other.
    pub(crate) fn panels(&self) -> &[f32] {
        &self.panels
    }

    /// The columns from `first` on, up to 16 of them, as a matrix.
    pub(crate) fn panel(&self, first: usize) -> MatRef<'_> {
        let cols = (self.cols - first).min(PANEL);
        let data = &self.panels()[self.rows * first..];
        MatRef::with_strides(data, self.rows, cols, PANEL, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_hold_the_matrix_and_zeros_behind_it() {
        let b: Vec<f32> = (0..3 * 21).map(|x| x as f32 + 1.0).collect();
        let b = MatRef::new(&b, 3, 21);
        let packed = PackedB::new(b);
        for first in [0, PANEL] {
            let panel = packed.panel(first);
            for k in 0..3 {
                for j in 0..panel.cols() {
                    assert_eq!(panel.at(k, j), b.at(k, first + j));
                }
            }
        }
        assert_eq!(packed.panels()[3 * PANEL + 5..][..11], [0.0; 11]);
    }
}
