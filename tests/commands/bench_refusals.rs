//! What `initstudy bench` refuses, before it measures anything.

use std::{fs, process::Output};

use crate::{
    bench::bench,
    sweeps::{initstudy, stderr, stdout},
};

fn refused(args: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    refusal(&bench(home.path(), args))
}

/// What is said of a command that was refused.
fn refusal(out: &Output) -> String {
    assert_eq!(out.status.code(), Some(2), "{}", stderr(out));
    assert_eq!(stdout(out), "");
    stderr(out)
}

#[test]
fn a_filter_that_fits_nothing_lists_the_names() {
    let text = refused(&["--filter", "conv2d"]);
    assert!(
        text.contains("--filter conv2d is in no kernel's name"),
        "{text}"
    );
    assert!(
        text.contains("gemm 32x128x784") && text.contains("adam 1280"),
        "{text}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_told_before_anything_is_measured() {
    for flag in ["--csv", "--svg"] {
        let text = refused(&[flag, "no/such/folder/file"]);
        assert!(
            text.contains(flag) && text.contains("no/such/folder"),
            "{text}"
        );
    }
}

#[test]
fn a_time_that_is_none_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for seconds in ["-1", "nan", "inf"] {
        let mut command = initstudy(home.path());
        command.args(["bench", "--seconds", seconds]);
        let text = refusal(&command.output().unwrap());
        assert!(text.contains("no time to measure"), "{text}");
    }
}

#[test]
fn a_pin_that_names_nothing_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let mut command = initstudy(home.path());
    command.arg("bench").env("INITSTUDY_ISA", "avx9");
    let text = refusal(&command.output().unwrap());
    assert!(text.contains("INITSTUDY_ISA=avx9"), "{text}");
}

#[test]
fn fewer_images_than_a_batch_are_refused_by_their_number() {
    let home = tempfile::tempdir().unwrap();
    for (name, count) in [("train", 20_u32), ("t10k", 5)] {
        let images = [
            [0, 0, 8, 3].to_vec(),
            [count, 2, 2].map(u32::to_be_bytes).concat(),
        ];
        let mut images = images.concat();
        images.resize(16 + 4 * count as usize, 9);
        let mut labels = [[0, 0, 8, 1], count.to_be_bytes()].concat();
        labels.extend((0..count).map(|i| (i % 3) as u8));
        fs::write(
            home.path().join(format!("{name}-images-idx3-ubyte")),
            images,
        )
        .unwrap();
        fs::write(
            home.path().join(format!("{name}-labels-idx1-ubyte")),
            labels,
        )
        .unwrap();
    }
    let text = refusal(&bench(home.path(), &["--dataset", "idx:."]));
    assert!(
        text.contains("has 20 training images, fewer than a batch of 32"),
        "{text}"
    );
}
