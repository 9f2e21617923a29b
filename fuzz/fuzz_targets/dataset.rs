//! The input as the training images of a data set: IDX, raw or compressed by gzip.
#![no_main]

use std::{fs, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use study::data::{DataSource, LoadOptions, load};
use tempfile::TempDir;

/// Twelve images of 4×5 and their labels, but for the training images.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let labels = [&[0, 0, 8, 1, 0, 0, 0, 12][..], &[0, 1, 2].repeat(4)].concat();
    let images = [
        &[0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 4, 0, 0, 0, 5][..],
        &[9; 240],
    ]
    .concat();
    for (name, bytes) in [
        ("train-labels-idx1-ubyte", &labels),
        ("t10k-labels-idx1-ubyte", &labels),
        ("t10k-images-idx3-ubyte", &images),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(FOLDER.path().join("train-images-idx3-ubyte"), bytes).unwrap();
    let source = DataSource::Idx(FOLDER.path().to_owned());
    if let Err(error) = load(&source, &LoadOptions::default()) {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
});
