//! What single runs would have ranked.

use super::{
    Part, RANKINGS_CSV, paragraph,
    words::{order_words, share_words},
};
use crate::{
    publication::{
        Examination, ScopeExamination,
        single_run::{Share, SingleRun},
        table::RANKING,
    },
    report::content::{Cell, Column, Origin, Table, coverage, existing, fixed},
};

/// Rankings of each scope that the table shows.
const SHOWN: usize = 4;

pub(super) fn parts(examination: &Examination) -> Vec<Part> {
    let known: Vec<(&ScopeExamination, &SingleRun)> = known(examination).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let text = "The paper ranks four initializers by one run of each. Every combination of one run of each of ours was counted, n⁴ where there are n of each, seeds combined freely as the paper's runs need not share one. Test accuracies are compared as the paper prints them, to 0.01 points; where two of the four print alike there is no ranking, and the combination counts for none. Intervals are percentile bootstrap intervals over seeds.";
    vec![paragraph(text), Part::Table(table(examination))]
}

fn known(examination: &Examination) -> impl Iterator<Item = (&ScopeExamination, &SingleRun)> {
    let scopes = examination.scopes.iter();
    scopes.filter_map(|scope| Some((scope, scope.single_run.as_ref().ok()?)))
}

/// The rankings that the table shows, the most frequent of all scopes first, and the published one.
fn shown(examination: &Examination) -> Vec<Vec<usize>> {
    let mut shown: Vec<Vec<usize>> = vec![RANKING.to_vec()];
    for (_, single) in known(examination) {
        for (order, _) in single.rankings.iter().take(SHOWN) {
            if !shown.contains(order) {
                shown.push(order.clone());
            }
        }
    }
    shown
}

fn table(examination: &Examination) -> Table {
    let mut columns = vec![Column::words("ranking as printed")];
    let scopes = examination.scopes.iter();
    columns.extend(
        scopes.map(|scope| Column::numbers(Some("share of combinations"), scope.scope.name())),
    );
    let share_cell = |scope: usize, order: &[usize]| {
        let Ok(single) = &examination.scopes[scope].single_run else {
            return Cell::default();
        };
        let place = single.rankings.iter().position(|(other, _)| other == order);
        let place = place.unwrap_or_default();
        let share = single.rankings[place].1;
        let published = order == RANKING;
        let known = single.share_of(order);
        let interval = known.and_then(|known| known.interval.as_ref().ok());
        let text = known.map_or_else(|| share_words(share), with_interval);
        let values = existing(&[
            ("share", Some(share)),
            ("ci_low", interval.map(|i| i.low)),
            ("ci_high", interval.map(|i| i.high)),
        ]);
        // Behind the two rows that are no rankings.
        let line = first_line(examination, scope) + EXTRA_ROWS + place;
        let mut cell = Cell::numbers(
            text,
            Origin {
                file: RANKINGS_CSV,
                line,
                values,
            },
        );
        cell.best = published;
        cell
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for order in shown(examination) {
        let mut name = Cell::words(&order_words(&order));
        name.best = order == RANKING;
        let cells = (0..examination.scopes.len()).map(|scope| share_cell(scope, &order));
        rows.push([name].into_iter().chain(cells).collect());
    }
    let tied = |scope: usize| {
        let Ok(single) = &examination.scopes[scope].single_run else {
            return Cell::default();
        };
        let line = first_line(examination, scope) + 1;
        let values = existing(&[("share", Some(single.tied))]);
        Cell::numbers(
            share_words(single.tied),
            Origin {
                file: RANKINGS_CSV,
                line,
                values,
            },
        )
    };
    let cells = (0..examination.scopes.len()).map(tied);
    rows.push(
        [Cell::words("none: two or more print alike")]
            .into_iter()
            .chain(cells)
            .collect(),
    );
    Table {
        name: "rankings",
        caption: format!(
            "Rankings by test accuracy that one run of each initializer prints: the published one and the most frequent of either scope, those two of a scope with their {} intervals; by chance, were all alike, {}. {RANKINGS_CSV} has all 24.",
            coverage(examination.settings.level()),
            by_chance(examination)
        ),
        marked: Some("the published ranking".to_owned()),
        lettered: None,
        columns,
        rows,
    }
}

/// Rows of rankings.csv before the rankings: Glorot uniform on top, and ties.
pub(super) const EXTRA_ROWS: usize = 2;

/// The line of rankings.csv on which the rows of a scope begin.
fn first_line(examination: &Examination, scope: usize) -> usize {
    let before = examination.scopes[..scope].iter();
    let rows: usize = before
        .map(|scope| scope.single_run.as_ref().map_or(0, rows_of))
        .sum();
    2 + rows
}

fn rows_of(single: &SingleRun) -> usize {
    EXTRA_ROWS + single.rankings.len()
}

fn with_interval(share: &Share) -> String {
    match &share.interval {
        Ok(i) => format!(
            "{} ({} to {})",
            share_words(share.share),
            fixed(100.0 * i.low, 1),
            fixed(100.0 * i.high, 1)
        ),
        Err(_) => share_words(share.share),
    }
}

/// How often the published ranking would have been printed.
pub(super) fn in_short(examination: &Examination) -> Option<String> {
    let each: Vec<String> = known(examination)
        .map(|(scope, single)| {
            format!(
                "{} under {}",
                with_interval(&single.ranking),
                scope.scope.name()
            )
        })
        .collect();
    if each.is_empty() {
        return None;
    }
    Some(format!(
        "Of all combinations of one run of each initializer, {} print the published ranking; by chance, were all alike, {} would, a 24th of those in which no two print alike.",
        each.join(" and "),
        by_chance(examination)
    ))
}

/// How often a ranking is printed by chance, under each scope.
fn by_chance(examination: &Examination) -> String {
    let each: Vec<String> = known(examination)
        .map(|(scope, single)| {
            format!(
                "{} under {}",
                share_words(single.ranking_by_chance),
                scope.scope.name()
            )
        })
        .collect();
    each.join(" and ")
}
