//! The published numbers among our runs, drawn.

use super::placements::short;
use crate::{
    publication::{Examination, sample::Sample, table::METRICS},
    report::figures::{
        Figure,
        published::{Panel, Row, figure},
    },
};

/// The figure of an examination.
#[must_use]
pub fn figure_of(examination: &Examination) -> Figure {
    let [first, second] = &examination.scopes;
    let panel = |metric: usize| {
        let row = |(a, b): (&Sample, &Sample)| Row {
            label: a.row.initializer.to_owned(),
            published: 100.0 * a.row.values()[metric],
            runs: [a, b].map(|sample| {
                let values = sample.values(metric);
                values.iter().map(|value| 100.0 * value).collect()
            }),
        };
        Panel {
            title: format!("{} (%)", short(METRICS[metric])),
            rows: first.samples.iter().zip(&second.samples).map(row).collect(),
        }
    };
    let panels: Vec<Panel> = (0..METRICS.len()).map(panel).collect();
    figure(&panels, [first.scope.name(), second.scope.name()])
}
