//! `initstudy bench`: times the kernels, prints the table, writes the files.

use std::{
    ffi::OsStr,
    io::{self, IsTerminal, Write},
    path::Path,
    time::Duration,
};

use engine::{dataset::Examples, synthetic};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kernels::Kernels;

use super::own_files::check_replaceable;
use crate::{
    bench::{self, files, roofline, table},
    cli::BenchArgs,
    data::{self, DataSource, LoadOptions},
    failure::Failure,
    output::{print, write_whole},
};

/// Images of the generated digits: enough for every batch that is timed.
const SYNTHETIC_IMAGES: usize = 1024;

/// Runs the command.
pub(super) fn run(args: &BenchArgs) -> Result<(), Failure> {
    let budget = Duration::try_from_secs_f64(args.seconds).map_err(|_| {
        Failure::usage(format!(
            "--seconds {} is no time to measure for; give a number of seconds, such as 30",
            args.seconds
        ))
    })?;
    let kernels = Kernels::active().map_err(Failure::usage)?;
    if let Some(path) = &args.csv {
        let is_own = |start: &[u8]| start.starts_with(files::CSV_START);
        check_replaceable("--csv", path, "table of figures", is_own)?;
    }
    if let Some(path) = &args.svg {
        if args.csv.as_deref().is_some_and(|csv| are_one(csv, path)) {
            return Err(Failure::usage(format!(
                "--csv and --svg are both {}; choose another file with one of them",
                path.display()
            )));
        }
        check_replaceable("--svg", path, "picture", roofline::is_own)?;
    }
    let (dataset, examples) = examples(args)?;
    let cases = bench::select(examples, kernels, args.filter.as_deref()).map_err(|names| {
        Failure::usage(format!(
            "--filter {} is in no kernel's name; the names are:\n  {}",
            args.filter.as_deref().unwrap_or_default(),
            names.join("\n  ")
        ))
    })?;
    let progress = progress(args.quiet, budget);
    let report = bench::run(cases, kernels, dataset, budget, |used| {
        progress.set_position(used.as_millis() as u64);
    });
    progress.finish_and_clear();
    let report = report.map_err(Failure::usage)?;
    // First what needs no disk, so that a full one loses nothing.
    if args.json {
        print(&files::json(&report).map_err(Failure::internal)?)?;
    } else {
        print(&table::render(&report))?;
    }
    if let Some(path) = &args.csv {
        files::write_csv(path, &report.figures)
            .map_err(|error| Failure::unwritable("--csv", path, &error))?;
    }
    if let Some(path) = &args.svg {
        let svg = roofline::render(&report);
        write_whole(path, |file| file.write_all(svg.as_bytes()))
            .map_err(|error| Failure::unwritable("--svg", path, &error))?;
    }
    Ok(())
}

/// Whether two paths are of one file, which need not be there yet.
fn are_one(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let name = path.file_name().map(OsStr::to_owned);
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        path.canonicalize().ok().or(Some(folder.ok()?.join(name?)))
    };
    place(a).is_some_and(|place_of_a| place(b) == Some(place_of_a))
}

/// The images whose batches the sparse kernels get, and what they are called.
fn examples(args: &BenchArgs) -> Result<(String, Examples), Failure> {
    let name = match (&args.dataset, &args.data_dir) {
        (Some(name), _) => name,
        (None, Some(_)) => "mnist",
        (None, None) => "synthetic",
    };
    let source = DataSource::parse(name)?;
    let raw = match source {
        DataSource::Synthetic => synthetic::generate_sized(SYNTHETIC_IMAGES, 0),
        _ => {
            let options = LoadOptions {
                data_dir: args.data_dir.clone(),
                mirrors: Vec::new(),
                quiet: args.quiet,
                offline: false,
            };
            data::load(&source, &options)?.data
        }
    };
    let features = raw.train.images.image_size();
    let count = raw.train.labels.len();
    if count < bench::BATCH {
        return Err(Failure::usage(format!(
            "{} has {count} training images, fewer than a batch of {}; choose another data set with --dataset",
            raw.name,
            bench::BATCH
        )));
    }
    let name = raw.name;
    Ok((
        name,
        Examples::new(raw.train.images.pixels(), features, raw.train.labels),
    ))
}

/// A bar that fills with the time, where a terminal is there to show it.
fn progress(quiet: bool, budget: Duration) -> ProgressBar {
    if quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let target = ProgressDrawTarget::stderr();
    let bar = ProgressBar::with_draw_target(Some(budget.as_millis() as u64), target);
    let style = ProgressStyle::with_template("measuring {wide_bar:.cyan/dim} {elapsed}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
