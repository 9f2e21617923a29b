//! [`Kernels`]: every operation behind one value that proves its instruction set was detected.

use std::sync::LazyLock;

use crate::{
    AdamStep, BatchColumns, Epilogue, Isa, IsaError, MatMut, MatRef, Moments, PackedB, PinError,
    SparseRows,
    backend::{Backend, BatchLoss},
    checks::{check_batch_product, check_labels, check_rows, check_rows_contiguous},
    gemm,
    portable::Portable,
};

/// The kernels of one instruction set: having the value proves that this CPU runs it.
#[derive(Clone, Copy)]
pub struct Kernels {
    isa: Isa,
    pub(crate) backend: &'static dyn Backend,
}

impl Kernels {
    /// The kernels of one instruction set.
    ///
    /// # Errors
    /// [`IsaError::Unavailable`] where this CPU lacks it.
    pub fn get(isa: Isa) -> Result<Self, IsaError> {
        match isa {
            Isa::Portable => Ok(Self {
                isa,
                backend: &Portable,
            }),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 | Isa::Avx512 => {
                let backend = if isa == Isa::Avx512 {
                    crate::x86::avx512()
                } else {
                    crate::x86::avx2()
                };
                backend
                    .map(|backend| Self { isa, backend })
                    .ok_or(IsaError::Unavailable(isa.name()))
            }
            #[cfg(not(target_arch = "x86_64"))]
            Isa::Avx2 | Isa::Avx512 => Err(IsaError::Unavailable(isa.name())),
        }
    }

    /// The kernels that `INITSTUDY_ISA` pins or, where it is unset or empty, the best of this CPU. The
    /// first answer, an error too, stands for the whole process: a pin set after it is not seen.
    ///
    /// # Errors
    /// When the pin names what this CPU lacks, or nothing that is known.
    pub fn active() -> Result<Self, PinError> {
        static ACTIVE: LazyLock<Result<Kernels, PinError>> =
            LazyLock::new(|| Kernels::get(Isa::from_env()?).map_err(PinError));
        ACTIVE.clone()
    }

    /// The instruction set that these kernels run.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// A·B into C, as the epilogue says: A is m×k, B k×n, C m×n, each with any strides. Where neither the
    /// rows of A or of B nor their columns are contiguous, the last bits of long sums may depend on C's layout: by
    /// columns it may get others than by rows.
    ///
    /// # Panics
    /// If the shapes do not fit each other or the epilogue's bias.
    #[track_caller]
    pub fn gemm(&self, a: MatRef<'_>, b: MatRef<'_>, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        gemm::check(a, b, &c, epilogue);
        if !c.is_empty() {
            self.backend.gemm(a, b, c, epilogue);
        }
    }

    /// As [`gemm`](Self::gemm), with a B that was packed before: for weights that many products
    /// share. Where the bits of `gemm` depend on C's layout, these may be either.
    ///
    /// # Panics
    /// If the shapes do not fit each other or the epilogue's bias.
    #[track_caller]
    pub fn gemm_packed(&self, a: MatRef<'_>, b: &PackedB, c: MatMut<'_>, epilogue: Epilogue<'_>) {
        gemm::check_packed(a, b, &c, epilogue);
        if !c.is_empty() {
            self.backend.gemm_packed(a, b, c, epilogue);
        }
    }

    /// One step of Adam over the weights `w`, m×n with contiguous rows, by the gradient A·B, which
    /// never reaches memory. To the bit what [`gemm`](Self::gemm) with [`Epilogue::Store`] into a
    /// matrix with contiguous rows, then [`adam`](Self::adam) make. Each thread keeps scratch for some
    /// rows of the gradient, the most it has needed: 48 KB, or 96 rows where those are more, but never
    /// more than the m rows that there are.
    ///
    /// # Panics
    /// If the shapes of A, B, weights and moments do not fit.
    #[track_caller]
    pub fn gemm_adam(
        &self,
        a: MatRef<'_>,
        b: MatRef<'_>,
        step: AdamStep,
        w: &mut [f32],
        moments: Moments<'_>,
    ) {
        gemm::check_weights(a, b, w.len());
        moments.check(w.len());
        gemm::gemm_adam(self.backend, a, b, step, w, moments);
    }

    /// Makes multiply-adds that depend on no memory, some for each of `steps`, and returns how
    /// many floating-point operations that was: by the time it takes, the core's peak.
    #[must_use]
    pub fn fma_probe(&self, steps: usize) -> u64 {
        self.backend.fma_probe(steps)
    }

    /// Reads all of x and returns its sum: by the time it takes, the bandwidth of what holds x.
    #[must_use]
    pub fn read_probe(&self, x: &[f32]) -> f32 {
        self.backend.read_probe(x)
    }

    /// Reads all of x and writes it back as it was, but for signalling NaN, which may come back quiet: by
    /// the time it takes, the bandwidth of what holds x for those that change it.
    pub fn update_probe(&self, x: &mut [f32]) {
        self.backend.update_probe(x);
    }

    /// X·W into C for the batch X of the rows `rows` of x: W is k×n, C batch×n, both with
    /// contiguous rows. The background of X is passed over, so that 0·NaN and 0·∞ add nothing, where a
    /// product of whole matrices makes NaN of them. Rows of W a multiple of 2 KB apart share a few sets of
    /// L1 and take longer. Scattered rows of x that are in no cache are better asked for before
    /// ([`SparseRows::prefetch`], [`sparse_gemm_prefetching`](Self::sparse_gemm_prefetching)).
    ///
    /// # Panics
    /// If the shapes do not fit, or a row is outside x.
    #[track_caller]
    pub fn sparse_gemm(
        &self,
        x: &SparseRows,
        rows: &[u32],
        w: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        self.sparse_gemm_prefetching(x, rows, &[], w, c, epilogue);
    }

