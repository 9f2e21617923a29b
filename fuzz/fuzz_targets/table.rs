//! The input as a table of runs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use study::tidy::{Columns, read};

fuzz_target!(|bytes: &[u8]| {
    let columns = Columns {
        group: "g",
        metric: "m",
        pair: Some("p"),
    };
    match read(bytes, b',', columns) {
        Ok(groups) => assert!(!groups.is_empty()),
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
