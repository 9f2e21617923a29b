//! What the bytes of a matrix stand for, and those of a line that are not background.

use wide::u8x16;

use crate::sparse::BLOCK;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
