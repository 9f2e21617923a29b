//! Fixtures under tests/fixtures/stats, and comparison of floating-point numbers.

use serde_json::Value;

/// The fixture `name`.json.
pub fn fixture(name: &str) -> Value {
    let path = format!(
        "{}/../tests/fixtures/stats/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The rows of an array.
pub fn rows(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no array but {value}"))
}

/// A number.
pub fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("no number but {value}"))
}

/// A list of numbers; null is infinity, which JSON lacks.
pub fn numbers(value: &Value) -> Vec<f64> {
    rows(value)
        .iter()
        .map(|v| v.as_f64().unwrap_or(f64::INFINITY))
        .collect()
}

/// A list of groups.
pub fn groups(value: &Value) -> Vec<Vec<f64>> {
    rows(value).iter().map(numbers).collect()
}

/// Groups as the functions take them.
pub fn slices(groups: &[Vec<f64>]) -> Vec<&[f64]> {
    groups.iter().map(Vec::as_slice).collect()
}

/// Panics unless `actual` lies within `relative` of `expected`. An expected zero admits 1e-15.
#[track_caller]
pub fn close(actual: f64, expected: f64, relative: f64, what: &str) {
    let error = (actual - expected).abs();
    let allowed = relative
        * expected
            .abs()
            .max(1e-15 / relative * f64::from(expected == 0.0));
    assert!(
        error <= allowed,
        "{what}: {actual:e} is not {expected:e}; relative error {:.1e}",
        error / expected.abs()
    );
}
