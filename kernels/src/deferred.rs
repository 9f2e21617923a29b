//! Adam for a matrix of which most batches touch some rows only: a row without gradient is
//! brought up to date when it is next needed.
//!
//! A step with gradient 0 still moves a weight, by its momentum; applied later, and several at
//! once while the row is in registers, such steps give the same bits as when they were due. Rows
//! that never had a gradient have moments of 0 and an update of exactly 0: they are left alone.

use crate::{AdamStep, BatchColumns, Buffer, Moments, dispatch::Backend};

/// Steps that are kept before every row is brought up to date.
const LOG: usize = 1024;

/// In [`DeferredAdam::done`]: no gradient so far.
const UNTOUCHED: u32 = u32::MAX;

/// Adam's moments of a matrix of weights whose rows may lag behind.
///
/// A training step is [`Kernels::catch_up`](crate::Kernels::catch_up) with the batch, the forward
/// pass, the backward pass, [`Kernels::sparse_tn_adam_deferred`](crate::Kernels::sparse_tn_adam_deferred);
/// before the weights are read otherwise comes [`Kernels::flush`](crate::Kernels::flush).
#[derive(Clone, Debug)]
pub struct DeferredAdam {
    rows: usize,
    cols: usize,
    m: Buffer,
    v: Buffer,
    /// Steps since all rows were up to date.
    log: Vec<AdamStep>,
    /// For each row, how many steps of the log it has taken; or [`UNTOUCHED`].
    done: Vec<u32>,
}

impl DeferredAdam {
    /// The state before the first step of a rows×cols matrix of weights: all moments are 0.
    #[must_use]
    pub fn new(rows: usize, cols: usize) -> Self {
        Self {
            rows,
            cols,
            m: Buffer::zeros(rows * cols),
            v: Buffer::zeros(rows * cols),
            log: Vec::with_capacity(LOG),
            done: vec![UNTOUCHED; rows],
        }
    }

    /// Back to the state before the first step, without allocating.
    pub fn reset(&mut self) {
        self.m.fill(0.0);
        self.v.fill(0.0);
        self.log.clear();
        self.done.fill(UNTOUCHED);
    }

    /// The mean of g and of g², row after row, as far as each row has come.
    #[must_use]
    pub fn moments(&self) -> (&[f32], &[f32]) {
        (&self.m, &self.v)
    }

    #[track_caller]
    pub(crate) fn check(&self, weights: usize) {
        assert_eq!(
            weights,
            self.rows * self.cols,
            "{weights} weights do not fit the moments of a {}×{} matrix",
            self.rows,
            self.cols
        );
    }

    #[track_caller]
    pub(crate) fn check_batch(&self, x: &BatchColumns) {
        assert_eq!(
            x.cols(),
            self.rows,
            "a batch of {} columns does not fit the moments of a {}×{} matrix",
            x.cols(),
            self.rows,
            self.cols
        );
    }

    pub(crate) fn cols(&self) -> usize {
        self.cols
    }

    /// Takes in one more step, of which the rows that `x` touches see their gradient and the
    /// others will see a gradient of 0.
    pub(crate) fn begin_step(
        &mut self,
        backend: &dyn Backend,
        step: AdamStep,
        w: &mut [f32],
        x: &BatchColumns,
    ) {
        self.catch_up(backend, w, x);
        if self.log.len() == LOG {
            self.flush(backend, w);
        }
        self.log.push(step);
        let now = self.log.len() as u32;
        for &row in x.touched() {
            self.done[row as usize] = now;
        }
    }

    /// All moments, of which only rows that are up to date may be touched.
    pub(crate) fn all(&mut self) -> Moments<'_> {
        Moments {
            m: &mut self.m,
            v: &mut self.v,
        }
    }

    /// Brings the rows that `x` touches up to date.
    pub(crate) fn catch_up(&mut self, backend: &dyn Backend, w: &mut [f32], x: &BatchColumns) {
        for &row in x.touched() {
            self.catch_up_row(backend, w, row as usize);
        }
    }

    /// Brings all rows up to date.
    pub(crate) fn flush(&mut self, backend: &dyn Backend, w: &mut [f32]) {
        for row in 0..self.rows {
            self.catch_up_row(backend, w, row);
            if self.done[row] != UNTOUCHED {
                self.done[row] = 0;
            }
        }
        self.log.clear();
    }

    fn catch_up_row(&mut self, backend: &dyn Backend, w: &mut [f32], row: usize) {
        let done = self.done[row];
        if done == UNTOUCHED || done as usize == self.log.len() {
            return;
        }
        let range = row * self.cols..(row + 1) * self.cols;
        let moments = Moments {
            m: &mut self.m[range.clone()],
            v: &mut self.v[range.clone()],
        };
        backend.adam_idle(&self.log[done as usize..], &mut w[range], moments);
        self.done[row] = self.log.len() as u32;
    }
}
