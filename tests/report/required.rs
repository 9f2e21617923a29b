//! Programs that a test can do without, but not where they are to be there.

/// Says aloud what is left out for want of a program; fails where `INITSTUDY_REQUIRE`, the names of
/// programs with blanks between, has it, as in CI.
pub fn skip(program: &str, what: &str) {
    let required = std::env::var("INITSTUDY_REQUIRE").unwrap_or_default();
    assert!(
        !required.split_whitespace().any(|name| name == program),
        "no {program} on PATH, which INITSTUDY_REQUIRE demands: {what}"
    );
    eprintln!("no {program} on PATH: {what}");
}
