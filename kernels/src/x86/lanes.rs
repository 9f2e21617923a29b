//! Eight floats at a time: loads and stores on slices, and the masks of what does not fill eight.
//!
//! The one place where an element-wise kernel touches a pointer; what is built on slices is safe.

use std::arch::{asm, x86_64::*};

/// Eight floats of memory into a vector.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn load(x: &[f32; 8]) -> __m256 {
    // SAFETY: the array is eight readable floats; the load asks for no alignment.
    unsafe { _mm256_loadu_ps(x.as_ptr()) }
}

/// A vector into eight floats of memory.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn store(x: &mut [f32; 8], value: __m256) {
    // SAFETY: the array is eight writable floats; the store asks for no alignment.
    unsafe { _mm256_storeu_ps(x.as_mut_ptr(), value) }
}

/// The first few lanes of a vector: what is left of a slice after its whole eights, or of a row of a matrix.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    mask: __m256i,
    len: usize,
}

impl Tail {
    /// The first `len` lanes.
    ///
    /// # Panics
    /// If `len` is more than 8.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn new(len: usize) -> Self {
        assert!(len <= 8, "a vector has 8 lanes, not {len}");
        let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        Self {
            mask: _mm256_cmpgt_epi32(_mm256_set1_epi32(len as i32), lane),
            len,
        }
    }

    /// The same where there is a lane at least, so that no code is made for none.
    ///
    /// # Panics
    /// Unless `len` is 1 to 8.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn of_some(len: usize) -> Self {
        assert!(len > 0, "an edge has a lane at least");
        Self::new(len)
    }

    /// The first floats of `x`, then zeros.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn load(self, x: &[f32]) -> __m256 {
        let x = &x[..self.len];
        // SAFETY: the slice just taken has as many floats.
        unsafe { self.load_at(x.as_ptr()) }
    }

    /// The floats at `from`, then zeros.
    ///
    /// # Safety
    /// As many floats as there are lanes are readable at `from`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn load_at(self, from: *const f32) -> __m256 {
        // SAFETY: the mask has only the first `len` lanes, as `new` made it, and a lane that is masked off is not read;
        // the caller vouches for as many floats.
        unsafe { _mm256_maskload_ps(from, self.mask) }
    }

    /// As `load_at`, for where all other registers are taken: the compiler would rather keep the mask in one and
    /// leave a sum in memory.
    ///
    /// # Safety
    /// As of `load_at`.
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
                mask = in(reg) &raw const self.mask,
                from = in(reg) from,
                lanes = out(ymm_reg) lanes,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        lanes
    }

    /// As `load_at`, for at most 4 lanes.
    ///
    /// # Safety
    /// As of `load_at`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn load_four(self, from: *const f32) -> __m128 {
        debug_assert!(self.len <= 4);
        // SAFETY: a masked load touches only the lanes that are in, which the caller vouches for.
        unsafe { _mm_maskload_ps(from, _mm256_castsi256_si128(self.mask)) }
    }

    /// The same in both halves of a vector.
    ///
    /// # Safety
    /// As of `load_at`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn load_half(self, from: *const f32) -> __m256 {
        // SAFETY: the caller's promise.
        let half = unsafe { self.load_four(from) };
        _mm256_set_m128(half, half)
    }

    /// The first lanes of `value` into the first floats of `x`; the others stay.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn store(self, x: &mut [f32], value: __m256) {
        let x = &mut x[..self.len];
        // SAFETY: the slice just taken has as many floats.
        unsafe { self.store_at(x.as_mut_ptr(), value) }
    }

    /// The first lanes of `value` to `to`.
    ///
    /// # Safety
    /// As many floats as there are lanes are writable at `to`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn store_at(self, to: *mut f32, value: __m256) {
        // SAFETY: the caller's promise.
        unsafe { store_first(to, value, self.len) }
    }

    /// How many lanes there are.
    #[inline]
    pub(super) fn len(self) -> usize {
        self.len
    }

    /// `value` in the tail's lanes, `other` in the rest.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn or(self, value: __m256, other: __m256) -> __m256 {
        _mm256_blendv_ps(other, value, _mm256_castsi256_ps(self.mask))
    }
}

