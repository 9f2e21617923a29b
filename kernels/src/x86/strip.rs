//! How the columns of a sparse product are cut: into strips of up to eight vectors, whose sums stay in
//! registers while the terms of a row pass.
//!
//! A term costs nearly as much for one vector as for eight, so the last columns are one strip, too. Where
//! they are no whole number of vectors, the last vector overlaps the one before it: both compute the
//! same there, which costs nothing beside a mask.

use std::ops::Range;

/// `V` vectors of eight columns, of which the last may overlap the one before.
#[derive(Clone, Copy)]
pub(super) struct Strip<const V: usize> {
    first: usize,
    /// Where the last vector begins, from there.
    last: usize,
}

impl<const V: usize> Strip<V> {
    /// From column j, none overlapping another.
    #[inline(always)]
    pub(super) fn whole(j: usize) -> Self {
        Self {
            first: j,
            last: 8 * (V - 1),
        }
    }

    /// From column j, or as many of them as n columns have.
    ///
    /// # Panics
    /// If there are fewer than eight, or none for the last vector.
    #[inline(always)]
    pub(super) fn within(j: usize, n: usize) -> Self {
        assert!(j + 8 <= n && j + 8 * V < n + 8);
        Self {
            first: j,
            last: (8 * (V - 1)).min(n - 8 - j),
        }
    }

    /// The first column.
    #[inline(always)]
    pub(super) fn first(self) -> usize {
        self.first
    }

    /// The columns.
    #[inline(always)]
    pub(super) fn columns(self) -> Range<usize> {
        self.first..self.first + self.last + 8
    }

    /// Where vector i begins, from the first column.
    #[inline(always)]
    pub(super) fn at(self, i: usize) -> usize {
        if i + 1 == V { self.last } else { 8 * i }
    }
}

/// How n columns are cut into strips: the vectors of each, and its first column. What they leave is
/// fewer than eight columns, from [`left`] on.
pub(super) fn strips(n: usize) -> impl Iterator<Item = (usize, usize)> {
    let (blocks, rest) = (n / 64, n % 64);
    let last = (rest >= 8).then_some((rest.div_ceil(8), 64 * blocks));
    (0..blocks).map(|block| (8, 64 * block)).chain(last)
}

/// Where the columns begin that [`strips`] leave of n, if any.
pub(super) fn left(n: usize) -> Option<usize> {
    (1..8).contains(&(n % 64)).then_some(n / 64 * 64)
}

/// `$call` with `$v` a constant, 1 to 8, of the value of `$vectors`.
macro_rules! with_vectors {
    ($vectors:expr, $v:ident => $call:expr) => {
        match $vectors {
            1 => {
                const $v: usize = 1;
                $call
            }
            2 => {
                const $v: usize = 2;
                $call
            }
            3 => {
                const $v: usize = 3;
                $call
            }
            4 => {
                const $v: usize = 4;
                $call
            }
            5 => {
                const $v: usize = 5;
                $call
            }
            6 => {
                const $v: usize = 6;
                $call
            }
            7 => {
                const $v: usize = 7;
                $call
            }
            _ => {
                const $v: usize = 8;
                $call
            }
        }
    };
}
pub(super) use with_vectors;
