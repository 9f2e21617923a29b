//! Products of few terms: those of some columns of B stay in registers while the rows of A pass, so
//! nothing is packed and no tile begins or ends. When all that is for a product; the loops of AVX2 hold
//! up to 12 terms of 8 columns, those of AVX-512 up to 16 of 16, or ten of 32.

mod avx2;

use std::ops::Range;

use super::{avx512, tiling::Tiling};
use crate::{MatMut, MatRef};

/// Most terms that are held.
pub(super) const MOST_TERMS: usize = 16;
/// The same with AVX2.
const MOST_TERMS_OF_AVX2: usize = 12;
/// Floats of a dense A, which AVX2 passes once for each eight columns, that stay in L1 meanwhile.
const RESIDENT_A: usize = 4096;

/// A·B into C where that is all, if the shapes and strides are for it: whether they were.
#[target_feature(enable = "avx2,fma")]
pub(super) fn short_product(a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, tiling: Tiling) -> bool {
    let contiguous = a.col_stride() == 1 && c.col_stride() == 1;
    let readable = b.row_stride() == 1 || b.col_stride() == 1;
    let few =
        tiling.is_wide() || (a.cols() <= MOST_TERMS_OF_AVX2 && a.rows() * a.cols() <= RESIDENT_A);
    if !(contiguous && readable && few) {
        return false;
    }
    // SAFETY: `contiguous`, and each K is the number of A's columns.
    unsafe {
        match a.cols() {
            1 => product::<1>(a, b, c, tiling),
            2 => product::<2>(a, b, c, tiling),
            3 => product::<3>(a, b, c, tiling),
            4 => product::<4>(a, b, c, tiling),
            5 => product::<5>(a, b, c, tiling),
            6 => product::<6>(a, b, c, tiling),
            7 => product::<7>(a, b, c, tiling),
            8 => product::<8>(a, b, c, tiling),
            9 => product::<9>(a, b, c, tiling),
            10 => product::<10>(a, b, c, tiling),
            11 => product::<11>(a, b, c, tiling),
            12 => product::<12>(a, b, c, tiling),
            13 => product::<13>(a, b, c, tiling),
            14 => product::<14>(a, b, c, tiling),
            15 => product::<15>(a, b, c, tiling),
            16 => product::<16>(a, b, c, tiling),
            _ => return false,
        }
    }
    true
}

/// A product of K terms.
///
/// # Safety
/// A's rows of K terms and C's rows are contiguous.
#[target_feature(enable = "avx2,fma")]
unsafe fn product<const K: usize>(a: MatRef<'_>, b: MatRef<'_>, mut c: MatMut<'_>, tiling: Tiling) {
    let last = c.rows() - 1;
    assert!(
        last * a.row_stride() + K <= a.data().len()
            && last * c.row_stride() + c.cols() <= c.data().len(),
        "a short product reaches outside its operands"
    );
    // SAFETY: the caller's promise; the assertion checked the last row of A and of C; a wide `Tiling` is proof of
    // AVX-512.
    unsafe {
        if tiling.is_wide() {
            avx512::terms_in_registers::<K>(a, b, c, tiling);
        } else {
            avx2::terms_in_registers::<K>(a, b, c);
        }
    }
}

/// Columns of B that are contiguous themselves.
#[derive(Clone, Copy)]
pub(super) struct HeldColumns<'a> {
    data: &'a [f32],
    stride: usize,
    last: usize,
    /// Whether K, up to the next multiple of four, are readable of each.
    pub(super) fours_fit: bool,
}

impl<'a> HeldColumns<'a> {
    /// # Panics
    /// Unless each of the columns has K floats.
    #[inline]
    pub(super) fn new<const K: usize>(b: MatRef<'a>, columns: &Range<usize>) -> Self {
        let (stride, last) = (b.col_stride(), columns.len() - 1);
        let data = &b.data()[columns.start * stride..];
        let last_column = last * stride;
        assert!(last_column + K <= data.len(), "a column reaches outside B");
        Self {
            data,
            stride,
            last,
            fours_fit: last_column + K.next_multiple_of(4) <= data.len(),
        }
    }

    /// Where the terms from `first` on of the column in this lane are, or those of the last one in lanes past it; of
    /// whole vectors of `LANES` columns there are none.
    #[inline(always)]
    pub(super) fn lane<const LANES: usize, const WHOLE: bool>(
        self,
        lane: usize,
        first: usize,
    ) -> *const f32 {
        // What it is, the compiler then knows.
        let last = if WHOLE { LANES - 1 } else { self.last };
        self.data
            .as_ptr()
            .wrapping_add(lane.min(last) * self.stride + first)
    }

    /// Whether there is a column for each lane.
    #[inline(always)]
    pub(super) fn fill(self, lanes: usize) -> bool {
        self.last + 1 == lanes
    }
}
