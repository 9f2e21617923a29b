//! `initstudy register`: a promise, before the sweep.

use std::{io::Write, path::Path};

use super::method;
use crate::{
    bounded::read_text,
    cli::RegisterArgs,
    comparison::Group,
    failure::Failure,
    output::{print, write_whole},
    plan::parse_initializers,
    registration::{Registration, sha256},
};

/// Runs the command.
pub(super) fn run(args: &RegisterArgs) -> Result<(), Failure> {
    if args.out.exists() {
        return Err(Failure::usage(format!(
            "{} exists already, and a promise is not overwritten; choose another file with --out",
            args.out.display()
        )));
    }
    if args.method.aso {
        return Err(Failure::usage(
            "--aso asks for two more columns of comparisons, of which a registration has none; give it to analyze or report",
        ));
    }
    let initializers = parse_initializers(&args.initializers)?;
    let names: Vec<String> = initializers.iter().map(ToString::to_string).collect();
    let group = |name: &String| Group::new(name.clone(), Vec::new());
    let groups: Vec<Group> = names.iter().map(group).collect();
    let settings = method::settings(&args.method, &groups, true)?;
    let registration = Registration {
        metric: method::metric(&args.metric)?.name().to_owned(),
        initializers: names,
        seeds: args.seeds.get() as u64,
        test: settings.test.name().to_owned(),
        adjustment: settings.adjustment_name().to_owned(),
        control: args.method.control.clone(),
        margin: settings.margin,
        alpha: settings.alpha,
        resamples: settings.resampling.resamples,
        resampling_seed: settings.resampling.seed,
    };
    let text = registration.to_toml();
    write_whole(&args.out, |file| file.write_all(text.as_bytes()))
        .map_err(|error| Failure::unwritable("--out", &args.out, &error))?;
    print(&format!(
        "{text}\nWritten to {}, SHA-256 {}; give it to the sweep with --registration\n",
        args.out.display(),
        sha256(&text)
    ))
}

/// The text of a registration that can be kept.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let text =
        read_text(path).map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
    match Registration::parse(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(format!(
            "{name} is no registration: {error}; initstudy register writes one"
        ))),
    }
}
