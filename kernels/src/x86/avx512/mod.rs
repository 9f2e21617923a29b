//! What AVX-512 does otherwise than AVX2, sixteen lanes at a time: the sparse products, Adam and the
//! probes. Its part of the dense product is in `gemm/avx512`.
//!
//! A function has the features that its attribute names and no parameter can change them, so that
//! loops over vectors are written for each width. That both have the same bits, as a lane knows
//! nothing of its neighbours and each element takes the same operations in the same order, is what
//! tests/kernels_same_bits.rs holds them to.

pub(super) mod adam;
mod lanes;
pub(super) mod peak;
mod sparse;
pub(super) mod sparse_adam;
