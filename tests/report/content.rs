//! What reports make of names of every kind, and the methods that they say were used.

use crate::required;
use crate::stored;
use std::{fs, process::Command};

use study::{
    comparison::{Analysis, Group, Run, Settings, Test, analyze},
    metric::Metric,
    report::{
        content::{Content, Spread, Study},
        html, latex, markdown, text,
    },
    stats::adjust::Adjustment,
};

const NAMES: [&str; 6] = [
    "50%_of <b>&amp;</b>",
    "a\\b {c} $d$ #e ^f ~g",
    "Müller–Łódź ±µ α→β",
    "中文 \u{1F600}",
    "|pipe| *star* `tick` [x](y)",
    "tab\tnew\nline \u{1b}[31m\"quoted\" 'so'",
];

/// Groups of these names, a few values each.
fn analyses(names: &[&str], settings: &Settings) -> Vec<Analysis> {
    let group = |(index, name): (usize, &&str)| {
        let run = |seed: u64| Run {
            pair: Some(seed),
            value: Some(
                0.9 + 0.001 * ((seed * 7 + index as u64 * 3) % 11) as f64 + 0.002 * index as f64,
            ),
        };
        Group::new((*name).to_owned(), (0..8).map(run).collect())
    };
    let groups: Vec<Group> = names.iter().enumerate().map(group).collect();
    Metric::ALL
        .iter()
        .map(|metric| analyze(metric.name(), &groups, settings))
        .collect()
}

fn content(names: &[&str], settings: &Settings) -> Content {
    let mut runs = stored::runs(&["he_normal"], 8);
    runs[0].dataset = "idx:<é>_&%$\u{1b}[31m".to_owned();
    Content::new(&Study {
        declaration: &[
            ("hidden".to_owned(), "none".to_owned()),
            ("note".to_owned(), "a < b & c_d %".to_owned()),
        ],
        environment: &[("cpu".to_owned(), "50 % <fast> & _odd_ #1".to_owned())],
        looks: None,
        registration: &["Deviation: 5 % <more> & x_y.".to_owned()],
        runs: &runs,
        analyses: &analyses(names, settings),
        crossed: Err("no labels"),
        ranks: None,
        untried: None,
        block_cautions: &[],
        settings,
        metric: Metric::TestAccuracy,
        spread: Spread::Interval,
    })
}

fn settings() -> Settings {
    let mut settings = Settings::paired();
    settings.margin = Some(0.01);
    settings.resampling.resamples = 200;
    settings
}

#[test]
fn names_of_every_kind_are_escaped_in_the_page() {
    let page = html::page(&content(&NAMES, &settings())).unwrap();
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let page = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let body = page
        .descendants()
        .find(|n| n.has_tag_name("tbody"))
        .unwrap();
    let firsts = body
        .descendants()
        .filter(|n| n.has_tag_name("tr"))
        .map(|row| {
            row.descendants()
                .find(|n| n.has_tag_name("th"))
                .unwrap()
                .text()
                .unwrap()
                .to_owned()
        });
    for (shown, name) in firsts.zip(NAMES) {
        let name: String = name
            .chars()
            .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
            .collect();
        assert_eq!(shown, name);
    }
}

#[test]
fn names_of_every_kind_are_escaped_in_markdown_and_on_the_terminal() {
    let content = content(&NAMES, &settings());
    let text = markdown::report(&content);
    assert!(text.contains("50%\\_of \\<b\\>\\&amp;\\</b\\>"), "{text}");
    assert!(
        text.contains("\\|pipe\\| \\*star\\* \\`tick\\` \\[x\\](y)"),
        "{text}"
    );
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.replace("\\|", "").matches('|').count());
    let counts: Vec<usize> = rows.collect();
    assert!(counts[..7].iter().all(|n| *n == counts[0]), "{counts:?}");
    let text = text::report(&content);
    assert!(!text.contains("\u{1b}[31m"), "no name steers the terminal");
    let text = content.methods.to_text();
    assert!(!text.contains('\u{1b}'), "nor does methods.txt: {text:?}");
}

#[test]
fn names_of_every_kind_compile() {
    let content = content(&NAMES, &settings());
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    for table in &content.tables {
        write(&format!("{}.tex", table.name), latex::table(table));
    }
    write("methods.tex", latex::methods(&content));
    write("report.tex", latex::document(&content));
    let first = latex::table(&content.tables[0]);
    assert!(
        first.contains("50\\%\\_of \\textless{}b\\textgreater{}\\&amp;"),
        "{first}"
    );
    assert!(first.contains("[U+4E2D][U+6587]"), "{first}");
    let run = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "report.tex"])
        .current_dir(folder.path())
        .output();
    match run {
        Ok(out) => assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stdout)
        ),
        Err(_) => required::skip("pdflatex", "the document is not compiled"),
    }
}

/// Keys that the methods cite.
fn cited(settings: &Settings) -> Vec<&'static str> {
    content(&["he_normal", "glorot_uniform", "random_normal"], settings)
        .references()
        .iter()
        .map(|r| r.key)
        .collect()
}

#[test]
fn each_test_and_each_adjustment_is_cited_by_its_own_work() {
    let works = [
        ("paired-t", "student1908"),
        ("wilcoxon", "pratt1959"),
        ("sign-flip", "fisher1935"),
        ("welch", "welch1947"),
        ("pooled-t", "student1908"),
        ("mann-whitney", "mann1947"),
        ("permutation", "janssen1997"),
        ("tukey", "tukey1953"),
        ("games-howell", "games1976"),
        ("tukey-blocks", "tukey1953"),
        ("nemenyi", "nemenyi1963"),
        ("dunnett", "dunnett1955"),
        ("max-t", "westfall1993"),
    ];
    assert_eq!(works.len(), Test::all().count());
    for (name, work) in works {
        let test = Test::named(name).unwrap();
        let mut settings = settings();
        settings.test = test;
        settings.control = (test == Test::Dunnett).then_some(0);
        let cited = cited(&settings);
        assert!(cited.contains(&work), "{name}: {cited:?}");
        assert_eq!(
            cited.contains(&"holm1979"),
            !test.is_simultaneous(),
            "{name}: {cited:?}"
        );
        assert_eq!(
            cited.contains(&"piepho2004"),
            settings.control.is_none(),
            "{name}"
        );
        assert!(
            cited.contains(&"schuirmann1987") && cited.contains(&"he2015"),
            "{cited:?}"
        );
    }
    let adjustments = [
        (Adjustment::Bonferroni, "dunn1961"),
        (Adjustment::Holm, "holm1979"),
        (Adjustment::Hochberg, "hochberg1988"),
        (Adjustment::BenjaminiHochberg, "benjamini1995"),
        (Adjustment::BenjaminiYekutieli, "benjamini2001"),
    ];
    for (adjustment, work) in adjustments {
        let mut settings = settings();
        settings.adjustment = adjustment;
        settings.margin = None;
        let cited = cited(&settings);
        assert!(
            cited.contains(&work) && !cited.contains(&"schuirmann1987"),
            "{cited:?}"
        );
    }
}

#[test]
fn undecided_is_never_called_equal() {
    let mut settings = settings();
    settings.margin = None;
    let content = content(&["he_normal", "he_uniform"], &settings);
    let text = text::report(&content) + &markdown::report(&content) + &content.methods.to_text();
    assert!(!text.contains("are equivalent"), "{text}");
    assert!(
        text.contains("undecided is not equal") || text.contains("Undecided is not equal"),
        "{text}"
    );
}
