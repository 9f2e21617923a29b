//! Bounds of what may be asked for, the same for flags and registrations.

use crate::comparison::Settings;

pub use crate::stats::resample::FEWEST_RESAMPLES;

/// More seeds than this no sweep has the time for.
pub const MOST_SEEDS: u32 = 1_000_000;

/// More resamples, or splits, than this take days and say no more.
pub const MOST_RESAMPLES: usize = 1_000_000;

/// Below this level the quantiles lose their digits.
pub const SMALLEST_ALPHA: f64 = 1e-12;

/// What is wrong with a comparison's settings, if something is.
///
/// # Errors
/// One sentence that names the flag.
pub fn check_settings(settings: &Settings) -> Result<(), String> {
    settings.check().map_err(|error| error.to_string())?;
    check_alpha(settings.alpha)?;
    check_count("--resamples", settings.resampling.resamples)
}

/// Whether a level is one that a comparison can have: of the interval that goes with two one-sided tests
/// at 0.5 nothing is left.
#[must_use]
pub fn is_alpha(alpha: f64) -> bool {
    alpha > 0.0 && alpha < 0.5
}

/// That a level is not so small that it means nothing.
///
/// # Errors
/// One sentence.
pub fn check_alpha(alpha: f64) -> Result<(), String> {
    if alpha > 0.0 && alpha < SMALLEST_ALPHA {
        return Err(format!(
            "--alpha {alpha:e} is too small; {SMALLEST_ALPHA:e} is the least"
        ));
    }
    Ok(())
}

/// That a count is within the time and memory of a machine.
///
/// # Errors
/// One sentence that names `flag`.
pub fn check_count(flag: &str, count: usize) -> Result<(), String> {
    if count > MOST_RESAMPLES {
        return Err(format!(
            "{flag} {count} is too many; {MOST_RESAMPLES} is the most"
        ));
    }
    Ok(())
}
