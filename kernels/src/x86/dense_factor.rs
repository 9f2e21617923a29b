//! The dense factor of a sparse product: sums of its rows, formed in registers.

use std::arch::x86_64::*;

use super::{
    lanes::{Tail, in_register, load, store},
    strip::{Strip, cut, rest, with_vectors},
};
use crate::{MatMut, MatRef, levels::Terms};

/// The dense factor, from one of its rows on: a term's position is that of its row here. Its rows lie within
/// `data`, and a row's columns are adjacent: `new` takes them from a view, and no one else makes one.
#[derive(Clone, Copy)]
pub(super) struct DenseFactor<'a> {
    data: &'a [f32],
    stride: usize,
    rows: usize,
    cols: usize,
}

impl<'a> DenseFactor<'a> {
    /// The rows of w from `first`.
    #[inline]
    pub(super) fn new(w: MatRef<'a>, first: usize) -> Self {
        assert!(first < w.rows() && (w.col_stride() == 1 || w.cols() <= 1));
        Self {
            // Without columns, rows may lie past the end of the slice.
            data: w.data().get(first * w.row_stride()..).unwrap_or(&[]),
            stride: w.row_stride(),
            rows: w.rows() - first,
            cols: w.cols(),
        }
    }

    /// From the first element of the first row.
    #[inline(always)]
    pub(super) fn data(self) -> &'a [f32] {
        self.data
    }

    /// How far apart rows are.
    #[inline(always)]
    pub(super) fn stride(self) -> usize {
        self.stride
    }

    #[inline(always)]
    pub(super) fn rows(self) -> usize {
        self.rows
    }

    #[inline(always)]
    pub(super) fn cols(self) -> usize {
        self.cols
    }

    /// `sums` + Σ value·(the strip's columns of row k), in the order of the terms (k, value).
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add<const V: usize, const L: usize>(
        self,
        sums: [__m256; V],
        terms: Terms<'_, L>,
        strip: Strip<V, 8>,
    ) -> [__m256; V] {
        assert!(terms.are_within(self.rows) && strip.is_within(self.cols));
        let start = self.data.as_ptr().wrapping_add(strip.first());
        // SAFETY: rows and columns were just checked, and the view that they are of has its columns
        // adjacent and all its elements in its slice.
        unsafe { add_terms(sums, terms, start, self.stride, strip) }
    }

    /// The same for columns j to the end, which are fewer than eight.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add_tail<const L: usize>(
        self,
        mut sum: __m256,
        terms: Terms<'_, L>,
        j: usize,
        tail: Tail,
    ) -> __m256 {
        for (k, value) in terms {
            let row = &self.data[k * self.stride + j..];
            sum = _mm256_fmadd_ps(_mm256_set1_ps(value), tail.load(row), sum);
        }
        sum
    }

    /// Adds Σ value·(row k) to each row of C, or stores it there if C is `FRESH`: a row's terms
    /// are those of `all` in its place.
    ///
    /// # Safety
    /// `all` and its clones hold as many as its length says, and the same; if `WIDE`, as of
    /// `sparse_gemm`.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn add_rows<'t, const WIDE: bool, const FRESH: bool, const L: usize>(
        self,
        all: impl ExactSizeIterator<Item = Terms<'t, L>> + Clone,
        c: MatMut<'_>,
    ) {
        let n = self.cols;
        assert!(c.rows() == all.len() && c.cols() == n && (c.col_stride() == 1 || n <= 1));
        assert!(self.rows >= L || all.clone().all(|terms| terms.are_within(self.rows)));
        // SAFETY: the assertions, and the caller's promise.
        unsafe {
            if WIDE {
                self.strips_wide::<FRESH, L>(all, c);
            } else {
                self.strips::<FRESH, L>(all, c);
            }
        }
    }

    /// The columns of `add_rows`, in strips.
    ///
    /// # Safety
    /// All terms are within the rows here, C is as wide as this, has adjacent columns, and a row for
    /// each of `all` and its clones.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn strips<'t, const FRESH: bool, const L: usize>(
        self,
        all: impl Iterator<Item = Terms<'t, L>> + Clone,
        mut c: MatMut<'_>,
    ) {
        let n = self.cols;
        for (vectors, j) in cut::<8>(n) {
            let (all, c) = (all.clone(), c.reborrow());
            // SAFETY: the strip is inside both, which are as wide; the rest is the caller's promise.
            with_vectors!(vectors, V => unsafe {
                self.strip::<V, FRESH, L>(all, Strip::within(j, n), c);
            });
        }
        if let Some(j) = rest::<8>(n) {
            let tail = Tail::new(n - j);
            for (i, terms) in all.enumerate() {
                let out = &mut c.row_mut(i)[j..];
                let before = if FRESH {
                    _mm256_setzero_ps()
                } else {
                    tail.load(out)
                };
                let sum = self.add_tail(before, terms, j, tail);
                tail.store(out, sum);
            }
        }
    }

    /// One of `strips`.
    ///
    /// A function of its own, and unchecked, so that all its numbers stay in registers: a sum of
    /// ten terms takes 45 cycles, of which an address that is fetched from the stack costs five.
    ///
    /// # Safety
    /// Its columns must be inside this and C, all terms within the rows here, and C have a row for
    /// each of `all` and adjacent columns.
    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn strip<'t, const V: usize, const FRESH: bool, const L: usize>(
        self,
        all: impl Iterator<Item = Terms<'t, L>>,
        strip: Strip<V, 8>,
        mut c: MatMut<'_>,
    ) {
        let start = self.data.as_ptr().wrapping_add(strip.first());
        let stride = c.row_stride();
        let mut out = c.data().as_mut_ptr().wrapping_add(strip.first());
        for terms in all {
            if FRESH || !terms.is_empty() {
                let mut sums = [_mm256_setzero_ps(); V];
                if !FRESH {
                    for (i, sum) in sums.iter_mut().enumerate() {
                        // SAFETY: `out` is a row of C from the strip on, whose columns are adjacent and
                        // hold each of its vectors; an array of floats is aligned as a float is.
                        *sum = load(unsafe { &*out.add(strip.at(i)).cast::<[f32; 8]>() });
                    }
                }
                // SAFETY: the caller's promise.
                let sums = unsafe { add_terms(sums, terms, start, self.stride, strip) };
                for (i, sum) in sums.into_iter().enumerate() {
                    // SAFETY: as above, and no one else holds C.
                    store(
                        unsafe { &mut *out.add(strip.at(i)).cast::<[f32; 8]>() },
                        sum,
                    );
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
#[target_feature(enable = "avx2,fma")]
unsafe fn add_terms<const V: usize, const L: usize>(
    mut sums: [__m256; V],
    terms: Terms<'_, L>,
    start: *const f32,
    stride: usize,
    strip: Strip<V, 8>,
) -> [__m256; V] {
    for (k, value) in terms {
        let value = _mm256_set1_ps(value);
        let row = in_register(start.wrapping_add(k * stride));
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise, for the vectors of a strip are within its columns; an array
            // of floats is aligned as a float is.
            let w = load(unsafe { &*row.add(strip.at(i)).cast::<[f32; 8]>() });
            *sum = _mm256_fmadd_ps(value, w, *sum);
        }
    }
    sums
}
