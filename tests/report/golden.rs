//! Golden files: what is made now, against what was made when it was last looked at. To keep what is
//! made now, and then look at the difference:
//!
//! ```sh
//! INITSTUDY_BLESS=1 cargo test -p study --test report last_looked_at
//! ```

use std::{env, fs, path::Path};

/// Compares texts, by the names of their files, with those of a folder of `tests/fixtures`.
#[track_caller]
pub fn assert_as_kept(folder: &str, found: &[(String, String)]) {
    compare(folder, found, |kept, text| kept == text);
}

/// [`assert_as_kept`] for CSV files, whose numbers may differ by 1e-9 of themselves: the last digits
/// of a logarithm are the machine's.
#[track_caller]
pub fn assert_csv_as_kept(folder: &str, found: &[(String, String)]) {
    compare(folder, found, |kept, text| {
        let [kept, text] = [kept, text].map(|text| {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            rows
        });
        let are_same = |(kept, text): (&csv::StringRecord, &csv::StringRecord)| {
            kept.len() == text.len() && kept.iter().zip(text).all(|(a, b)| is_same(a, b))
        };
        kept.len() == text.len() && kept.iter().zip(&text).all(are_same)
    });
}

fn is_same(kept: &str, cell: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let are_close =
        |(kept, now): (f64, f64)| (kept - now).abs() <= 1e-9 * kept.abs().max(now.abs());
    kept == cell || number(kept).zip(number(cell)).is_some_and(are_close)
}

#[track_caller]
fn compare(folder: &str, found: &[(String, String)], are_same: impl Fn(&str, &str) -> bool) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures")
        .join(folder);
    let version = format!("initstudy {}", env!("CARGO_PKG_VERSION"));
    let mut others = String::new();
    for (name, text) in found {
        let text = text.replace(&version, "initstudy VERSION");
        let path = place.join(name);
        let kept = fs::read_to_string(&path).unwrap_or_default();
        if are_same(&kept, &text) {
            continue;
        }
        if env::var_os("INITSTUDY_BLESS").is_some() {
            fs::create_dir_all(&place).unwrap();
            fs::write(&path, &text).unwrap();
        } else {
            others += &format!("{name}, which is now:\n{text}\n");
        }
    }
    assert!(
        others.is_empty(),
        "not as in tests/fixtures/{folder}; tests/report/golden.rs says how to keep it: {others}"
    );
}

/// A page without its drawings, which have files of their own.
pub fn without_drawings(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<svg") {
        out += before;
        out += "[drawing]";
        rest = after.split_once("</svg>").unwrap().1;
    }
    out + rest
}
