//! Products of few columns on AVX2.

use std::arch::{asm, x86_64::*};

use super::{Block, LANES, Operands, parts_of};
use crate::x86::{
    gemm::{
        finish::{Finish, Target},
        transpose::{columns_of_fours, transpose_8x8, turn_halves},
    },
    lanes::Tail,
};
use crate::{MatMut, MatRef};

/// The loops for N columns.
///
/// # Safety
/// A has eight rows or more, at least one term, and lies by rows or by columns; B has as many rows as A has terms,
/// each of N contiguous floats.
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn few_columns<const N: usize>(
    a: MatRef<'_>,
    b: MatRef<'_>,
    mut c: MatMut<'_>,
    finish: Finish<'_>,
) {
    let m = a.rows();
    debug_assert_eq!(c.col_stride(), 1, "C's rows are contiguous");
    let mut target = Target::new(&mut c);
    let blocks = Block::all(a, b);
    for part in parts_of(a, LANES) {
        for block in blocks.clone() {
            let finish = block.finish(finish);
            for row in part.clone().step_by(LANES) {
                let first = row.min(m - LANES);
                let from = block.operands_at(first);
                // SAFETY: eight rows of A from the first on and N columns of B, for whose order the caller vouches
                // and whose last elements `Block::all` saw.
                let sums = unsafe {
                    if a.col_stride() == 1 {
                        by_rows::<N>(from)
                    } else {
                        by_columns::<N>(from)
                    }
                };
                store(sums, first, row, &finish, &mut target);
            }
        }
    }
}

/// The sums of eight rows of an A that lies by columns.
///
/// # Safety
/// For each of the terms eight floats of A are readable, and N of B.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn by_columns<const N: usize>(from: Operands) -> [__m256; N] {
    let (mut a, mut b) = (from.a, from.b);
    let mut sums = [_mm256_setzero_ps(); N];
    for _ in 0..from.terms {
        // SAFETY: the caller's promise.
        unsafe {
            let column = _mm256_loadu_ps(a);
            for (j, sum) in sums.iter_mut().enumerate() {
                *sum = _mm256_fmadd_ps(column, _mm256_broadcast_ss(&*b.add(j)), *sum);
            }
        }
        a = a.wrapping_add(from.a_stride);
        b = b.wrapping_add(from.b_stride);
    }
    sums
}

/// The same of one that lies by rows.
///
/// # Safety
/// Eight rows of A have as many floats as there are terms, and for each term N of B are readable.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn by_rows<const N: usize>(from: Operands) -> [__m256; N] {
    let (mut a, mut b) = (from.a, from.b);
    let mut sums = [_mm256_setzero_ps(); N];
    let mut add_column = |column| {
        // SAFETY: the caller's promise.
        unsafe { add(&mut sums, column, b) };
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
        let tail = Tail::of_some(left);
        // SAFETY: the last terms of a row, by the caller's promise.
        let last_of = |row| unsafe { tail.load_four(a.add(row * from.a_stride)) };
        columns_of_fours(last_of)
            .into_iter()
            .take(left)
            .for_each(add_column);
    }
    sums
}

/// Adds a column of A times each of the N values of B's row at `b`, of which there are ten at most.
///
/// In assembly, for LLVM puts each sum where its value was: four columns of A beside them, some are then in memory,
/// which takes 1.2 times as long.
///
/// # Safety
/// The values are readable.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn add<const N: usize>(sums: &mut [__m256; N], column: __m256, b: *const f32) {
    const { assert!(N <= 10) };
    macro_rules! add {
        ($($j:literal)*) => {$(
            if let Some(sum) = sums.get_mut($j) {
                // SAFETY: this reads four bytes of a row of N values, writes two registers and may raise floating-point
                // flags, as the intrinsic does.
                unsafe {
                    asm!(
                        "vbroadcastss {value}, dword ptr [{b} + {at}]",
                        "vfmadd231ps {sum}, {column}, {value}",
                        b = in(reg) b,
                        at = const $j * size_of::<f32>(),
                        column = in(ymm_reg) column,
                        value = out(ymm_reg) _,
                        sum = inout(ymm_reg) *sum,
                        options(pure, readonly, nostack),
                    );
                }
            }
        )*};
    }
    add!(0 1 2 3 4 5 6 7 8 9);
}

/// Finishes the rows from `row` on of eight that begin at `first`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn store<const N: usize>(
    sums: [__m256; N],
    first: usize,
    row: usize,
    finish: &Finish<'_>,
    target: &mut Target<'_>,
) {
    let sum = |j: usize| sums.get(j).copied().unwrap_or(_mm256_setzero_ps());
    let rows = transpose_8x8(std::array::from_fn(sum));
    if N <= 8 {
        store_rows(rows.map(|row| [row]), first, row, N, finish, target);
        return;
    }
    // The columns past eight: those of a row and of the fourth after it.
    let pairs = turn_halves(std::array::from_fn(|j| sum(8 + j)));
    let fourths = pairs.map(|pair| _mm256_permute2f128_ps::<0x11>(pair, pair));
    let rows = std::array::from_fn(|i| [rows[i], if i < 4 { pairs[i] } else { fourths[i - 4] }]);
    store_rows(rows, first, row, N, finish, target);
}

/// The same of rows of `cols` columns.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn store_rows<const NV: usize>(
    mut rows: [[__m256; NV]; LANES],
    first: usize,
    row: usize,
    cols: usize,
    finish: &Finish<'_>,
    target: &mut Target<'_>,
) {
    let tail = Tail::of_some(cols - 8 * (NV - 1));
    if finish.is_store() {
        // `apply` takes the sums by way of memory.
        let end = (first + LANES - 1) * target.row_stride + cols;
        assert!(end <= target.c.len(), "rows reach outside C");
        for (i, sums) in (first..).zip(&rows) {
            // Not `skip`, for which the sums would be in memory, too.
            if i < row {
                continue;
            }
            // SAFETY: whole vectors and the lanes of the tail are the columns of a row of C, the last of which was
            // checked.
            unsafe {
                let c = target.c.as_mut_ptr().add(i * target.row_stride);
                if NV == 2 {
                    _mm256_storeu_ps(c, sums[0]);
                }
                tail.store_at(c.add(8 * (NV - 1)), sums[NV - 1]);
            }
        }
    } else if row == first {
        finish.apply(&mut rows, first, tail, target);
    } else {
        for (i, sums) in (first..).zip(&rows).skip(row - first) {
            finish.apply(&mut [*sums], i, tail, target);
        }
    }
}
