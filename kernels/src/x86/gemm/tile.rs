//! The microkernel: one tile of the product, held in registers from its first term to its last.
//!
//! A tile is `MR` rows by `NV` vectors of 8 columns. Each step of k loads a row of B (`NV`
//! vectors), broadcasts `MR` values of A, and makes `MR·NV` fused multiply-adds. It never blocks
//! or allocates; it checks the bounds of what it reads and writes once, before its loop.

use std::arch::x86_64::*;

use super::edge::Mask;
use super::finish::{Finish, Target};

/// Columns of a panel of B: two vectors, one cache line.
pub(super) const PANEL: usize = 16;
/// Rows of a two-vector tile: 6×2 accumulators + 2 of B + 1 of A = 15 of the 16 ymm registers.
pub(super) const WIDE_ROWS: usize = 6;
/// Rows of a one-vector tile: 12 accumulators + 1 of B + 1 of A = 14 of 16.
pub(super) const NARROW_ROWS: usize = 12;

/// The rows of A that a tile multiplies: element (i, k) is at `i·stride + k` where the rows are
/// contiguous (`by_rows`), at `k·stride + i` where the columns are.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    pub(super) by_rows: bool,
}

/// The columns of B that a tile multiplies: element (k, j) is at `k·stride + j`.
pub(super) struct Right<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    pub(super) reads: Reads<'a>,
}

/// How a tile reads the rows of B.
pub(super) enum Reads<'a> {
    /// Whole vectors: what lies past the tile's columns is read, and never stored.
    Padded,
    /// The tile's columns and nothing past them.
    Ragged,
    /// As `Ragged`, and each row is copied on its way, zeros behind it, into rows of `PANEL`.
    Packing(&'a mut [f32]),
}

const PADDED: u8 = 0;
const RAGGED: u8 = 1;
const PACKING: u8 = 2;

/// `rows` rows and `target.cols` columns of A·B over `k` terms, finished into `target`.
///
/// # Panics
/// If the tile is larger than the registers hold, or reaches outside its operands.
#[target_feature(enable = "avx2,fma")]
pub(super) fn tile(
    rows: usize,
    k: usize,
    a: Left<'_>,
    b: Right<'_>,
    target: Target<'_>,
    finish: Finish<'_>,
) {
    let Right {
        data,
        stride,
        reads,
    } = b;
    if target.cols > 8 {
        match reads {
            Reads::Padded => wide::<PADDED>(rows, k, a, data, stride, &mut [], target, finish),
            Reads::Ragged => wide::<RAGGED>(rows, k, a, data, stride, &mut [], target, finish),
            Reads::Packing(to) => wide::<PACKING>(rows, k, a, data, stride, to, target, finish),
        }
    } else {
        match reads {
            Reads::Padded => narrow::<PADDED>(rows, k, a, data, stride, &mut [], target, finish),
            Reads::Ragged => narrow::<RAGGED>(rows, k, a, data, stride, &mut [], target, finish),
            Reads::Packing(to) => narrow::<PACKING>(rows, k, a, data, stride, to, target, finish),
        }
    }
}

#[expect(clippy::too_many_arguments)]
#[target_feature(enable = "avx2,fma")]
fn wide<const B: u8>(
    rows: usize,
    k: usize,
    a: Left<'_>,
    b: &[f32],
    b_stride: usize,
    panel: &mut [f32],
    target: Target<'_>,
    finish: Finish<'_>,
) {
    match (rows, a.by_rows) {
        (1, true) => run::<1, 2, true, B>(k, a, b, b_stride, panel, target, finish),
        (2, true) => run::<2, 2, true, B>(k, a, b, b_stride, panel, target, finish),
        (3, true) => run::<3, 2, true, B>(k, a, b, b_stride, panel, target, finish),
        (4, true) => run::<4, 2, true, B>(k, a, b, b_stride, panel, target, finish),
        (5, true) => run::<5, 2, true, B>(k, a, b, b_stride, panel, target, finish),
        (6, true) => run::<6, 2, true, B>(k, a, b, b_stride, panel, target, finish),
        (1, false) => run::<1, 2, false, B>(k, a, b, b_stride, panel, target, finish),
        (2, false) => run::<2, 2, false, B>(k, a, b, b_stride, panel, target, finish),
        (3, false) => run::<3, 2, false, B>(k, a, b, b_stride, panel, target, finish),
        (4, false) => run::<4, 2, false, B>(k, a, b, b_stride, panel, target, finish),
        (5, false) => run::<5, 2, false, B>(k, a, b, b_stride, panel, target, finish),
        (6, false) => run::<6, 2, false, B>(k, a, b, b_stride, panel, target, finish),
        _ => unreachable!("a two-vector tile has 1 to {WIDE_ROWS} rows, not {rows}"),
    }
}

