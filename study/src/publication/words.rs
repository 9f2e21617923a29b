//! Numbers as the examination prints them.

/// Fixed places, a true minus sign, no negative zero.
#[must_use]
pub fn fixed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let digits = text.trim_start_matches('-');
    let zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    if text.starts_with('-') && !zero {
        format!("−{digits}")
    } else {
        digits.to_owned()
    }
}

/// A p-value.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p < 0.001 {
        format!("{p:.1e}")
    } else {
        fixed(p, 3)
    }
}

/// A fraction of 1 in percent, to three places: one more than the paper's.
#[must_use]
pub fn percent(value: f64) -> String {
    fixed(100.0 * value, 3)
}

/// A difference in percentage points, to three places, always with its sign.
#[must_use]
pub fn points(difference: f64) -> String {
    let text = fixed(100.0 * difference, 3);
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if zero || text.starts_with('−') {
        text
    } else {
        format!("+{text}")
    }
}

/// A count that may be large.
#[must_use]
pub fn power_of_ten(count: f64) -> String {
    if count < 1e6 {
        fixed(count, 0)
    } else {
        format!("{count:.2e}")
    }
}

/// A count with its noun.
#[must_use]
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `a, b and c`.
#[must_use]
pub fn listed(items: &[impl AsRef<str>]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}
