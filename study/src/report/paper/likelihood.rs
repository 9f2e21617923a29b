//! Which of the two readings the published numbers speak for, and how strongly.

use std::f64::consts::LN_2;

use super::{LIKELIHOOD_CSV, Part, paragraph, placements::outside};
use crate::{
    publication::{
        Examination, SCOPES,
        likelihood::{Check, RowFit},
        table::{NUMBERS, TABLE},
    },
    report::content::{
        Cell, Column, Origin, Table, counted, existing, fixed, listed, p_is, p_value, scientific,
        signed,
    },
};

pub(super) fn parts(examination: &Examination) -> Vec<Part> {
    let Ok(ratio) = examination.likelihood.log_ratio else {
        return Vec::new();
    };
    let mut parts = vec![
        paragraph(verdict(examination, ratio)),
        Part::Table(table(examination)),
    ];
    parts.extend(check(examination, ratio).map(paragraph));
    parts.push(paragraph(strength(examination)));
    parts
}

/// The scope that a ratio speaks for, and the other.
fn favoured(ratio: f64) -> [usize; 2] {
    if ratio >= 0.0 { [0, 1] } else { [1, 0] }
}

/// A ratio below this is not worth more than a bare mention (Kass and Raftery 1995).
const BARELY: f64 = 3.0;

/// How many times as likely, from nats.
fn times(nats: f64) -> String {
    // Past this e to the power of it is no number.
    const MOST: f64 = 690.0;
    if nats > MOST {
        "more than 10²⁹⁹".to_owned()
    } else if nats.exp() >= 1e4 {
        scientific(nats.exp(), 0)
    } else {
        fixed(nats.exp(), 1)
    }
}

pub(super) fn in_short(examination: &Examination) -> Option<String> {
    let ratio = examination.likelihood.log_ratio.ok()?;
    if ratio == 0.0 {
        return Some("The published numbers are as likely under either reading.".to_owned());
    }
    let [one, other] = favoured(ratio).map(|scope| SCOPES[scope].name());
    let beyond = favoured(ratio).map(|scope| outside(&examination.scopes[scope]));
    let speak = if ratio.abs() < BARELY.ln() {
        "hardly tell the readings apart".to_owned()
    } else {
        format!("speak for the reading {one}")
    };
    // What the normal distributions say far out is not to be taken to the letter.
    const MOST: f64 = 1e6;
    let times = if ratio.abs() > MOST.ln() {
        "more than a million".to_owned()
    } else {
        times(ratio.abs())
    };
    Some(format!(
        "The published numbers {speak}: {} of {NUMBERS} lie beyond all our runs under {one}, {} under {other}, and by normal distributions they are {times} times as likely under {one} as under {other}.",
        beyond[0], beyond[1]
    ))
}

fn verdict(examination: &Examination, ratio: f64) -> String {
    let [one, other] = favoured(ratio).map(|scope| SCOPES[scope].name());
    let likelihood = &examination.likelihood;
    let mut text = format!(
        "The five numbers of a row are one run and correlated, so that they are weighed together. The table is {} times as likely under {one} as under {other}: a log likelihood ratio of {} nats, {} bits.",
        times(ratio.abs()),
        fixed(ratio.abs(), 1),
        fixed(ratio.abs() / LN_2, 1)
    );
    if let Ok(independent) = likelihood.log_ratio_independent {
        text += &format!(
            " Were the five numbers independent, it would be {} nats.",
            signed(
                if ratio >= 0.0 {
                    independent
                } else {
                    -independent
                },
                1
            )
        );
    }
    if !likelihood.same.is_empty() {
        let names: Vec<&str> = likelihood
            .same
            .iter()
            .map(|&row| TABLE[row].initializer)
            .collect();
        text += &format!(
            " The runs of {} are the same under both and say nothing of the scope.",
            listed(&names)
        );
    }
    text
}

