//! The sums of a tile, term by term.

use std::arch::{asm, x86_64::*};

use crate::x86::lanes::Tail;

/// A tile reads whole vectors of B.
pub(super) const PADDED: u8 = 0;
/// The last vector of each row under a mask.
pub(super) const RAGGED: u8 = 1;
/// As `RAGGED` where a row is three vectors, else whole ones; and each row is copied to the panel.
pub(super) const PACKING: u8 = 2;

/// Where the next terms of a tile's sums are.
pub(super) struct TileTerms<'a, const MR: usize, const NV: usize, const BY_ROWS: bool, const B: u8>
{
    pub(super) a: *const f32,
    pub(super) row_stride: usize,
    pub(super) k_stride: usize,
    pub(super) b: *const f32,
    pub(super) b_stride: usize,
    pub(super) panel: *mut f32,
    pub(super) tail: &'a Tail,
}

impl<const MR: usize, const NV: usize, const BY_ROWS: bool, const B: u8>
    TileTerms<'_, MR, NV, BY_ROWS, B>
{
    /// Whether the last vector is read under a mask: strips of one or two that are packed so are whole.
    pub(super) const MASKED: bool = B == RAGGED || B == PACKING && NV == 3;

    /// Adds the products of term `u` from here to the sums.
    ///
    /// # Safety
    /// Term `u` lies in A, B and, if it is packed, the panel.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn add(&self, u: usize, acc: &mut [[__m256; NV]; MR]) {
        let mut row = [_mm256_setzero_ps(); NV];
        for (v, x) in row.iter_mut().enumerate() {
            // SAFETY: the caller vouches that term `u` lies in B; where its row ends within the last
            // vector only the columns under the mask are read. A panel has whole vectors.
            unsafe {
                let from = self.b.add(u * self.b_stride + 8 * v);
                *x = if v < NV - 1 || !Self::MASKED {
                    _mm256_loadu_ps(from)
                } else if NV < 3 {
                    self.tail.load_at(from)
                } else {
                    self.tail.load_by_one_register(from)
                };
                if B == PACKING {
                    _mm256_storeu_ps(self.panel.add(8 * (u * NV + v)), *x);
                }
            }
        }
        for (i, acc) in acc.iter_mut().enumerate() {
            let (term, row_at) = if BY_ROWS {
                (u, i * self.row_stride)
            } else {
                (u * self.k_stride, i)
            };
            // SAFETY: the caller vouches that term `u` of each of the MR rows lies in A.
            let x = unsafe { value::<NV>(self.a.add(term), row_at) };
            for (acc, row) in acc.iter_mut().zip(row) {
                *acc = _mm256_fmadd_ps(x, row, *acc);
            }
        }
    }

    /// Goes on by `terms`, for which the pointers may point past the operands but not be read.
    #[inline]
    pub(super) fn advance(&mut self, terms: usize) {
        self.a = self.a.wrapping_add(terms * self.k_stride);
        self.b = self.b.wrapping_add(terms * self.b_stride);
        if B == PACKING {
            self.panel = self.panel.wrapping_add(terms * 8 * NV);
        }
    }
}

/// A value of A in all lanes, `at` floats from a term's first, for tiles of `NV` vectors.
///
/// With three, the sums, B's vectors and one value take all 16 registers. LLVM loads several values ahead
/// and keeps sums in memory meanwhile, which takes up to twice as long (benches/tried.md). It was seen not
/// to do so with loads in assembly, which add up the address too: to do that beforehand is an instruction for
/// every three multiply-adds, more than a core that takes in four a cycle has room for.
///
/// # Safety
/// The value must be readable.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn value<const NV: usize>(term: *const f32, at: usize) -> __m256 {
    if NV < 3 {
        // SAFETY: the caller's promise.
        return unsafe { _mm256_broadcast_ss(&*term.add(at)) };
    }
    let lanes;
    // SAFETY: this reads the four bytes that the caller vouches for and writes one register.
    unsafe {
        asm!(
            "vbroadcastss {lanes}, dword ptr [{term} + {at}]",
            term = in(reg) term,
            at = in(reg) at * size_of::<f32>(),
            lanes = out(ymm_reg) lanes,
            options(pure, readonly, nostack, preserves_flags),
        );
    }
    lanes
}

/// Asks for a row of B, which need not be there.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn ask_for<const NV: usize>(row: *const f32) {
    for v in (0..NV).step_by(2) {
        _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(8 * v).cast());
    }
    _mm_prefetch::<_MM_HINT_T0>(row.wrapping_add(8 * NV - 1).cast());
}
