//! The sparse products of [`sparse`](crate::x86::sparse) with sixteen lanes: an element takes the same
//! multiply-adds in the same order.

use std::arch::x86_64::*;

use super::lanes::{Tail, load, store};
use crate::{
    MatMut,
    levels::Terms,
    x86::{
        dense_factor::DenseFactor,
        lanes::in_register,
        strip::{Strip, WIDE_BLOCK_COLS, cut, rest, with_vectors},
    },
};

impl<'a> DenseFactor<'a> {
    /// `sums` + Σ value·(the strip's columns of row k), in the order of the terms (k, value).
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn add_wide<const V: usize, const L: usize>(
        self,
        sums: [__m512; V],
        terms: Terms<'_, L>,
        strip: Strip<V, 16>,
    ) -> [__m512; V] {
        assert!(terms.are_within(self.rows()) && strip.is_within(self.cols()));
        let start = self.data().as_ptr().wrapping_add(strip.first());
        // SAFETY: rows and columns were just checked, and the view that they are of has its
        // columns adjacent and all its elements in its slice.
        unsafe { add_terms(sums, terms, start, self.stride(), strip) }
    }

    /// The same for columns j to the end, which are fewer than sixteen.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn add_tail_wide<const L: usize>(
        self,
        mut sum: __m512,
        terms: Terms<'_, L>,
        j: usize,
        tail: Tail,
    ) -> __m512 {
        for (k, value) in terms {
            let row = &self.data()[k * self.stride() + j..];
            sum = _mm512_fmadd_ps(_mm512_set1_ps(value), tail.load(row), sum);
        }
        sum
    }

    /// The columns of `add_rows`, in strips.
    ///
    /// # Safety
    /// As of `strips`.
    #[target_feature(enable = "avx2,fma,avx512f")]
    pub(in crate::x86) unsafe fn strips_wide<'t, const FRESH: bool, const L: usize>(
        self,
        all: impl Iterator<Item = Terms<'t, L>> + Clone,
        mut c: MatMut<'_>,
    ) {
        let n = self.cols();
        for (vectors, j) in cut::<16>(n) {
            let (all, c) = (all.clone(), c.reborrow());
            if j + WIDE_BLOCK_COLS <= n {
                // SAFETY: the columns are inside both, which are as wide; the rest is the caller's promise.
                unsafe { self.strip_wide::<8, true, FRESH, L>(all, Strip::whole(j), c) };
                continue;
            }
            // SAFETY: as above.
            with_vectors!(vectors, V => unsafe {
                self.strip_wide::<V, false, FRESH, L>(all, Strip::within(j, n), c);
            });
        }
        if let Some(j) = rest::<16>(n) {
            let tail = Tail::new(n - j);
            for (i, terms) in all.enumerate() {
                let out = &mut c.row_mut(i)[j..];
                let before = if FRESH {
                    _mm512_setzero_ps()
                } else {
                    tail.load(out)
                };
                let sum = self.add_tail_wide(before, terms, j, tail);
                tail.store(out, sum);
            }
        }
    }

    /// One of `strips_wide`, whose vectors are `WHOLE` or not: its offsets are constants if they are.
    ///
    /// A function of its own, and unchecked, so that all its numbers stay in registers: a sum of
    /// ten terms takes some 100 cycles, and an address that is fetched from the stack five of them.
    ///
    /// # Safety
    /// Its columns must be inside this and C, all terms within the rows here, and C have a row for each
    /// of `all` and adjacent columns; if `WHOLE`, no vector of the strip overlaps another.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    unsafe fn strip_wide<
        't,
        const V: usize,
        const WHOLE: bool,
        const FRESH: bool,
        const L: usize,
    >(
        self,
        all: impl Iterator<Item = Terms<'t, L>>,
        strip: Strip<V, 16>,
        mut c: MatMut<'_>,
    ) {
        let strip = if WHOLE {
            Strip::whole(strip.first())
        } else {
            strip
        };
        let start = self.data().as_ptr().wrapping_add(strip.first());
        let stride = c.row_stride();
        let mut out = c.data().as_mut_ptr().wrapping_add(strip.first());
        for terms in all {
            if FRESH || !terms.is_empty() {
                let mut sums = [_mm512_setzero_ps(); V];
                if !FRESH {
                    for (i, sum) in sums.iter_mut().enumerate() {
                        // SAFETY: `out` is a row of C from the strip on, whose columns are adjacent and
                        // hold each of its vectors; an array of floats is aligned as a float is.
                        *sum = load(unsafe { &*out.add(strip.at(i)).cast() });
                    }
                }
                // SAFETY: the caller's promise.
                let sums = unsafe { add_terms(sums, terms, start, self.stride(), strip) };
                for (i, sum) in sums.into_iter().enumerate() {
                    // SAFETY: as above, and no one else holds C.
                    store(unsafe { &mut *out.add(strip.at(i)).cast() }, sum);
                }
            }
            out = out.wrapping_add(stride);
        }
    }
}

/// `sums` + Σ value·(the strip's columns of row k), in the order of the terms (k, value); the strip of
/// row 0 begins at `start`.
///
/// # Safety
/// The strip's columns must be readable for every k.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn add_terms<const V: usize, const L: usize>(
    mut sums: [__m512; V],
    terms: Terms<'_, L>,
    start: *const f32,
    stride: usize,
    strip: Strip<V, 16>,
) -> [__m512; V] {
    for (k, value) in terms {
        let value = _mm512_set1_ps(value);
        let row = in_register(start.wrapping_add(k * stride));
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise, for the vectors of a strip are within its columns; an array
            // of floats is aligned as a float is.
            let w = load(unsafe { &*row.add(strip.at(i)).cast() });
            *sum = _mm512_fmadd_ps(value, w, *sum);
        }
    }
    sums
}
