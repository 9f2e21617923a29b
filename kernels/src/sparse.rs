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

use wide::u8x16;

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

/// What the bytes of a matrix stand for.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    values: Box<[f32; 256]>,
    /// The byte that is skipped: one of level 0, if there is any.
    background: Option<u8>,
    /// Whether each byte stands for what [`over_255`] makes of it, which takes no look-up.
    are_255ths: bool,
}

/// Some of a line's codes: the positions of those to take, and the values that they stand for.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a, const L: usize> {
    /// A bit for each code to take; only the lowest `L` may stand.
    mask: u64,
    codes: &'a [u8; L],
    values: &'a [f32; 256],
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
    pub fn bytes(&self, i: usize) -> &[u8] {
        &self.row_blocks(i).as_flattened()[..self.cols]
    }

    /// Columns and values of what is not background in row i, by rising column.
    ///
    /// # Panics
    /// If i is outside the shape.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
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
    pub fn prefetch(&self, rows: &[u32]) {
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
            .map(|(i, b)| self.terms(i, b).mask.count_ones() as usize)
            .sum();
        if all == 0 {
            0.0
        } else {
            taken as f64 / all as f64
        }
    }

    pub(crate) fn levels(&self) -> &Levels {
        &self.levels
    }

    pub(crate) fn blocks_per_row(&self) -> usize {
        self.cols.div_ceil(BLOCK)
    }

    /// The blocks of row i, filled up with background (or, where there is none, with anything).
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

impl Levels {
    pub(crate) fn new(values: &[f32; 256]) -> Self {
        Self {
            values: Box::new(*values),
            background: (0..=u8::MAX).find(|&byte| values[usize::from(byte)] == 0.0),
            are_255ths: (0..=u8::MAX)
                .all(|byte| values[usize::from(byte)].to_bits() == over_255(byte).to_bits()),
        }
    }

    /// Takes over `other`'s levels without allocating.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.values.copy_from_slice(&*other.values);
        self.background = other.background;
        self.are_255ths = other.are_255ths;
    }

    /// The byte that is skipped, if there is any.
    pub(crate) fn background(&self) -> Option<u8> {
        self.background
    }

    /// What bytes stand for.
    #[inline]
    pub(crate) fn decode<const L: usize>(&self, codes: &[u8; L], values: &mut [f32; L]) {
        if self.are_255ths {
            for (value, &code) in values.iter_mut().zip(codes) {
                *value = over_255(code);
            }
        } else {
            for (value, &code) in values.iter_mut().zip(codes) {
                *value = self.values[usize::from(code)];
            }
        }
    }

    /// What to fill up a line with.
    pub(crate) fn filler(&self) -> u8 {
        self.background.unwrap_or(0)
    }

    /// What is not background among the first `len` codes of a block; past them the block is filled
    /// up with background.
    #[inline(always)]
    pub(crate) fn block_terms<'a>(
        &'a self,
        codes: &'a [u8; BLOCK],
        len: usize,
    ) -> Terms<'a, BLOCK> {
        let mask = match self.background {
            Some(byte) => !equal_bytes(codes, byte),
            None => lowest_bits(len),
        };
        self.terms(mask, codes)
    }

    /// The codes of a line that a mask picks.
    #[inline(always)]
    pub(crate) fn terms<'a, const L: usize>(
        &'a self,
        mask: u64,
        codes: &'a [u8; L],
    ) -> Terms<'a, L> {
        Terms {
            // No bit past the codes, which callers make sure of: the reads of W lean on it.
            mask: mask & lowest_bits(L),
            codes,
            values: &self.values,
        }
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

/// b/255 correctly rounded: b/256, which is exact, and b/(255·256), so much less that its own
/// rounding is not seen.
fn over_255(byte: u8) -> f32 {
    let b = f32::from(byte);
    b * (1.0 / 256.0) + b * (1.0 / 65_280.0)
}

/// As many bits as `len` says, or all 64.
#[inline]
pub(crate) fn lowest_bits(len: usize) -> u64 {
    if len < 64 { (1 << len) - 1 } else { u64::MAX }
}

/// A bit for each code that equals `byte`.
#[inline(always)]
pub(crate) fn equal_bytes<const L: usize>(codes: &[u8; L], byte: u8) -> u64 {
    let byte = u8x16::splat(byte);
    let (sixteens, _) = codes.as_chunks::<16>();
    let mut mask = 0;
    for (i, &codes) in sixteens.iter().enumerate() {
        let equal = u8x16::new(codes).simd_eq(byte);
        mask |= u64::from(equal.to_bitmask()) << (16 * i);
    }
    mask
}

impl<const L: usize> Terms<'_, L> {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.mask == 0
    }

    /// Whether all of them are at the first `len` positions.
    #[inline(always)]
    pub(crate) fn are_within(&self, len: usize) -> bool {
        len >= L || self.mask >> len == 0
    }
}

impl<const L: usize> Iterator for Terms<'_, L> {
    type Item = (usize, f32);

    // A loop compiled for AVX2 would otherwise call it: an inliner is wary of unlike features.
    #[inline(always)]
    fn next(&mut self) -> Option<(usize, f32)> {
        if self.mask == 0 {
            return None;
        }
        let position = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        let code = self.codes[position % L];
        Some((position, self.values[usize::from(code)]))
    }
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
    fn bytes_are_decoded_to_their_levels() {
        let over_255 = std::array::from_fn(|byte| (byte as f64 / 255.0) as f32);
        let mut others = over_255;
        others[200] = -1.5;
        let mut negative_zero = over_255;
        negative_zero[0] = -0.0;
        let cases = [(over_255, true), (others, false), (negative_zero, false)];
        for (values, are_255ths) in cases {
            let levels = Levels::new(&values);
            assert_eq!(levels.are_255ths, are_255ths);
            let mut decoded = [0.0; 256];
            levels.decode(&std::array::from_fn(|byte| byte as u8), &mut decoded);
            assert_eq!(decoded.map(f32::to_bits), values.map(f32::to_bits));
        }
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
