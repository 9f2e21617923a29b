//! Floats that begin at a cache line, or at a page.

use std::ops::{Deref, DerefMut};

/// Floats of a cache line, and of two AVX2 vectors.
pub(crate) const LINE: usize = 16;

/// Floats of a page of memory.
pub(crate) const PAGE: usize = 1024;

/// A slice of floats, zero at first, whose first one stands at the start of a 64-byte cache line.
///
/// An ordinary `Vec<f32>` starts 16 bytes into one as often as not; then every second load of a
/// vector touches two lines, and a kernel that loads all it can takes half as long again.
pub struct Buffer {
    storage: Vec<f32>,
    start: usize,
    len: usize,
    /// In floats, a line's or a page's.
    alignment: usize,
}

impl Buffer {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self {
            storage: Vec::new(),
            start: 0,
            len: 0,
            alignment: LINE,
        }
    }

    /// `len` zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Self::aligned_zeros(len, LINE)
    }

    /// `len` zeros, the first of which stands at the start of a page of 4 KB: for what is passed over together, as
    /// Adam passes over weights and their moments.
    ///
    /// By their places within a page a core tells which loads must wait for an earlier store. Where one array begins
    /// 64 bytes after another's place, each load of it seems to want what was just stored to the other: on Zen 4 that
    /// costs a gradient with Adam up to 12 % (benches/tried.md).
    #[must_use]
    pub fn page_aligned_zeros(len: usize) -> Self {
        Self::aligned_zeros(len, PAGE)
    }

    fn aligned_zeros(len: usize, alignment: usize) -> Self {
        let storage = vec![0.0; len + alignment - 1];
        // In floats; where the allocation allows none (never, outside of Miri) it starts anywhere.
        let start = storage.as_ptr().align_offset(alignment * size_of::<f32>());
        Self {
            start: if start < alignment { start } else { 0 },
            storage,
            len,
            alignment,
        }
    }
}

/// A buffer that is kept from one product to the next: it grows to the most that was asked for and
/// never shrinks.
#[derive(Debug)]
pub(crate) struct Scratch(Buffer);

impl Scratch {
    pub(crate) const fn new() -> Self {
        Self(Buffer::new())
    }

    /// `len` floats of no particular value, from the start of a cache line.
    pub(crate) fn get(&mut self, len: usize) -> &mut [f32] {
        if self.0.len() < len {
            self.0 = Buffer::zeros(len);
        }
        &mut self.0[..len]
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&[f32]> for Buffer {
    fn from(values: &[f32]) -> Self {
        let mut buffer = Self::zeros(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut clone = Self::aligned_zeros(self.len, self.alignment);
        clone.copy_from_slice(self);
        clone
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.storage[self.start..self.start + self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.storage[self.start..self.start + self.len]
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_starts_where_it_says_and_so_does_its_clone() {
        for len in [0, 1, 15, 16, 17, 1000, 5000] {
            for (buffer, bytes) in [
                (Buffer::zeros(len), 64),
                (Buffer::page_aligned_zeros(len), 4096),
            ] {
                assert_eq!(&buffer[..], vec![0.0; len]);
                for buffer in [&buffer, &buffer.clone()] {
                    assert_eq!(buffer.len(), len);
                    assert!(cfg!(miri) || buffer.as_ptr().addr().is_multiple_of(bytes));
                }
            }
        }
    }

    #[test]
    fn a_clone_has_the_values() {
        let mut buffer = Buffer::page_aligned_zeros(3);
        buffer.copy_from_slice(&[1.0, 2.0, 3.0]);
        assert_eq!(buffer.clone()[..], [1.0, 2.0, 3.0]);
    }
}
