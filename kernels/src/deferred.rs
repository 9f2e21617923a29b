//! Adam for a matrix of which most batches touch some rows only: a row without gradient is
//! brought up to date when it is next needed.
//!
//! A step with gradient 0 still moves a weight, by its momentum; applied later, and several at
//! once while the row is in registers, such steps give the same bits as when they were due. Rows
//! that never had a gradient have moments of 0 and an update of exactly 0: they are left alone.

use crate::{
    AdamArray, AdamStep, BatchColumns, Buffer, Kernels, MatRef, Moments, backend::Backend,
    checks::check_sparse_gradient,
};

/// Steps that are kept before every row is brought up to date; under Miri, which is a thousand times
/// slower, few enough for a short test to outlast them.
const LOG: usize = if cfg!(miri) { 8 } else { 1024 };

/// In [`DeferredAdam::done`]: no gradient so far.
const UNTOUCHED: u32 = u32::MAX;

/// Adam's moments of a matrix of weights whose rows may lag behind.
///
/// A training step is [`Kernels::catch_up`](crate::Kernels::catch_up) with the batch, the forward
/// pass, the backward pass, [`Kernels::sparse_tn_adam_deferred`](crate::Kernels::sparse_tn_adam_deferred)
/// or [`Kernels::dense_tn_adam_deferred`](crate::Kernels::dense_tn_adam_deferred);
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
    ///
    /// # Panics
    /// If so many weights have no addresses.
    #[must_use]
    #[track_caller]
    pub fn new(rows: usize, cols: usize) -> Self {
        let len = rows
            .checked_mul(cols)
            .expect("so many weights have no addresses");
        Self {
            rows,
            cols,
            m: Buffer::adam_zeros(AdamArray::FirstMoment, len),
            v: Buffer::adam_zeros(AdamArray::SecondMoment, len),
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

    /// Whether a step over so many weights with the gradient Xᵀ·dZ fits.
    #[track_caller]
    pub(crate) fn check_step(&self, x: &BatchColumns, dz: MatRef<'_>, weights: usize) {
        check_sparse_gradient(x, dz, weights);
        self.check(weights);
        self.check_batch(x);
        assert_eq!(
            dz.cols(),
            self.cols,
            "a {dz:?} of gradients does not fit moments of {} columns",
            self.cols
        );
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
        if self.log.len() == LOG {
            self.flush(backend, w);
        }
        let now = self.log.len() as u32 + 1;
        for &row in x.touched() {
            self.catch_up_row(backend, w, row as usize);
            self.done[row as usize] = now;
        }
        self.log.push(step);
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

    // Most rows of a batch are up to date; a call for each to find that out took a fifth of the
    // time of catching up.
    #[inline(always)]
    fn catch_up_row(&mut self, backend: &dyn Backend, w: &mut [f32], row: usize) {
        let done = self.done[row];
        if done != UNTOUCHED && done as usize != self.log.len() {
            self.take_idle_steps(backend, w, row);
        }
    }

    #[cold]
    fn take_idle_steps(&mut self, backend: &dyn Backend, w: &mut [f32], row: usize) {
        let done = self.done[row] as usize;
        let range = row * self.cols..(row + 1) * self.cols;
        let mut moments = Moments {
            m: &mut self.m,
            v: &mut self.v,
        };
        let w = &mut w[range.clone()];
        backend.adam_idle(&self.log[done..], w, moments.slice(range));
        self.done[row] = self.log.len() as u32;
    }
}

impl Kernels {
    /// Brings the rows of w that the batch x touches up to date, before a forward pass with it.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn catch_up(&self, x: &BatchColumns, w: &mut [f32], state: &mut DeferredAdam) {
        state.check(w.len());
        state.check_batch(x);
        state.catch_up(self.backend, w, x);
    }

    /// [`Self::sparse_tn_adam`] for the rows that the batch touches, the others being left for
    /// later. Rows that lag behind are brought up to date first, so the result is right whether
    /// or not [`Self::catch_up`] came before; only the forward pass depends on it.
    ///
    /// # Panics
    /// If the shapes do not fit, or dZ's rows are not contiguous.
    #[track_caller]
    pub fn sparse_tn_adam_deferred(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        state: &mut DeferredAdam,
    ) {
        state.check_step(x, dz, w.len());
        state.begin_step(self.backend, step, w, x);
        self.backend.sparse_tn_adam(x, dz, step, w, state.all());
    }

    /// Brings all rows of w up to date: what eager steps would have made of them, to the bit, as long as each α was
    /// finite and no less than +0, each 1−β finite and each ε above 0, so that a weight without moments stays where
    /// it is; a signalling NaN among the weights, which a step makes quiet, stays, too.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn flush(&self, w: &mut [f32], state: &mut DeferredAdam) {
        state.check(w.len());
        state.flush(self.backend, w);
    }
}
