//! Sixteen floats at a time.

use std::arch::x86_64::*;

/// Sixteen floats of memory into a vector.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(x: &[f32; 16]) -> __m512 {
    // SAFETY: the array is sixteen readable floats; the load asks for no alignment.
    unsafe { _mm512_loadu_ps(x.as_ptr()) }
}

/// A vector into sixteen floats of memory.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store(x: &mut [f32; 16], value: __m512) {
    // SAFETY: the array is sixteen writable floats; the store asks for no alignment.
    unsafe { _mm512_storeu_ps(x.as_mut_ptr(), value) }
}

/// The first few lanes of a vector: what is left of a slice after its whole sixteens.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    mask: __mmask16,
    len: usize,
}

impl Tail {
    /// The first `len` lanes.
    ///
    /// # Panics
    /// If `len` is more than 16.
    #[inline]
    pub(super) fn new(len: usize) -> Self {
        assert!(len <= 16, "a vector has 16 lanes, not {len}");
        Self {
            mask: (0xFFFF_u32 >> (16 - len)) as u16,
            len,
        }
    }

    /// The first floats of `x`, then zeros.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn load(self, x: &[f32]) -> __m512 {
        let x = &x[..self.len];
        // SAFETY: the mask has only the first `len` lanes, as `new` made it; the slice just taken
        // has as many floats, and a lane that is masked off is not read.
        unsafe { _mm512_maskz_loadu_ps(self.mask, x.as_ptr()) }
    }

    /// The first lanes of `value` into the first floats of `x`; the others stay.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn store(self, x: &mut [f32], value: __m512) {
        let x = &mut x[..self.len];
        // SAFETY: as in `load`; a lane that is masked off is not written.
        unsafe { _mm512_mask_storeu_ps(x.as_mut_ptr(), self.mask, value) }
    }
}
