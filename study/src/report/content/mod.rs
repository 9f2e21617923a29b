//! What a report says, once: its tables, sentences and facts, every number already as it is
//! printed and with the CSV row that it stands in. Markdown, LaTeX, HTML and the terminal render
//! this and nothing else, so that their numbers cannot differ. Nothing here computes a statistic.

mod accuracy;
mod crossed;
mod differences;
pub mod facts;
mod findings;
mod gaps;
mod number;
mod origin;
mod pairs;
mod sequential;
mod table;
mod words;

pub(super) use accuracy::leaders;
pub use findings::{Finding, Findings, FindingsGroup};
pub use number::{Scale, counted, p_value};
pub(super) use number::{coverage, fixed, p_is, percent, scientific, signed};
pub(super) use origin::existing;
pub use origin::{Origin, Rows};
pub use sequential::DESCRIPTIVE;
pub(super) use sequential::{margin as looks_margin, numbers as looks_seeds};
pub use table::{Cell, Column, Table};
pub(super) use words::{effect_words, extent_words, is_adjusted, omnibus_words, statistic_words};

use super::{methods::Methods, references::Reference};
use crate::{
    comparison::{Analysis, CriticalDifference, Crossed, Settings},
    looks::Looks,
    metric::Metric,
    plan::VARIED,
    record::RunRecord,
    stats::Undefined,
};

/// What a mean is given with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// ± half the width of its t interval.
    Interval,
    /// The standard deviation over seeds, in parentheses.
    Deviation,
}

/// How a sentence of [`Study::registration`] begins that tells what was done otherwise.
pub const DEVIATION: &str = "Deviation: ";

/// A study as its store has it, and what was computed of it.
#[derive(Clone, Copy, Debug)]
pub struct Study<'a> {
    /// Every setting that the results depend on, by name.
    pub declaration: &'a [(String, String)],
    /// The machine and the program that ran it, by name; empty where the store does not know.
    pub environment: &'a [(String, String)],
    /// The looks of a sequential sweep, or why they are not known; none of another sweep.
    pub looks: Option<Result<&'a Looks, &'a str>>,
    /// What was promised before, and what was done otherwise; a sentence each.
    pub registration: &'a [String],
    /// Every run.
    pub runs: &'a [RunRecord],
    /// Of the runs that the sweep asked for, how many nobody has tried yet, and how many those were; none where no
    /// sweep said it.
    pub untried: Option<(u64, u64)>,
    /// Every metric, in the order of the CSV files.
    pub analyses: &'a [Analysis],
    /// Differences over new seeds and test images, or why there are none.
    pub crossed: Result<&'a [Crossed], &'a str>,
    /// Ranks over blocks of data sets, where there are several.
    pub ranks: Option<&'a CriticalDifference>,
    /// Why those blocks mean less than they seem to.
    pub block_cautions: &'a [String],
    /// How groups were compared.
    pub settings: &'a Settings,
    /// The metric that the report is about.
    pub metric: Metric,
    /// What means are given with.
    pub spread: Spread,
}

/// A picture, drawn elsewhere.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Stem of its files.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// How to read it.
    pub caption: String,
    /// The drawing.
    pub svg: String,
}

/// A report.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its title.
    pub title: String,
    /// The verdicts, in sentences.
    pub findings: Findings,
    /// The tables.
    pub tables: Vec<Table>,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// What was run, by name.
    pub protocol: Vec<(String, String)>,
    /// On what, by name.
    pub environment: Vec<(String, String)>,
    /// What was promised before, a sentence each; empty where nothing was.
    pub registration: Vec<String>,
    /// How it was done.
    pub methods: Methods,
    /// What could not be computed or drawn, and why.
    pub gaps: Vec<String>,
}

impl Content {
    /// What is to be said of a study, all but the pictures.
    #[must_use]
    pub fn new(study: &Study<'_>) -> Self {
        let rows = Rows::of(study.analyses);
        let mut tables: Vec<Table> = sequential::table(study).into_iter().collect();
        tables.push(accuracy::table(study, &rows));
        tables.extend(differences::table(study, &rows));
        tables.extend(crossed::table(study));
        let methods = Methods::of(study);
        Self {
            title: facts::title(study),
            findings: findings::of(study, &rows),
            tables,
            pictures: Vec::new(),
            protocol: facts::protocol(study),
            environment: facts::named(study.environment),
            registration: study.registration.to_vec(),
            methods,
            gaps: gaps::of(study),
        }
    }

    /// What the methods cite, by author and year.
    #[must_use]
    pub fn references(&self) -> Vec<&'static Reference> {
        self.methods.references()
    }
}

impl<'a> Study<'a> {
    /// The analysis of a metric.
    pub(super) fn analysis(&self, metric: Metric) -> Option<&'a Analysis> {
        self.analyses.iter().find(|a| a.metric == metric.name())
    }

    /// The analysis that the report is about.
    pub(super) fn main(&self) -> Option<&'a Analysis> {
        self.analysis(self.metric)
    }

    /// A setting by name.
    pub(super) fn declared(&self, key: &str) -> Option<&'a str> {
        let found = self.declaration.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// A fact of the sessions by name, where they know it; each value once, see [`facts::environment`].
    pub(super) fn fact(&self, key: &str) -> Option<&'a str> {
        let found = self.environment.iter().find(|(name, _)| name == key);
        let value = found.map(|(_, value)| value.as_str());
        value.filter(|value| !matches!(*value, "" | "unknown"))
    }

    /// Whether a setting differs between the groups.
    pub(super) fn is_grid(&self) -> bool {
        self.declaration.iter().any(|(_, value)| value == VARIED)
    }

    /// What one group is called.
    pub(super) fn noun(&self) -> &'static str {
        if self.is_grid() {
            "variant"
        } else {
            "initializer"
        }
    }

    /// The groups that were compared.
    pub(super) fn labels(&self) -> Vec<&'a str> {
        let of_main = self.main().map_or(&[][..], |a| &a.summaries);
        of_main.iter().map(|s| s.group.as_str()).collect()
    }

    /// The least and the most values that a group of the main metric has.
    pub(super) fn sizes(&self) -> (usize, usize) {
        let of_main = self.main().map_or(&[][..], |a| &a.summaries);
        let sizes = of_main.iter().map(|s| s.values.as_ref().map_or(0, |v| v.n));
        let most = sizes.clone().max().unwrap_or(0);
        (sizes.min().unwrap_or(0), most)
    }

    /// The data set as a sentence names it.
    pub(super) fn dataset_words(&self) -> &'a str {
        match self.dataset() {
            "mnist" => "MNIST",
            "synthetic" => "generated digits",
            other => other,
        }
    }

    /// The data set's name.
    pub(super) fn dataset(&self) -> &'a str {
        self.runs.first().map_or("", |run| run.dataset.as_str())
    }
}

/// A list as a sentence has it: `a, b and c`.
pub(super) fn listed(items: &[impl AsRef<str>]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// A list of names: `a, b and c`, or `a; b, hidden 64; c` where names have commas themselves.
pub(super) fn named_list(names: &[&str]) -> String {
    if names.iter().any(|name| name.contains(", ")) {
        return names.join("; ");
    }
    listed(names)
}

/// Names with nothing but a separator, that of [`named_list`].
pub(super) fn separated(names: &[&str]) -> String {
    let commas = names.iter().any(|name| name.contains(", "));
    names.join(if commas { "; " } else { ", " })
}

/// The value of a result that has one.
fn ok<T: Copy>(result: &Result<T, Undefined>) -> Option<T> {
    result.as_ref().ok().copied()
}
