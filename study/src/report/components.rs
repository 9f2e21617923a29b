//! The table of `components`.

use super::terminal::{align_left, align_right_after, p_value, plain_table};
use crate::components::Components;

/// Shares of the variance, initializer by initializer.
#[must_use]
pub fn table(metric: &str, weight_seeds: u64, order_seeds: u64, found: &[Components]) -> String {
    let mut table = plain_table();
    table.set_header([
        "initializer",
        "n",
        "sd of weights",
        "share",
        "p",
        "sd of order",
        "share",
        "p",
        "sd of the rest",
        "share",
        "",
    ]);
    for components in found {
        let result = components.result.as_ref().ok();
        let share = |share: f64| format!("{:.1} %", 100.0 * share);
        // An estimate can come out below 0, of a variance that is next to none.
        let sd = |variance: f64| match variance {
            v if v <= 0.0 => "0".to_owned(),
            v => format!("{:.2e}", v.sqrt()),
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        let reason = components.result.as_ref().err().map(ToString::to_string);
        table.add_row([
            components.initializer.to_string(),
            components.n.to_string(),
            text(result.map(|r| sd(r.rows.variance))),
            text(result.map(|r| share(r.rows.share))),
            text(result.map(|r| p_value(r.rows.test.p))),
            text(result.map(|r| sd(r.columns.variance))),
            text(result.map(|r| share(r.columns.share))),
            text(result.map(|r| p_value(r.columns.test.p))),
            text(result.map(|r| sd(r.rest))),
            text(result.map(|r| share(r.rest_share))),
            text(reason),
        ]);
    }
    align_right_after(&mut table, 1);
    align_left(&mut table, 10);
    format!(
        "{metric}: variance components of {weight_seeds} initial weights × {order_seeds} orders of examples; the rest is their interaction\n\n{table}\n"
    )
}
