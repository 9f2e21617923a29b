//! Numbers as reports print them: a metric's unit and decimal places, p-values, a true minus sign.

use crate::{comparison::Analysis, metric::Metric};

use super::Spread;

/// How the numbers of a metric are printed. Accuracies, fractions of 1, become percent; their
/// differences percentage points; losses stay nats.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    metric: Metric,
    /// What a number is multiplied by.
    pub factor: f64,
    /// Decimal places of means and spreads.
    pub places: usize,
    /// Decimal places of differences.
    pub difference_places: usize,
    /// What follows a value.
    pub unit: &'static str,
    /// What follows a difference.
    pub difference_unit: &'static str,
}

/// No spread is printed with more places.
const MOST_PLACES: usize = 9;

impl Scale {
    /// The paper's two places of a percentage, three of a difference; more where spreads would
    /// else be printed as 0.
    #[must_use]
    pub fn of(metric: Metric, analysis: &Analysis, spread: Spread) -> Self {
        let factor = metric.factor();
        let (places, difference_places) = if metric.is_loss() { (4, 5) } else { (2, 3) };
        let spreads = analysis
            .summaries
            .iter()
            .filter_map(|summary| match spread {
                Spread::Interval => summary.interval.ok().map(|i| (i.high - i.low) / 2.0),
                Spread::Deviation => summary.values.as_ref().ok()?.sd,
            });
        let halves = analysis.comparisons.iter().filter_map(|c| c.interval.ok());
        let halves = halves.map(|i| (i.high - i.low) / 2.0);
        Self {
            metric,
            factor,
            places: places_for(spreads.map(|s| factor * s), places),
            difference_places: places_for(halves.map(|h| factor * h), difference_places),
            unit: if metric.is_loss() {
                "\u{a0}nats"
            } else {
                "\u{a0}%"
            },
            difference_unit: if metric.is_loss() { "nats" } else { "points" },
        }
    }

    /// A mean, a spread.
    #[must_use]
    pub fn value(&self, value: f64) -> String {
        fixed(self.factor * value, self.places)
    }

    /// A difference, always with its sign.
    #[must_use]
    pub fn difference(&self, value: f64) -> String {
        signed(self.factor * value, self.difference_places)
    }

    /// A margin as it was stated, in the unit of differences.
    #[must_use]
    pub fn margin(&self, margin: f64) -> String {
        self.metric.margin_words(margin)
    }
}

/// A coverage in percent, without the rounding of binary fractions: 0.93 is 93.
pub(in crate::report) fn percent(level: f64) -> f64 {
    (level * 1e11).round() / 1e9
}

/// A coverage with its sign: `95 %`.
pub(in crate::report) fn coverage(level: f64) -> String {
    format!("{}\u{a0}%", percent(level))
}

/// A count with its noun, whose plural is regular: `1 seed`, `2 seeds`.
#[must_use]
pub fn counted(n: usize, noun: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

/// As many places as it takes for the smallest of the spreads to be printed with a digit.
fn places_for(spreads: impl Iterator<Item = f64>, least: usize) -> usize {
    let smallest = spreads.filter(|s| *s > 0.0).fold(f64::INFINITY, f64::min);
    if !smallest.is_finite() {
        return least;
    }
    // Half a unit of the last place is rounded up to one.
    let needed = (-(2.0 * smallest).log10()).ceil().max(0.0) as usize;
    least.max(needed.min(MOST_PLACES))
}

/// Fixed places, a true minus sign, no negative zero; powers of ten where the places would be
/// many before the point.
#[must_use]
pub fn fixed(value: f64, places: usize) -> String {
    if value.abs() >= 1e9 {
        return scientific(value, 4);
    }
    // Equal numbers that came about by different sums must not be rounded to different sides.
    let value: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    let text = format!("{value:.places$}");
    let digits = text.trim_start_matches('-');
    let zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    if text.starts_with('-') && !zero {
        format!("−{digits}")
    } else {
        digits.to_owned()
    }
}

/// A number with its sign, but for what is printed as zero.
pub(in crate::report) fn signed(value: f64, places: usize) -> String {
    let text = fixed(value, places);
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if zero || text.starts_with('−') {
        text
    } else {
        format!("+{text}")
    }
}

/// `p = 0.012`, or `p ≤ 2.2×10⁻³⁰⁸` where all that is known is that it is smaller.
pub(in crate::report) fn p_is(p: f64) -> String {
    format!("p\u{a0}{}", relation(p))
}

/// What stands behind a name of p: `= 0.012`, as in [`p_is`].
pub(super) fn relation(p: f64) -> String {
    let text = p_value(p);
    match text.strip_prefix('≤') {
        Some(bound) => format!("≤\u{a0}{bound}"),
        None => format!("=\u{a0}{text}"),
    }
}

/// A p-value: three places, two digits and a power of ten below them.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p <= f64::MIN_POSITIVE {
        // An upper bound, see `TestResult::p`.
        format!("≤{}", scientific(p, 1))
    } else if p < 0.001 {
        scientific(p, 1)
    } else {
        fixed(p, 3)
    }
}

/// `3.5×10⁻⁶`.
#[must_use]
pub fn scientific(value: f64, places: usize) -> String {
    let text = format!("{value:.places$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised: String = exponent.chars().map(superscript).collect();
    format!("{}×10{raised}", mantissa.replace('-', "−"))
}

fn superscript(c: char) -> char {
    match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32('⁰' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
        _ => '⁰',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_no_sign_and_small_p_have_powers_of_ten() {
        assert_eq!(fixed(-0.0004, 3), "0.000");
        assert_eq!(fixed(-1.5, 1), "−1.5");
        assert_eq!(fixed(2.5e12, 2), "2.5000×10¹²");
        assert_eq!(percent(1.0 - 0.07), 93.0);
        assert_eq!(p_value(1.0), "1.000");
        assert_eq!(p_value(3.46e-6), "3.5×10⁻⁶");
        assert_eq!(p_value(f64::MIN_POSITIVE), "≤2.2×10⁻³⁰⁸");
    }

    #[test]
    fn places_grow_until_the_smallest_spread_shows_a_digit() {
        assert_eq!(places_for([0.04, 0.5].into_iter(), 2), 2);
        assert_eq!(places_for([0.004, 0.5].into_iter(), 2), 3);
        assert_eq!(places_for([0.0].into_iter(), 2), 2);
    }
}
