//! The AVX2+FMA instruction set, and the only place with unsafe code.
//!
//! [`avx2`] alone hands out an [`Avx2`], after the CPU was seen to have both features; so whoever
//! holds one may call the functions below, which are compiled for them.

mod gemm;

use crate::{
    AdamStep, BatchColumns, BatchLoss, Epilogue, Isa, MatMut, MatRef, Moments, SparseRows,
    dispatch::Backend, portable::Portable,
};

/// Proof that this CPU has AVX2 and FMA: only [`avx2`] makes one.
pub(crate) struct Avx2(());

/// The AVX2 kernels, where this CPU runs them.
pub(crate) fn avx2() -> Option<&'static dyn Backend> {
    static AVX2: Avx2 = Avx2(());
    Isa::Avx2.is_available().then_some(&AVX2 as &dyn Backend)
}

impl Backend for Avx2 {
    fn gemm(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        // SAFETY: an `Avx2` exists only where AVX2 and FMA were detected.
        unsafe { gemm::gemm(a, b, c, epilogue) };
    }

    fn sparse_gemm(
        &self,
        x: &SparseRows,
        rows: &[u32],
        w: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        Portable.sparse_gemm(x, rows, w, c, epilogue);
    }

    fn sparse_tn_gemm(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        Portable.sparse_tn_gemm(x, dz, c, epilogue);
    }

    fn relu(&self, x: &mut [f32]) {
        Portable.relu(x);
    }

    fn relu_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        Portable.relu_backward(activation, gradient);
    }

    fn softmax_cross_entropy(&self, logits: MatMut<'_>, labels: &[u8], scale: f32) -> BatchLoss {
        Portable.softmax_cross_entropy(logits, labels, scale)
    }

    fn evaluate_logits(
        &self,
        logits: MatRef<'_>,
        labels: &[u8],
        predictions: &mut [u8],
    ) -> BatchLoss {
        Portable.evaluate_logits(logits, labels, predictions)
    }

    fn column_sums(&self, x: MatRef<'_>, sums: &mut [f32]) {
        Portable.column_sums(x, sums);
    }

    fn adam(&self, step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
        Portable.adam(step, w, moments, gradient);
    }
}
