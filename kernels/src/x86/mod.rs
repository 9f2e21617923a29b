//! AVX2+FMA and AVX-512, and the only place with unsafe code.
//!
//! [`avx2()`] and [`avx512()`] alone hand out an [`X86`], after the CPU was seen to have the features;
//! so whoever holds one may call the functions below, which are compiled for them. What sixteen
//! lanes and thirty-two registers make faster is written twice, the rest for AVX2 alone. Both have
//! the same bits: each element takes its terms in the same order, lane by lane.

mod adam;
mod avx512;
mod columns;
mod cpu;
mod dense_factor;
mod exp;
mod gemm;
mod idle;
mod idle_roots;
mod lanes;
mod peak;
mod relu;
mod root;
mod sigmoidal;
mod softmax;
mod softmax_narrow;
mod sparse;
mod sparse_adam;
mod still;
mod strip;

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use gemm::{Tiling, Units};

use crate::{
    AdamStep, BatchColumns, BatchLoss, Epilogue, Isa, MatMut, MatRef, Moments, PackedB, SparseRows,
    backend::Backend, batch_columns::LINE, sparse::BLOCK,
};

/// Proof that this CPU has AVX2 and FMA and, if `WIDE`, all that [`Isa::Avx512`] stands for: only
/// [`avx2()`] and [`avx512()`] make one.
pub(crate) struct X86<const WIDE: bool>(());

/// The AVX2 kernels, where this CPU runs them.
pub(crate) fn avx2() -> Option<&'static dyn Backend> {
    static AVX2: X86<false> = X86(());
    Isa::Avx2.is_available().then_some(&AVX2 as &dyn Backend)
}

/// The AVX-512 kernels, where this CPU runs them.
pub(crate) fn avx512() -> Option<&'static dyn Backend> {
    static AVX512: X86<true> = X86(());
    Isa::Avx512
        .is_available()
        .then_some(&AVX512 as &dyn Backend)
}

/// Asks for the cache line that `x` begins in; any x86-64 does.
#[inline]
pub(crate) fn prefetch<T>(x: &T) {
    // SAFETY: SSE is part of every x86-64; a prefetch reads nothing that the program can see.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(x).cast()) }
}

impl<const WIDE: bool> X86<WIDE> {
    fn tiling(&self) -> Tiling {
        if !WIDE {
            return Tiling::AVX2;
        }
        // As one CPU of each maker was measured; the maker stands for others, some of which begin one where it
        // says two, or two where it says one.
        let units = if cpu::is_intel() {
            Units::Two
        } else {
            Units::One
        };
        // SAFETY: a wide `X86` exists only where AVX-512 was detected.
        unsafe { Tiling::avx512(units) }
    }
}

impl<const WIDE: bool> Backend for X86<WIDE> {
    fn gemm(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        // SAFETY: an `X86` exists only where AVX2 and FMA were detected, a wide one where AVX-512 was.
        unsafe {
            gemm::gemm(a, b, c, epilogue, self.tiling());
        }
    }

    fn gemm_packed(&self, a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        // SAFETY: as in `gemm`.
        unsafe {
            gemm::gemm_packed(a, b, c, epilogue, self.tiling());
        }
    }

    fn gemm_rows(
        &self,
        a: MatRef<'_>,
        b: MatRef<'_>,
        rows: &[u32],
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        // SAFETY: as in `gemm`.
        unsafe {
            gemm::gemm_rows(a, b, rows, c, epilogue, self.tiling());
        }
    }

    fn fma_probe(&self, steps: usize) -> u64 {
        // SAFETY: as in `gemm`.
        unsafe {
            if WIDE {
                avx512::peak::fma_probe(steps)
            } else {
                peak::fma_probe(steps)
            }
        }
    }

    fn read_probe(&self, x: &[f32]) -> f32 {
        // SAFETY: as in `gemm`.
        unsafe {
            if WIDE {
                avx512::peak::read_probe(x)
            } else {
                peak::read_probe(x)
            }
        }
    }

    fn update_probe(&self, x: &mut [f32]) {
        // SAFETY: as in `gemm`.
        unsafe {
            if WIDE {
                avx512::peak::update_probe(x);
            } else {
                peak::update_probe(x);
            }
        }
    }

    fn sparse_gemm(
        &self,
        x: &SparseRows,
        rows: &[u32],
        next: &[u32],
        w: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        // SAFETY: an `X86` exists, so this CPU has the features the callee is compiled for, `WIDE` or not.
        unsafe { sparse::sparse_gemm::<WIDE>(x, rows, next, w, c, epilogue) };
    }

    fn sparse_tn_gemm(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { sparse::sparse_tn_gemm::<WIDE>(x, dz, c, epilogue) };
    }

    fn transpose(
        &self,
        rows: &[&[[u8; BLOCK]]; LINE],
        background: u8,
        lines: &mut [[u8; LINE]],
        masks: &mut [u32],
    ) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { columns::transpose(rows, background, lines, masks) };
    }

    fn nonzero(&self, masks: &[u32], positions: &mut [u32]) -> usize {
        // SAFETY: as in `sparse_gemm`.
        unsafe { columns::nonzero(masks, positions) }
    }

    fn relu(&self, x: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { relu::relu(x) }
    }

    fn relu_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { relu::relu_backward(activation, gradient) }
    }

    fn tanh(&self, x: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { sigmoidal::tanh(x) }
    }

    fn tanh_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { sigmoidal::tanh_backward(activation, gradient) }
    }

    fn sigmoid(&self, x: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { sigmoidal::sigmoid(x) }
    }

    fn sigmoid_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { sigmoidal::sigmoid_backward(activation, gradient) }
    }

    fn exp(&self, x: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { exp::exp_slice(x) }
    }

    fn softmax_rows(&self, x: MatMut<'_>) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { softmax::softmax_rows(x) }
    }

    fn softmax_cross_entropy(&self, logits: MatMut<'_>, labels: &[u8], scale: f32) -> BatchLoss {
        // SAFETY: as in `sparse_gemm`.
        unsafe { softmax::softmax_cross_entropy(logits, labels, scale) }
    }

    fn evaluate_logits(
        &self,
        logits: MatRef<'_>,
        labels: &[u8],
        predictions: &mut [u8],
    ) -> BatchLoss {
        // SAFETY: as in `sparse_gemm`.
        unsafe { softmax::evaluate_logits(logits, labels, predictions) }
    }

    fn argmax_rows(&self, x: MatRef<'_>, indices: &mut [u32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { softmax::argmax_rows(x, indices) }
    }

    fn column_sums(&self, x: MatRef<'_>, sums: &mut [f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe { relu::column_sums(x, sums) }
    }

    fn adam(&self, step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
        // SAFETY: as in `sparse_gemm`.
        unsafe {
            if WIDE {
                avx512::adam::adam(step, w, moments, gradient);
            } else {
                adam::adam(step, w, moments, gradient);
            }
        }
    }

    fn adam_idle(&self, steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
        // SAFETY: as in `sparse_gemm`.
        unsafe {
            if WIDE {
                avx512::idle::adam_idle(steps, w, moments);
            } else {
                idle::adam_idle(steps, w, moments);
            }
        }
    }

    fn sparse_tn_adam(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        moments: Moments<'_>,
    ) {
        // SAFETY: as in `sparse_gemm`.
        unsafe {
            if WIDE {
                avx512::sparse_adam::sparse_tn_adam(x, dz, step, w, moments);
            } else {
                sparse_adam::sparse_tn_adam(x, dz, step, w, moments);
            }
        }
    }
}
