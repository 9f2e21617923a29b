//! One batch of a data set for the dense products: all values of the columns that it touches.
//!
//! The other columns would add 0 to every sum of finite weights. Of MNIST's 784 pixels a batch of 32
//! digits touches 457, so that even the products that skip no other zeros can pass over four columns in
//! ten.

use crate::{
    AdamStep, BatchColumns, Buffer, DeferredAdam, Epilogue, Kernels, MatMut, MatRef, SparseRows,
    batch_columns::LINE, checks::check_batch_product, gemm,
};

/// One batch X of rows of a [`SparseRows`], as a dense matrix without the columns in which all of
/// them are background.
///
/// Made once per worker and filled anew for each batch, without allocating.
#[derive(Clone, Debug)]
pub struct DenseBatch {
    columns: BatchColumns,
    /// Row t: the column `columns.touched()[t]` of the batch, filled up to whole lines.
    values: Buffer,
}

impl DenseBatch {
    /// Room for batches of up to `capacity` rows of a matrix of `cols` columns.
    ///
    /// # Panics
    /// If so much room has no addresses.
    #[must_use]
    #[track_caller]
    pub fn new(cols: usize, capacity: usize) -> Self {
        Self {
            // It has a byte for each value, so that it refuses what would overflow below.
            columns: BatchColumns::new(cols, capacity),
            values: Buffer::zeros(cols * capacity.next_multiple_of(LINE)),
        }
    }

    /// Takes in rows `rows[0]`, `rows[1]`, … of x as the batch's rows 0, 1, …
    ///
    /// # Panics
    /// If x has other columns, the batch more rows than the capacity, or x no such row.
    #[track_caller]
    pub fn fill(&mut self, kernels: Kernels, x: &SparseRows, rows: &[u32]) {
        self.columns.fill(kernels, x, rows);
        self.columns.copy_touched(self.values.as_chunks_mut().0);
    }

    /// What of the batch is not background, by column.
    #[must_use]
    pub fn columns(&self) -> &BatchColumns {
        &self.columns
    }

    /// Xᵀ, touched×batch.
    fn transposed(&self) -> MatRef<'_> {
        let (touched, batch) = (self.columns.touched().len(), self.columns.rows());
        let pitch = batch.next_multiple_of(LINE);
        MatRef::with_strides(&self.values, touched, batch, pitch, 1)
    }
}

impl Kernels {
    /// X·W into C: X is batch×k, W k×n, C batch×n, the last two with contiguous rows. Rows of W that
    /// the batch does not touch are not read, be they NaN or ∞, so that no 0·NaN is in C as it is in a
    /// product of whole matrices; those that it does touch must be up to date ([`Self::catch_up`]). Where
    /// a batch touches 1024 columns or more (with the portable kernels sooner), a row's last bits depend on
    /// which ones its batch touches.
    ///
    /// # Panics
    /// If the shapes do not fit each other or the epilogue's bias, or the rows of W or C are not
    /// contiguous.
    #[track_caller]
    pub fn dense_gemm(&self, x: &DenseBatch, w: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        let columns = x.columns();
        let shape = (columns.rows(), columns.cols());
        check_batch_product(shape, w, c.as_ref(), epilogue);
        let (x, rows) = (x.transposed().t(), columns.touched());
        if rows.len() == w.rows() {
            // Nothing to pick: W may be read where it lies.
            self.backend.gemm(x, w, c, epilogue);
        } else {
            self.backend.gemm_rows(x, w, rows, c, epilogue);
        }
    }

    /// [`Self::sparse_tn_adam_deferred`] by the dense product of the columns that the batch touches: X is
    /// batch×k, dZ batch×n, w k×n by rows. After [`Self::flush`], and where that is to the bit and
    /// dZ is finite, w and its moments are what [`Self::gemm_adam`] makes of all of Xᵀ, to the bit. Scratch as there,
    /// with the k rows of w for m.
    ///
    /// # Panics
    /// If the shapes do not fit, or dZ's rows are not contiguous.
    #[track_caller]
    pub fn dense_tn_adam_deferred(
        &self,
        x: &DenseBatch,
        dz: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        state: &mut DeferredAdam,
    ) {
        let columns = x.columns();
        state.check_step(columns, dz, w.len());
        state.begin_step(self.backend, step, w, columns);
        let rows = columns.touched();
        gemm::gemm_adam_rows(self.backend, x.transposed(), dz, rows, step, w, state.all());
    }
}
