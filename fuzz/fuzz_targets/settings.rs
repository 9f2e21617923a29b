//! The input as a study file and as a registration.
#![no_main]

use libfuzzer_sys::fuzz_target;
use study::{registration::Registration, study_file::StudyFile};

fuzz_target!(|text: &str| {
    if let Err(error) = StudyFile::parse(text) {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    if let Err(error) = Registration::parse(text) {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
});
