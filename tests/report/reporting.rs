//! Running `initstudy report` on stores of runs that were never trained.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use study::record::RunRecord;

use crate::{
    required, stored,
    sweeps::{initstudy, stderr, stdout},
};

pub const FOUR: [&str; 4] = [
    "random_normal",
    "random_uniform",
    "glorot_uniform",
    "he_normal",
];

/// `initstudy report s` in `home`.
pub fn report(home: &Path, args: &[&str]) -> Output {
    let mut command = initstudy(home);
    command
        .args(["report", "s", "--resamples", "200"])
        .args(args);
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.output().unwrap()
}

/// The report of some runs, which must come about.
pub fn of_runs(runs: &[RunRecord], args: &[&str]) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    stored::store(&home.path().join("s"), runs);
    let out = report(home.path(), args);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    (home, text)
}

pub fn read(home: &Path, name: &str) -> String {
    fs::read_to_string(home.join("s/report").join(name)).unwrap()
}

/// Twelve seeds of four initializers, two of the runs diverged.
pub fn small() -> Vec<RunRecord> {
    let mut runs = stored::runs(&FOUR, 12);
    for index in [3, 40] {
        runs[index] = stored::diverged(runs[index].clone());
    }
    runs
}

/// The cell of the test accuracy in a row of the first table of `report.md`.
pub fn test_cell(home: &Path, label: &str) -> String {
    let text = read(home, "report.md");
    let start = format!("| {} |", label.replace('_', "\\_"));
    let plain = format!("| {label} |");
    let row = text
        .lines()
        .find(|line| line.starts_with(&start) || line.starts_with(&plain));
    let cells: Vec<&str> = row.unwrap().split('|').map(str::trim).collect();
    cells[cells.len() - 2].to_owned()
}

/// Asserts that a report's document compiles; where there is no pdflatex, that is said aloud.
pub fn assert_compiles(folder: &Path) {
    let run = || {
        Command::new("pdflatex")
            .args(["-interaction=nonstopmode", "-halt-on-error", "report.tex"])
            .current_dir(folder)
            .output()
    };
    let Ok(first) = run() else {
        required::skip("pdflatex", "report.tex is not compiled");
        return;
    };
    let log = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(first.status.success(), "{log}");
    let log = String::from_utf8_lossy(&run().unwrap().stdout).into_owned();
    assert!(!log.contains("undefined"), "{log}");
    assert!(!log.contains("Overfull \\hbox"), "{log}");
}
