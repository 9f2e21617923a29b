//! Products with a sparse left side: a row of the result is a linear combination of the rows of
//! a dense matrix, formed in registers.
//!
//! Whatever the blocking, an element of the result begins at 0, at its bias or at what it was,
//! and takes its terms by fused multiply-adds in rising order.

use std::{ops::Range, slice};

use super::{
    dense_factor::DenseFactor,
    prefetch,
    relu::relu,
    strip::{BLOCK_COLS, WIDE_BLOCK_COLS},
};
use crate::{
    BatchColumns, Epilogue, MatMut, MatRef, SparseRows, batch_columns::LINE, sparse::BLOCK,
};

/// Rows of X whose results are kept at hand while a block of W is: 32 rows of 128 floats are
/// 16 KB, half of L1.
const GROUP: usize = 32;

/// Strips of W's columns up to which the next rows are asked for: each asks again, and what more of them take is
/// not gained.
const STRIPS_PREFETCHING: usize = 2;

/// X·W into C for the rows `rows` of x.
///
/// W is walked once for each group of rows, 64 rows of W at a time, so that those are in L1 when
/// the next row of X wants them. With each of the sums a cache line of the rows `next` is asked for: asked for
/// all at once, they take as long as the memory does.
///
/// # Safety
/// If `WIDE`, the CPU has all that [`Isa::Avx512`](crate::Isa::Avx512) stands for.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn sparse_gemm<const WIDE: bool>(
    x: &SparseRows,
    rows: &[u32],
    next: &[u32],
    w: MatRef<'_>,
    mut c: MatMut<'_>,
    epilogue: Epilogue<'_>,
) {
    let levels = x.levels();
    let strip = if WIDE { WIDE_BLOCK_COLS } else { BLOCK_COLS };
    let asks = w.cols() <= STRIPS_PREFETCHING * strip;
    let mut next = if asks { next } else { &[] }.chunks(GROUP);
    for (group, rows) in rows.chunks(GROUP).enumerate() {
        let group = group * GROUP..group * GROUP + rows.len();
        group.clone().for_each(|i| begin(c.row_mut(i), epilogue));
        let blocks = blocks_of(x, rows);
        let blocks = &blocks[..rows.len()];
        let next = next.next().unwrap_or_default();
        let next_blocks = blocks_of(x, next);
        for b in 0..x.blocks_per_row() {
            let factor = DenseFactor::new(w, b * BLOCK);
            // Beforehand, for a row's last term is a branch mispredicted as often as not: what
            // comes next then waits for a load and not for the bytes and their comparison.
            let mut terms = [levels.terms(0, &blocks[0][b]); GROUP];
            for (terms, blocks) in terms.iter_mut().zip(blocks) {
                *terms = levels.block_terms(&blocks[b], x.cols() - b * BLOCK);
            }
            let c = rows_of(&mut c, group.clone());
            let terms = terms[..rows.len()].iter().copied();
            // To look with each sum whether there is something to ask for takes 1 % of a step where W is wide.
            if next.is_empty() {
                // SAFETY: a slice's iterator; the caller's promise.
                unsafe { factor.add_rows::<WIDE, false, BLOCK>(terms, c) };
                continue;
            }
            let terms = Prefetching {
                all: terms,
                rows: next_blocks[..next.len()].iter(),
                block: b,
            };
            // SAFETY: all that a slice's iterator gives, and no more; the caller's promise.
            unsafe { factor.add_rows::<WIDE, false, BLOCK>(terms, c) };
        }
        group.for_each(|i| finish(c.row_mut(i), epilogue));
    }
}

/// The blocks of some rows of x, at most [`GROUP`], and nothing for those that are not.
fn blocks_of<'a>(x: &'a SparseRows, rows: &[u32]) -> [&'a [[u8; BLOCK]]; GROUP] {
    let mut blocks: [&[[u8; BLOCK]]; GROUP] = [&[]; GROUP];
    for (blocks, &row) in blocks.iter_mut().zip(rows) {
        *blocks = x.row_blocks(row as usize);
    }
    blocks
}

/// All of an iterator, with each item one block of the next of `rows` asked of the memory.
#[derive(Clone)]
struct Prefetching<'a, I> {
    all: I,
    rows: slice::Iter<'a, &'a [[u8; BLOCK]]>,
    block: usize,
}

impl<I: Iterator> Iterator for Prefetching<'_, I> {
    type Item = I::Item;

    #[inline(always)]
    fn next(&mut self) -> Option<I::Item> {
        let item = self.all.next()?;
        if let Some(row) = self.rows.next() {
            prefetch(&row[self.block]);
        }
        Some(item)
    }

    // `add_rows` checks the terms so beforehand: the images would be asked for all at once, and then again.
    fn all<F: FnMut(I::Item) -> bool>(&mut self, f: F) -> bool {
        self.all.all(f)
    }

    #[inline(always)]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.all.size_hint()
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Prefetching<'_, I> {}

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
        let factor = DenseFactor::new(dz, first);
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
