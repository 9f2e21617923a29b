//! The flags of the commands that train nothing.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, ValueEnum};

use super::metric_help;
use super::numbers::{MOST, number, whole};
use crate::limits::MOST_SEEDS;

/// How groups are compared.
#[derive(Clone, Debug, Args)]
pub struct MethodArgs {
    /// Compare every group with this one only
    #[arg(long, value_name = "NAME")]
    pub control: Option<String>,
    /// Differences within this margin, in the metric's unit, count as equivalence; accuracies and losses do not share
    /// it; for analyze and report
    /// the sweep's own by default
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = number)]
    pub margin: Option<f64>,
    /// Level of the tests; intervals cover 1 - alpha
    #[arg(long, default_value = "0.05", value_name = "A", allow_hyphen_values = true, value_parser = number)]
    pub alpha: f64,
    /// Adjustment of p for all comparisons: none, bonferroni, holm, hochberg,
    /// benjamini-hochberg, benjamini-yekutieli; holm by default
    #[arg(long, value_name = "NAME")]
    pub adjust: Option<String>,
    /// Test of each pair: auto (paired-t where pairs are given, else welch; never a pre-test),
    /// welch, pooled-t, paired-t, wilcoxon, mann-whitney, permutation (sign flips where pairs are
    /// given), sign-flip; or of all pairs together,
    /// adjusted by itself: tukey, games-howell, tukey-blocks, nemenyi, max-t, dunnett
    #[arg(long, default_value = "auto", value_name = "NAME")]
    pub test: String,
    /// Almost stochastic order of each pair, ε_min in the columns aso_eps_min and aso_eps_min_reverse
    #[arg(long)]
    pub aso: bool,
    /// Resamples of each bootstrap interval and permutation test
    #[arg(long, default_value = "10000", value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>(0, MOST))]
    pub resamples: usize,
    /// Seed of the resampling
    #[arg(long, default_value = "0", value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(0, MOST))]
    pub resampling_seed: u64,
}

/// `initstudy compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// A CSV file with a header and one row per run; - for standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Column that names the group of a run
    #[arg(long, value_name = "COLUMN")]
    pub group: String,
    /// Column of what was measured
    #[arg(long, value_name = "COLUMN")]
    pub metric: String,
    /// Column of what runs of different groups share, as a seed
    #[arg(long, value_name = "COLUMN")]
    pub pair: Option<String>,
    /// Sign between fields; tab for a tab
    #[arg(long, default_value = ",", value_name = "SIGN")]
    pub delimiter: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub method: MethodArgs,
    /// Write the comparisons to this CSV file too
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Print JSON with every number at full precision instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `initstudy analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    /// A sweep's folder
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Print this metric only; the files have all. Repeatable
    #[arg(long = "metric", value_name = "NAME", help = metric_help("Print this metric only; the files have all. Repeatable"))]
    pub metrics: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub method: MethodArgs,
    /// Print JSON with every number at full precision instead of tables
    #[arg(long)]
    pub json: bool,
}

/// `initstudy report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A sweep's folder
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value = "all", value_name = "FORMAT")]
    pub format: FormatArg,
    /// The metric that comparisons, verdicts and figures are about
    #[arg(long, default_value = "test_accuracy", value_name = "NAME", help = metric_help("The metric that comparisons, verdicts and figures are about"))]
    pub metric: String,
    /// What means are given with
    #[arg(long, value_enum, default_value = "interval", value_name = "SPREAD")]
    pub spread: SpreadArg,
    /// Another sweep's folder with the same initializers, on other data: a block of the
    /// critical-difference diagram. Repeatable
    #[arg(long = "block", value_name = "FOLDER")]
    pub blocks: Vec<PathBuf>,
    /// Folder for the files; by default FOLDER/report
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub method: MethodArgs,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Everything.
    All,
    /// Markdown and the figures.
    Md,
    /// LaTeX: a document, its tables and methods to input, BibTeX, the figures.
    Tex,
    /// One HTML file, the figures within.
    Html,
    /// The figures alone, as SVG and PNG.
    Figures,
}

/// `--spread`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SpreadArg {
    /// ± half the width of the mean's interval.
    Interval,
    /// The standard deviation over seeds, in parentheses.
    Sd,
}

