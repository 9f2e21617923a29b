//! The edge of a matrix: vectors of which only the first lanes are there.

use std::arch::{asm, x86_64::*};

use crate::x86::lanes::store_first;

/// The first 1 to 8 lanes of a vector.
#[derive(Clone, Copy)]
pub(super) struct Mask {
    raw: __m256i,
    lanes: usize,
}

impl Mask {
    /// The first `lanes` lanes.
    ///
    /// # Panics
    /// Unless `lanes` is 1 to 8.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn first(lanes: usize) -> Self {
        assert!(
            (1..=8).contains(&lanes),
            "a vector has 8 lanes, not {lanes}"
        );
        let index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        Self {
            raw: _mm256_cmpgt_epi32(_mm256_set1_epi32(lanes as i32), index),
            lanes,
        }
    }

    /// How many lanes are in.
    #[inline]
    pub(super) fn lanes(self) -> usize {
        self.lanes
    }

    /// The floats under the mask at `from`, zeros in the other lanes.
    ///
    /// # Safety
    /// `lanes` floats are readable at `from`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn load(self, from: *const f32) -> __m256 {
        // SAFETY: a masked load touches only the lanes that are in, which the caller vouches for.
        unsafe { _mm256_maskload_ps(from, self.raw) }
    }

    /// As `load`, for where all other registers are taken: the compiler would rather keep the mask in one and
    /// leave a sum in memory.
    ///
    /// # Safety
    /// As of `load`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn load_by_one_register(&self, from: *const f32) -> __m256 {
        let lanes;
        // SAFETY: the mask is aligned as its type is, the masked load touches only the lanes that are in, which
        // the caller vouches for, and one register is written.
        unsafe {
            asm!(
                "vmovdqa {lanes}, ymmword ptr [{mask}]",
                "vmaskmovps {lanes}, {lanes}, ymmword ptr [{from}]",
                mask = in(reg) &raw const self.raw,
                from = in(reg) from,
                lanes = out(ymm_reg) lanes,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        lanes
    }

    /// As `load`, in both halves of a vector, for a mask of at most 4 lanes.
    ///
    /// # Safety
    /// `lanes` floats are readable at `from`, and `lanes` is at most 4.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn load_half(self, from: *const f32) -> __m256 {
        // SAFETY: a masked load touches only the lanes that are in, which the caller vouches for.
        let half = unsafe { _mm_maskload_ps(from, _mm256_castsi256_si128(self.raw)) };
        _mm256_set_m128(half, half)
    }

    /// Stores the lanes that are in.
    ///
    /// # Safety
    /// `lanes` floats are writable at `to`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn store(self, to: *mut f32, x: __m256) {
        // SAFETY: the caller's promise.
        unsafe { store_first(to, x, self.lanes) };
    }
}
