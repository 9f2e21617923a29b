//! How the columns of a sparse product are cut: into strips of up to eight vectors, whose sums stay in
//! registers while the terms of a row pass.
//!
//! Eight sums hide the latency of a multiply-add and leave registers for the value and the addresses. A
//! term costs nearly as much for one vector as for eight, so the last columns are one strip, too. Where
//! they are no whole number of vectors, the last vector overlaps the one before it in the strip: both
//! compute the same there, which costs nothing beside a mask. It may not overlap another strip, whose
//! columns are finished by then: what adds to C would add twice.

use std::ops::Range;

/// `V` vectors of `LANES` columns, of which the last may overlap the one before.
///
/// Whoever reads vectors goes by this: each of them lies within `columns`, for `last` is between
/// LANES·(V − 2) and LANES·(V − 1).
#[derive(Clone, Copy)]
pub(super) struct Strip<const V: usize, const LANES: usize> {
    first: usize,
    /// Where the last vector begins, from there.
    last: usize,
}

impl<const V: usize, const LANES: usize> Strip<V, LANES> {
    /// From column j, none overlapping another: to the compiler its offsets are constants.
    #[inline(always)]
    pub(super) fn whole(j: usize) -> Self {
        const { assert!(V > 0) };
        Self {
            first: j,
            last: LANES * (V - 1),
        }
    }

    /// From column j, or as many of them as n columns have.
    ///
    /// # Panics
    /// If there are fewer than a vector's, or none for the last vector.
    #[inline(always)]
    pub(super) fn within(j: usize, n: usize) -> Self {
        const { assert!(V > 0) };
        let left = n.saturating_sub(j);
        assert!(
            left >= LANES && left > LANES * (V - 1),
            "a strip of {V} past {left} columns"
        );
        Self {
            first: j,
            last: (LANES * (V - 1)).min(left - LANES),
        }
    }

    /// Whether n columns have all of them.
    #[inline(always)]
    pub(super) fn is_within(self, n: usize) -> bool {
        self.first <= n && self.last + LANES <= n - self.first
    }

    /// The first column.
    #[inline(always)]
    pub(super) fn first(self) -> usize {
        self.first
    }

    /// The columns.
    #[inline(always)]
    pub(super) fn columns(self) -> Range<usize> {
        self.first..self.first + self.last + LANES
    }

    /// Where vector i begins, from the first column.
    #[inline(always)]
    pub(super) fn at(self, i: usize) -> usize {
        if i + 1 == V { self.last } else { LANES * i }
    }
}

/// Columns of a strip of eight vectors.
const fn block_cols(lanes: usize) -> usize {
    8 * lanes
}

/// Those of AVX2 and of AVX-512.
pub(super) const BLOCK_COLS: usize = block_cols(8);
pub(super) const WIDE_BLOCK_COLS: usize = block_cols(16);

/// How n columns are cut into strips: the vectors of each, and its first column. What they leave is
/// fewer columns than a vector's, from [`rest`] on.
pub(super) fn cut<const LANES: usize>(n: usize) -> impl Iterator<Item = (usize, usize)> {
    let block = const { block_cols(LANES) };
    let (blocks, rest) = (n / block, n % block);
    let last = (rest >= LANES).then_some((rest.div_ceil(LANES), block * blocks));
    (0..blocks).map(move |b| (8, block * b)).chain(last)
}

/// Where the columns begin that [`cut`] leaves of n, if any.
pub(super) fn rest<const LANES: usize>(n: usize) -> Option<usize> {
    let block = const { block_cols(LANES) };
    let rest = n % block;
    (1..LANES).contains(&rest).then_some(n - rest)
}

/// `$call` with `$v` a constant, 1 to 8, of the value of `$vectors`.
macro_rules! with_vectors {
    ($vectors:expr, $v:ident => $call:expr) => {
        with_vectors!($vectors, $v => $call; 1 2 3 4 5 6 7 8)
    };
    ($vectors:expr, $v:ident => $call:expr; $($count:literal)*) => {
        match $vectors {
            $($count => {
                const $v: usize = $count;
                $call
            })*
            other => unreachable!("no strip has {other} vectors"),
        }
    };
}
pub(super) use with_vectors;

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const LANES: usize>() {
        for n in 0..=400 {
            let mut next = 0;
            for (vectors, j) in cut::<LANES>(n) {
                assert_eq!(j, next, "{n} columns");
                with_vectors!(vectors, V => {
                    let strip = Strip::<V, LANES>::within(j, n);
                    assert!(strip.is_within(n) && !strip.is_within(strip.columns().end - 1));
                    for i in 1..vectors {
                        let step = strip.at(i) - strip.at(i - 1);
                        let last = i + 1 == vectors;
                        assert!(step == LANES || last && step < LANES && step > 0, "{n} columns");
                    }
                    next = strip.columns().end;
                });
            }
            assert_eq!(rest::<LANES>(n), (next < n).then_some(next), "{n} columns");
            assert!(n - next < LANES);
        }
    }

    #[test]
    fn strips_and_what_they_leave_are_all_columns_and_only_a_last_vector_overlaps() {
        check::<8>();
        check::<16>();
    }

    #[test]
    #[should_panic(expected = "a strip of 2 past 8 columns")]
    fn a_strip_past_the_last_column_is_refused() {
        Strip::<2, 8>::within(64, 72);
    }
}
