//! Matrices of bytes that are mostly background: the rows of a data set, and what is not zero in
//! them.
//!
//! No index is kept. Sixteen comparisons tell at once which of sixteen bytes differ from the
//! background, so the rows as they are stored serve as their own index: one byte an element,
//! against several for each non-zero.
//!
//! A product that skips zeros, or columns of nothing but zeros, never computes 0·NaN or 0·∞, which a
//! product of whole matrices turns into NaN: on finite weights they agree to rounding, on others they
//! need not.

use crate::{
    checks::check_rows,
    levels::{Levels, Terms},
};

/// Columns that one mask covers: what a cache line holds.
pub(crate) const BLOCK: usize = 64;

/// A matrix of bytes of which each stands for one of 256 levels. The lowest byte of level 0 is the
/// background, which the products skip; any other byte of level 0 is a term like the rest.
#[derive(Clone, Debug)]
pub struct SparseRows {
    rows: usize,
    cols: usize,
    levels: Levels,
    /// Row after row, each in ⌈cols / 64⌉ blocks of which the last is filled up with background.
    blocks: Vec<[u8; BLOCK]>,
}

impl SparseRows {
    /// Takes in a row-major matrix of bytes, each standing for `levels[byte]`.
    ///
    /// # Panics
    /// If `cols` is 0, or `bytes` is no whole number of rows.
    #[must_use]
    #[track_caller]
    pub fn from_levels(bytes: &[u8], cols: usize, levels: &[f32; 256]) -> Self {
        assert!(
            cols > 0 && bytes.len().is_multiple_of(cols),
            "{} bytes are no whole number of rows of {cols}",
            bytes.len()
        );
        let levels = Levels::new(levels);
        let filler = levels.filler();
        let mut blocks = Vec::with_capacity(bytes.len() / cols * cols.div_ceil(BLOCK));
        for row in bytes.chunks_exact(cols) {
            let (full, rest) = row.as_chunks();
            blocks.extend_from_slice(full);
            if !rest.is_empty() {
                let mut last = [filler; BLOCK];
                last[..rest.len()].copy_from_slice(rest);
                blocks.push(last);
            }
        }
        Self {
            rows: bytes.len() / cols,
            cols,
            levels,
            blocks,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Row i as the bytes that it was made of.
    ///
    /// # Panics
    /// If i is outside the shape.
    #[must_use]
    #[track_caller]
    pub fn bytes(&self, i: usize) -> &[u8] {
        self.check_row(i);
        &self.row_blocks(i).as_flattened()[..self.cols]
    }

    /// Columns and values of what is not background in row i, by rising column.
    ///
    /// # Panics
    /// If i is outside the shape.
    #[track_caller]
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.check_row(i);
        (0..self.row_blocks(i).len()).flat_map(move |b| {
            self.terms(i, b)
                .map(move |(k, value)| (b * BLOCK + k, value))
        })
    }

    /// Asks the memory for rows that will be wanted soon: a batch's lie scattered over the data
    /// set, and waiting for one after the other takes longer than using them. The first 64 columns of
    /// all come first, as whoever wants them goes through the columns.
    ///
    /// # Panics
    /// If a row is outside the shape.
    #[track_caller]
    pub fn prefetch(&self, rows: &[u32]) {
        check_rows(self, rows);
        for b in 0..self.blocks_per_row() {
            for &row in rows {
                prefetch(&self.row_blocks(row as usize)[b]);
            }
        }
    }

    /// Share of the elements that are not background, 0 to 1.
    #[must_use]
    pub fn density(&self) -> f64 {
        let all = self.rows * self.cols;
        let taken: usize = (0..self.rows)
            .flat_map(|i| (0..self.blocks_per_row()).map(move |b| (i, b)))
            .map(|(i, b)| self.terms(i, b).count())
            .sum();
        if all == 0 {
            0.0
        } else {
            taken as f64 / all as f64
        }
    }

    /// What [`row_blocks`](Self::row_blocks) leaves to its callers.
    #[track_caller]
    fn check_row(&self, i: usize) {
        assert!(
            i < self.rows,
            "row {i} is outside the {} rows of X",
            self.rows
        );
    }

    pub(crate) fn levels(&self) -> &Levels {
        &self.levels
    }

    pub(crate) fn blocks_per_row(&self) -> usize {
        self.cols.div_ceil(BLOCK)
    }

    /// The blocks of row i, filled up with background (or, where there is none, with anything). Whoever
    /// calls makes sure that there is such a row: far outside, its place would wrap around.
    #[inline]
    pub(crate) fn row_blocks(&self, i: usize) -> &[[u8; BLOCK]] {
        let blocks = self.blocks_per_row();
        &self.blocks[i * blocks..(i + 1) * blocks]
    }

    /// What is not background in the 64 columns from 64·b of row i, by column less 64·b.
    #[inline]
    pub(crate) fn terms(&self, i: usize, b: usize) -> Terms<'_, BLOCK> {
        let codes = &self.row_blocks(i)[b];
        self.levels.block_terms(codes, self.cols - b * BLOCK)
    }
}

/// Asks the memory for a block.
#[inline]
pub(crate) fn prefetch(block: &[u8; BLOCK]) {
    #[cfg(target_arch = "x86_64")]
    crate::x86::prefetch(block);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = block;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_hold_just_the_non_zeros() {
        let levels = std::array::from_fn(|byte| byte as f32);
        let x = SparseRows::from_levels(&[0, 3, 0, 0, 0, 0, 1, 0, 2], 3, &levels);
        assert_eq!((x.rows(), x.cols()), (3, 3));
        assert!(x.row(0).eq([(1, 3.0)]));
        assert!(x.row(1).eq([]));
        assert!(x.row(2).eq([(0, 1.0), (2, 2.0)]));
        assert_eq!(x.density(), 3.0 / 9.0);
        assert_eq!(x.bytes(2), [1, 0, 2]);
    }

    #[test]
    fn what_is_zero_is_the_level_and_not_the_byte() {
        let levels = std::array::from_fn(|byte| if byte == 7 { 0.0 } else { 1.0 });
        let x = SparseRows::from_levels(&[7, 0, 7, 1], 4, &levels);
        assert!(x.row(0).eq([(1, 1.0), (3, 1.0)]));
    }

    #[test]
    fn without_a_level_of_zero_nothing_is_skipped_and_nothing_added() {
        for cols in [1, 63, 64, 65, 128] {
            let x = SparseRows::from_levels(&vec![0; 2 * cols], cols, &[0.5; 256]);
            assert_eq!(x.density(), 1.0);
            assert!(x.row(1).eq((0..cols).map(|k| (k, 0.5))));
        }
    }
}
