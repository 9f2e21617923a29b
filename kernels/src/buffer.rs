//! Floats that begin at a cache line, or at a place of a page.

use std::ops::{Deref, DerefMut};

/// Floats of a cache line, and of two AVX2 vectors.
pub(crate) const CACHE_LINE: usize = 16;

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
    place: Place,
}

/// Where a buffer begins, in floats: so many after a multiple of so many.
#[derive(Clone, Copy, Debug)]
struct Place {
    alignment: usize,
    offset: usize,
}

/// At the start of a cache line.
const AT_LINE: Place = Place {
    alignment: CACHE_LINE,
    offset: 0,
};

/// The arrays that Adam passes over together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdamArray {
    /// w.
    Weights,
    /// m, the mean of the gradient.
    FirstMoment,
    /// v, the mean of its square.
    SecondMoment,
    /// g.
    Gradient,
}

impl Buffer {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self {
            storage: Vec::new(),
            start: 0,
            len: 0,
            place: AT_LINE,
        }
    }

    /// `len` zeros.
    ///
    /// # Panics
    /// If so many floats have no addresses.
    #[must_use]
    #[track_caller]
    pub fn zeros(len: usize) -> Self {
        Self::zeros_at(AT_LINE, len)
    }

    /// `len` zeros for one of the arrays that Adam passes over together: each begins a quarter of a page of 4 KB after
    /// the one before it, within its page.
    ///
    /// By the place within a page a core tells which loads must wait for an earlier store: where one array begins 64
    /// bytes after another's place, each load of it seems to want what was just stored to the other. By the place, too,
    /// lines share a set of the L1 cache, and AMD's cores tell those of a set by a hash of their addresses (Lipp et al.
    /// 2020, "Take A Way"): arrays that begin at one place, some distances apart, push each other's lines out at every
    /// turn (benches/tried.md has what either costs).
    ///
    /// # Panics
    /// If so many floats have no addresses.
    #[must_use]
    #[track_caller]
    pub fn adam_zeros(array: AdamArray, len: usize) -> Self {
        let quarter = match array {
            AdamArray::Weights => 0,
            AdamArray::FirstMoment => 1,
            AdamArray::SecondMoment => 2,
            AdamArray::Gradient => 3,
        };
        let place = Place {
            alignment: PAGE,
            offset: quarter * PAGE / 4,
        };
        Self::zeros_at(place, len)
    }

    #[track_caller]
    fn zeros_at(place: Place, len: usize) -> Self {
        let Place { alignment, offset } = place;
        let room = len.checked_add(alignment - 1 + offset);
        let storage = vec![0.0; room.expect("so many floats have no addresses")];
        // In floats; where the allocation allows none (never, outside of Miri) it starts anywhere.
        let aligned = storage.as_ptr().align_offset(alignment * size_of::<f32>());
        let aligned = if aligned < alignment { aligned } else { 0 };
        Self {
            start: aligned + offset,
            storage,
            len,
            place,
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

    /// The most that was asked for.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// `len` floats of no particular value, from the start of a cache line.
    pub(crate) fn get(&mut self, len: usize) -> &mut [f32] {
        self.get_or(len, Buffer::zeros)
    }

    /// The same for a gradient that Adam is to pass over.
    pub(crate) fn get_for_gradient(&mut self, len: usize) -> &mut [f32] {
        self.get_or(len, |len| Buffer::adam_zeros(AdamArray::Gradient, len))
    }

    fn get_or(&mut self, len: usize, zeros: impl FnOnce(usize) -> Buffer) -> &mut [f32] {
        if self.0.len() < len {
            self.0 = zeros(len);
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
        let mut clone = Self::zeros_at(self.place, self.len);
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
            let of_adam = [
                (AdamArray::Weights, 0),
                (AdamArray::FirstMoment, 1024),
                (AdamArray::SecondMoment, 2048),
                (AdamArray::Gradient, 3072),
            ];
            let of_adam = of_adam.map(|(array, at)| (Buffer::adam_zeros(array, len), 4096, at));
            for (buffer, bytes, at) in of_adam.into_iter().chain([(Buffer::zeros(len), 64, 0)]) {
                assert_eq!(&buffer[..], vec![0.0; len]);
                for buffer in [&buffer, &buffer.clone()] {
                    assert_eq!(buffer.len(), len);
                    assert!(cfg!(miri) || buffer.as_ptr().addr() % bytes == at);
                }
            }
        }
    }

    #[test]
    fn a_clone_has_the_values() {
        let mut buffer = Buffer::adam_zeros(AdamArray::SecondMoment, 3);
        buffer.copy_from_slice(&[1.0, 2.0, 3.0]);
        assert_eq!(buffer.clone()[..], [1.0, 2.0, 3.0]);
    }
}
