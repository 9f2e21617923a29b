//! [Products of few columns](crate::x86::gemm::few_columns) where a core begins two multiply-adds of AVX-512 a cycle.

use std::arch::x86_64::*;

use super::transpose::{columns_of_fours, columns_of_rows, first_of_four};
use crate::x86::gemm::{
    few_columns::{Block, Operands, parts_of},
    finish::{Finish, Target},
    plan::PANEL,
};
use crate::{MatMut, MatRef};

/// The loops for N columns.
///
/// # Safety
/// A has sixteen rows or more, at least one term, and lies by rows or by columns; B has as many rows as A has terms,
/// each of N contiguous floats.
#[inline(never)]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
pub(in crate::x86::gemm) unsafe fn few_columns<const N: usize>(
    a: MatRef<'_>,
    b: MatRef<'_>,
    mut c: MatMut<'_>,
    finish: Finish<'_>,
) {
    let m = a.rows();
    debug_assert_eq!(c.col_stride(), 1, "C's rows are contiguous");
    let mut target = Target::new(&mut c);
    let blocks = Block::all(a, b);
    for part in parts_of(a, PANEL) {
        for block in blocks.clone() {
            let finish = block.finish(finish);
            let mut row = part.start;
            while row < part.end {
                let first = row.min(m - PANEL);
                let from = block.operands_at(first);
                // SAFETY: sixteen rows of A from the first on, or 32, and N columns of B, for whose order the caller
                // vouches and whose last elements `Block::all` saw.
                unsafe {
                    if a.col_stride() == 1 {
                        store(by_rows::<N>(from), first, row, &finish, &mut target);
                    } else if row + 2 * PANEL <= m {
                        let [sums, more] = by_columns::<N, 2>(from);
                        store(sums, first, row, &finish, &mut target);
                        row += PANEL;
                        store(more, row, row, &finish, &mut target);
                    } else {
                        let [sums] = by_columns::<N, 1>(from);
                        store(sums, first, row, &finish, &mut target);
                    }
                }
                row += PANEL;
            }
        }
    }
}

/// The sums of 16·NV rows of an A that lies by columns.
///
/// # Safety
/// For each of the terms so many floats of A are readable, and N of B.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn by_columns<const N: usize, const NV: usize>(from: Operands) -> [[__m512; N]; NV] {
    let (mut a, mut b) = (from.a, from.b);
    let mut sums = [[_mm512_setzero_ps(); N]; NV];
    for _ in 0..from.terms {
        // SAFETY: the caller's promise.
        unsafe {
            let columns: [_; NV] = std::array::from_fn(|v| _mm512_loadu_ps(a.add(PANEL * v)));
            for j in 0..N {
                let value = _mm512_set1_ps(*b.add(j));
                for (sums, column) in sums.iter_mut().zip(columns) {
                    sums[j] = _mm512_fmadd_ps(column, value, sums[j]);
                }
            }
        }
        a = a.wrapping_add(from.a_stride);
        b = b.wrapping_add(from.b_stride);
    }
    sums
}

/// The sums of 16 rows of one that lies by rows.
///
/// # Safety
/// Sixteen rows of A have as many floats as there are terms, and for each term N of B are readable.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
unsafe fn by_rows<const N: usize>(from: Operands) -> [__m512; N] {
    let (mut a, mut b) = (from.a, from.b);
    let mut sums = [_mm512_setzero_ps(); N];
    let mut add_column = |column| {
        for (j, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let value = _mm512_set1_ps(unsafe { *b.add(j) });
            *sum = _mm512_fmadd_ps(column, value, *sum);
        }
        b = b.wrapping_add(from.b_stride);
    };
    for _ in 0..from.terms / 4 {
        // SAFETY: four terms of a row, by the caller's promise.
        let four_of = |row| unsafe { _mm_loadu_ps(a.add(row * from.a_stride)) };
        columns_of_fours(four_of)
            .into_iter()
            .for_each(&mut add_column);
        a = a.wrapping_add(4);
    }
    let left = from.terms % 4;
    if left > 0 {
        let mask = first_of_four(left);
        // SAFETY: the last terms of a row, by the caller's promise.
        let last_of = |row| unsafe { _mm_maskz_loadu_ps(mask, a.add(row * from.a_stride)) };
        columns_of_fours(last_of)
            .into_iter()
            .take(left)
            .for_each(add_column);
    }
    sums
}

/// Finishes the rows from `row` on of sixteen that begin at `first`.
#[inline]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
fn store<const N: usize>(
    sums: [__m512; N],
    first: usize,
    row: usize,
    finish: &Finish<'_>,
    target: &mut Target<'_>,
) {
    let mut rows = columns_of_rows(sums).map(|row| [row]);
    finish.store_rows(&mut rows[row - first..], row, target);
}
