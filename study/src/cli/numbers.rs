//! Numbers as flags take them: what is wrong with one is said in words of ours.

use std::str::FromStr;

/// Reads a number.
///
/// # Errors
/// If it is none.
pub(super) fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| {
        if text.starts_with("--") {
            "it is a flag, before which a number is missing; write one as in 0.05 or 1e-3"
                .to_owned()
        } else {
            "it is no number; write one as in 0.05 or 1e-3".to_owned()
        }
    })
}

/// A reader of whole numbers from `least` to `most`.
pub(super) fn whole<T: FromStr>(
    least: u64,
    most: u64,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let inside = text
            .parse()
            .is_ok_and(|value: u64| (least..=most).contains(&value));
        let value = text.parse().ok().filter(|_| inside);
        value.ok_or_else(|| {
            let most = match most {
                MOST => "up".to_owned(),
                most => format!("to {most}"),
            };
            format!("it is no whole number from {least} {most}, written in digits alone")
        })
    }
}

/// Where nothing but the number's type bounds it.
pub(super) const MOST: u64 = u64::MAX;
