//! Data sets from folders: the names files go by, damaged gzip, checksums, and the
//! order in which folders are looked at.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tiny_dataset::{gzip, known_tiny, tiny, tiny_files, write_tiny};
use study::data::{
    DataError, DataSource, LoadOptions, LoadedDataset, Places, Timeouts, known, load,
};
use tempfile::TempDir;

fn load_idx(folder: &Path) -> Result<LoadedDataset, DataError> {
    load(&DataSource::Idx(folder.to_owned()), &LoadOptions::default())
}

fn load_idx_error(folder: &Path) -> String {
    load_idx(folder)
        .expect_err("the folder is faulty")
        .to_string()
}

/// Looks in `folders` only.
fn places(folders: &[&Path]) -> Places {
    Places {
        folders: folders.iter().map(|folder| folder.to_path_buf()).collect(),
        cache: None,
        mirrors: Vec::new(),
        timeouts: Timeouts::default(),
        quiet: true,
        offline: false,
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

#[test]
fn files_are_found_under_every_spelling_raw_or_compressed() {
    for dotted in [false, true] {
        for compressed in [false, true] {
            let folder = folder();
            for (name, bytes) in tiny_files() {
                let name = if dotted {
                    name.replace("-idx", ".idx")
                } else {
                    name.to_owned()
                };
                let (name, bytes) = if compressed {
                    (name + ".gz", gzip(&bytes))
                } else {
                    (name, bytes)
                };
                fs::write(folder.path().join(name), bytes).expect("a new file");
            }
            let loaded = load_idx(folder.path()).expect("a complete folder");
            assert_eq!(loaded.data.train, tiny().train);
            assert_eq!(loaded.data.test, tiny().test);
            assert_eq!(loaded.files, LoadedDataset::identify(tiny()).files);
        }
    }
}

#[test]
fn a_folder_gives_the_data_set_its_last_name() {
    let root = folder();
    let fashion = root.path().join("fashion");
    write_tiny(&fashion);
    assert_eq!(
        load_idx(&fashion.join(".")).expect("complete").data.name,
        "idx:fashion"
    );
}

#[test]
fn an_incomplete_folder_is_refused_with_what_it_lacks() {
    let folder = folder();
    write_tiny(folder.path());
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte")).expect("it was written");
    let message = load_idx_error(folder.path());
    assert!(
        message.contains("does not hold t10k-labels-idx1-ubyte, raw or with .gz"),
        "{message}"
    );
    assert!(load_idx_error(&folder.path().join("nowhere")).contains("train-images-idx3-ubyte, "));
}

#[test]
fn truncated_and_corrupt_gzip_is_an_error_that_names_the_file() {
    let (name, bytes) = tiny_files()[0].clone();
    let sound = gzip(&bytes);
    // A bit of the deflate stream, and one of the checksum at the end.
    for damage in [sound.len() / 2, sound.len() - 6] {
        let mut damaged = sound.clone();
        damaged[damage] ^= 0x10;
        assert_gzip_fault(name, &damaged, "cannot be read to its end");
    }
    for length in [2, 9, sound.len() / 2, sound.len() - 1] {
        assert_gzip_fault(name, &sound[..length], "cannot be read to its end");
    }
    assert_gzip_fault(
        name,
        &[&sound[..], b"rubbish behind"].concat(),
        "cannot be read to its end",
    );
}

#[test]
fn gzip_that_inflates_without_end_is_left_where_its_header_ends() {
    // 64 MiB of zeros in 64 kB, behind a header that claims twelve images.
    let (name, bytes) = tiny_files()[0].clone();
    let endless = gzip(&[bytes, vec![0; 64 << 20]].concat());
    assert_gzip_fault(
        name,
        &endless,
        "goes on after the 240 bytes its header claims",
    );
}

fn assert_gzip_fault(name: &str, bytes: &[u8], fault: &str) {
    let folder = folder();
    write_tiny(folder.path());
    fs::remove_file(folder.path().join(name)).expect("it was written");
    let path = folder.path().join(format!("{name}.gz"));
    fs::write(&path, bytes).expect("a new file");
    let message = load_idx_error(folder.path());
    assert!(
        message.starts_with(&format!("{} {fault}", path.display())),
        "{message}"
    );
}

#[test]
fn files_that_do_not_belong_together_are_refused_with_their_folder() {
    let folder = folder();
    write_tiny(folder.path());
    let labels = folder.path().join("train-labels-idx1-ubyte");
    fs::write(labels, [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]).expect("a file");
    let message = load_idx_error(folder.path());
    assert!(message.starts_with(&format!("in {}, train-images", folder.path().display())));
    assert!(
        message.contains("holds 12 images and train-labels-idx1-ubyte 2 labels"),
        "{message}"
    );
}

#[test]
fn a_known_data_set_comes_from_the_first_folder_that_holds_all_of_it() {
    let (empty, full) = (folder(), folder());
    write_tiny(full.path());
    let found = known::load(&known_tiny(), &places(&[empty.path(), full.path()]));
    assert_eq!(found.expect("it is in the second folder").data, tiny());
    let nowhere = known::load(&known_tiny(), &places(&[empty.path()])).expect_err("not there");
    assert!(matches!(nowhere, DataError::NoCache { .. }), "{nowhere}");
}

#[test]
fn one_changed_bit_in_a_known_file_is_an_error_that_names_it() {
    let (damaged, sound) = (folder(), folder());
    write_tiny(damaged.path());
    write_tiny(sound.path());
    let path = damaged.path().join("t10k-images-idx3-ubyte");
    let mut bytes = fs::read(&path).expect("it was written");
    bytes[40] ^= 1;
    fs::write(&path, bytes).expect("a file");

    let check = || {
        let error = known::load(&known_tiny(), &places(&[damaged.path(), sound.path()]))
            .expect_err("one bit is wrong");
        assert!(
            matches!(&error, DataError::Checksum { path: p, .. } if *p == path),
            "{error}"
        );
    };
    check();
    // Also where the folder is incomplete and would be passed over.
    fs::remove_file(damaged.path().join("train-labels-idx1-ubyte")).expect("it was written");
    check();
}

#[test]
fn the_synthetic_data_set_has_the_checksums_sha256sum_gives() {
    let loaded = load(&DataSource::Synthetic, &LoadOptions::default()).expect("always there");
    assert_eq!(loaded.data.name, "synthetic");
    assert_eq!(
        (
            loaded.data.train.labels.len(),
            loaded.data.test.labels.len()
        ),
        (60_000, 10_000)
    );
    // Of the four files written to disk; GNU coreutils 9.1.
    assert_eq!(
        loaded.files.map(|file| file.sha256),
        [
            "6185b4fbf1864b8dd7faad311183ff2904ef73dd35160ba0368ac5f9451451d7",
            "e87d99f1998076b48a66593545bd8750b1c75d2c07d3358e8964cbd1326321c5",
            "69217fa4ce8ed2ce1c549a6c23e1c98b94bb40e70d5aeec7e6d84d845f3e164a",
            "1c902da9e9d0853c2fe390cf4d0db5f96badc355c925b0694a8946e6c06d1157",
        ]
    );
    assert_eq!(
        loaded.checksum,
        "e701abe42ee88538116e76494e49df672979a6697b308113e7064dfd39db537d"
    );
}

#[test]
fn real_mnist_is_read_and_verified() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/mnist");
    if !folder.is_dir() {
        eprintln!("NOT TESTED: there is no MNIST in ../shared/mnist");
        return;
    }
    let options = LoadOptions {
        data_dir: Some(folder),
        quiet: true,
        ..Default::default()
    };
    let loaded = load(&DataSource::Mnist, &options).expect("MNIST");
    assert_eq!(loaded.data.name, "mnist");
    assert_eq!(loaded.data.classes(), 10);
    assert_eq!(
        (
            loaded.data.train.images.rows(),
            loaded.data.train.images.cols()
        ),
        (28, 28)
    );
    assert_eq!(loaded.data.train.labels[..8], [5, 0, 4, 1, 9, 2, 1, 3]);
    assert_eq!(loaded.data.test.labels[..8], [7, 2, 1, 0, 4, 1, 4, 9]);
    assert_eq!(
        loaded.checksum,
        "d0a3eec1f5a454401d758fdbf15b9b0163a7034963586d671960c180b97e2c1a"
    );
}

/// The variable that tells the test below, run once more in a process of its own, to look for MNIST:
/// the folder for `LoadOptions::data_dir`.
#[cfg(unix)]
const LOOK_IN: &str = "INITSTUDY_TEST_LOOK_IN";

/// Looks for MNIST and prints why it was not taken.
#[cfg(unix)]
fn look_for_mnist(data_dir: PathBuf) {
    let options = LoadOptions {
        data_dir: Some(data_dir),
        // No mirror answers at the discard port of loopback.
        mirrors: vec!["http://127.0.0.1:9".to_owned()],
        quiet: true,
        offline: false,
    };
    if let Err(error) = load(&DataSource::Mnist, &options) {
        println!("{error}");
    }
}

#[test]
#[cfg(unix)]
fn mnist_is_looked_for_in_data_dir_then_the_variable_then_the_cache_then_downloaded() {
    if let Some(data_dir) = env::var_os(LOOK_IN) {
        return look_for_mnist(data_dir.into());
    }
    let this_test =
        "sources::mnist_is_looked_for_in_data_dir_then_the_variable_then_the_cache_then_downloaded";
    let root = folder();
    let [data_dir, variable] = ["a", "b"].map(|name| root.path().join(name));
    let cached = root.path().join("c/initstudy/mnist");
    // Files that are not MNIST's, so that the error tells where they were found.
    let found = || {
        let output = Command::new(env::current_exe().expect("this test runs"))
            .args(["--exact", this_test, "--nocapture"])
            .env(LOOK_IN, &data_dir)
            .env("INITSTUDY_DATA_DIR", &variable)
            .env("XDG_CACHE_HOME", root.path().join("c"))
            .output()
            .expect("this test runs once more");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let in_folder = |folder: &Path| {
        format!(
            "{} is not the file mnist is known by",
            folder.join("train-images-idx3-ubyte").display()
        )
    };
    // A folder that was named and is not there is a slip, and no reason to look on.
    for folder in [&data_dir, &variable] {
        let slip = format!("cannot look at {}", folder.display());
        assert!(found().contains(&slip), "{}", found());
        fs::create_dir(folder).expect("a new folder");
    }
    assert!(found().contains("cannot download train-images-idx3-ubyte of mnist"));
    for folder in [&cached, &variable, &data_dir] {
        write_tiny(folder);
        let output = found();
        assert!(output.contains(&in_folder(folder)), "{output}");
    }
}
