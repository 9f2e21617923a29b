//! What a case came to: times, rates, shares and ratios.

use kernels::Isa;
use serde::Serialize;

use super::{
    case::Case,
    roofs::Bound,
    timing::{NOISY, Samples},
};

/// One line of the CSV file, and one of the JSON's `figures`; what does not apply is empty.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The method of [`kernels::Kernels`] that is timed; gemm_tn is Aᵀ·B and gemm_nt A·Bᵀ, both by
    /// `gemm`, batch_columns is [`kernels::BatchColumns::fill`] and dense_batch
    /// [`kernels::DenseBatch::fill`].
    pub kernel: &'static str,
    /// The sizes: of products m, n and k, of others rows and columns or elements.
    pub shape: String,
    /// What the study does with it; empty for other sizes.
    pub role: &'static str,
    /// `warm`: called again and again. `cold`: called once after the caches were emptied.
    pub cache: &'static str,
    /// The instruction set that is timed.
    pub isa: &'static str,
    /// Seconds of a call in the best round.
    pub min_seconds: f64,
    /// Seconds of a call in the middle round.
    pub median_seconds: f64,
    /// 10⁹ floating-point operations a second in the best round; those of a product with a batch of
    /// images are those that it does, two for each column and non-zero (`sparse_…`) or value of a pixel
    /// that the batch touches (`dense_…`).
    pub gflops: f64,
    /// 10⁹ bytes read and written a second in the best round, each operand and result once.
    pub gbytes_per_second: f64,
    /// What bounds it: `FMA`, `L1`, `L2`, `L3` or `memory`.
    pub bound: Option<String>,
    /// Time that the bound alone takes, over the best round's: 1 is all that the core can do.
    pub share_of_bound: Option<f64>,
    /// Time of matrixmultiply on the same factors, dense, over this time: above 1 is faster.
    pub ratio_to_matrixmultiply: Option<f64>,
    /// Time of the portable twin over this time. Empty for gemm, whose twin is matrixmultiply.
    pub ratio_to_portable: Option<f64>,
    /// Seconds of matrixmultiply in its best round.
    pub matrixmultiply_seconds: Option<f64>,
    /// Seconds of the portable twin in its best round.
    pub portable_seconds: Option<f64>,
    /// Floating-point operations of a call.
    pub flops: f64,
    /// Bytes that a call reads, each operand once.
    pub bytes_read: f64,
    /// Bytes that a call writes, each result once.
    pub bytes_written: f64,
    /// Operations for each byte read or written.
    pub intensity: f64,
    /// Relative difference between the best of the first and of the second half of the rounds,
    /// the largest of all who were timed.
    pub spread: f64,
    /// Whether the spread is above 0.05, so that no figure of this line is to be trusted.
    pub noisy: bool,
}

/// The times of those that a case was compared with.
#[derive(Debug)]
pub(super) struct Rivals<'a> {
    pub(super) portable: Option<&'a Samples>,
    pub(super) matrixmultiply: Option<&'a Samples>,
}

/// What a kernel's time is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A product that makes all multiply-adds.
    DenseProduct,
    /// One that skips zeros.
    SparseProduct,
    /// Anything else: bytes come and go.
    Elementwise,
}

impl Figure {
    /// What its kernel is.
    pub(super) fn kind(&self) -> Kind {
        let is = |prefix| self.kernel.starts_with(prefix);
        if is("gemm") || is("dense_gemm") || is("dense_tn") {
            Kind::DenseProduct
        } else if is("sparse") {
            Kind::SparseProduct
        } else {
            Kind::Elementwise
        }
    }

    pub(super) fn new(
        case: &Case,
        cache: &'static str,
        isa: Isa,
        samples: &Samples,
        rivals: &Rivals<'_>,
        bound: Option<Bound>,
    ) -> Self {
        let min = samples.min();
        let seconds = |rival: Option<&Samples>| rival.map(Samples::min);
        let (portable, matrixmultiply) = (seconds(rivals.portable), seconds(rivals.matrixmultiply));
        let spread = [Some(samples), rivals.portable, rivals.matrixmultiply]
            .into_iter()
            .flatten()
            .map(Samples::spread)
            .fold(0.0, f64::max);
        let work = &case.work;
        Self {
            kernel: case.kernel,
            shape: case.shape.clone(),
            role: case.role,
            cache,
            isa: isa.name(),
            min_seconds: min,
            median_seconds: samples.median(),
            gflops: work.flops / min / 1e9,
            gbytes_per_second: work.bytes() / min / 1e9,
            share_of_bound: bound.as_ref().map(|bound| bound.seconds / min),
            bound: bound.map(|bound| bound.name),
            ratio_to_matrixmultiply: matrixmultiply.map(|seconds| seconds / min),
            ratio_to_portable: portable.map(|seconds| seconds / min),
            matrixmultiply_seconds: matrixmultiply,
            portable_seconds: portable,
            flops: work.flops,
            bytes_read: work.read,
            bytes_written: work.written,
            intensity: work.intensity(),
            spread,
            noisy: spread > NOISY,
        }
    }

    /// Whether the caches were warm.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.cache == "warm"
    }

    /// How people and `--filter` call the case.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.kernel, self.shape)
    }
}
