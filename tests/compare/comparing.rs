//! Running `initstudy compare` on the fixture's table and on texts.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use serde_json::Value;

use crate::sweeps::{initstudy, stderr};

pub fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../tests/fixtures/compare").join(name)
}

pub fn expected() -> Value {
    serde_json::from_str(&fs::read_to_string(fixture("expected.json")).unwrap()).unwrap()
}

/// Runs `compare` on the fixture's table, with columns named.
pub fn on_fixture(home: &Path, args: &[&str]) -> Output {
    let mut command = initstudy(home);
    command
        .arg("compare")
        .arg(fixture("runs.csv"))
        .args(["--group", "optimizer", "--metric", "accuracy"])
        .args(args);
    command.output().unwrap()
}

pub fn json(out: &Output) -> Value {
    assert!(out.status.success(), "{}", stderr(out));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Runs `compare -` on a table of `g`, `m` and `s`.
pub fn on_text(args: &[&str], text: impl AsRef<[u8]>) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut child = initstudy(home.path())
        .args(["compare", "-", "--group", "g", "--metric", "m"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that refuses its flags reads nothing.
    let _ = stdin.write_all(text.as_ref());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Every number that `expected` names, within the accuracy of what made it.
#[track_caller]
pub fn agrees(actual: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        let Some(value) = value.as_f64() else {
            continue;
        };
        let tolerance = match name.as_str() {
            // SciPy's noncentral t and Shapiro-Wilk carry fewer digits than the rest.
            "effect_size_low" | "effect_size_high" => 1e-6,
            "shapiro_p" | "shapiro_w" => 1e-6,
            _ => 1e-8,
        };
        let got = actual[name].as_f64();
        let got = got.unwrap_or_else(|| panic!("{name} is missing in {actual}"));
        assert!(
            (got - value).abs() <= tolerance * value.abs().max(1e-12),
            "{name}: {got:e} is not {value:e} in {actual}"
        );
    }
}

#[track_caller]
pub fn find<'a>(rows: &'a Value, name: &str, wanted: &Value) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row[name] == *wanted)
        .unwrap_or_else(|| panic!("no row with {name} {wanted}"))
}

#[track_caller]
pub fn pair<'a>(result: &'a Value, expected: &Value) -> &'a Value {
    let mut rows = result["comparisons"].as_array().unwrap().iter();
    rows.find(|row| row["a"] == expected["a"] && row["b"] == expected["b"])
        .unwrap_or_else(|| panic!("no pair {} − {}", expected["a"], expected["b"]))
}
