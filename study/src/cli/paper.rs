//! The flags of `initstudy paper`.

use std::path::PathBuf;

use clap::Args;

use super::numbers::{number, whole};
use super::{DataArgs, ShuffleArg};
use crate::limits::MOST_SEEDS;

/// `initstudy paper`.
#[derive(Debug, Args)]
pub struct PaperArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArgs,
    /// Seeds of each initializer under each scope: 0 to N - 1
    #[arg(long, default_value = "100", value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, MOST_SEEDS.into()))]
    pub seeds: u32,
    /// Differences within this margin, a fraction of 1, count as equivalence
    #[arg(long, default_value = "0.001", value_name = "X", allow_hyphen_values = true, value_parser = number)]
    pub margin: f64,
    /// How often the training examples are shuffled; once is what seeded Keras does
    #[arg(long, value_enum, default_value = "each-epoch", value_name = "WHEN")]
    pub shuffle: ShuffleArg,
    /// Runs at a time; by default one for each physical core
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, 1024))]
    pub jobs: Option<u32>,
    /// Folder for the two sweeps, hidden and all, and for what is said of them
    #[arg(long, value_name = "FOLDER", default_value = "results/paper")]
    pub out: PathBuf,
}
