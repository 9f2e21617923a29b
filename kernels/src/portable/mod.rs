//! The portable twin, on `wide`: every CPU runs it, and it reads like its definitions.
//!
//! No multiplication is fused into an addition, so its last digits differ from the AVX2 kernels'.
//! The dense product is the exception: it is matrixmultiply's, which picks its own instructions on
//! each CPU, so that its last digits may differ from one CPU to the next: [`crate::Isa::numerics`]
//! tells which.

mod adam;
mod columns;
mod elementwise;
mod exp;
mod lanes;
mod peak;
mod sigmoidal;
mod softmax;
mod sparse;

mod gemm;

use crate::{
    AdamStep, BatchColumns, BatchLoss, Epilogue, MatMut, MatRef, Moments, PackedB, SparseRows,
    backend::Backend, batch_columns::LINE, sparse::BLOCK,
};

/// The portable instruction set.
pub(crate) struct Portable;

impl Backend for Portable {
    fn gemm(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        gemm::gemm(a, b, c, epilogue);
    }

    fn gemm_packed(&self, a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        gemm::gemm_packed(a, b, c, epilogue);
    }

    fn gemm_rows(
        &self,
        a: MatRef<'_>,
        b: MatRef<'_>,
        rows: &[u32],
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        gemm::gemm_rows(a, b, rows, c, epilogue);
    }

    fn fma_probe(&self, steps: usize) -> u64 {
        peak::fma_probe(steps)
    }

    fn read_probe(&self, x: &[f32]) -> f32 {
        peak::read_probe(x)
    }

    fn update_probe(&self, x: &mut [f32]) {
        peak::update_probe(x);
    }

    fn sparse_gemm(
        &self,
        x: &SparseRows,
        rows: &[u32],
        _next: &[u32],
        w: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        sparse::sparse_gemm(x, rows, w, c, epilogue);
    }

    fn sparse_tn_gemm(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        sparse::sparse_tn_gemm(x, dz, c, epilogue);
    }

    fn transpose(
        &self,
        rows: &[&[[u8; BLOCK]]; LINE],
        background: u8,
        lines: &mut [[u8; LINE]],
        masks: &mut [u32],
    ) {
        columns::transpose(rows, background, lines, masks);
    }

    fn nonzero(&self, masks: &[u32], positions: &mut [u32]) -> usize {
        columns::nonzero(masks, positions)
    }

    fn relu(&self, x: &mut [f32]) {
        elementwise::relu(x);
    }

    fn relu_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        elementwise::relu_backward(activation, gradient);
    }

    fn tanh(&self, x: &mut [f32]) {
        sigmoidal::tanh(x);
    }

    fn tanh_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        sigmoidal::tanh_backward(activation, gradient);
    }

    fn sigmoid(&self, x: &mut [f32]) {
        sigmoidal::sigmoid(x);
    }

    fn sigmoid_backward(&self, activation: &[f32], gradient: &mut [f32]) {
        sigmoidal::sigmoid_backward(activation, gradient);
    }

    fn exp(&self, x: &mut [f32]) {
        lanes::map(x, exp::exp);
    }

    fn softmax_rows(&self, x: MatMut<'_>) {
        softmax::softmax_rows(x);
    }

    fn softmax_cross_entropy(&self, logits: MatMut<'_>, labels: &[u8], scale: f32) -> BatchLoss {
        softmax::softmax_cross_entropy(logits, labels, scale)
    }

    fn evaluate_logits(
        &self,
        logits: MatRef<'_>,
        labels: &[u8],
        predictions: &mut [u8],
    ) -> BatchLoss {
        softmax::evaluate_logits(logits, labels, predictions)
    }

    fn argmax_rows(&self, x: MatRef<'_>, indices: &mut [u32]) {
        for (i, index) in indices.iter_mut().enumerate() {
            *index = softmax::argmax(x.row(i)) as u32;
        }
    }

    fn column_sums(&self, x: MatRef<'_>, sums: &mut [f32]) {
        elementwise::column_sums(x, sums);
    }

    fn adam(&self, step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]) {
        adam::adam(step, w, moments, gradient);
    }

    fn adam_idle(&self, steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>) {
        adam::adam_idle(steps, w, moments);
    }

    fn sparse_tn_adam(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        moments: Moments<'_>,
    ) {
        sparse::sparse_tn_adam(x, dz, step, w, moments);
    }
}

/// max(x, 0), but NaN stays NaN: `f32::max` would drop it.
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}
