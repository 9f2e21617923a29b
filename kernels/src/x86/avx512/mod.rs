//! What AVX-512 does otherwise than AVX2: the sparse products and Adam, sixteen lanes at a time.
//!
//! The bits are those of the AVX2 kernels, as a lane knows nothing of its neighbours: each element
//! takes the same operations in the same order.

pub(super) mod adam;
mod lanes;
pub(super) mod sparse;
pub(super) mod sparse_adam;
