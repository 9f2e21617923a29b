//! Networks and their training: initializers, data sets, forward, backward, Adam.
//!
//! All arithmetic on tensors is the `kernels` crate's; nothing here is unsafe. A run is a pure
//! function of the data set, the [`TrainConfig`](train::TrainConfig), the initializer, the
//! [`Streams`](rng::Streams) and the instruction set, to the bit.
#![forbid(unsafe_code)]

pub mod activation;
pub mod dataset;
pub mod idx;
pub mod init;
pub mod input_path;
pub mod mlp;
pub mod optim;
pub mod raw;
pub mod replay;
pub mod rng;
pub mod synthetic;
pub mod train;
pub mod workspace;

/// Goes up whenever the same configuration and seed begin to give other results, so that results
/// of different numerics are never mixed.
pub const NUMERICS_VERSION: u32 = 2;
