//! Works on group-sequential designs.

use super::super::{Link, Reference, Venue};

/// Lan and DeMets (1983).
pub const LAN_DEMETS: &Reference = &Reference {
    key: "lan1983",
    authors: &["Lan, K. K. Gordon", "DeMets, David L."],
    year: 1983,
    title: "Discrete sequential boundaries for clinical trials",
    venue: Venue::Journal("Biometrika", "70(3)", "659--663"),
    link: Link::Doi("10.1093/biomet/70.3.659"),
};

/// O’Brien and Fleming (1979).
pub const OBRIEN_FLEMING: &Reference = &Reference {
    key: "obrien1979",
    authors: &["O’Brien, Peter C.", "Fleming, Thomas R."],
    year: 1979,
    title: "A multiple testing procedure for clinical trials",
    venue: Venue::Journal("Biometrics", "35(3)", "549--556"),
    link: Link::Doi("10.2307/2530245"),
};
