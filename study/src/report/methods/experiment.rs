//! The paragraph on the experiment: network, data, protocol, initializers, seeds.

use engine::init::Initializer;

use super::Prose;
use crate::{
    metric::by_variant,
    plan::VARIED,
    report::{
        content::{Study, counted, listed, named_list},
        references::{self as works, Reference},
    },
};

pub(super) fn paragraph(study: &Study<'_>) -> Prose {
    let mut prose = Prose::default();
    let declared = |key| study.declared(key).unwrap_or("unknown");
    let activation = match declared("activation") {
        VARIED => either(values(study, "activation")),
        one => one.to_owned(),
    };
    let activation = activation.replace("relu", "ReLU");
    let hidden = match study.declared("hidden") {
        Some("none") => "no hidden layer".to_owned(),
        Some(VARIED) => {
            let mut widths = values(study, "hidden");
            let some = widths.len();
            widths.retain(|widths| widths != "none");
            let none = if widths.len() < some {
                "no hidden layer or "
            } else {
                ""
            };
            let widths = widths.iter().map(|widths| widths.replace(',', "-"));
            let widths = either(widths.collect());
            format!("{none}hidden layers of {widths} units ({activation})")
        }
        Some(widths) if !widths.contains(',') => {
            format!("one hidden layer of {widths} units ({activation})")
        }
        Some(widths) => {
            let widths: Vec<&str> = widths.split(',').collect();
            format!("hidden layers of {} units ({activation})", listed(&widths))
        }
        None => "a shape that the store does not tell".to_owned(),
    };
    prose.say(&format!(
        "A fully connected network with {hidden} and a softmax output was trained on {}",
        study.dataset_words()
    ));
    if study.dataset() == "mnist" {
        prose.cite(&[works::MNIST]);
    }
    let digest = declared("dataset_sha256");
    prose.say(&format!(
        ", SHA-256 of its files {}, its pixels divided by 255, the last 20\u{a0}% of the training file held out for validation{}. It was trained on the cross-entropy loss",
        digest.get(..16).map_or(digest.to_owned(), |start| format!("{start}…")),
        // Stores of before they were kept have none.
        study.fact("examples").map_or(String::new(), |examples| {
            format!(" ({})", examples.replacen(" for", " examples for", 1))
        })
    ));
    let rate = match declared("learning_rate") {
        VARIED => either(values(study, "learning_rate")),
        rate => rate.to_owned(),
    };
    optimizer(&mut prose, declared("optimizer"), &rate);
    let shuffle = match declared("shuffle") {
        "once" => "shuffled once, before the first epoch",
        _ => "shuffled anew for each epoch",
    };
    let epochs = declared("epochs");
    prose.say(&format!(
        " for {epochs} {} in batches of {}, the training examples {shuffle}; the weights after the last epoch were evaluated. ",
        if epochs == "1" { "epoch" } else { "epochs" },
        match declared("batch_size") {
            VARIED => either(values(study, "batch_size")),
            size => size.to_owned(),
        }
    ));
    initializers(&mut prose, study);
    seeds(&mut prose, study);
    prose
}

/// The values of a setting that the variants differ in, each once.
fn values(study: &Study<'_>, setting: &str) -> Vec<String> {
    let mut values = Vec::new();
    for run in study.runs {
        let settings = run.variant.settings();
        let of_run = settings.into_iter().find(|(name, _)| *name == setting);
        let of_run = of_run
            .map(|(_, value)| value)
            .filter(|v| !values.contains(v));
        values.extend(of_run);
    }
    values
}

/// `a, b or c`.
fn either(values: Vec<String>) -> String {
    match values.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => values.concat(),
    }
}

/// The initializers of a grid whose variants are each of them with each combination of the settings
/// that vary; none of another study.
fn crossed(study: &Study<'_>) -> Option<Vec<String>> {
    let mut initializers: Vec<String> = Vec::new();
    for run in study.runs {
        let name = run.variant.initializer.to_string();
        if !initializers.contains(&name) {
            initializers.push(name);
        }
    }
    let varied = study
        .declaration
        .iter()
        .filter(|(_, value)| value == VARIED);
    let combinations: usize = varied.map(|(name, _)| values(study, name).len()).product();
    let is_whole = initializers.len() * combinations == study.labels().len();
    (study.is_grid() && is_whole).then_some(initializers)
}

fn optimizer(prose: &mut Prose, optimizer: &str, rate: &str) {
    let parameters = optimizer
        .strip_prefix("adam(")
        .and_then(|rest| rest.strip_suffix(')'));
    match parameters {
        Some(parameters) => {
            let parameters = parameters
                .replace("beta1=", "β₁\u{a0}=\u{a0}")
                .replace("beta2=", "β₂\u{a0}=\u{a0}")
                .replace("epsilon=", "ε\u{a0}=\u{a0}")
                .replace(',', ", ");
            prose.say(" by Adam").cite(&[works::KINGMA_BA]);
            prose.say(&format!(", learning rate {rate}, {parameters},"));
        }
        None => {
            prose.say(&format!(" by {optimizer}, learning rate {rate},"));
        }
    }
}

/// The works that an initializer's name stands for.
fn works_of(label: &str) -> Option<&'static Reference> {
    let known = [("glorot", works::GLOROT), ("he_", works::HE)];
    let found = known.iter().find(|(start, _)| label.starts_with(start));
    found.map(|(_, work)| *work)
}

