//! The table of differences in test accuracy over new seeds and new test images.

use super::{
    Cell, Column, Origin, Scale, Spread, Study, Table, differences::range, origin::existing,
    percent,
};
use crate::{
    comparison::{Crossed, Design},
    metric::Metric,
    stats::crossed::{CrossedBootstrap, Source},
};

/// The three populations: head, and the columns of crossed.csv.
type Population = (
    &'static str,
    [&'static str; 2],
    fn(&CrossedBootstrap) -> Source,
);

const POPULATIONS: [Population; 3] = [
    ("new seeds", ["seeds_low", "seeds_high"], |r| r.seeds),
    ("new images", ["images_low", "images_high"], |r| r.images),
    ("both", ["both_low", "both_high"], |r| r.both),
];

/// The table, where the report is about test accuracy and there is something to show.
pub(super) fn table(study: &Study<'_>) -> Option<Table> {
    let crossed = study.crossed.ok()?;
    let analysis = study.main()?;
    if study.metric != Metric::TestAccuracy || crossed.iter().all(|c| c.result.is_err()) {
        return None;
    }
    let scale = Scale::of(study.metric, analysis, Spread::Interval);
    let mut columns = vec![Column::words("a"), Column::words("b")];
    columns.push(Column::numbers(None, "a − b"));
    let group = Some("intervals over");
    let heads = POPULATIONS
        .iter()
        .map(|(head, ..)| Column::numbers(group, head));
    columns.extend(heads);
    let row = |(index, c): (usize, &Crossed)| {
        let result = c.result.as_ref().ok();
        let cell = |text: Option<String>, values: &[(&'static str, Option<f64>)]| {
            let origin = Origin {
                file: "crossed.csv",
                line: index + 2,
                values: existing(values),
            };
            Cell::numbers(text.unwrap_or_default(), origin)
        };
        let difference = result.map(|r| r.difference);
        let mut cells = vec![Cell::words(&c.a), Cell::words(&c.b)];
        let text = difference.map(|d| scale.difference(d));
        cells.push(cell(text, &[("difference", difference)]));
        cells.extend(POPULATIONS.iter().map(|(_, [low, high], source)| {
            let interval = result.map(|r| source(r).interval);
            let values = [
                (*low, interval.map(|i| i.low)),
                (*high, interval.map(|i| i.high)),
            ];
            cell(interval.map(|i| range(&scale, i)), &values)
        }));
        cells
    };
    let unlike = match study.settings.design() {
        Design::Paired => "",
        Design::Independent => ", unlike in the comparisons, which take them for independent",
    };
    let caution = crossed.iter().find_map(Crossed::caution);
    let caution = caution.map_or(String::new(), |why| format!(" Caution: {why}."));
    Some(Table {
        name: "crossed",
        caption: format!(
            "Differences in test accuracy, a − b in percentage points, {}\u{a0}% percentile bootstrap intervals: over new seeds on this test set, over new test images with these runs, and over both. Runs are paired by seed here{unlike}.{caution}",
            percent(study.settings.level())
        ),
        marked: None,
        lettered: None,
        columns,
        rows: crossed.iter().enumerate().map(row).collect(),
    })
}
