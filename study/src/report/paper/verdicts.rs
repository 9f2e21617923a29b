//! The claims, what each verdict takes, and what it came to.

use super::{CLAIMS_CSV, JudgedClaim, Part, ScopeVerdict, evidence, paragraph};
use crate::{
    publication::{
        Examination, ScopeExamination,
        claims::{Claim, Verdict},
    },
    report::content::{Cell, Column, Table, counted, listed},
};

/// Where there is no verdict.
const NONE: &str = "none";

pub(super) fn parts(examination: &Examination) -> Vec<Part> {
    let mut parts = vec![
        paragraph("Every claim is judged under both readings, by a rule that stands under it."),
        Part::Table(table(examination)),
    ];
    parts.extend((1..).zip(Claim::ALL).map(|(number, claim)| {
        let verdict = |scope: &ScopeExamination| ScopeVerdict {
            scope: scope.scope.name(),
            verdict: verdict_of(scope, claim),
            evidence: evidence_of(examination, scope, claim),
        };
        Part::Claim(JudgedClaim {
            number,
            statement: claim.statement(),
            requirement: claim.requirement(&examination.settings, examination.margin),
            verdicts: examination.scopes.iter().map(verdict).collect(),
        })
    }));
    parts
}

/// What a verdict rests on; why there is none where there is none.
#[must_use]
pub fn evidence_of(examination: &Examination, scope: &ScopeExamination, claim: Claim) -> String {
    let grounds = scope.grounds(&examination.settings, examination.margin);
    let evidence = evidence::of(claim, &grounds);
    let judged = scope.judgements.iter().find(|j| j.claim == claim);
    match judged.map(|j| &j.verdict) {
        Some(Err(why)) => format!("Not judged: {why}. {evidence}")
            .trim_end()
            .to_owned(),
        _ => evidence,
    }
}

fn verdict_of(scope: &ScopeExamination, claim: Claim) -> &'static str {
    let judged = scope.judgements.iter().find(|j| j.claim == claim);
    let verdict = judged.and_then(|j| j.verdict.as_ref().ok());
    verdict.map_or(NONE, |verdict| verdict.name())
}

fn table(examination: &Examination) -> Table {
    let mut columns = vec![Column::words("claim")];
    let scopes = examination.scopes.iter();
    columns.extend(scopes.map(|scope| Column::words(scope.scope.name())));
    let row = |(number, claim): (usize, Claim)| {
        let verdicts = examination
            .scopes
            .iter()
            .map(|scope| Cell::verdict(verdict_of(scope, claim)));
        let statement = format!("{number}. {}", claim.statement().trim_end_matches('.'));
        [Cell::words(&statement)]
            .into_iter()
            .chain(verdicts)
            .collect()
    };
    Table {
        name: "claims",
        caption: format!(
            "The paper's claims and what {} say of them, under either reading; {CLAIMS_CSV} has the evidence beside each.",
            runs(examination)
        ),
        marked: None,
        lettered: None,
        columns,
        rows: (1..).zip(Claim::ALL).map(row).collect(),
    }
}

/// How many runs there are of each initializer.
fn runs(examination: &Examination) -> String {
    let samples = examination.scopes.iter().flat_map(|scope| &scope.samples);
    let sizes: Vec<usize> = samples.map(|sample| sample.runs.len()).collect();
    let (least, most) = (
        sizes.iter().min().unwrap_or(&0),
        sizes.iter().max().unwrap_or(&0),
    );
    if least == most {
        format!("{} of each initializer", counted(*most, "run"))
    } else {
        format!("{least} to {most} runs of each initializer")
    }
}

/// How many claims got which verdict.
pub(super) fn counts(examination: &Examination) -> Vec<String> {
    let kinds = [
        Verdict::Supported,
        Verdict::NotSupported,
        Verdict::Contradicted,
    ];
    let of_scope = |scope: &ScopeExamination| {
        let count = |name: &str| {
            let named = |claim: &&Claim| verdict_of(scope, **claim) == name;
            Claim::ALL.iter().filter(named).count()
        };
        let parts: Vec<String> = kinds
            .iter()
            .map(|kind| kind.name())
            .chain([NONE])
            .filter(|name| count(name) > 0)
            .map(|name| {
                let name_of = if name == NONE {
                    "without a verdict"
                } else {
                    name
                };
                format!("{} {name_of}", count(name))
            })
            .collect();
        format!("under {} {}", scope.scope.name(), listed(&parts))
    };
    let scopes: Vec<String> = examination.scopes.iter().map(of_scope).collect();
    vec![format!(
        "Of {} claims of the paper, the last of them implied, by {}: {}.",
        Claim::ALL.len(),
        runs(examination),
        scopes.join("; ")
    )]
}