/// Stores the first lanes, at most eight, in pieces of 4, 2 and 1. A masked store costs AMD's cores a dozen
/// cycles, and on Intel's a load of what it leaves out, as of the next row, waits until it is done.
///
/// # Safety
/// `lanes` floats are writable at `to`.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn store_first(to: *mut f32, x: __m256, lanes: usize) {
    let low = _mm256_castps256_ps128(x);
    // SAFETY: a whole vector, or its lower half and what is in of its upper one: `lanes` floats, which the
    // caller vouches for.
    unsafe {
        if lanes >= 8 {
            _mm256_storeu_ps(to, x);
        } else if lanes > 4 {
            _mm_storeu_ps(to, low);
            store_first_half(to.add(4), _mm256_extractf128_ps::<1>(x), lanes - 4);
        } else {
            store_first_half(to, low, lanes);
        }
    }
}

/// Stores the first lanes, at most four.
///
/// # Safety
/// `lanes` floats are writable at `to`.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn store_first_half(to: *mut f32, x: __m128, lanes: usize) {
    // SAFETY: in each case at most `lanes` floats, which the caller vouches for; none of these stores asks for
    // more than a float's alignment.
    unsafe {
        match lanes {
            4.. => _mm_storeu_ps(to, x),
            3 => {
                _mm_storel_epi64(to.cast(), _mm_castps_si128(x));
                _mm_store_ss(to.add(2), _mm_movehl_ps(x, x));
            }
            2 => _mm_storel_epi64(to.cast(), _mm_castps_si128(x)),
            1 => _mm_store_ss(to, x),
            0 => {}
        }
    }
}

/// The same pointer, in a register of its own.
///
/// Else the compiler has every load of a row add up its base and its index, and an instruction that loads
/// so and multiplies is two for Intel's cores and not one (Intel's optimization reference manual,
/// "unlamination"); or it makes one pointer of another by an addition for each term, which takes a port from a
/// multiply-add. benches/tried.md has what either gains.
#[expect(
    clippy::pointers_in_nomem_asm_block,
    reason = "it is the address that matters"
)]
#[inline(always)]
pub(super) fn in_register<T>(mut from: *const T) -> *const T {
    // SAFETY: there is no instruction in it, so the pointer stays what it is; the compiler is only not to know
    // how it was made.
    unsafe {
        asm!("/* {from} */", from = inout(reg) from, options(pure, nomem, nostack, preserves_flags));
    }
    from
}

/// x ← f(x), eight at a time; f sees zeros in the lanes past the end.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn map(x: &mut [f32], f: impl Fn(__m256) -> __m256) {
    let (eights, rest) = x.as_chunks_mut();
    for x in eights {
        store(x, f(load(x)));
    }
    if !rest.is_empty() {
        let tail = Tail::new(rest.len());
        tail.store(rest, f(tail.load(rest)));
    }
}

/// y ← f(x, y), eight at a time, for slices of one length; f sees zeros in the lanes past the end.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn zip(x: &[f32], y: &mut [f32], f: impl Fn(__m256, __m256) -> __m256) {
    let (x, x_rest) = x.as_chunks();
    let (y, y_rest) = y.as_chunks_mut();
    for (x, y) in x.iter().zip(y) {
        let value = f(load(x), load(y));
        store(y, value);
    }
    if !y_rest.is_empty() {
        let tail = Tail::new(y_rest.len());
        let value = f(tail.load(x_rest), tail.load(y_rest));
        tail.store(y_rest, value);
    }
}

/// The largest lane; a NaN is dropped unless it is the second operand all the way.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn max_lane(x: __m256) -> f32 {
    let x = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
    let x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)))
}

/// The sum of the lanes: (0+2) + (1+3).
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn sum_lanes(x: __m256d) -> f64 {
    let x = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd::<1>(x));
    _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x)))
}
