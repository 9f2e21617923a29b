//! Why a table has no number where one was asked for, or a number that says less than it seems.

use super::terminal::p_value;
use crate::{
    comparison::{Analysis, Comparison, Design, Settings, Summary},
    export::analysis::bootstrap_name,
    report::content::counted,
    stats::adjust::Adjustment,
};

/// What of a group's summary could not be computed, or not as asked.
pub(super) fn of_group(summary: &Summary) -> Vec<String> {
    if let Err(reason) = &summary.values {
        return vec![format!("no numbers: {reason}")];
    }
    let mut reasons = Vec::new();
    match (&summary.interval, &summary.bootstrap) {
        (Err(t), Err(b)) if t == b => reasons.push(format!("no interval: {t}")),
        (t, b) => {
            reasons.extend(t.err().map(|reason| format!("no t interval: {reason}")));
            let reason = b.as_ref().err();
            reasons.extend(reason.map(|reason| format!("no bootstrap interval: {reason}")));
        }
    }
    if let Ok(bootstrap) = &summary.bootstrap
        && let Some(reason) = bootstrap.fallback
    {
        let method = bootstrap_name(bootstrap);
        reasons.push(format!("{method} interval instead of BCa: {reason}"));
    }
    let caution = summary.bootstrap_caution();
    reasons.extend(caution.map(|reason| format!("bootstrap interval: {reason}")));
    reasons
}

/// What of a pair's comparison could not be computed, or what limits it.
pub(super) fn of_pair(
    comparison: &Comparison,
    analysis: &Analysis,
    settings: &Settings,
) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(
        comparison
            .test
            .as_ref()
            .err()
            .map(|r| format!("no test: {r}")),
    );
    if let Ok(test) = &comparison.test
        && let Some(smallest) = test.smallest_p
    {
        let tested = analysis
            .comparisons
            .iter()
            .filter_map(|c| c.test.as_ref().ok());
        let mut family: Vec<f64> = tested.map(|t| t.smallest_p.unwrap_or(0.0)).collect();
        family.sort_unstable_by(f64::total_cmp);
        let count = family.len();
        let adjusted = match settings.adjustment {
            _ if settings.test.is_simultaneous() => smallest,
            Adjustment::Bonferroni => smallest * count as f64,
            // Where every other pair that can go before this one does.
            Adjustment::Holm => family
                .iter()
                .enumerate()
                .take_while(|(_, other)| **other <= smallest)
                .map(|(rank, other)| (count - rank) as f64 * other)
                .fold(smallest, f64::max),
            _ => smallest,
        };
        if smallest > settings.alpha {
            reasons.push(format!(
                "so few runs can give no p under {}",
                p_value(smallest)
            ));
        } else if adjusted > settings.alpha {
            reasons.push(format!(
                "so few runs can give no adjusted p under {}: {count} pairs are tested",
                p_value(adjusted.min(1.0))
            ));
        }
    }
    reasons.extend(unpaired(comparison, analysis));
    if let Some(Err(reason)) = &comparison.pairing {
        reasons.push(format!("no correlation of the pairs: {reason}"));
    }
    if let Some(Ok(benefit)) = &comparison.pairing
        && benefit.variance_ratio > 1.0
        && comparison.design == Design::Paired
    {
        reasons.push("pairing widened the interval: the correlation is not positive".to_owned());
    }
    reasons
}

/// The runs that a comparison by pairs leaves aside.
fn unpaired(comparison: &Comparison, analysis: &Analysis) -> Option<String> {
    let alone = |index: usize| {
        let values = analysis.summaries[index].values.as_ref();
        values.map_or(0, |values| values.n.saturating_sub(comparison.n()))
    };
    let alone = alone(comparison.first) + alone(comparison.second);
    (comparison.design == Design::Paired && alone > 0).then(|| {
        let verb = if alone == 1 { "is" } else { "are" };
        format!(
            "{} without a partner in the other group {verb} left aside",
            counted(alone, "run")
        )
    })
}

/// What could not be computed and why, a line for each that has reasons.
pub(super) fn lines(of: impl Iterator<Item = (String, Vec<String>)>) -> String {
    of.filter(|(_, reasons)| !reasons.is_empty())
        .map(|(name, reasons)| format!("{name}: {}\n", reasons.join("; ")))
        .collect()
}
