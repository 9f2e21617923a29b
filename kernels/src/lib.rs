//! Single-precision arithmetic for small networks: AVX2+FMA, AVX-512 with the same bits,
//! and a portable twin.
//!
//! The door is [`Kernels`]: a value that proves that the instruction set it stands for was
//! detected, with one safe method per operation. Every method checks the shapes it is given and
//! panics, naming both, when they do not fit; after that nothing can go wrong, so nothing returns
//! an error. Matrices travel as [`MatRef`] and [`MatMut`], slices that carry their shape.
//!
//! This crate knows nothing of networks, and never spawns a thread.

mod activation;
mod adam;
mod backend;
mod batch_columns;
mod buffer;
mod checks;
mod deferred;
mod dense_batch;
mod dispatch;
mod exp;
mod gemm;
mod isa;
mod levels;
mod portable;
mod sparse;
mod view;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use adam::{AdamStep, Moments};
pub use backend::BatchLoss;
pub use batch_columns::BatchColumns;
pub use buffer::{AdamArray, Buffer};
pub use deferred::DeferredAdam;
pub use dense_batch::DenseBatch;
pub use dispatch::Kernels;
pub use gemm::{Epilogue, PackedB};
pub use isa::{ISA_VARIABLE, Isa, IsaError, PinError};
pub use sparse::SparseRows;
pub use view::{MatMut, MatRef};
