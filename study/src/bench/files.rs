//! The figures for programs: CSV and JSON. The columns are [`Figure`]'s fields.

use std::{io, path::Path};

use serde::Serialize;

use super::{Report, figure::Figure, roofs::Roofs, timing::NOISY};
use crate::{machine::Machine, output::write_whole};

/// How the CSV file begins.
pub const CSV_START: &[u8] = b"kernel,shape,role,cache,isa,";

#[derive(Serialize)]
struct Json<'a> {
    version: &'static str,
    machine: &'a Machine,
    isa: &'static str,
    debug_build: bool,
    dataset: &'a str,
    rounds: usize,
    seconds: f64,
    noisy_above: f64,
    roofs: &'a Roofs,
    figures: &'a [Figure],
}

/// Writes one line for each figure; a file that was there stays whole if it fails.
///
/// # Errors
/// What the system says.
pub fn write_csv(path: &Path, figures: &[Figure]) -> io::Result<()> {
    write_whole(path, |file| {
        let mut writer = csv::Writer::from_writer(file);
        for figure in figures {
            writer.serialize(figure)?;
        }
        writer.flush()
    })
}

/// The whole report: the machine, its roofs, and the figures with the CSV file's columns as keys.
///
/// # Errors
/// Never for figures that were measured.
pub fn json(report: &Report) -> serde_json::Result<String> {
    let json = Json {
        version: env!("CARGO_PKG_VERSION"),
        machine: &report.machine,
        isa: report.isa.name(),
        debug_build: report.debug_build,
        dataset: &report.dataset,
        rounds: report.rounds,
        seconds: report.seconds,
        noisy_above: NOISY,
        roofs: &report.roofs,
        figures: &report.figures,
    };
    Ok(serde_json::to_string_pretty(&json)? + "\n")
}
