//! Numbers as the examination prints them: percent to one place more than the paper.

use crate::{
    publication::table::TABLE,
    report::content::{coverage, fixed, scientific, signed},
    stats::Interval,
};

/// A fraction of 1 in percent, to three places.
pub(super) fn percent(value: f64) -> String {
    fixed(100.0 * value, 3)
}

/// A fraction of 1 in percent, to the paper's two places.
pub(super) fn as_published(value: f64) -> String {
    fixed(100.0 * value, 2)
}

/// A difference in percentage points, to three places, always with its sign.
pub(super) fn points(difference: f64) -> String {
    signed(100.0 * difference, 3)
}

/// A share in percent.
pub(super) fn share_words(share: f64) -> String {
    format!("{}\u{a0}%", fixed(100.0 * share, 1))
}

/// The coverage of an interval.
pub(super) fn level(interval: Interval) -> String {
    coverage(interval.level)
}

/// A ranking, highest first.
pub(super) fn order_words(order: &[usize]) -> String {
    let names: Vec<&str> = order.iter().map(|&row| TABLE[row].initializer).collect();
    names.join(" > ")
}

/// A count that may be large.
pub(super) fn count_words(count: f64) -> String {
    if count < 1e5 {
        fixed(count, 0)
    } else {
        scientific(count, 1)
    }
}
