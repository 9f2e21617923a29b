//! How it was done, with its citations.

use super::Part;
use crate::{
    metric::Metric,
    publication::Examination,
    report::{content::coverage, methods::Prose, references as works},
};

pub(super) fn parts(examination: &Examination) -> Vec<Part> {
    vec![
        Part::Prose(experiment()),
        Part::Prose(placing()),
        Part::Prose(claims(examination)),
        Part::Prose(single_runs(examination)),
        Part::Prose(likelihood()),
    ]
}

fn experiment() -> Prose {
    let mut prose = Prose::default();
    prose
        .say("Examined is Table 1 of the paper")
        .cite(&[works::DESAI])
        .say(", apparently one run of each of four initializers. Its experiment was repeated under every seed of a list, a seed giving the same order of examples and the same base draws to all four initializers, once with the initializer under study in the hidden layer only and once in both layers. The initializers are those of Keras: random normal with standard deviation 0.05, random uniform on ±0.05, Glorot uniform")
        .cite(&[works::GLOROT])
        .say(", He normal")
        .cite(&[works::HE])
        .say("; the optimizer is Adam")
        .cite(&[works::KINGMA_BA])
        .say(". The paper states neither the bounds of random uniform nor the batch size, the learning rate or the scale of the pixels: taken are Keras's defaults (±0.05, 32, 0.001) and pixels from 0 to 1.");
    prose
}

fn placing() -> Prose {
    let mut prose = Prose::default();
    prose
        .say("A published number x is placed among our n runs of mean m and standard deviation s by its mid-rank and by t = (x − m)/(s √(1 + 1/n)) with n − 1 degrees of freedom, the distribution of one more run")
        .cite(&[works::GEISSER])
        .say(", adjusted for the twenty numbers of a scope")
        .cite(&[works::HOLM])
        .say(". Means have t intervals")
        .cite(&[works::STUDENT])
        .say(".");
    prose
}

fn claims(examination: &Examination) -> Prose {
    let mut prose = Prose::default();
    prose
        .say("Claims are judged by paired t tests")
        .cite(&[works::STUDENT])
        .say(" of the six pairs of initializers and by two one-sided tests")
        .cite(&[works::SCHUIRMANN])
        .say(&format!(
            " against a margin of {}, each family adjusted",
            Metric::TestAccuracy.margin_words(examination.margin)
        ))
        .cite(&[works::HOLM])
        .say(&format!(
            ", at {}; all four are tested together by analysis of variance in blocks of one seed with Greenhouse and Geisser's correction",
            examination.settings.alpha
        ))
        .cite(&[works::GREENHOUSE_GEISSER])
        .say(", Friedman's test")
        .cite(&[works::FRIEDMAN])
        .say(" beside it. Blocks of seeds speak of other seeds, not of other data.");
    prose
}

fn single_runs(examination: &Examination) -> Prose {
    let mut prose = Prose::default();
    prose
        .say("Shares of combinations are counted, not sampled; their intervals are percentile bootstrap intervals")
        .cite(&[works::EFRON])
        .say(&format!(
            " of {}, seeds drawn with replacement for all initializers together, {} times.",
            coverage(examination.settings.level()),
            examination.settings.resampling.resamples
        ));
    prose
}

fn likelihood() -> Prose {
    let mut prose = Prose::default();
    prose
        .say("A published row of five numbers is weighed by the distribution of one more run given n runs of a multivariate normal population under Jeffreys' independence prior: a multivariate t with n − 5 degrees of freedom, the mean of the runs as its centre and their covariance times (n − 1)(n + 1)/(n (n − 5)) as its scale")
        .cite(&[works::GEISSER, works::MURPHY])
        .say(". Rows are independent given the scope, and their logarithms added. Whether a row may be one more of the runs is tested by Hotelling's T²")
        .cite(&[works::HOTELLING])
        .say(".");
    prose
}