/// `initstudy register`.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// The metric that the study is about
    #[arg(long, default_value = "test_accuracy", value_name = "NAME", help = metric_help("The metric that the study is about"))]
    pub metric: String,
    /// The initializers to be compared, as initstudy sweep takes them
    #[arg(long, default_value = super::INITIALIZERS, value_name = "LIST")]
    pub initializers: String,
    /// Seeds of each
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<NonZeroUsize>(1, MOST_SEEDS.into()))]
    pub seeds: NonZeroUsize,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub method: MethodArgs,
    /// The TOML file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `initstudy plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// True difference of means to plan for, in the metric's unit; 0 is usual with --margin
    #[arg(long, value_name = "D", allow_hyphen_values = true, value_parser = number)]
    pub difference: Option<f64>,
    /// Standard deviation over seeds
    #[arg(long, value_name = "S", conflicts_with = "pilot", allow_hyphen_values = true, value_parser = number)]
    pub sd: Option<f64>,
    /// That of the second group, where it is another
    #[arg(long, value_name = "S", requires = "sd", conflicts_with = "pilot", allow_hyphen_values = true, value_parser = number)]
    pub sd_b: Option<f64>,
    /// Chance of reaching the verdict
    #[arg(long, default_value = "0.9", value_name = "P", allow_hyphen_values = true, value_parser = number)]
    pub power: f64,
    /// Level of the test
    #[arg(long, default_value = "0.05", value_name = "A", allow_hyphen_values = true, value_parser = number)]
    pub alpha: f64,
    /// Plan paired runs
    #[arg(long, requires = "correlation", conflicts_with = "pilot")]
    pub paired: bool,
    /// Correlation between the runs of a seed
    #[arg(long, value_name = "R", requires = "paired", conflicts_with = "pilot", allow_hyphen_values = true, value_parser = number)]
    pub correlation: Option<f64>,
    /// Plan for equivalence within this margin rather than for a difference
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = number)]
    pub margin: Option<f64>,
    /// A pilot sweep's folder: spreads and correlations of each pair are taken from it
    #[arg(long, value_name = "FOLDER")]
    pub pilot: Option<PathBuf>,
    /// The pilot's metric
    #[arg(
        long,
        default_value = "test_accuracy",
        value_name = "NAME",
        requires = "pilot",
        conflicts_with = "sd",
        help = metric_help("The pilot's metric")
    )]
    pub metric: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `initstudy calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// A sweep's folder; or give --csv
    #[arg(
        value_name = "FOLDER",
        required_unless_present = "csv",
        conflicts_with = "csv"
    )]
    pub folder: Option<PathBuf>,
    /// A CSV file with a header and one row per run; - for standard input
    #[arg(long, value_name = "FILE", requires = "group")]
    pub csv: Option<PathBuf>,
    /// Column of the CSV file that names the group of a run
    #[arg(long, value_name = "COLUMN", requires = "csv")]
    pub group: Option<String>,
    /// Sign between fields of the CSV file; tab for a tab
    #[arg(long, default_value = ",", value_name = "SIGN")]
    pub delimiter: String,
    /// What was measured: a metric of the sweep, or a column of the CSV file
    #[arg(long, default_value = "test_accuracy", value_name = "NAME", help = metric_help("What was measured, a column of the CSV file or of the sweep"))]
    pub metric: String,
    /// This initializer or group only
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,
    /// Random splits of each group into two halves
    #[arg(long, default_value = "2000", value_name = "N", allow_negative_numbers = true, value_parser = whole::<usize>(0, MOST))]
    pub splits: usize,
    /// Level at which the tests are held to their word
    #[arg(long, default_value = "0.05", value_name = "A", allow_hyphen_values = true, value_parser = number)]
    pub alpha: f64,
    /// Seed of the splits
    #[arg(long, default_value = "0", value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>(0, MOST))]
    pub resampling_seed: u64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `sweep --until decided`.
#[derive(Debug, Args)]
pub struct UntilArgs {
    /// Train in blocks of seeds, look after each, and stop when every pair of initializers is
    /// known to be different or equivalent
    #[arg(long, value_enum, value_name = "WHEN", conflicts_with = "seeds")]
    pub until: Option<UntilArg>,
    /// Differences within this margin, in the metric's unit, count as equivalence
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = number)]
    pub margin: Option<f64>,
    /// The most seeds to train
    #[arg(long, default_value = "200", value_name = "N", conflicts_with = "looks", allow_negative_numbers = true, value_parser = whole::<NonZeroUsize>(1, MOST_SEEDS.into()))]
    pub max_seeds: NonZeroUsize,
    /// Numbers of seeds to look after, as 20,50,100; by default ten looks, evenly spaced
    #[arg(long, value_name = "LIST", value_delimiter = ',', allow_negative_numbers = true, value_parser = whole::<usize>(0, MOST_SEEDS.into()))]
    pub looks: Vec<usize>,
    /// What the looks look at
    #[arg(long, default_value = "test_accuracy", value_name = "NAME", help = metric_help("What the looks look at"))]
    pub metric: String,
    /// Chance of any wrong verdict of a kind, over all looks and pairs
    #[arg(long, default_value = "0.05", value_name = "A", allow_hyphen_values = true, value_parser = number)]
    pub alpha: f64,
}

/// `--until`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum UntilArg {
    /// Every pair is decided.
    Decided,
}
