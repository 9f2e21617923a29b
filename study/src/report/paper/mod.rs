//! The examination of the published paper as every rendering takes it: said once, every number
//! already as it is printed and with the CSV row that it stands in.

mod evidence;
mod latex;
mod likelihood;
mod markdown;
mod methods;
mod page;
mod picture;
mod placements;
mod rankings;
mod text;
mod verdicts;
mod words;

pub use latex::document;
pub use markdown::report;
pub use page::page;
pub use picture::figure_of;
pub use text::report as terminal;

use super::{
    content::{Picture, Table, counted, listed},
    methods::{Prose, cited},
    references::{self as works, Reference},
};
use crate::publication::{Examination, table::DATASET};

pub use verdicts::evidence_of;

/// The examination as a document.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its title.
    pub title: String,
    /// What it comes to.
    pub lead: Vec<String>,
    /// Its parts.
    pub sections: Vec<Section>,
    /// What the runs were made by.
    pub run: Vec<(String, String)>,
}

/// A part of the document.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its anchor.
    pub id: &'static str,
    /// Its head.
    pub head: &'static str,
    /// What stands in it, in order.
    pub parts: Vec<Part>,
}

/// What a section is made of.
#[derive(Clone, Debug)]
pub enum Part {
    /// A paragraph.
    Prose(Prose),
    /// A table.
    Table(Table),
    /// A picture.
    Picture(Picture),
    /// A claim judged.
    Claim(JudgedClaim),
    /// Sentences, one each.
    Items(Vec<String>),
}

/// A claim, what its verdicts take, and the verdicts.
#[derive(Clone, Debug)]
pub struct JudgedClaim {
    /// Its number, from 1.
    pub number: usize,
    /// The claim.
    pub statement: &'static str,
    /// What would have been needed for which verdict.
    pub requirement: String,
    /// Scope, verdict and evidence.
    pub verdicts: Vec<ScopeVerdict>,
}

/// A verdict under one scope.
#[derive(Clone, Debug)]
pub struct ScopeVerdict {
    /// The scope.
    pub scope: &'static str,
    /// The verdict's name, or that there is none.
    pub verdict: &'static str,
    /// What it rests on.
    pub evidence: String,
}

/// The CSV files that the numbers stand in.
pub const PUBLISHED_CSV: &str = "published.csv";
/// Shares of the rankings.
pub const RANKINGS_CSV: &str = "rankings.csv";
/// Densities of the published rows.
pub const LIKELIHOOD_CSV: &str = "likelihood.csv";
/// Claims and verdicts.
pub const CLAIMS_CSV: &str = "claims.csv";

impl Paper {
    /// The document of an examination: `pictures` drawn elsewhere, `run` what the runs were made
    /// by.
    #[must_use]
    pub fn new(
        examination: &Examination,
        pictures: Vec<Picture>,
        run: Vec<(String, String)>,
    ) -> Self {
        let gaps = gaps(examination);
        let mut sections = vec![
            Section {
                id: "claims",
                head: "The claims",
                parts: verdicts::parts(examination),
            },
            Section {
                id: "table",
                head: "Table 1 beside ours",
                parts: placements::parts(examination)
                    .into_iter()
                    .chain(pictures.into_iter().map(Part::Picture))
                    .collect(),
            },
            Section {
                id: "single",
                head: "What single runs would have shown",
                parts: rankings::parts(examination),
            },
            Section {
                id: "scope",
                head: "Which layers got the initializer",
                parts: likelihood::parts(examination),
            },
            Section {
                id: "methods",
                head: "Methods",
                parts: methods::parts(examination),
            },
        ];
        if !gaps.is_empty() {
            sections.push(Section {
                id: "gaps",
                head: "What could not be computed, and cautions",
                parts: vec![Part::Items(gaps)],
            });
        }
        sections.retain(|section| !section.parts.is_empty());
        Self {
            title: "A published comparison of weight initializers, examined".to_owned(),
            lead: lead(examination),
            sections,
            run,
        }
    }

    /// Every table, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.parts().filter_map(|part| match part {
            Part::Table(table) => Some(table),
            _ => None,
        })
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.sections.iter().flat_map(|section| &section.parts)
    }

    /// Every work that is cited, by first author and year.
    #[must_use]
    pub fn references(&self) -> Vec<&'static Reference> {
        let paragraphs = self.parts().filter_map(|part| match part {
            Part::Prose(prose) => Some(prose),
            _ => None,
        });
        cited(paragraphs, &[works::DESAI])
    }
}

/// A paragraph without citations.
fn paragraph(words: impl AsRef<str>) -> Part {
    let mut prose = Prose::default();
    prose.say(words.as_ref());
    Part::Prose(prose)
}

fn lead(examination: &Examination) -> Vec<String> {
    let [hidden, all] = examination
        .scopes
        .each_ref()
        .map(|scope| scope.scope.name());
    let mut lead = vec![format!(
        "{} compares four weight initializers, apparently by one run of each. Here its experiment stands repeated under many seeds, with the initializer in the hidden layer only ({hidden}: the output layer keeps Keras's default, Glorot uniform) and in both layers ({all}), as the paper does not say which.",
        works::DESAI.short()
    )];
    if examination.dataset != DATASET {
        lead.push(format!(
            "These runs are of the data set {}, the paper's of MNIST: what follows compares unlike things and says nothing of the paper.",
            examination.dataset
        ));
    }
    lead.extend(verdicts::counts(examination));
    lead.extend(likelihood::in_short(examination));
    lead.extend(rankings::in_short(examination));
    lead
}

/// What could not be computed and why, a sentence each.
fn gaps(examination: &Examination) -> Vec<String> {
    let mut gaps = Vec::new();
    for scope in &examination.scopes {
        let name = scope.scope.name();
        if scope.others > 0 {
            gaps.push(format!(
                "Under {name}: {} in the folder of other initializers or settings than the paper's, left out.",
                counted(scope.others, "result")
            ));
        }
        for sample in &scope.samples {
            let initializer = sample.row.initializer;
            if sample.diverged > 0 {
                gaps.push(format!(
                    "Under {name}: {} of {initializer} diverged, in no number here.",
                    counted(sample.diverged, "run")
                ));
            }
        }
        placements::gaps(scope, &mut gaps);
        for judgement in &scope.judgements {
            if let Err(why) = &judgement.verdict {
                gaps.push(format!(
                    "Under {name}: no verdict on the claim that “{}”: {why}.",
                    judgement.claim.statement().trim_end_matches('.')
                ));
            }
        }
        if let Err(why) = &scope.single_run {
            gaps.push(format!("Under {name}: single runs cannot be drawn: {why}."));
        }
        let rows = scope.fits.iter().filter_map(|fit| {
            let why = fit.log_density.as_ref().err()?;
            let initializer = scope.samples[fit.row].row.initializer;
            Some(format!("{initializer} ({why})"))
        });
        let rows: Vec<String> = rows.collect();
        if !rows.is_empty() {
            gaps.push(format!(
                "Under {name}: no density of the published row of {}.",
                listed(&rows)
            ));
        }
    }
    let likelihood = &examination.likelihood;
    if let Err(why) = &likelihood.log_ratio {
        gaps.push(format!("No likelihood ratio of the two scopes: {why}."));
    }
    if let Err(why) = &likelihood.check {
        gaps.push(format!("The ratio was not tried on our own seeds: {why}."));
    }
    gaps
}
