//! What was meant by a name that is none.

/// Above this likeness, of 1 at most, a name is taken for another one misspelt.
const LIKE: f64 = 0.8;

/// The known name that is likest, by Jaro and Winkler, where one is like enough. Case and the kind of dash
/// make no difference.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let name = plain(name);
    let likeness = |known: &str| strsim::jaro_winkler(&plain(known), &name);
    let known = known.into_iter().map(|known| (likeness(known), known));
    known
        .filter(|(likeness, _)| *likeness > LIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_pen_is_understood_and_another_word_is_not() {
        let known = ["test_accuracy", "train_accuracy", "test_loss"];
        for (name, meant) in [
            ("test_acuracy", Some("test_accuracy")),
            ("Train-Accuracy", Some("train_accuracy")),
            ("loss", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
        assert_eq!(nearest("test", []), None);
    }
}
