//! The flags of the commands for sweeps past one machine.

use std::{num::NonZeroU32, path::PathBuf};

use clap::Args;

use super::numbers::{MOST, whole};

/// `initstudy merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Folder for all runs; it may hold some already
    #[arg(value_name = "OUT")]
    pub out: PathBuf,
    /// Folders of sweeps, as the shards of one; they are only read
    #[arg(value_name = "IN", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Take what can be read and is sound of stores that are damaged
    #[arg(long)]
    pub salvage: bool,
}

/// `initstudy slurm`.
#[derive(Debug, Args)]
pub struct SlurmArgs {
    /// A study file, as initstudy sweep takes it
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Parts of the sweep: tasks of the job array
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, 1_000_000))]
    pub tasks: u32,
    /// Tasks that may run at the same time; by default as many as Slurm has room for
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<NonZeroU32>(1, MOST))]
    pub at_once: Option<NonZeroU32>,
    /// The partition
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
    /// Time limit of a task, as Slurm writes it; a task that reaches it goes on in a new one
    #[arg(long, value_name = "TIME")]
    pub time: Option<String>,
    /// Cores of a task, and runs that it trains at the same time
    #[arg(long, default_value = "1", value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, 1024))]
    pub cpus_per_task: u32,
    /// Any other option of sbatch, as --sbatch=--account=physics; repeatable
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    pub sbatch: Vec<String>,
    /// Folder for the results, which all nodes see; by default that of the study file
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// File to write; standard output by default
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Flags of initstudy sweep, after --
    #[arg(last = true, value_name = "SWEEP FLAGS")]
    pub sweep: Vec<String>,
}
