//! The sparse products of [`sparse`](crate::x86::sparse) with sixteen lanes: an element takes the same
//! multiply-adds in the same order. Columns are still cut into strips of eight, four and one vectors and a
//! mask, and what AVX2 gained by one strip for all that is left was not measured here.

use std::arch::x86_64::*;

use super::lanes::{Tail, load, store};
use crate::{
    MatMut,
    sparse::Terms,
    x86::dense_factor::{DenseFactor, in_register},
};

impl<'a> DenseFactor<'a> {
    /// `sums` + Σ value·(columns j … j + 16·V of row k), in the order of the terms (k, value).
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn add_wide<const V: usize, const L: usize>(
        self,
        sums: [__m512; V],
        terms: Terms<'_, L>,
        j: usize,
    ) -> [__m512; V] {
        assert!(terms.are_within(self.rows()) && j + 16 * V <= self.cols());
        // SAFETY: rows and columns were just checked, and the view that they are of has its
        // columns adjacent and all its elements in its slice.
        unsafe {
            add_terms(
                sums,
                terms,
                self.data().as_ptr().wrapping_add(j),
                self.stride(),
            )
        }
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
        let mut j = 0;
        // Eight sums hide the latency of a multiply-add; with the value, 9 of the 32 registers.
        while n - j >= 128 {
            // SAFETY: columns j … j + 128 are inside both.
            unsafe { self.strip_wide::<8, FRESH, L>(all.clone(), j, c.reborrow()) };
            j += 128;
        }
        if n - j >= 64 {
            // SAFETY: columns j … j + 64 are inside both.
            unsafe { self.strip_wide::<4, FRESH, L>(all.clone(), j, c.reborrow()) };
            j += 64;
        }
        while n - j >= 16 {
            // SAFETY: columns j … j + 16 are inside both.
            unsafe { self.strip_wide::<1, FRESH, L>(all.clone(), j, c.reborrow()) };
            j += 16;
        }
        if j < n {
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

    /// Columns j … j + 16·V of `strips_wide`.
    ///
    /// A function of its own, and unchecked, so that all its numbers stay in registers: a sum of
    /// ten terms takes some 100 cycles, and an address that is fetched from the stack five of them.
    ///
    /// # Safety
    /// They must be inside this and C, all terms within the rows here, and C have a row for each
    /// of `all`.
    #[inline(never)]
    #[target_feature(enable = "avx512f")]
    unsafe fn strip_wide<'t, const V: usize, const FRESH: bool, const L: usize>(
        self,
        all: impl Iterator<Item = Terms<'t, L>>,
        j: usize,
        mut c: MatMut<'_>,
    ) {
        let start = self.data().as_ptr().wrapping_add(j);
        let stride = c.row_stride();
        let mut out = c.data().as_mut_ptr().wrapping_add(j);
        for terms in all {
            if FRESH || !terms.is_empty() {
                // SAFETY: `out` is at column j of a row of C, whose columns are adjacent and which
                // no one else holds; an array of arrays of floats is aligned as a float is.
                let row = unsafe { &mut *out.cast::<[[f32; 16]; V]>() };
                let mut sums = [_mm512_setzero_ps(); V];
                if !FRESH {
                    for (sum, out) in sums.iter_mut().zip(&*row) {
                        *sum = load(out);
                    }
                }
                // SAFETY: the caller's promise.
                let sums = unsafe { add_terms(sums, terms, start, self.stride()) };
                for (out, sum) in row.iter_mut().zip(sums) {
                    store(out, sum);
                }
            }
            out = out.wrapping_add(stride);
        }
    }
}

/// `sums` + Σ value·(16·V floats from start + k·stride), in the order of the terms (k, value).
///
/// # Safety
/// Those floats must be readable for every k.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn add_terms<const V: usize, const L: usize>(
    mut sums: [__m512; V],
    terms: Terms<'_, L>,
    start: *const f32,
    stride: usize,
) -> [__m512; V] {
    for (k, value) in terms {
        let value = _mm512_set1_ps(value);
        // SAFETY: the caller's promise; an array of arrays of floats is aligned as a float is.
        let row = unsafe { &*in_register(start.add(k * stride)).cast::<[[f32; 16]; V]>() };
        for (sum, w) in sums.iter_mut().zip(row) {
            *sum = _mm512_fmadd_ps(value, load(w), *sum);
        }
    }
    sums
}
