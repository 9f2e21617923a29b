//! Networks and their training: initializers, data sets, forward, backward, Adam.
//!
//! All arithmetic on tensors is the `kernels` crate's; nothing here is unsafe.
#![forbid(unsafe_code)]

pub mod idx;
pub mod raw;
pub mod synthetic;
