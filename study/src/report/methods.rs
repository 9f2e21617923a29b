//! What was done, in plain prose with its citations: a paragraph on the experiment, one on the
//! statistics, one on the program, by the settings that were in fact used.

mod experiment;
mod sequential;
mod statistics;

use super::{
    content::{Study, listed},
    references::Reference,
    text::wrapped,
};

/// The methods of a report.
#[derive(Clone, Debug)]
pub struct Methods {
    /// The paragraphs.
    pub paragraphs: Vec<Prose>,
}

/// A paragraph under construction, and done.
#[derive(Clone, Debug, Default)]
pub struct Prose {
    /// What it is made of.
    pub spans: Vec<Span>,
}

/// A part of a paragraph.
#[derive(Clone, Debug)]
pub enum Span {
    /// Words.
    Words(String),
    /// Works cited where it stands.
    Cite(Vec<&'static Reference>),
}

impl Prose {
    pub(super) fn say(&mut self, words: &str) -> &mut Self {
        match self.spans.last_mut() {
            Some(Span::Words(text)) => text.push_str(words),
            _ => self.spans.push(Span::Words(words.to_owned())),
        }
        self
    }

    pub(super) fn cite(&mut self, works: &[&'static Reference]) -> &mut Self {
        if !works.is_empty() {
            self.spans.push(Span::Cite(works.to_vec()));
        }
        self
    }
}

impl Methods {
    /// The methods of a study.
    #[must_use]
    pub(super) fn of(study: &Study<'_>) -> Self {
        Self {
            paragraphs: [
                Some(experiment::paragraph(study)),
                sequential::paragraph(study),
            ]
            .into_iter()
            .flatten()
            .chain([statistics::paragraph(study), program(study)])
            .collect(),
        }
    }

    /// What is cited, by first author and year, each once.
    #[must_use]
    pub fn references(&self) -> Vec<&'static Reference> {
        cited(&self.paragraphs, &[])
    }

    /// Plain text, lines of at most 88 characters, the references below.
    #[must_use]
    pub fn to_text(&self) -> String {
        let paragraph = |prose: &Prose| {
            let words = prose.spans.iter().map(|span| match span {
                Span::Words(words) => words.clone(),
                Span::Cite(works) => format!(" ({})", in_text(works)),
            });
            wrapped(&words.collect::<String>(), "")
        };
        let paragraphs: Vec<String> = self.paragraphs.iter().map(paragraph).collect();
        let references = self.references();
        let references: Vec<String> = references
            .iter()
            .map(|r| wrapped(&r.line(), "    "))
            .collect();
        format!(
            "{}\nReferences\n\n{}",
            paragraphs.join("\n"),
            references.join("")
        )
    }
}

/// What paragraphs cite, and `others`, by first author and year, each once.
pub(super) fn cited<'a>(
    paragraphs: impl IntoIterator<Item = &'a Prose>,
    others: &[&'static Reference],
) -> Vec<&'static Reference> {
    let mut cited = others.to_vec();
    for span in paragraphs.into_iter().flat_map(|prose| &prose.spans) {
        if let Span::Cite(works) = span {
            cited.extend(works);
        }
    }
    cited.sort_by_key(|work| (work.authors, work.year, work.key));
    cited.dedup_by_key(|work| work.key);
    cited
}

/// `Holm 1979; Schuirmann 1987`.
#[must_use]
pub fn in_text(works: &[&Reference]) -> String {
    let works: Vec<String> = works.iter().map(|work| work.short()).collect();
    works.join("; ")
}

fn program(study: &Study<'_>) -> Prose {
    let mut prose = Prose::default();
    let known = |key: &str| study.fact(key);
    // Sessions that differ have each value once, see `facts::environment`.
    let each = |value: &str| value.split("; ").map(str::to_owned).collect::<Vec<_>>();
    // The store's sessions say which kernels trained; the declaration says only whose bits the results have.
    let declared = study.declared("isa").unwrap_or("unknown");
    let isa = listed(&each(known("instruction_set").unwrap_or(declared)));
    prose.say(&format!(
        "Training was in 32-bit floating point ({isa} kernels)"
    ));
    if let Some(cpu) = known("cpu") {
        prose.say(&format!(" on {}", listed(&each(cpu))));
    }
    match (known("version"), known("commit")) {
        (Some(version), Some(commit)) => {
            let dirty = known("commit_dirty").map_or(Vec::new(), each);
            let changed = match (dirty.iter().any(|d| d == "yes"), dirty.len()) {
                (false, _) => "",
                (true, 1) => " with changes",
                (true, _) => ", in part with changes",
            };
            let commits = each(commit);
            let noun = if commits.len() == 1 {
                "commit"
            } else {
                "commits"
            };
            prose.say(&format!(
                " with initstudy {} ({noun} {}{changed})",
                listed(&each(version)),
                listed(&commits)
            ));
        }
        (Some(version), None) => {
            prose.say(&format!(" with initstudy {}", listed(&each(version))));
        }
        _ => {
            prose.say(" with initstudy");
        }
    }
    prose.say(&format!(
        ", the statistics in 64-bit floating point with initstudy {}. A run is a function of its seed and settings, the same to the last bit {}.",
        env!("CARGO_PKG_VERSION"),
        if declared == "avx2" {
            "with AVX2 as with AVX-512"
        } else {
            "on the same instruction set"
        }
    ));
    prose
}
