//! Products with a sparse left side: a row of the result is a linear combination of the rows of
//! a dense matrix, formed in registers.
//!
//! Whatever the blocking, an element of the result begins at 0, at its bias or at what it was,
//! and takes its terms by fused multiply-adds in rising order.

use std::{arch::x86_64::*, cell::Cell, ops::Range};

use super::{
    lanes::{Tail, load, store},
    relu::relu,
    strip::{Strip, cut, rest, with_vectors},
};
use crate::{
    BatchColumns, Epilogue, MatMut, MatRef, SparseRows,
    batch_columns::LINE,
    buffer::Scratch,
    sparse::{BLOCK, Terms},
};

/// Rows of X whose results are kept at hand while a block of W is: 32 rows of 128 floats are
/// 16 KB, half of L1.
const GROUP: usize = 32;

/// Rows of the dense factor that lie a multiple of so many floats apart, 2 KB, share a few sets of L1: a
/// strip of a block of them is copied together before the terms pass.
const FAR: usize = 512;

thread_local! {
    /// Room for such a strip.
    static NEAR: Cell<Scratch> = const { Cell::new(Scratch::new()) };
}

/// X·W into C for the rows `rows` of x.
///
/// W is walked once for each group of rows, 64 rows of W at a time, so that those are in L1 when
/// the next row of X wants them.
///
/// # Safety
/// If `WIDE`, the CPU has all that [`Isa::Avx512`](crate::Isa::Avx512) stands for.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn sparse_gemm<const WIDE: bool>(
    x: &SparseRows,
    rows: &[u32],
    w: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    for (group, rows) in rows.chunks(GROUP).enumerate() {
        x.prefetch(rows);
        let group = group * GROUP..group * GROUP + rows.len();
        group.clone().for_each(|i| begin(c.row_mut(i), epilogue));
        for b in 0..x.blocks_per_row() {
            let factor = Factor::new(w, b * BLOCK);
            // Beforehand, for a row's last term is a branch mispredicted as often as not: what
            // comes next then waits for a load and not for the bytes and their comparison.
            let mut terms = [x.terms(rows[0] as usize, b); GROUP];
            for (terms, &row) in terms.iter_mut().zip(rows) {
                *terms = x.terms(row as usize, b);
            }
            let c = rows_of(&mut c, group.clone());
            let terms = terms[..rows.len()].iter().copied();
            // SAFETY: a slice's iterator; the caller's promise.
            unsafe { factor.add_rows::<WIDE, false, BLOCK>(terms, c) };
        }
        group.for_each(|i| finish(c.row_mut(i), epilogue));
    }
}

/// Xᵀ·dZ into C, 32 rows of the batch at a time.
///
/// # Safety
/// As of `sparse_gemm`.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn sparse_tn_gemm<const WIDE: bool>(
    x: &BatchColumns,
    dz: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    // What is only stored need not be read.
    let mut fresh = matches!(epilogue, Epilogue::Store) && x.rows() > 0;
    if !fresh {
        (0..c.rows()).for_each(|k| begin(c.row_mut(k), epilogue));
    }
    for (first, slab) in x.slabs() {
        let factor = Factor::new(dz, first);
        if fresh {
            // SAFETY: an iterator over two slices of one length; the caller's promise.
            unsafe { factor.add_rows::<WIDE, true, LINE>(slab.all_terms(), c.reborrow()) };
        } else {
            // SAFETY: an iterator over two slices of one length; the caller's promise.
            unsafe { factor.add_rows::<WIDE, false, LINE>(slab.all_terms(), c.reborrow()) };
        }
        fresh = false;
    }
    (0..c.rows()).for_each(|k| finish(c.row_mut(k), epilogue));
}

/// Rows of C that lie one after the other.
fn rows_of<'a>(c: &'a mut MatMut<'_>, rows: Range<usize>) -> MatMut<'a> {
    let (cols, stride) = (c.cols(), c.row_stride());
    // Without columns, rows may lie past the end of the slice.
    let data = c.data().get_mut(rows.start * stride..).unwrap_or(&mut []);
    MatMut::with_strides(data, rows.len(), cols, stride, 1)
}

/// The columns of C from j on, which are adjacent.
fn columns_from<'a>(c: &'a mut MatMut<'_>, j: usize) -> MatMut<'a> {
    let (rows, cols, stride) = (c.rows(), c.cols() - j, c.row_stride());
    MatMut::with_strides(&mut c.data()[j..], rows, cols, stride, 1)
}

/// What the sums of a row begin with.
fn begin(row: &mut [f32], epilogue: Epilogue<'_>) {
    match epilogue {
        Epilogue::Store => row.fill(0.0),
        Epilogue::Add => {}
        Epilogue::Bias(bias) | Epilogue::BiasRelu(bias) => row.copy_from_slice(bias),
    }
}

/// What becomes of them when they are complete.
#[target_feature(enable = "avx2,fma")]
fn finish(row: &mut [f32], epilogue: Epilogue<'_>) {
    if matches!(epilogue, Epilogue::BiasRelu(_)) {
        relu(row);
    }
}

/// The dense factor, from one of its rows on: a term's position is that of its row here.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    /// From the first element of the first row.
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    pub(super) rows: usize,
    pub(super) cols: usize,
}

impl<'a> Factor<'a> {
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

    /// `sums` + Σ value·(the strip's columns of row k), in the order of the terms (k, value).
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn add<const V: usize, const L: usize>(
        self,
        sums: [__m256; V],
        terms: Terms<'_, L>,
        strip: Strip<V>,
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
    unsafe fn add_rows<'t, const WIDE: bool, const FRESH: bool, const L: usize>(
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

    /// The first rows' columns j … j + 64, side by side in `to`.
    fn copy(self, j: usize, rows: usize, to: &mut [f32]) -> Factor<'_> {
        let (to, _) = to.as_chunks_mut::<64>();
        for (k, to) in to[..rows].iter_mut().enumerate() {
            to.copy_from_slice(&self.data[k * self.stride + j..][..64]);
        }
        Factor {
            data: to.as_flattened(),
            stride: 64,
            rows,
            cols: 64,
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
        let far = self.stride.is_multiple_of(FAR);
        let mut room = if far { NEAR.take() } else { Scratch::new() };
        for (vectors, j) in cut(n) {
            let (all, mut c) = (all.clone(), c.reborrow());
            if far && j + 64 <= n {
                let near = self.copy(j, self.rows.min(L), room.get(64 * L));
                // SAFETY: all columns of `near`, which has as many rows as terms reach, and as many of C
                // from column j; the rest is the caller's promise.
                unsafe { near.strip::<8, FRESH, L>(all, Strip::whole(0), columns_from(&mut c, j)) };
                continue;
            }
            // SAFETY: the strip is inside both, which are as wide; the rest is the caller's promise.
            with_vectors!(vectors, V => unsafe {
                self.strip::<V, FRESH, L>(all, Strip::within(j, n), c);
            });
        }
        if far {
            NEAR.set(room);
        }
        if let Some(j) = rest(n) {
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
        strip: Strip<V>,
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
    strip: Strip<V>,
) -> [__m256; V] {
    for (k, value) in terms {
        let value = _mm256_set1_ps(value);
        let row = start.wrapping_add(k * stride);
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise, for the vectors of a strip are within its columns; an array
            // of floats is aligned as a float is.
            let w = load(unsafe { &*row.add(strip.at(i)).cast::<[f32; 8]>() });
            *sum = _mm256_fmadd_ps(value, w, *sum);
        }
    }
    sums
}