#[expect(clippy::too_many_arguments)]
#[target_feature(enable = "avx2,fma")]
fn narrow<const B: u8>(
    rows: usize,
    k: usize,
    a: Left<'_>,
    b: &[f32],
    b_stride: usize,
    panel: &mut [f32],
    target: Target<'_>,
    finish: Finish<'_>,
) {
    match (rows, a.by_rows) {
        (1, true) => run::<1, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (2, true) => run::<2, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (3, true) => run::<3, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (4, true) => run::<4, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (5, true) => run::<5, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (6, true) => run::<6, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (7, true) => run::<7, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (8, true) => run::<8, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (9, true) => run::<9, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (10, true) => run::<10, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (11, true) => run::<11, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (12, true) => run::<12, 1, true, B>(k, a, b, b_stride, panel, target, finish),
        (1, false) => run::<1, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (2, false) => run::<2, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (3, false) => run::<3, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (4, false) => run::<4, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (5, false) => run::<5, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (6, false) => run::<6, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (7, false) => run::<7, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (8, false) => run::<8, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (9, false) => run::<9, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (10, false) => run::<10, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (11, false) => run::<11, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        (12, false) => run::<12, 1, false, B>(k, a, b, b_stride, panel, target, finish),
        _ => unreachable!("a one-vector tile has 1 to {NARROW_ROWS} rows, not {rows}"),
    }
}

#[target_feature(enable = "avx2,fma")]
fn run<const MR: usize, const NV: usize, const BY_ROWS: bool, const B: u8>(
    k: usize,
    a: Left<'_>,
    b: &[f32],
    b_stride: usize,
    panel: &mut [f32],
    target: Target<'_>,
    finish: Finish<'_>,
) {
    let tail = Mask::first(target.cols - 8 * (NV - 1));
    let width = if B == PADDED { 8 * NV } else { target.cols };
    let (i_stride, k_stride) = if BY_ROWS {
        (a.stride, 1)
    } else {
        (1, a.stride)
    };
    let last = k - 1;
    assert!(
        (MR - 1) * i_stride + last * k_stride < a.data.len()
            && last * b_stride + width <= b.len()
            && (B != PACKING || last * PANEL + 8 * NV <= panel.len()),
        "a tile reaches outside its operands"
    );
    let (a, b, panel) = (a.data.as_ptr(), b.as_ptr(), panel.as_mut_ptr());
    let mut acc = [[_mm256_setzero_ps(); NV]; MR];
    for p in 0..k {
        let mut row = [_mm256_setzero_ps(); NV];
        for (v, x) in row.iter_mut().enumerate() {
            // SAFETY: the assertion above put (k−1)·b_stride + width floats behind `b`; without
            // padding the last vector reads only the columns under the mask, which are < width.
            *x = unsafe {
                let from = b.add(p * b_stride + 8 * v);
                if B != PADDED && v == NV - 1 {
                    _mm256_maskload_ps(from, tail.raw())
                } else {
                    _mm256_loadu_ps(from)
                }
            };
            if B == PACKING {
                // SAFETY: the assertion above put (k−1)·PANEL + 8·NV floats behind `panel`.
                unsafe { _mm256_storeu_ps(panel.add(p * PANEL + 8 * v), *x) };
            }
        }
        for (i, acc) in acc.iter_mut().enumerate() {
            // SAFETY: i < MR and p < k; the assertion above checked the largest of both.
            let x = unsafe { _mm256_broadcast_ss(&*a.add(i * i_stride + p * k_stride)) };
            for (acc, row) in acc.iter_mut().zip(row) {
                *acc = _mm256_fmadd_ps(x, row, *acc);
            }
        }
    }
    finish.apply(acc, tail, target);
}
