//! One figure of each kind, of two initializers, against files that were looked at. That of `paper` is
//! in `paper_report.rs` beside it.

use crate::drawing::{diagram, drawn, runs, settings};
use crate::golden::assert_as_kept;
use study::comparison::Settings;

#[test]
fn every_kind_of_figure_is_as_it_was_when_it_was_last_looked_at() {
    let settings = Settings {
        margin: Some(0.0005),
        ..settings()
    };
    let (mut figures, missing) = drawn(&runs(2, 6), &settings);
    assert!(missing.is_empty(), "{missing:?}");
    figures.push(diagram(&["he_normal", "he_uniform"].map(str::to_owned)));
    let names: Vec<&str> = figures.iter().map(|figure| figure.name).collect();
    let all = [
        "learning_curves",
        "distribution",
        "forest",
        "settling",
        "critical_difference",
    ];
    assert_eq!(names, all);
    let files = figures
        .iter()
        .map(|figure| (format!("{}.svg", figure.name), figure.svg()));
    assert_as_kept("figures", &files.collect::<Vec<_>>());
}
