//! What could not be computed, and why: a sentence for each reason, whomever it befell.

use super::{Study, accuracy, number::fixed, separated};
use crate::{
    comparison::{Analysis, Comparison, Crossed, Design},
    plan::VARIED,
    report::reasons,
};

/// Subjects that a reason lists by name; the files' `note` columns have all.
const MOST_SUBJECTS: usize = 6;

pub(super) fn of(study: &Study<'_>) -> Vec<String> {
    let mut gaps = Reasons::default();
    for (metric, ..) in accuracy::metrics(study) {
        let Some(analysis) = study.analysis(metric) else {
            continue;
        };
        of_means(analysis, metric.label(), study.noun(), &mut gaps);
        let main = metric == study.metric;
        let every = Every::new(metric.label(), "pair", analysis.comparisons.len());
        for c in &analysis.comparisons {
            let pair = format!("{} − {}", c.a, c.b);
            if main {
                for reason in of_pair(c, analysis, study) {
                    gaps.add(&reason, every, &pair);
                }
            } else if let Err(why) = &c.test {
                gaps.add(&format!("no test: {why}"), every, &pair);
            }
        }
        let every = Every::new(
            metric.label(),
            if study.is_grid() {
                "test of all variants"
            } else {
                "test of all initializers"
            },
            analysis.omnibus.len(),
        );
        for omnibus in analysis.omnibus.iter().filter(|_| main) {
            if let Err(why) = &omnibus.result {
                gaps.add(&format!("no test: {why}"), every, omnibus.name);
            }
        }
    }
    let mut sentences = gaps.sentences();
    if study.labels().len() == 1 {
        sentences.push(format!(
            "nothing to compare: the folder holds one {}",
            study.noun()
        ));
    }
    sentences.extend(against_independence(study));
    sentences.extend(of_crossed(study.crossed.unwrap_or_default()));
    if let Err(why) = study.crossed {
        sentences.push(format!("no intervals over new test images: {why}"));
    }
    if study.environment.is_empty() {
        sentences.push("the store does not say on which machine it was made".to_owned());
    }
    sentences
}

/// What runs that share their seeds say against a test that takes them for independent.
fn against_independence(study: &Study<'_>) -> Option<String> {
    let comparisons = &study.main()?.comparisons;
    let correlations = comparisons.iter().filter_map(|c| match &c.pairing {
        Some(Ok(pairing)) if c.design == Design::Independent => Some(pairing.correlation),
        _ => None,
    });
    let least = correlations.clone().reduce(f64::min)?;
    let most = correlations.reduce(f64::max)?;
    let shared = match study.declared("hidden") {
        Some(VARIED) => "its order",
        _ => "its order and draws",
    };
    let [least, most] = [least, most].map(|r| fixed(r, 2));
    let range = if least == most {
        least
    } else {
        format!("{least} to {most}")
    };
    Some(format!(
        "runs of one seed share {shared} and are not independent, as the tests take them: in {} their correlation is {range}",
        study.metric.label()
    ))
}

fn of_means(analysis: &Analysis, what: &'static str, noun: &'static str, gaps: &mut Reasons) {
    let every = Every::new(what, noun, analysis.summaries.len());
    for summary in &analysis.summaries {
        let reason = match (&summary.values, &summary.interval) {
            (Err(why), _) => Some(format!("no mean: {why}")),
            (Ok(_), Err(why)) => Some(format!("no interval of the mean: {why}")),
            _ => None,
        };
        if let Some(reason) = reason {
            gaps.add(&reason, every, &summary.group);
        }
        if let Err(why) = &summary.letters {
            gaps.add(&format!("no letters: {why}"), every, &summary.group);
        }
    }
}

/// What is to be said against intervals over new images, and why some pairs have none.
fn of_crossed(crossed: &[Crossed]) -> Vec<String> {
    let mut gaps = Reasons::default();
    let every = Every::new("test accuracy", "pair", crossed.len());
    for c in crossed {
        let pair = format!("{} − {}", c.a, c.b);
        if let Err(why) = &c.result {
            let reason = format!("no intervals over new test images: {why}");
            gaps.add(&reason, every, &pair);
        }
        if let Some(why) = c.caution() {
            let reason = format!("intervals over new seeds and test images: {why}");
            gaps.add(&reason, every, &pair);
        }
    }
    gaps.sentences()
}

fn of_pair(c: &Comparison, analysis: &Analysis, study: &Study<'_>) -> Vec<String> {
    let mut reasons = reasons::of_pair(c, analysis, study.settings);
    if let (Ok(_), Err(why)) = (&c.test, &c.interval) {
        reasons.push(format!("no interval of the difference: {why}"));
    }
    if let Some(Err(why)) = &c.equivalence {
        reasons.push(format!("no test of equivalence: {why}"));
    }
    reasons
}

/// All subjects of one kind, whom a reason names together where it befell all.
#[derive(Clone, Copy, PartialEq)]
struct Every {
    what: &'static str,
    kind: &'static str,
    count: usize,
}

impl Every {
    fn new(what: &'static str, kind: &'static str, count: usize) -> Self {
        Self { what, kind, count }
    }
}

/// Reasons in the order of their coming, with whom each befell.
#[derive(Default)]
struct Reasons(Vec<(String, Befallen)>);

/// Whom a reason befell, by kind.
type Befallen = Vec<(Every, Vec<String>)>;

impl Reasons {
    fn add(&mut self, reason: &str, every: Every, subject: &str) {
        let place = self.0.iter().position(|(known, _)| known == reason);
        let place = place.unwrap_or_else(|| {
            self.0.push((reason.to_owned(), Vec::new()));
            self.0.len() - 1
        });
        let kinds = &mut self.0[place].1;
        match kinds.iter_mut().find(|(known, _)| *known == every) {
            Some((_, subjects)) => subjects.push(subject.to_owned()),
            None => kinds.push((every, vec![subject.to_owned()])),
        }
    }

    fn sentences(self) -> Vec<String> {
        let sentence = |(reason, kinds): (String, Befallen)| {
            let kinds: Vec<String> = kinds.iter().map(|(every, s)| named(every, s)).collect();
            format!("{reason} ({})", kinds.join("; "))
        };
        self.0.into_iter().map(sentence).collect()
    }
}

fn named(every: &Every, subjects: &[String]) -> String {
    let Every { what, kind, count } = every;
    if subjects.len() == *count && *count > 1 {
        return format!("{what}, every {kind}");
    }
    let shown = &subjects[..subjects.len().min(MOST_SUBJECTS)];
    let more = match subjects.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more, see the note columns of the CSV files"),
    };
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    format!("{what}, {}{more}", separated(&shown))
}
