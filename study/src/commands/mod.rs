//! The commands: from checked arguments to what is printed and written.

mod analyze;
mod bench;
mod calibrate;
mod compare;
mod components;
mod dry_run;
mod merge;
mod method;
mod over_images;
mod own_files;
mod paper;
mod plan;
mod register;
mod replay;
mod report;
mod slurm;
mod status;
mod sweep;
mod until;

use engine::{dataset::Dataset, init::Initializer};
use kernels::Kernels;

use crate::{
    cli::{Command, DataArgs, TrainArgs},
    data::{self, DataError, DataSource, FileChecksum, LoadOptions},
    failure::Failure,
    plan::{PlanError, Protocol, Settings, Variant, parse_hidden},
};

/// Does what the command line asks for.
///
/// # Errors
/// One sentence and the exit code that goes with it.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Sweep(args) => sweep::run(args),
        Command::Status(args) => status::run(args),
        Command::Merge(args) => merge::run(args),
        Command::Slurm(args) => slurm::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Analyze(args) => analyze::run(args),
        Command::Report(args) => report::run(args),
        Command::Paper(args) => paper::run(args),
        Command::Components(args) => components::run(args),
        Command::Register(args) => register::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Calibrate(args) => calibrate::run(args),
    }
}

/// What both a sweep and a single run need before the first step.
struct Ground {
    dataset: Dataset,
    protocol: Protocol,
    variants: Vec<Variant>,
    files: [FileChecksum; 4],
    kernels: Kernels,
}

/// What the flags ask for: a grid of one configuration.
fn settings(train: &TrainArgs, initializers: Vec<Initializer>) -> Result<Settings, Failure> {
    Ok(Settings {
        initializers,
        hidden: vec![parse_hidden(&train.hidden)?],
        activation: vec![train.activation.into()],
        learning_rate: vec![train.learning_rate],
        batch_size: vec![train.batch_size as usize],
        init_scope: vec![train.init_scope.into()],
        epochs: train.epochs as usize,
        shuffle: train.shuffle.into(),
        input: train.input.into(),
    })
}

/// Checks the settings, then loads the data.
fn prepare(data: &DataArgs, settings: &Settings) -> Result<Ground, Failure> {
    settings.check()?;
    let kernels = Kernels::active().map_err(Failure::usage)?;
    let source = DataSource::parse(&data.dataset)?;
    let options = LoadOptions {
        data_dir: data.data_dir.clone(),
        mirrors: data.mirrors.clone(),
        quiet: data.quiet,
        offline: data.offline,
    };
    let loaded = data::load(&source, &options)?;
    let dataset = Dataset::from_raw(loaded.data).map_err(Failure::usage)?;
    let protocol = settings.on(&dataset, &loaded.checksum, kernels.isa())?;
    Ok(Ground {
        dataset,
        protocol,
        variants: settings.variants(),
        files: loaded.files,
        kernels,
    })
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        if error.is_usage() {
            Self::usage(error)
        } else {
            Self::internal(error)
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::usage(error)
    }
}
