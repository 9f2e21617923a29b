//! The CSV files of an examination. `docs/paper.md` says what each name means.

use super::row::Row;
use crate::{
    publication::{
        Examination, ScopeExamination,
        claims::Claim,
        likelihood::RowFit,
        placement::Placement,
        single_run::Share,
        table::{GLOROT, TABLE},
    },
    report::paper::evidence_of,
};

/// A row for each published number and scope.
#[must_use]
pub fn published_rows(examination: &Examination) -> Vec<Row> {
    let of_scope = |scope: &ScopeExamination| {
        let row = |placement| published_row(scope, placement);
        scope.placements.iter().map(row).collect::<Vec<_>>()
    };
    examination.scopes.iter().flat_map(of_scope).collect()
}

fn published_row(scope: &ScopeExamination, placement: &Placement) -> Row {
    let summary = placement.summary.as_ref().ok();
    let interval = placement.interval.as_ref().ok();
    let test = placement.predictive.as_ref().ok();
    Row::default()
        .with("scope", scope.scope.name())
        .with("initializer", TABLE[placement.row].initializer)
        .with("metric", placement.metric.name())
        .with("published", placement.published)
        .with("n", placement.n())
        .with("n_diverged", placement.diverged)
        .with("mean", summary.map(|s| s.mean))
        .with("sd", summary.and_then(|s| s.sd))
        .with("ci_low", interval.map(|i| i.low))
        .with("ci_high", interval.map(|i| i.high))
        .with("ci_level", interval.map(|i| i.level))
        .with("min", summary.map(|s| s.min))
        .with("max", summary.map(|s| s.max))
        .with("percentile", placement.percentile.ok())
        .with("predictive_t", test.map(|t| t.statistic))
        .with("predictive_p", test.map(|t| t.p))
        .with("predictive_p_holm", placement.p_holm)
        .note_unless("mean", &placement.summary)
        .note_unless("prediction", &placement.predictive)
}

/// A row for each claim and scope.
#[must_use]
pub fn claim_rows(examination: &Examination) -> Vec<Row> {
    let row = |scope: &ScopeExamination, claim: Claim| {
        let judged = scope.judgements.iter().find(|j| j.claim == claim);
        let verdict = judged.map(|j| &j.verdict);
        let name = verdict.and_then(|verdict| Some(verdict.as_ref().ok()?.name()));
        let row = Row::default()
            .with("scope", scope.scope.name())
            .with("claim", claim.name())
            .with("statement", claim.statement())
            .with("verdict", name)
            .with("evidence", evidence_of(examination, scope, claim))
            .with(
                "requirement",
                claim.requirement(&examination.settings, examination.margin),
            );
        match verdict {
            Some(Err(why)) => row.note("verdict", why),
            _ => row,
        }
    };
    let scopes = examination.scopes.iter();
    scopes
        .flat_map(|scope| Claim::ALL.map(|claim| row(scope, claim)))
        .collect()
}

/// Under each scope with runs of every initializer a row for Glorot uniform on top, one for ties,
/// and one for each ranking.
#[must_use]
pub fn ranking_rows(examination: &Examination) -> Vec<Row> {
    let mut rows = Vec::new();
    for scope in &examination.scopes {
        let Ok(single) = &scope.single_run else {
            continue;
        };
        let row = |outcome: String, share: f64, by_chance: Option<f64>| {
            Row::default()
                .with("scope", scope.scope.name())
                .with("outcome", outcome)
                .with("share", share)
                .with("by_chance", by_chance)
        };
        let with_interval = |row: Row, share: Option<&Share>| {
            let interval = share.map(|share| &share.interval);
            let ends = interval.and_then(|interval| interval.as_ref().ok());
            let row = row
                .with("ci_low", ends.map(|i| i.low))
                .with("ci_high", ends.map(|i| i.high))
                .with("ci_level", ends.map(|i| i.level));
            match interval {
                Some(interval) => row.note_unless("interval", interval),
                None => row,
            }
        };
        let top = format!("{} on top", TABLE[GLOROT].initializer);
        let top = row(top, single.top.share, Some(single.top_by_chance));
        rows.push(with_interval(top, Some(&single.top)));
        rows.push(with_interval(
            row("tie".to_owned(), single.tied, None),
            None,
        ));
        for (order, share) in &single.rankings {
            let names: Vec<&str> = order.iter().map(|&row| TABLE[row].initializer).collect();
            let row = row(names.join(" > "), *share, Some(single.ranking_by_chance));
            rows.push(with_interval(row, single.share_of(order)));
        }
    }
    rows
}

/// A row for each published row and scope, then one for the ratio.
#[must_use]
pub fn likelihood_rows(examination: &Examination) -> Vec<Row> {
    let row = |scope: &str, initializer: &str, n: Option<usize>, values: [Option<f64>; 2]| {
        Row::default()
            .with("scope", scope)
            .with("initializer", initializer)
            .with("n", n)
            .with("log_density", values[0])
            .with("log_density_independent", values[1])
    };
    let mut rows = Vec::new();
    for scope in &examination.scopes {
        rows.extend(scope.fits.iter().map(|fit: &RowFit| {
            let values = [fit.log_density.ok(), fit.log_density_independent.ok()];
            let test = fit.test.as_ref().ok();
            let initializer = TABLE[fit.row].initializer;
            row(scope.scope.name(), initializer, Some(fit.n), values)
                .with("row_f", test.map(|t| t.statistic))
                .with("row_df", test.and_then(|t| t.df))
                .with("row_df_error", test.and_then(|t| t.df_error))
                .with("row_p", test.map(|t| t.p))
                .note_unless("log_density", &fit.log_density)
        }));
    }
    let likelihood = &examination.likelihood;
    let values = [
        likelihood.log_ratio.ok(),
        likelihood.log_ratio_independent.ok(),
    ];
    let names = examination
        .scopes
        .each_ref()
        .map(|scope| scope.scope.name());
    let ratio = format!("{} less {}", names[0], names[1]);
    let none: Option<f64> = None;
    rows.push(
        row(&ratio, "all rows", None, values)
            .with("row_f", none)
            .with("row_df", none)
            .with("row_df_error", none)
            .with("row_p", none)
            .note_unless("log_density", &likelihood.log_ratio),
    );
    rows
}
