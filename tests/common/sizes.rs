//! How much a test tries: all that it lists, or the few of it that reach every branch of the
//! portable kernels, where Miri interprets them a thousand times slower.

#![allow(dead_code, reason = "each test file takes what it needs")]

use proptest::prelude::ProptestConfig;

/// `all`; under Miri `few`.
pub fn amount<T>(all: T, few: T) -> T {
    if cfg!(miri) { few } else { all }
}

/// What to loop over: `all`; under Miri `few`.
pub fn sizes<T>(
    all: impl IntoIterator<Item = T>,
    few: impl IntoIterator<Item = T>,
) -> impl Iterator<Item = T> {
    let few = cfg!(miri).then_some(few).into_iter().flatten();
    let all = (!cfg!(miri)).then_some(all).into_iter().flatten();
    few.chain(all)
}

/// Every small size, nothing included. Under Miri: none, one and both sides of a vector's eight
/// floats, and what has a rest after the 32 that a sparse product takes at a time.
pub fn small_sizes() -> impl Iterator<Item = usize> {
    sizes(0..=40, [0, 1, 7, 8, 9, 33])
}

/// A property's cases: as many as proptest tries by itself.
pub fn default_cases() -> ProptestConfig {
    cases(ProptestConfig::default().cases)
}

/// A property's cases: `all`; under Miri two, of which no file is kept.
pub fn cases(all: u32) -> ProptestConfig {
    let mut config = ProptestConfig::with_cases(amount(all, 2));
    if cfg!(miri) {
        config.failure_persistence = None;
    }
    config
}
