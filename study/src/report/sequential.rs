//! The table of a sweep that ran until its pairs were decided.

use super::terminal::{align_left, align_right_after, p_value, plain_table};
use crate::{comparison::verdict_name, looks::Looks, stats::sequential::Verdict};

/// What each look decided.
#[must_use]
pub fn table(looks: &Looks) -> String {
    let monitor = looks.monitor();
    let mut table = plain_table();
    table.set_header([
        "a",
        "b",
        "verdict",
        "look",
        "seeds",
        "n",
        "a − b",
        "p",
        "bound",
        "p equivalence",
        "bound",
        "",
    ]);
    for decision in monitor.decisions() {
        let p = |p: Option<f64>| p.map(p_value).unwrap_or_default();
        let reason = decision.reason.map(|reason| reason.to_string());
        table.add_row([
            decision.a.clone(),
            decision.b.clone(),
            verdict_name(decision.verdict).to_owned(),
            decision.look.to_string(),
            decision.seeds.to_string(),
            decision.n.to_string(),
            decision
                .difference
                .map(|d| format!("{d:+.3e}"))
                .unwrap_or_default(),
            p(decision.p),
            p_value(decision.p_bound),
            p(decision.p_equivalence),
            p_value(decision.p_equivalence_bound),
            reason.unwrap_or_default(),
        ]);
    }
    align_right_after(&mut table, 3);
    align_left(&mut table, 11);
    let planned: Vec<String> = looks.planned().iter().map(usize::to_string).collect();
    let decided = monitor
        .decisions()
        .filter(|d| d.verdict != Verdict::Undecided);
    format!(
        "{}: {} of {} pairs decided; looks at {} seeds, margin ±{}, α spent by Lan and DeMets as O'Brien and Fleming\n{table}\nThese bounds allow for the looks; the p-values and intervals of the other tables and files do not.\n",
        looks.metric.name(),
        decided.count(),
        monitor.decisions().count(),
        planned.join(", "),
        monitor.margin()
    )
}
