//! Works on the prediction of one more run, and the paper that is examined by it.

use super::super::{Link, Reference, Venue};

/// Desai (2024), the paper under examination.
pub const DESAI: &Reference = &Reference {
    key: "desai2024",
    authors: &["Desai, Chitra"],
    year: 2024,
    title: "Impact of weight initialization techniques on neural network efficiency and performance: a case study with MNIST dataset",
    venue: Venue::Article(
        "International Journal of Engineering and Computer Science",
        "article 4809, published 9 April 2024",
    ),
    link: Link::Url("https://ijecs.in/index.php/ijecs/article/view/4809"),
};

/// Geisser (1993).
pub const GEISSER: &Reference = &Reference {
    key: "geisser1993",
    authors: &["Geisser, Seymour"],
    year: 1993,
    title: "Predictive inference: an introduction",
    venue: Venue::Book("Chapman and Hall"),
    link: Link::None,
};

/// Murphy (2007).
pub const MURPHY: &Reference = &Reference {
    key: "murphy2007",
    authors: &["Murphy, Kevin P."],
    year: 2007,
    title: "Conjugate Bayesian analysis of the Gaussian distribution",
    venue: Venue::Manuscript("University of British Columbia"),
    link: Link::Url("https://www.cs.ubc.ca/~murphyk/Papers/bayesGauss.pdf"),
};

/// Hotelling (1931).
pub const HOTELLING: &Reference = &Reference {
    key: "hotelling1931",
    authors: &["Hotelling, Harold"],
    year: 1931,
    title: "The generalization of Student’s ratio",
    venue: Venue::Journal("The Annals of Mathematical Statistics", "2(3)", "360--378"),
    link: Link::Doi("10.1214/aoms/1177732979"),
};

/// Efron (1979).
pub const EFRON: &Reference = &Reference {
    key: "efron1979",
    authors: &["Efron, Bradley"],
    year: 1979,
    title: "Bootstrap methods: another look at the jackknife",
    venue: Venue::Journal("The Annals of Statistics", "7(1)", "1--26"),
    link: Link::Doi("10.1214/aos/1176344552"),
};
