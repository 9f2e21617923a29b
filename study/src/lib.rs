//! The study that stands on the engine: sweeps over seeds, their store, and the statistics.
//!
//! The way of the data is once through: [`data`] finds the images, [`plan`] says what is to be
//! run, [`sweep`] runs it, [`store`] keeps each [`record`] as it comes, [`comparison`] turns the
//! records into statements with [`stats`], [`export`] and [`report`] write them down.
#![forbid(unsafe_code)]

pub mod bench;
pub mod bounded;
pub mod calibration;
pub mod cli;
pub mod commands;
pub mod comparison;
pub mod components;
pub mod data;
pub mod environment;
pub mod estimate;
pub mod export;
pub mod failure;
mod hex;
pub mod limits;
pub mod looks;
pub mod machine;
pub mod metric;
mod nearest;
pub mod output;
mod parallel;
pub mod place;
pub mod plan;
pub mod planning;
pub mod progress;
pub mod publication;
pub mod record;
pub mod registration;
pub mod report;
pub mod request;
pub mod sequential;
pub mod shard;
pub mod signals;
pub mod slurm;
pub mod stats;
pub mod status;
pub mod store;
pub mod study_file;
pub mod sweep;
pub mod tidy;
