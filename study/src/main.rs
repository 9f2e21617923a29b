//! The command `initstudy`: parse, run, exit code.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use study::{cli::Cli, commands, output::note};

fn main() -> ExitCode {
    match commands::run(&Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("initstudy: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}
