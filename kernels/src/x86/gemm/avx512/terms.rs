//! The sums of a tile, term by term.

use std::arch::x86_64::*;

use super::tile::TWO_UNITS_ROWS;
use crate::x86::{gemm::plan::PANEL, lanes::in_register};

/// How many times four rows a tile has at most.
const FOURS: usize = TWO_UNITS_ROWS.div_ceil(4);

/// Where the next term of a tile's sums is, and if the tile `PACKS`, where its row of B is copied to.
pub(super) struct WideTerms<
    const MR: usize,
    const NV: usize,
    const BY_ROWS: bool,
    const PACKS: bool,
> {
    /// In every fourth row of A, as [`in_fours`] gives them; if it does not lie `BY_ROWS`, the first is enough.
    pub(super) a: [*const f32; FOURS],
    /// From row to row of A if it lies `BY_ROWS`; else they are adjacent.
    pub(super) row_stride: usize,
    pub(super) k_stride: usize,
    pub(super) b: [*const f32; NV],
    pub(super) b_stride: usize,
    /// The columns of the last vector of B, which need not be whole.
    pub(super) mask: __mmask16,
    pub(super) panel: *mut f32,
}

impl<const MR: usize, const NV: usize, const BY_ROWS: bool, const PACKS: bool>
    WideTerms<MR, NV, BY_ROWS, PACKS>
{
    /// Adds the products of the next term to the sums and goes on to the one after it, which need not be there.
    ///
    /// # Safety
    /// The next term lies in A, B and, if it is packed, the panel; if B is `open`, so do all lanes of its last vector.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn add(&mut self, open: bool, sums: &mut [[__m512; NV]; MR]) {
        let row: [_; NV] = std::array::from_fn(|v| {
            // SAFETY: the caller's promise.
            unsafe {
                if open || v + 1 < NV {
                    _mm512_loadu_ps(self.b[v])
                } else {
                    // A masked load costs a slot of the multiply-adds.
                    _mm512_maskz_loadu_ps(self.mask, self.b[v])
                }
            }
        });
        if PACKS {
            for (v, b) in row.iter().enumerate() {
                // SAFETY: the caller vouches for a row of the panel, which is NV vectors.
                unsafe { _mm512_storeu_ps(self.panel.add(PANEL * v), *b) };
            }
            self.panel = self.panel.wrapping_add(PANEL * NV);
        }
        for (i, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller vouches for this term of each of the MR rows of A.
            let x = _mm512_set1_ps(unsafe {
                if BY_ROWS {
                    *self.a[i / 4].add(i % 4 * self.row_stride)
                } else {
                    *self.a[0].add(i)
                }
            });
            for (sum, b) in sums.iter_mut().zip(row) {
                *sum = _mm512_fmadd_ps(x, b, *sum);
            }
        }
        self.a = self.a.map(|row| row.wrapping_add(self.k_stride));
        self.b = self.b.map(|from| from.wrapping_add(self.b_stride));
    }
}

/// Every fourth row of A that lies by rows, each a pointer of its own; those past a tile's rows need not be there.
///
/// Of one pointer the compiler makes the others by ten additions for each term, and some of those keep a unit from
/// a multiply-add.
#[inline]
pub(super) fn in_fours(first: *const f32, stride: usize) -> [*const f32; FOURS] {
    std::array::from_fn(|i| in_register(first.wrapping_add((4 * i).wrapping_mul(stride))))
}

/// Asks for a row of B, which need not be there.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn ask_for<const NV: usize>(row: [*const f32; NV]) {
    for from in row {
        _mm_prefetch::<_MM_HINT_T0>(from.cast());
    }
}
