//! The command line as it is written: flags and their help. Checking them is `plan`'s work.

use std::{ffi::OsString, num::NonZeroU64, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, parser::ValueSource};

use crate::{limits::MOST_SEEDS, metric::Metric, shard::Shard};

mod choices;
mod cluster;
mod numbers;
mod paper;
mod statistics;

pub use choices::{ActivationArg, InputArg, ScopeArg, ShuffleArg};
pub use cluster::{MergeArgs, SlurmArgs};
pub use paper::PaperArgs;
pub use statistics::{
    AnalyzeArgs, CalibrateArgs, CompareArgs, FormatArg, MethodArgs, PlanArgs, RegisterArgs,
    ReportArgs, SpreadArg, UntilArg, UntilArgs,
};

use numbers::{MOST, number, whole};

/// The initializers of the published comparison.
const INITIALIZERS: &str = "random_normal,random_uniform,glorot_uniform,he_normal";

/// The help of a flag that takes a metric.
fn metric_help(what: &str) -> String {
    let names = Metric::ALL.map(Metric::name).join(", ");
    format!("{what}: {names}")
}

/// Compares weight initializers over many seeds, with statistics in place of single runs.
#[derive(Debug, Parser)]
#[command(name = "initstudy", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads a command line.
    ///
    /// # Errors
    /// If it is none, or asks for help.
    pub fn from_arguments<A>(arguments: impl IntoIterator<Item = A>) -> Result<Self, clap::Error>
    where
        A: Into<OsString> + Clone,
    {
        let matches = Self::command().try_get_matches_from(arguments)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if let (Command::Sweep(args), Some((_, flags))) = (&mut cli.command, matches.subcommand()) {
            let written =
                |id: &&clap::Id| flags.value_source(id.as_str()) == Some(ValueSource::CommandLine);
            let given = flags.ids().filter(written).map(ToString::to_string);
            args.given = given.collect();
        }
        Ok(cli)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train every initializer under every seed, and compare them
    Sweep(SweepArgs),
    /// What is done, failed and missing in a sweep's folder
    Status(StatusArgs),
    /// Put the parts of a sweep together: the stores of several folders into one
    Merge(MergeArgs),
    /// Write a Slurm script: an array of a sweep's parts, and a job that merges them
    Slurm(SlurmArgs),
    /// Write one run's weights, order of examples and losses as NumPy arrays
    Replay(ReplayArgs),
    /// Time the kernels against what this core could do, matrixmultiply and the portable twin
    Bench(BenchArgs),
    /// Compare the groups of any CSV file, one row per run
    Compare(CompareArgs),
    /// Compare the initializers of a sweep's folder again, and rewrite its CSV files
    Analyze(AnalyzeArgs),
    /// Write a sweep's tables, figures, verdicts and methods for a paper
    Report(ReportArgs),
    /// Repeat the published experiment under many seeds, and judge its claims
    Paper(PaperArgs),
    /// Train every initial-weight seed under every batch-order seed: whose is the spread
    Components(ComponentsArgs),
    /// Write down before a sweep what will be compared and how
    Register(RegisterArgs),
    /// How many seeds a verdict needs
    Plan(PlanArgs),
    /// Measure how often each test finds a difference where there is none
    Calibrate(CalibrateArgs),
}

/// Where the data comes from.
#[derive(Clone, Debug, Args)]
pub struct DataArgs {
    /// Data set: mnist, synthetic, or idx:FOLDER for any four IDX files in MNIST's layout
    #[arg(long, default_value = "mnist", value_name = "NAME")]
    pub dataset: String,
    /// Folder to look for mnist in, before INITSTUDY_DATA_DIR and the cache folder
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Address to download mnist from instead of the public mirrors; repeatable
    #[arg(long = "mirror", value_name = "URL")]
    pub mirrors: Vec<String>,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
    /// Download nothing.
    #[arg(skip)]
    pub offline: bool,
}

/// How a run trains.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Passes over the training examples
    #[arg(long, default_value = "5", allow_negative_numbers = true, value_parser = whole::<u32>(1, 1_000_000))]
    pub epochs: u32,
    /// Examples per step
    #[arg(long, default_value = "32", value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, u64::from(u32::MAX)))]
    pub batch_size: u32,
    /// Adam's learning rate
    #[arg(long, default_value = "0.001", value_name = "RATE", allow_hyphen_values = true, value_parser = number)]
    pub learning_rate: f64,
    /// Width of each hidden layer, as in 128,64; none for a linear classifier
    #[arg(long, default_value = "128", value_name = "WIDTHS")]
    pub hidden: String,
    /// Activation of the hidden layers
    #[arg(long, value_enum, default_value = "relu", value_name = "NAME")]
    pub activation: ActivationArg,
    /// Layers that get the initializer; under hidden, the output layer gets glorot_uniform
    #[arg(long, value_enum, default_value = "hidden", value_name = "SCOPE")]
    pub init_scope: ScopeArg,
    /// How often the training examples are shuffled; once is what seeded Keras does
    #[arg(long, value_enum, default_value = "each-epoch", value_name = "WHEN")]
    pub shuffle: ShuffleArg,
    /// How the first layer reads its input; auto chooses by the share of zeros
    /// and the instruction set
    #[arg(long, value_enum, default_value = "auto", value_name = "PATH")]
    pub input: InputArg,
}

