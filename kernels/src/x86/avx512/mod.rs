//! What AVX-512 does otherwise than AVX2, sixteen lanes at a time: the sparse products, Adam and the
//! probes. Its part of the dense product is in `gemm/avx512`.
//!
//! A function has the features that its attribute names and no parameter can change them, so that
//! loops over vectors are written for each width. That both have the same bits, as each element takes
//! the same operations in the same order, or others with the same result, is what
//! tests/kernels_same_bits.rs holds them to. What is done on one maker's CPUs alone, unit tests here try
//! on any CPU with AVX-512.

pub(super) mod adam;
pub(super) mod idle;
mod lanes;
pub(super) mod peak;
mod root;
mod sparse;
pub(super) mod sparse_adam;
mod underway;
