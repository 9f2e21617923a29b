//! The table of differences over new seeds and new test images.

use super::terminal::{align_left, align_right_after, plain_table};
use crate::{
    comparison::{Crossed, Settings},
    stats::crossed::Source,
};

/// Three intervals of each difference.
#[must_use]
pub fn table(crossed: &[Crossed], settings: &Settings) -> String {
    let mut table = plain_table();
    table.set_header([
        "a",
        "b",
        "n",
        "a − b",
        "new seeds",
        "new images",
        "new seeds and images",
        "",
    ]);
    for pair in crossed {
        let result = pair.result.as_ref().ok();
        let interval = |source: Option<Source>| {
            source
                .map(|s| format!("{:+.5} to {:+.5}", s.interval.low, s.interval.high))
                .unwrap_or_default()
        };
        let reason = pair.result.as_ref().err().map(ToString::to_string);
        let reason = reason.or_else(|| pair.caution().map(str::to_owned));
        table.add_row([
            pair.a.clone(),
            pair.b.clone(),
            pair.n.to_string(),
            result
                .map(|r| format!("{:+.5}", r.difference))
                .unwrap_or_default(),
            interval(result.map(|r| r.seeds)),
            interval(result.map(|r| r.images)),
            interval(result.map(|r| r.both)),
            reason.unwrap_or_default(),
        ]);
    }
    align_right_after(&mut table, 2);
    align_left(&mut table, 7);
    format!(
        "test_accuracy, a − b: {} % bootstrap intervals over new seeds on this test set, over new test images with these runs, over both; runs paired by seed\n{table}\n",
        settings.level() * 100.0
    )
}
