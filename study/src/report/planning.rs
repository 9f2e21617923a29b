//! The table of `plan --pilot`.

use super::terminal::{align_left, align_right_after, plain_table};
use crate::planning::{Goal, PilotPair};

/// A power in four places; none is 1.
#[must_use]
pub fn power(power: f64) -> String {
    let text = format!("{power:.4}");
    if text == "1.0000" {
        return "above 0.9999".to_owned();
    }
    text
}

/// Seeds for each pair of a pilot.
#[must_use]
pub fn pilot(metric: &str, goal: Goal, pairs: &[PilotPair]) -> String {
    let aim = match goal.margin {
        None => format!("a difference of {}", goal.difference),
        Some(margin) => format!(
            "equivalence within ±{margin} at a true difference of {}",
            goal.difference
        ),
    };
    let mut table = plain_table();
    table.set_header([
        "a",
        "b",
        "pilot n",
        "sd a",
        "sd b",
        "correlation",
        "seeds paired",
        "seeds independent",
        "",
    ]);
    for pair in pairs {
        let sd = |sd: Option<f64>| sd.map(|sd| format!("{sd:.3e}")).unwrap_or_default();
        let seeds = |seeds: Option<usize>| seeds.map(|n| n.to_string()).unwrap_or_default();
        let reason = pair.paired.seeds.err().or(pair.independent.seeds.err());
        table.add_row([
            pair.a.clone(),
            pair.b.clone(),
            pair.n.to_string(),
            sd(pair.sd_a),
            sd(pair.sd_b),
            pair.correlation
                .map(|r| format!("{r:.3}"))
                .unwrap_or_default(),
            seeds(pair.paired.seeds.ok()),
            seeds(pair.independent.seeds.ok()),
            reason.map(|r| r.to_string()).unwrap_or_default(),
        ]);
    }
    align_right_after(&mut table, 2);
    align_left(&mut table, 8);
    format!(
        "Seeds of each group for {aim} in {metric}: power {} at α = {}\n\n{table}\n\nThe pilot's spreads and correlations are estimates: plan a few seeds more than this says.\n",
        goal.power, goal.alpha
    )
}