fn table(examination: &Examination) -> Table {
    let mut columns = vec![Column::words("published row")];
    for scope in &examination.scopes {
        columns.push(Column::numbers(Some("log density"), scope.scope.name()));
    }
    columns.push(Column::numbers(None, "difference"));
    for scope in &examination.scopes {
        columns.push(Column::numbers(Some("p of the row"), scope.scope.name()));
    }
    let row = |row: usize| {
        let fits = [0, 1].map(|scope| &examination.scopes[scope].fits[row]);
        let origin = |scope: usize, values: &[(&'static str, Option<f64>)]| Origin {
            file: LIKELIHOOD_CSV,
            line: 2 + scope * TABLE.len() + row,
            values: existing(values),
        };
        let density = |scope: usize| {
            let value = fits[scope].log_density.ok();
            let text = value.map(|v| fixed(v, 2)).unwrap_or_default();
            Cell::numbers(text, origin(scope, &[("log_density", value)]))
        };
        let p = |scope: usize| {
            let value = fits[scope].test.as_ref().ok().map(|test| test.p);
            let text = value.map(p_value).unwrap_or_default();
            Cell::numbers(text, origin(scope, &[("row_p", value)]))
        };
        let difference = fits[0].log_density.ok().zip(fits[1].log_density.ok());
        let difference = difference
            .map(|(a, b)| signed(a - b, 2))
            .unwrap_or_default();
        vec![
            Cell::words(TABLE[row].initializer),
            density(0),
            density(1),
            Cell::words(&difference),
            p(0),
            p(1),
        ]
    };
    Table {
        name: "likelihood",
        caption: "Predictive density of each published row as one more of our runs, its logarithm in nats (percentage points), the difference first less second, and p of the row being as far out.".to_owned(),
        marked: None,
        lettered: None,
        columns,
        rows: (0..TABLE.len()).map(row).collect(),
    }
}

/// The same ratio of our own seeds.
fn check(examination: &Examination, ratio: f64) -> Option<String> {
    let checks = examination.likelihood.check.as_ref().ok()?;
    let each = [0, 1].map(|scope| {
        let Check {
            seeds,
            right,
            least,
            median,
            greatest,
        } = &checks[scope];
        format!(
            "for {right} of {} run under {} ({} to {} nats, median {})",
            counted(*seeds, "seed"),
            SCOPES[scope].name(),
            signed(*least, 1),
            signed(*greatest, 1),
            signed(*median, 1)
        )
    });
    let within = |check: &Check| (check.least..=check.greatest).contains(&ratio);
    let place = match [within(&checks[0]), within(&checks[1])] {
        [true, true] => "within both ranges".to_owned(),
        [false, false] => "in neither range".to_owned(),
        [true, false] => format!(
            "within the range of {} and not of {}",
            SCOPES[0].name(),
            SCOPES[1].name()
        ),
        [false, true] => format!(
            "within the range of {} and not of {}",
            SCOPES[1].name(),
            SCOPES[0].name()
        ),
    };
    Some(format!(
        "To see what the ratio is worth, the four runs of each of our own seeds were put in the table's place and weighed by all the other seeds. It named the scope they came from {} and {}. The table's, {} nats, lies {place}.",
        each[0],
        each[1],
        signed(ratio, 1)
    ))
}

/// How strong it is, honestly.
fn strength(examination: &Examination) -> String {
    let counts: Vec<String> = examination
        .scopes
        .iter()
        .map(|scope| {
            format!(
                "{} of {NUMBERS} under {}",
                outside(scope),
                scope.scope.name()
            )
        })
        .collect();
    let unlikely = |fits: &[RowFit]| -> Option<f64> {
        let p = fits
            .iter()
            .filter_map(|fit| Some(fit.test.as_ref().ok()?.p));
        p.reduce(f64::min)
    };
    let least: Vec<String> = examination
        .scopes
        .iter()
        .filter_map(|scope| {
            let p = unlikely(&scope.fits)?;
            Some(format!("{} under {}", p_is(p), scope.scope.name()))
        })
        .collect();
    let mut text = "The number of nats is not to be taken to the letter: it is that of normal distributions far out, where no run of ours has been, and it weighs these two readings against each other and no third, such as other bounds of random uniform than ±0.05, another batch size or version of Keras, a seed shared by the four runs or a choice among several runs.".to_owned();
    text += &format!(
        " What it rests on is seen without it: published numbers beyond all our runs, {}.",
        counts.join(" and ")
    );
    if !least.is_empty() {
        text += &format!(
            " Of the four rows the least likely one has {}, before any adjustment.",
            least.join(" and ")
        );
    }
    text
}
