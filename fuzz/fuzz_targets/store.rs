//! The input as the store of a sweep.
#![no_main]

use std::{fs, path::Path, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use study::{
    status::Status,
    store::{STORE_FILE, Store, StoreError},
};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

fn read(folder: &Path) -> Result<(), StoreError> {
    let store = Store::open_existing(folder)?;
    Status::of(&store, None)?;
    store.runs()?;
    store.predictions()?;
    store.test_labels()?;
    store.registration()?;
    store.environment()?;
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    fs::write(FOLDER.path().join(STORE_FILE), bytes).unwrap();
    if let Err(error) = read(FOLDER.path()) {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
});
