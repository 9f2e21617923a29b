//! What AVX-512 does otherwise than AVX2, sixteen lanes at a time: the sparse products, Adam and the
//! probes; its dense product is with the other.
//!
//! The bits are those of the AVX2 kernels, as a lane knows nothing of its neighbours: each element
//! takes the same operations in the same order.

pub(super) mod adam;
mod lanes;
pub(super) mod peak;
pub(super) mod sparse;
pub(super) mod sparse_adam;
