//! Networks and their training: initializers, data sets, forward, backward, Adam.
//!
//! All arithmetic on tensors is the `kernels` crate's; nothing here is unsafe. A run is a pure
//! function of the data set, the [`TrainConfig`](train::TrainConfig), the initializer, the
//! [`Streams`](rng::Streams) and the instruction set, to the bit.
//!
//! # Examples
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//!
//! use engine::{
//!     activation::Activation, dataset::Dataset, init::{InitScope, Initializer}, input_path::InputPath,
//!     optim::Adam, rng::Streams, synthetic, train::{Shuffle, TrainConfig, Trainer},
//! };
//! use kernels::Kernels;
//!
//! let digits = synthetic::generate_sized(1000, 100);
//! let (images, labels) = (digits.test.images.clone(), digits.test.labels.clone());
//! let dataset = Dataset::from_raw(digits)?;
//! let config = TrainConfig {
//!     hidden: vec![32],
//!     activation: Activation::Relu,
//!     epochs: 5,
//!     batch_size: 32,
//!     adam: Adam::default(),
//!     init_scope: InitScope::Hidden,
//!     shuffle: Shuffle::EachEpoch,
//!     input: InputPath::Sparse,
//! };
//! let mut trainer = Trainer::new(Kernels::active()?, &dataset, config);
//! trainer.run(Initializer::HeNormal, Streams::new(1), &AtomicBool::new(false));
//!
//! let predicted = trainer.workspace().predict(images.pixels());
//! let hits = predicted.iter().zip(&labels).filter(|(predicted, label)| predicted == label);
//! assert!(hits.count() > 50);
//!
//! let first_layer = &trainer.workspace().mlp().layers()[0];
//! assert_eq!((first_layer.inputs(), first_layer.outputs()), (28 * 28, 32));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