/// What each name stands for that leaves a parameter at its default.
fn defaults(labels: &[&str]) -> Vec<String> {
    let mut defaults: Vec<String> = Vec::new();
    for label in labels {
        let name = label.split(',').next().unwrap_or(label);
        let known: Result<Initializer, _> = name.parse();
        let Ok(whole) = known.map(Initializer::canonical) else {
            continue;
        };
        let said = format!("{name} stands for {whole}");
        if whole != name && !defaults.contains(&said) {
            defaults.push(said);
        }
    }
    defaults
}

/// Whether a label begins with an initializer that draws from a truncated normal.
fn is_truncated(label: &str) -> bool {
    let name = label.split(',').next().unwrap_or(label);
    matches!(name, "glorot_normal" | "he_normal")
}

/// Numbers that begin a sentence, by themselves.
const NUMBERS: [&str; 13] = [
    "Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
    "Eleven", "Twelve",
];

fn initializers(prose: &mut Prose, study: &Study<'_>) {
    let labels = study.labels();
    let verb = if labels.len() == 1 {
        "was used"
    } else {
        "were compared"
    };
    let count = match labels.len() {
        1 => format!("One {}", study.noun()),
        n => format!(
            "{} {}s",
            NUMBERS.get(n).map_or(n.to_string(), |w| (*w).to_owned()),
            study.noun()
        ),
    };
    let of = if study.is_grid() {
        ""
    } else {
        " of the weights"
    };
    prose.say(&format!("{count}{of} {verb}: "));
    let crossed = crossed(study);
    let labels = match &crossed {
        Some(initializers) => {
            prose.say(match initializers.len() {
                1 => "every combination of the settings that vary, with the initializer ",
                _ => "every combination of the settings that vary with the initializers ",
            });
            initializers.iter().map(String::as_str).collect()
        }
        None => labels,
    };
    // Names that have commas themselves are kept apart by another sign.
    let commas = labels.iter().any(|label| label.contains(", "));
    for (index, label) in labels.iter().enumerate() {
        let before = match index {
            0 => "",
            _ if commas => "; ",
            _ if index + 1 == labels.len() => " and ",
            _ => ", ",
        };
        prose.say(&format!("{before}{label}"));
        prose.cite(works_of(label).as_slice());
    }
    let scope = match study.declared("init_scope") {
        Some(VARIED) => {
            "given to the hidden layers, the output layer then beginning as glorot_uniform, or to every layer"
        }
        Some("hidden") => {
            "given to the hidden layers, the output layer always beginning as glorot_uniform"
        }
        _ => "given to every layer",
    };
    prose.say(&format!(", {scope}; biases began at zero. "));
    let defaults = defaults(&labels);
    if !defaults.is_empty() {
        let defaults: Vec<&str> = defaults.iter().map(String::as_str).collect();
        prose.say(&format!("Here {}. ", listed(&defaults)));
    }
    if labels.iter().any(|label| is_truncated(label)) {
        prose.say("The normal distributions that are scaled by the widths of a layer are truncated at two standard deviations, as Keras has them. ");
    }
}

fn seeds(prose: &mut Prose, study: &Study<'_>) {
    let groups = by_variant(study.runs);
    let runs: usize = groups.iter().map(|(_, runs)| runs.len()).sum();
    let all = groups.iter().flat_map(|(_, runs)| runs);
    let mut seeds: Vec<u64> = all.map(|run| run.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let range = match seeds.as_slice() {
        [] => String::new(),
        [one] => format!(" ({one})"),
        [first, .., last] if (last - first) as usize == seeds.len() - 1 => {
            format!(" ({first} to {last})")
        }
        [first, .., last] => format!(" (among {first} to {last})"),
    };
    let whole = runs == seeds.len() * groups.len();
    let each = if whole {
        "under"
    } else {
        "under some or all of"
    };
    prose.say(&format!(
        "Each was trained {each} {}{range}. A seed fixes the order of the examples and the random draws from which the weights are made{}. ",
        counted(seeds.len(), "seed"),
        match (groups.len(), study.declared("hidden")) {
            (0 | 1, _) => String::new(),
            (_, Some(VARIED)) => {
                ", the same order for every variant and the same draws for those of one shape, so that runs of one seed make a pair".to_owned()
            }
            _ => format!(
                ", the same for every {}, so that runs of one seed make a pair",
                study.noun()
            ),
        }
    ));
    let diverged: Vec<(&str, usize)> = groups
        .iter()
        .map(|(label, runs)| {
            let diverged = runs
                .iter()
                .filter(|run| run.status.diverged_epoch().is_some());
            (label.as_str(), diverged.count())
        })
        .filter(|(_, n)| *n > 0)
        .collect();
    if diverged.is_empty() {
        prose.say(&match runs {
            1 => "The run did not diverge.".to_owned(),
            _ => format!("None of the {runs} runs diverged."),
        });
    } else {
        let total: usize = diverged.iter().map(|(_, n)| n).sum();
        let of: Vec<String> = diverged
            .iter()
            .map(|(label, n)| format!("{n} of {label}"))
            .collect();
        let of: Vec<&str> = of.iter().map(String::as_str).collect();
        prose.say(&format!(
            "{total} of the {} diverged, a loss being no finite number: {}. {} no mean, so that the statistics speak of runs that did not diverge.",
            counted(runs, "run"),
            named_list(&of),
            if total == 1 {
                "It is counted and enters"
            } else {
                "They are counted and enter"
            }
        ));
    }
}
