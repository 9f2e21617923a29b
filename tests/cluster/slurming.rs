//! Asking `initstudy slurm` for a script.

use std::{path::Path, process::Output};

use crate::sweeps::{command, initstudy};

/// `initstudy slurm` with the flags of a sweep on the small data set.
pub fn slurm(home: &Path, args: &[&str], flags: &[&str]) -> Output {
    // Which makes the small data set.
    assert!(
        command(home, &["--dry-run"])
            .output()
            .unwrap()
            .status
            .success()
    );
    let small = [
        "--",
        "--dataset",
        "idx:small",
        "--epochs",
        "2",
        "--hidden",
        "8",
    ];
    let args = [&["slurm"], args, &small, flags].concat();
    initstudy(home).args(args).output().unwrap()
}
