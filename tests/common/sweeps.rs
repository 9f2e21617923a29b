//! Running `initstudy` on a small data set, each test in a folder of its own.

// Every test file uses a part of this.
#![allow(dead_code)]

use std::{
    collections::HashMap,
    fs,
    path::Path,
    process::{Command, Output},
};

/// 8×8 images of 4 classes, 400 to train on and 100 to test on: a bright spot on noise, its place
/// the class.
pub fn write_small(folder: &Path) {
    if folder.is_dir() {
        return;
    }
    fs::create_dir_all(folder).unwrap();
    let halves = [("train", 400_u32, 1_u32), ("t10k", 100, 77)];
    for (name, count, salt) in halves {
        let mut images = Vec::from([0, 0, 8, 3]);
        images.extend([count, 8, 8].map(u32::to_be_bytes).concat());
        let mut labels = Vec::from([0, 0, 8, 1]);
        labels.extend(count.to_be_bytes());
        for i in 0..count {
            let label = i % 4;
            labels.push(label as u8);
            images.extend((0..64).map(|pixel: u32| {
                let noise = (i * 64 + pixel + salt).wrapping_mul(2_654_435_761) >> 24;
                let spot = pixel / 16 == label && !noise.is_multiple_of(3);
                if spot || noise.is_multiple_of(7) {
                    noise as u8
                } else {
                    0
                }
            }));
        }
        fs::write(folder.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// `initstudy` in `home`, which is also its home folder.
pub fn initstudy(home: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("initstudy"));
    command
        .current_dir(home)
        .env("HOME", home)
        .env_remove("INITSTUDY_ISA");
    command
}

/// `initstudy sweep` of two epochs on the small data set, and what `args` add or override.
pub fn command(home: &Path, args: &[&str]) -> Command {
    write_small(&home.join("small"));
    let mut command = initstudy(home);
    command.arg("sweep");
    let defaults = [
        ("--dataset", "idx:small"),
        ("--epochs", "2"),
        ("--hidden", "8"),
    ];
    for (flag, value) in defaults {
        if !args.contains(&flag) {
            command.args([flag, value]);
        }
    }
    command.args(args);
    command
}

/// Runs [`command`] to its end.
pub fn sweep(home: &Path, args: &[&str]) -> Output {
    command(home, args).output().unwrap()
}

/// Every row of a CSV file, its cells by column name.
pub fn read_csv(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
