//! Numbers as the examination prints them: percent to one place more than the paper.

use crate::{
    publication::table::TABLE,
    report::content::{fixed, p_value, scientific},
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

/// A number with its sign, but for zero.
pub(super) fn signed(value: f64, places: usize) -> String {
    let text = fixed(value, places);
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if zero || text.starts_with('−') {
        text
    } else {
        format!("+{text}")
    }
}

/// A share in percent.
pub(super) fn share_words(share: f64) -> String {
    format!("{}\u{a0}%", fixed(100.0 * share, 1))
}

/// `p = 0.012`.
pub(super) fn p_is(p: f64) -> String {
    format!("p\u{a0}=\u{a0}{}", p_value(p)).replace("=\u{a0}≤", "≤\u{a0}")
}

/// The coverage of an interval.
pub(super) fn level(interval: Interval) -> String {
    coverage(interval.level)
}

/// A coverage.
pub(super) fn coverage(level: f64) -> String {
    format!("{}\u{a0}%", (level * 1e8).round() / 1e6)
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