/// `initstudy sweep`.
#[derive(Debug, Args)]
pub struct SweepArgs {
    /// A study file, TOML: settings under the names of these flags, some of them lists that make a
    /// grid; flags that are given override it
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub train: TrainArgs,
    /// Initializers to compare, separated by commas: random_normal, random_uniform,
    /// glorot_uniform, glorot_normal, he_uniform, he_normal; the first two take a parameter, as in
    /// random_normal(stddev=0.1) and random_uniform(limit=0.1)
    #[arg(
        long,
        default_value = INITIALIZERS,
        value_name = "LIST"
    )]
    pub initializers: String,
    /// Seeds of each initializer: 0 to N - 1
    #[arg(long, default_value = "30", value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, MOST_SEEDS.into()))]
    pub seeds: u32,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub until: UntilArgs,
    /// A file of initstudy register, recorded in the store; analyze lists deviations from it
    #[arg(long, value_name = "FILE")]
    pub registration: Option<PathBuf>,
    /// Runs at a time; by default one for each physical core
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>(1, 1024))]
    pub jobs: Option<u32>,
    /// Train one part only: part I of N, counted from 0, goes into the folder shard-I-of-N within
    /// that of the results; initstudy merge puts the parts together
    #[arg(long, value_name = "I/N", conflicts_with = "until")]
    pub shard: Option<Shard>,
    /// Folder for the results; by default results/DATASET-SCOPE, or results/NAME of a study file
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Train nothing: list what would be trained, and how long it would take
    #[arg(long, conflicts_with = "until")]
    pub dry_run: bool,
    /// The flags that were written and not left to their defaults.
    #[arg(skip)]
    given: Vec<String>,
}

impl SweepArgs {
    /// The flags as they are where none is given.
    ///
    /// # Panics
    /// Never: a sweep needs no flag.
    #[must_use]
    pub fn defaults() -> Self {
        match Cli::from_arguments(["initstudy", "sweep"]).map(|cli| cli.command) {
            Ok(Command::Sweep(args)) => args,
            other => unreachable!("sweep needs no flag: {other:?}"),
        }
    }

    /// Whether a flag, by the name of its field, was given.
    #[must_use]
    pub fn is_given(&self, flag: &str) -> bool {
        self.given.iter().any(|given| given == flag)
    }
}

/// `initstudy status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// A sweep's folder
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `initstudy components`.
#[derive(Debug, Args)]
pub struct ComponentsArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub train: TrainArgs,
    /// Initializers, separated by commas, as initstudy sweep takes them
    #[arg(long, default_value = "glorot_uniform", value_name = "LIST")]
    pub initializers: String,
    /// Seeds of the initial weights
    #[arg(long, default_value = "8", value_name = "N", allow_negative_numbers = true, value_parser = whole::<NonZeroU64>(1, MOST))]
    pub weight_seeds: NonZeroU64,
    /// Seeds of the order of examples
    #[arg(long, default_value = "8", value_name = "N", allow_negative_numbers = true, value_parser = whole::<NonZeroU64>(1, MOST))]
    pub order_seeds: NonZeroU64,
    /// The metric
    #[arg(long, default_value = "test_accuracy", value_name = "NAME", help = metric_help("The metric"))]
    pub metric: String,
    /// CSV file for the runs
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `initstudy replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArgs,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub train: TrainArgs,
    /// The initializer, as initstudy sweep takes it
    #[arg(long, default_value = "glorot_uniform", value_name = "NAME")]
    pub initializer: String,
    /// The seed
    #[arg(long, default_value = "0", allow_negative_numbers = true, value_parser = whole::<u64>(0, MOST))]
    pub seed: u64,
    /// Steps to take
    #[arg(long, default_value = "50", allow_negative_numbers = true, value_parser = whole::<u32>(1, 1_000_000))]
    pub steps: u32,
    /// The .npz file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `initstudy bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Only kernels and shapes with this in their name, as in "gemm 32x" or relu
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Seconds to measure for
    #[arg(long, default_value = "40", value_name = "N", allow_hyphen_values = true, value_parser = number)]
    pub seconds: f64,
    /// CSV file to write: two rows for each kernel and shape, warm and cold
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Print JSON in place of the table
    #[arg(long)]
    pub json: bool,
    /// SVG file to write: the roofline picture
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Data set whose batches the first layer's kernels get: mnist, synthetic or idx:FOLDER; by
    /// default mnist where --data-dir is given, else synthetic
    #[arg(long, value_name = "NAME")]
    pub dataset: Option<String>,
    /// Folder to look for mnist in
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}