    /// [`sparse_gemm`](Self::sparse_gemm), which may ask the memory meanwhile for the rows `next` of x, for whoever
    /// wants them then: for no more than there are `rows`, and for none where W is wide.
    ///
    /// # Panics
    /// If the shapes do not fit, or a row of either is outside x.
    #[track_caller]
    pub fn sparse_gemm_prefetching(
        &self,
        x: &SparseRows,
        rows: &[u32],
        next: &[u32],
        w: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        check_batch_product((rows.len(), x.cols()), w, c.as_ref(), epilogue);
        check_rows(x, rows);
        check_rows(x, next);
        self.backend.sparse_gemm(x, rows, next, w, c, epilogue);
    }

    /// Xᵀ·dZ into C: X is batch×k, dZ batch×n, C k×n, the last two with contiguous rows. The background
    /// of X is passed over, as by [`sparse_gemm`](Self::sparse_gemm).
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn sparse_tn_gemm(
        &self,
        x: &BatchColumns,
        dz: MatRef<'_>,
        c: MatMut<'_>,
        epilogue: Epilogue<'_>,
    ) {
        assert!(
            x.rows() == dz.rows() && c.rows() == x.cols() && c.cols() == dz.cols(),
            "Xᵀ·dZ does not fit: X is {} rows of {}, dZ a {dz:?}, C a {c:?}",
            x.rows(),
            x.cols()
        );
        check_rows_contiguous(dz);
        check_rows_contiguous(c.as_ref());
        epilogue.check(c.cols());
        self.backend.sparse_tn_gemm(x, dz, c, epilogue);
    }

    /// e^x in place, within 1 ULP of the correctly rounded value: what overflows is ∞, subnormal
    /// results are right, NaN stays NaN.
    pub fn exp(&self, x: &mut [f32]) {
        self.backend.exp(x);
    }

    /// Softmax of each row in place: z becomes e^z / Σ e^z. A row with NaN or +∞, or all −∞,
    /// becomes NaN; what would be below 2⁻¹²⁶ times the row's largest is 0.
    ///
    /// # Panics
    /// If the rows are not contiguous.
    #[track_caller]
    pub fn softmax_rows(&self, x: MatMut<'_>) {
        check_rows_contiguous(x.as_ref());
        self.backend.softmax_rows(x);
    }

    /// Softmax cross-entropy of a batch×classes matrix of logits with contiguous rows, which
    /// becomes its own gradient in the same pass: (softmax(z) − onehot(label))·scale.
    ///
    /// # Panics
    /// If there is not one label per row, a label is no column, or the rows are not contiguous.
    #[track_caller]
    pub fn softmax_cross_entropy(
        &self,
        logits: MatMut<'_>,
        labels: &[u8],
        scale: f32,
    ) -> BatchLoss {
        check_labels(logits.as_ref(), labels);
        self.backend.softmax_cross_entropy(logits, labels, scale)
    }

    /// The loss, the hits and the predicted class (the first of the largest) of each row of a
    /// batch×classes matrix of logits with contiguous rows.
    ///
    /// # Panics
    /// If there is not one label and one prediction per row, a label is no column, there are more
    /// classes than a byte tells apart, or the rows are not contiguous.
    #[track_caller]
    pub fn evaluate_logits(
        &self,
        logits: MatRef<'_>,
        labels: &[u8],
        predictions: &mut [u8],
    ) -> BatchLoss {
        check_labels(logits, labels);
        assert!(
            logits.cols() <= 256,
            "the classes of a {logits:?} of logits are too many for predictions of a byte"
        );
        assert_eq!(
            predictions.len(),
            labels.len(),
            "room for {} predictions does not fit {} labels",
            predictions.len(),
            labels.len()
        );
        self.backend.evaluate_logits(logits, labels, predictions)
    }

    /// The column of each row's largest value: the first of equal ones, and the first NaN where
    /// there is one. x has contiguous rows.
    ///
    /// # Panics
    /// If there is not one index per row, x has rows but no columns, or the rows are not contiguous.
    #[track_caller]
    pub fn argmax_rows(&self, x: MatRef<'_>, indices: &mut [u32]) {
        assert!(
            indices.len() == x.rows() && (x.rows() == 0 || x.cols() > 0),
            "{} indices do not fit the rows of a {x:?}",
            indices.len()
        );
        check_rows_contiguous(x);
        self.backend.argmax_rows(x, indices);
    }

    /// The sum of each column of x, rows added first to last: a bias's gradient. x has contiguous
    /// rows.
    ///
    /// # Panics
    /// If there is not one sum per column, or the rows are not contiguous.
    #[track_caller]
    pub fn column_sums(&self, x: MatRef<'_>, sums: &mut [f32]) {
        assert_eq!(
            sums.len(),
            x.cols(),
            "{} sums do not fit a {x:?}",
            sums.len()
        );
        check_rows_contiguous(x);
        self.backend.column_sums(x, sums);
    }
}

impl std::fmt::Debug for Kernels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kernels({})", self.isa)
    }
}
