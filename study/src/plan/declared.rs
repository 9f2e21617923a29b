//! What a study declares of a setting: its values, so that another study is told from the same one
//! that grew.

use std::{collections::BTreeSet, fmt};

use super::VARIED;

/// The values that a study declares of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    /// These.
    Values(BTreeSet<String>),
    /// Several, as stores of before had it, which did not keep which.
    Unknown,
}

impl Declared {
    /// What a store has: a value, or several as a JSON array, which no value begins like.
    pub(crate) fn parse(text: &str) -> Self {
        match serde_json::from_str::<BTreeSet<String>>(text) {
            _ if text == VARIED => Self::Unknown,
            Ok(values) => Self::Values(values),
            Err(_) => Self::Values(BTreeSet::from([text.to_owned()])),
        }
    }

    /// As a store has it.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Unknown => VARIED.to_owned(),
            Self::Values(values) if values.len() == 1 => values.iter().cloned().collect(),
            Self::Values(values) => serde_json::json!(values).to_string(),
        }
    }

    /// Whether several are declared.
    pub(crate) fn is_varied(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Values(values) => values.len() > 1,
        }
    }

    /// Whether `other` has all of these: both may be of one study then, which grew. Of several that
    /// nobody kept, any may be one.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Unknown) => true,
            (Self::Unknown, Self::Values(_)) => false,
            (Self::Values(these), Self::Values(those)) => these.is_subset(those),
        }
    }

    /// How many there are.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Unknown => usize::MAX,
            Self::Values(values) => values.len(),
        }
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str(VARIED),
            Self::Values(values) => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                f.write_str(&values.join(" or "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_comes_back_from_its_text() {
        for (text, size) in [("0.001", 1), ("8,4", 1), ("none", 1), (r#"["8","8,4"]"#, 2)] {
            let declared = Declared::parse(text);
            assert_eq!((declared.size(), declared.to_text().as_str()), (size, text));
        }
        assert_eq!(Declared::parse(VARIED), Declared::Unknown);
        assert_eq!(Declared::Unknown.to_text(), VARIED);
    }

    #[test]
    fn a_study_that_grew_has_all_that_it_had() {
        let [one, two, other] = ["8", r#"["16","8"]"#, r#"["32","8"]"#].map(Declared::parse);
        assert!(one.is_within(&two) && two.is_within(&two));
        assert!(!two.is_within(&one) && !two.is_within(&other) && !other.is_within(&two));
        assert!(two.is_within(&Declared::Unknown) && !Declared::Unknown.is_within(&two));
    }
}
