//! What each instruction set implements, and [`Kernels`](crate::Kernels) calls.

use crate::{
    AdamStep, BatchColumns, Epilogue, MatMut, MatRef, Moments, PackedB, SparseRows,
    batch_columns::LINE, sparse::BLOCK,
};

/// What a batch's softmax cross-entropy came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchLoss {
    /// Sum over the rows of −ln p(label), in nats.
    pub loss: f64,
    /// Rows whose largest logit is the label's; of equal logits the first counts.
    pub correct: usize,
}

/// The operations of one instruction set. [`Kernels`](crate::Kernels) has checked every shape before it calls.
pub(crate) trait Backend: Sync {
    fn gemm(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>);
    fn gemm_packed(&self, a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>);
    /// A·B of the rows `rows` of B, of which there are as many as A has columns; B and C have
    /// contiguous rows.
    fn gemm_rows(
        &self,
        a: MatRef<'_>,
        b: MatRef<'_>,
        rows: &[u32],
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    );
    fn fma_probe(&self, steps: usize) -> u64;
    fn read_probe(&self, x: &[f32]) -> f32;
    fn update_probe(&self, x: &mut [f32]);
    /// X·W of the rows `rows` of x; the rows `next` may be asked of the memory meanwhile.
    fn sparse_gemm(
        &self,
        x: &SparseRows,
        rows: &[u32],
        next: &[u32],
        w: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    );
    fn sparse_tn_gemm(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    );
    /// The columns of 32 rows, and for each a bit for each row that is not background. There are as many lines as
    /// masks, a whole number of 64, and no more than a row has bytes.
    fn transpose(
        &self,
        rows: &[&[[u8; BLOCK]]; LINE],
        background: u8,
        lines: &mut [[u8; LINE]],
        masks: &mut [u32],
    );
    /// The positions of the masks that are not 0, rising, at the front of `positions`; how many they are. There is
    /// room for as many as there are masks, a whole number of 64.
    fn nonzero(&self, masks: &[u32], positions: &mut [u32]) -> usize;
    fn relu(&self, x: &mut [f32]);
    fn relu_backward(&self, activation: &[f32], gradient: &mut [f32]);
    fn tanh(&self, x: &mut [f32]);
    fn tanh_backward(&self, activation: &[f32], gradient: &mut [f32]);
    fn sigmoid(&self, x: &mut [f32]);
    fn sigmoid_backward(&self, activation: &[f32], gradient: &mut [f32]);
    fn exp(&self, x: &mut [f32]);
    fn softmax_rows(&self, x: MatMut<'_>);
    fn softmax_cross_entropy(&self, logits: MatMut<'_>, labels: &[u8], scale: f32) -> BatchLoss;
    fn evaluate_logits(
        &self,
        logits: MatRef<'_>,
        labels: &[u8],
        predictions: &mut [u8],
    ) -> BatchLoss;
    fn argmax_rows(&self, x: MatRef<'_>, indices: &mut [u32]);
    fn column_sums(&self, x: MatRef<'_>, sums: &mut [f32]);
    fn adam(&self, step: AdamStep, w: &mut [f32], moments: Moments<'_>, gradient: &[f32]);
    fn adam_idle(&self, steps: &[AdamStep], w: &mut [f32], moments: Moments<'_>);
    /// Of the rows that x touches, and no others.
    fn sparse_tn_adam(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        moments: Moments<'_>,
    );
}
