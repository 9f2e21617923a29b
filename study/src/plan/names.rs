//! Lists and names as flags, study files and the store write them.

use std::num::NonZeroUsize;

use engine::init::{InitScope, Initializer, InitializerError};

use super::PlanError;
use crate::nearest::nearest;

/// Reads a list of initializers, `he_normal,random_normal(stddev=0.1)`.
///
/// # Errors
/// If one is unknown or named twice, or there is none.
pub fn parse_initializers(text: &str) -> Result<Vec<Initializer>, PlanError> {
    let mut initializers = Vec::new();
    for part in split_outside_parentheses(text) {
        let initializer = part.parse()?;
        if initializers.contains(&initializer) {
            return Err(PlanError::Repeated(initializer));
        }
        initializers.push(initializer);
    }
    Ok(initializers)
}

/// The initializer that was meant, as the end of a sentence, where one is near.
#[must_use]
pub fn did_you_mean(error: &InitializerError) -> String {
    let InitializerError::UnknownName { name } = error else {
        return String::new();
    };
    match nearest(name, Initializer::NAMES) {
        Some(nearest) => format!("; did you mean {nearest:?}?"),
        None => String::new(),
    }
}

/// The parts of a list at the commas that no parenthesis encloses.
fn split_outside_parentheses(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    })
}

/// Reads the widths of the hidden layers, `128,64`; `none` makes a linear classifier.
///
/// # Errors
/// If a part is no number from 1 up.
pub fn parse_hidden(text: &str) -> Result<Vec<usize>, PlanError> {
    if text.trim() == "none" {
        return Ok(Vec::new());
    }
    let width = |part: &str| match part.trim().parse::<NonZeroUsize>() {
        Ok(width) => Ok(width.get()),
        Err(_) => Err(PlanError::Hidden {
            text: text.to_owned(),
            part: part.to_owned(),
        }),
    };
    text.split(',').map(width).collect()
}

/// Hidden widths as a file holds them: `128,64`, or `none`.
#[must_use]
pub fn hidden_text(hidden: &[usize]) -> String {
    if hidden.is_empty() {
        return "none".to_owned();
    }
    let widths: Vec<String> = hidden.iter().map(usize::to_string).collect();
    widths.join(",")
}

/// The scope of a name.
#[must_use]
pub fn scope_named(name: &str) -> Option<InitScope> {
    let scopes = [InitScope::Hidden, InitScope::All];
    scopes.into_iter().find(|scope| scope.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_at_its_own_commas_only() {
        let parts: Vec<_> = split_outside_parentheses("a,b(x=1,y=2),c").collect();
        assert_eq!(parts, ["a", "b(x=1,y=2)", "c"]);
    }

    #[test]
    fn a_default_written_out_repeats_the_name() {
        let error = parse_initializers("random_normal,random_normal(stddev=0.05)").unwrap_err();
        assert!(matches!(error, PlanError::Repeated(_)), "{error}");
    }

    #[test]
    fn a_misspelt_initializer_is_refused_with_the_nearest() {
        let message = |text| parse_initializers(text).unwrap_err().to_string();
        let misspelt = message("he_normal,glorot_unifrom");
        assert!(
            misspelt.ends_with("he_normal; did you mean \"glorot_uniform\"?"),
            "{misspelt}"
        );
        assert!(!message("orthogonal").contains("mean"));
    }

    #[test]
    fn widths_start_at_one_and_read_back() {
        for text in ["128,64", "none", "1"] {
            assert_eq!(hidden_text(&parse_hidden(text).unwrap()), text);
        }
        assert_eq!(parse_hidden("128, 64").unwrap(), [128, 64]);
        for text in ["", "0", "128,", "128,x", "-1"] {
            assert!(parse_hidden(text).is_err(), "{text:?}");
        }
    }
}
