//! `initstudy calibrate`: each test's type I error on the runs at hand.

use serde_json::json;

use super::{compare::read_groups, method};
use crate::{
    calibration::{Calibration, TypeOneError},
    cli::CalibrateArgs,
    comparison::Group,
    export::row::Row,
    failure::Failure,
    limits::{self, FEWEST_RESAMPLES},
    output::print,
    report,
    store::Store,
    tidy::Columns,
};

/// Runs the command.
pub(super) fn run(args: &CalibrateArgs) -> Result<(), Failure> {
    if !(args.alpha > 0.0 && args.alpha < 1.0) {
        return Err(Failure::usage(format!(
            "--alpha {} must lie strictly between 0 and 1",
            args.alpha
        )));
    }
    if args.splits < FEWEST_RESAMPLES {
        return Err(Failure::usage(format!(
            "--splits {} is too few; {FEWEST_RESAMPLES} is the least, 2000 usual",
            args.splits
        )));
    }
    limits::check_alpha(args.alpha).map_err(Failure::usage)?;
    limits::check_count("--splits", args.splits).map_err(Failure::usage)?;
    let groups = wanted(groups(args)?, args.only.as_deref())?;
    let calibration = Calibration {
        splits: args.splits,
        alpha: args.alpha,
        seed: args.resampling_seed,
    };
    let mut rates = Vec::new();
    for group in &groups {
        rates.extend(calibration.run(group).map_err(|why| {
            Failure::usage(format!("{} cannot be calibrated: {why}", group.label))
        })?);
    }
    if args.json {
        let rows: Vec<Row> = rates.iter().map(|rate| row(args, rate)).collect();
        return print(&format!("{:#}\n", json!(rows)));
    }
    print(&report::calibration::table(
        &args.metric,
        calibration,
        &rates,
    ))
}

fn groups(args: &CalibrateArgs) -> Result<Vec<Group>, Failure> {
    match (&args.folder, &args.csv, &args.group) {
        (Some(folder), _, Some(group)) => Err(Failure::usage(format!(
            "--group {group} names a column of a CSV file, and {} is a sweep's folder; leave it out, or name the file with --csv",
            folder.display()
        ))),
        (Some(folder), _, None) => {
            let metric = method::metric(&args.metric)?;
            let runs = Store::open_existing(folder)?.runs()?;
            if runs.is_empty() {
                return Err(Failure::usage(format!(
                    "{} holds no finished run yet",
                    folder.display()
                )));
            }
            Ok(metric.groups(&runs))
        }
        (None, Some(file), Some(group)) => {
            let columns = Columns {
                group,
                metric: &args.metric,
                pair: None,
            };
            read_groups(file, &args.delimiter, columns)
        }
        _ => Err(Failure::usage(
            "name a sweep's folder, or a file with --csv",
        )),
    }
}

fn wanted(groups: Vec<Group>, only: Option<&str>) -> Result<Vec<Group>, Failure> {
    let Some(only) = only else {
        return Ok(groups);
    };
    match groups.iter().find(|group| group.label == only) {
        Some(group) => Ok(vec![group.clone()]),
        None => {
            let labels = groups.iter().map(|group| group.label.as_str());
            Err(method::unknown("--only", only, labels))
        }
    }
}

fn row(args: &CalibrateArgs, rate: &TypeOneError) -> Row {
    Row::default()
        .with("metric", args.metric.as_str())
        .with("group", rate.group.as_str())
        .with("test", rate.test)
        .with("half", rate.half)
        .with("splits", rate.splits)
        .with("rejections", rate.rejections)
        .with("alpha", args.alpha)
        .with("rate", rate.rate.ok())
        .with("rate_low", rate.interval.map(|i| i.low).ok())
        .with("rate_high", rate.interval.map(|i| i.high).ok())
        .note_unless("rate", &rate.rate)
}
