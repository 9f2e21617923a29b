//! The command `initstudy`: parse, run, exit code.
#![forbid(unsafe_code)]

use std::{env, process::ExitCode};

use study::{cli::Cli, commands, output::note, signals};

fn main() -> ExitCode {
    signals::outlive_file_size_limit();
    let cli = Cli::from_arguments(env::args_os()).unwrap_or_else(|error| error.exit());
    match commands::run(&cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("initstudy: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}
