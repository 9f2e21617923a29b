//! Methods by name, in the words of a sentence.

use super::{
    counted,
    number::{fixed, p_is},
};
use crate::{
    comparison::{Design, Settings, Test},
    stats::{TestResult, adjust::Adjustment, two_groups::TwoGroupTest},
};

/// A test of all groups in a sentence.
pub(in crate::report) fn omnibus_words(name: &str) -> &str {
    match name {
        "Friedman" => "Friedman’s test",
        "Iman-Davenport" => "Iman and Davenport’s form of it",
        "Kruskal-Wallis" => "Kruskal and Wallis’s test",
        "Welch ANOVA" => "Welch’s analysis of variance",
        "one-way ANOVA" => "one-way analysis of variance",
        "Brown-Forsythe" => "Brown and Forsythe’s test of equal variances",
        name if name.starts_with("repeated-measures") => {
            "repeated-measures analysis of variance with Greenhouse and Geisser’s correction"
        }
        other => other,
    }
}

/// A test's name in a sentence.
pub(super) fn test_words(test: Test) -> &'static str {
    match test {
        Test::TwoGroups(TwoGroupTest::PairedT) => "paired t test",
        Test::TwoGroups(TwoGroupTest::Wilcoxon) => "Wilcoxon’s signed rank test",
        Test::TwoGroups(TwoGroupTest::SignFlip) => "sign-flip test of the mean of pairs",
        Test::TwoGroups(TwoGroupTest::Welch) => "Welch’s t test",
        Test::TwoGroups(TwoGroupTest::PooledT) => "Student’s t test with pooled variance",
        Test::TwoGroups(TwoGroupTest::MannWhitney) => "Mann and Whitney’s rank sum test",
        Test::TwoGroups(TwoGroupTest::Permutation) => "permutation test of Welch’s t",
        Test::Tukey => "Tukey’s honestly significant difference",
        Test::GamesHowell => "Games and Howell’s test",
        Test::TukeyBlocks => "Tukey’s test in blocks of seeds",
        Test::Nemenyi => "Nemenyi’s test of mean ranks in blocks of seeds",
        Test::Dunnett => "Dunnett’s test against the control",
        Test::MaxT => "permutation max-T test in blocks of seeds, step-down",
    }
}

/// The statistic of a test of all groups in the usual notation, with its p: `F(2.63, 260.06) = 0.41, p = 0.722`.
pub(in crate::report) fn statistic_words(result: &TestResult) -> String {
    // Whole numbers as such.
    let short = |df: f64| fixed(df, if df.fract() == 0.0 { 0 } else { 2 });
    let statistic = match (result.df, result.df_error) {
        (Some(df), Some(error)) => format!("F({}, {})", short(df), short(error)),
        (Some(df), None) => format!("χ²({})", short(df)),
        _ => "statistic".to_owned(),
    };
    format!(
        "{statistic} = {}, {}",
        fixed(result.statistic, 2),
        p_is(result.p)
    )
}

/// How p-values were adjusted, in a sentence.
pub(super) fn adjustment_words(settings: &Settings) -> &'static str {
    if settings.test.is_simultaneous() {
        return "adjusted for the family by itself";
    }
    match settings.adjustment {
        Adjustment::None => "p not adjusted",
        Adjustment::Bonferroni => "p adjusted by Bonferroni’s method",
        Adjustment::Holm => "p adjusted by Holm’s method",
        Adjustment::Hochberg => "p adjusted by Hochberg’s method",
        Adjustment::BenjaminiHochberg => "p adjusted by Benjamini and Hochberg’s method",
        Adjustment::BenjaminiYekutieli => "p adjusted by Benjamini and Yekutieli’s method",
    }
}

/// Whether p-values are other than those of each pair alone.
pub(in crate::report) fn is_adjusted(settings: &Settings) -> bool {
    settings.test.is_simultaneous() || settings.adjustment != Adjustment::None
}

/// Whether intervals cover together or each by itself.
pub(in crate::report) fn extent_words(settings: &Settings) -> &'static str {
    if settings.test.has_simultaneous_intervals() {
        "simultaneous"
    } else {
        "each by itself"
    }
}

/// The test, its adjustment, its family and its level.
pub(super) fn method_words(settings: &Settings, pairs: usize) -> String {
    format!(
        "{}, {} over {} within each column, not across columns, α = {}",
        test_words(settings.test),
        adjustment_words(settings),
        counted(pairs, "pair"),
        settings.alpha
    )
}

/// What Hedges' g is standardised by: of paired runs there are two deviations to choose from.
pub(in crate::report) fn effect_words(settings: &Settings) -> &'static str {
    match settings.design() {
        Design::Paired => {
            "standardised by the pooled standard deviation of the two groups, not by that of the paired differences"
        }
        Design::Independent => "standardised by the pooled standard deviation of the two groups",
    }
}
