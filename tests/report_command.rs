//! `initstudy report`: what it writes for folders of every kind, against files that were looked at.

#[path = "common/required.rs"]
mod required;
#[path = "common/stored.rs"]
mod stored;
#[path = "common/sweeps.rs"]
mod sweeps;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use study::{record::RunRecord, store::Store};
use sweeps::{initstudy, read_csv, stderr, stdout};

const FOUR: [&str; 4] = [
    "random_normal",
    "random_uniform",
    "glorot_uniform",
    "he_normal",
];

/// `initstudy report s` in `home`.
fn report(home: &Path, args: &[&str]) -> Output {
    let mut command = initstudy(home);
    command
        .args(["report", "s", "--resamples", "200"])
        .args(args);
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.output().unwrap()
}

/// The report of some runs, which must come about.
fn of_runs(runs: &[RunRecord], args: &[&str]) -> (tempfile::TempDir, String) {
    let home = tempfile::tempdir().unwrap();
    stored::store(&home.path().join("s"), runs);
    let out = report(home.path(), args);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
    (home, text)
}

/// A text without its line breaks, and without the blanks that forbid them.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read(home: &Path, name: &str) -> String {
    fs::read_to_string(home.join("s/report").join(name)).unwrap()
}

/// Twelve seeds of four initializers, two of the runs diverged.
fn small() -> Vec<RunRecord> {
    let mut runs = stored::runs(&FOUR, 12);
    for index in [3, 40] {
        runs[index] = stored::diverged(runs[index].clone());
    }
    runs
}

/// What the golden files leave to others: the drawings, and this version's number.
fn without_drawings(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<svg") {
        out += before;
        out += "[drawing]";
        rest = after.split_once("</svg>").unwrap().1;
    }
    let version = env!("CARGO_PKG_VERSION");
    (out + rest).replace(&format!("initstudy {version}"), "initstudy VERSION")
}

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/report");
    folder.join(name)
}

#[test]
fn every_format_is_as_it_was_when_it_was_last_looked_at() {
    let (home, text) = of_runs(&small(), &["--margin", "0.01"]);
    let files = [
        "report.md",
        "report.tex",
        "accuracy.tex",
        "comparisons.tex",
        "crossed.tex",
        "methods.tex",
        "methods.txt",
        "references.bib",
        "report.html",
    ];
    let mut found: Vec<(&str, String)> = files
        .iter()
        .map(|name| (*name, read(home.path(), name)))
        .collect();
    found.push(("terminal.txt", text));
    for (name, text) in found {
        let text = without_drawings(&text);
        let path = fixture(name);
        if std::env::var_os("INITSTUDY_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{name} is another than tests/fixtures/report/{name}; look at it, and set INITSTUDY_BLESS=1 to keep it:\n{text}"
        );
    }
}

/// The page as XML.
fn with_page<T>(html: &str, look: impl FnOnce(&roxmltree::Document) -> T) -> T {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    look(&roxmltree::Document::parse_with_options(html, options).unwrap())
}

/// The text of every cell of every table of the page; letters apart.
fn cells_of_page(html: &str) -> Vec<Vec<Vec<String>>> {
    with_page(html, |page| {
        let of = |node: roxmltree::Node<'_, '_>, name: &str| {
            let name = name.to_owned();
            node.descendants()
                .filter(move |n| n.has_tag_name(name.as_str()))
                .map(|n| n.id())
                .collect::<Vec<_>>()
        };
        let node = |id| page.get_node(id).unwrap();
        of(page.root(), "tbody")
            .into_iter()
            .map(|body| {
                of(node(body), "tr")
                    .into_iter()
                    .map(|row| {
                        of(node(row), "td")
                            .into_iter()
                            .map(|cell| text_of(node(cell)))
                            .collect()
                    })
                    .collect()
            })
            .collect()
    })
}

/// All text but that of superscripts.
fn text_of(node: roxmltree::Node<'_, '_>) -> String {
    node.descendants()
        .filter(|n| n.is_text() && !n.ancestors().any(|a| a.has_tag_name("sup")))
        .filter_map(|n| n.text())
        .collect()
}

/// The numbers of a text, and to how much they are rounded.
fn numbers(text: &str) -> Vec<(f64, f64)> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '⁰' => '0',
            '¹' => '1',
            '²' => '2',
            '³' => '3',
            '⁴'..='⁹' => char::from_u32('0' as u32 + (c as u32 - '⁰' as u32)).unwrap(),
            '−' | '⁻' => '-',
            c => c,
        })
        .collect();
    let plain = plain.replace("×10", "e");
    let parts = plain.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e')));
    parts
        .filter_map(|part| {
            let part = part.trim_end_matches('.');
            let value: f64 = part.parse().ok()?;
            let (mantissa, exponent) = part.split_once('e').unwrap_or((part, "0"));
            let places = mantissa
                .split_once('.')
                .map_or(0, |(_, places)| places.len());
            let exponent: i32 = exponent.parse().ok()?;
            Some((value, 10_f64.powi(exponent - places as i32)))
        })
        .collect()
}

/// Where an element's numbers stand: file, line and columns.
fn origin(node: roxmltree::Node<'_, '_>) -> Option<(String, usize, Vec<String>)> {
    let key = node.attribute("data-csv")?;
    let mut parts = key.split(':');
    let file = parts.next()?.to_owned();
    let line = parts.next()?.parse().ok()?;
    let columns = parts.next()?.split(',').map(str::to_owned).collect();
    Some((file, line, columns))
}

/// Columns whose numbers have the unit of the row's metric.
const IN_THE_UNIT_OF_THE_METRIC: [&str; 13] = [
    "mean",
    "sd",
    "ci_low",
    "ci_high",
    "mean_a",
    "mean_b",
    "difference",
    "seeds_low",
    "seeds_high",
    "images_low",
    "images_high",
    "both_low",
    "both_high",
];

#[test]
fn every_number_of_the_page_is_that_of_its_row() {
    for args in [
        &["--margin", "0.01"][..],
        &["--spread", "sd"],
        &["--metric", "test_loss", "--test", "tukey-blocks"],
    ] {
        let (home, _) = of_runs(&small(), args);
        let html = read(home.path(), "report.html");
        // In the unit that is printed: percent and points of accuracies, the tables' numbers else.
        let value = |file: &str, line: usize, column: &str| -> f64 {
            let rows = read_csv(&home.path().join("s/report").join(file));
            let row = &rows[line - 2];
            let loss = row
                .get("metric")
                .is_some_and(|metric| metric == "test_loss");
            let in_its_unit = IN_THE_UNIT_OF_THE_METRIC.contains(&column);
            let factor = if in_its_unit && !loss { 100.0 } else { 1.0 };
            factor * row[column].parse::<f64>().unwrap()
        };
        let mut checked = 0;
        with_page(&html, |page| {
            for node in page.descendants().filter(|n| n.has_attribute("data-csv")) {
                let (file, line, columns) = origin(node).unwrap();
                let of_row: Vec<f64> = columns.iter().map(|c| value(&file, line, c)).collect();
                let printed = numbers(&text_of(node));
                let close = |printed: (f64, f64), value: f64| {
                    (printed.0 - value).abs() <= 0.5 * printed.1 * (1.0 + 1e-6) + 1e-12
                };
                if node.has_tag_name("td") {
                    let expected = match columns.iter().map(String::as_str).collect::<Vec<_>>()[..]
                    {
                        ["mean", "ci_low", "ci_high"] => {
                            vec![of_row[0], (of_row[2] - of_row[1]) / 2.0]
                        }
                        _ => of_row,
                    };
                    assert_eq!(printed.len(), expected.len(), "{}", text_of(node));
                    for (printed, expected) in printed.iter().zip(&expected) {
                        assert!(
                            close(*printed, *expected),
                            "{} is not {expected}",
                            text_of(node)
                        );
                    }
                    checked += 1;
                } else {
                    // A sentence says most of its row, in an order of its own.
                    let said = of_row
                        .iter()
                        .filter(|v| printed.iter().any(|p| close(*p, **v)));
                    assert!(said.count() + 1 >= of_row.len(), "{}", text_of(node));
                }
            }
        });
        assert!(checked > 60, "{checked} cells of {args:?}");
    }
}

/// The cells of a Markdown table, or of a LaTeX one, as they would be without markup.
fn cells_of_markdown(text: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("|---") {
            tables.push(Vec::new());
            inside = true;
        } else if inside && line.starts_with('|') {
            let cells = line.trim_matches('|').split(" | ").map(|cell| {
                let cell = cell.split("<sup>").next().unwrap();
                cell.trim().replace("**", "").replace('\\', "")
            });
            tables.last_mut().unwrap().push(cells.collect());
        } else {
            inside = false;
        }
    }
    tables
}

fn cells_of_latex(text: &str) -> Vec<Vec<String>> {
    let body = text
        .split_once("\\midrule\n")
        .unwrap()
        .1
        .split_once("\\bottomrule")
        .unwrap()
        .0;
    let row = |line: &str| {
        let line = line
            .trim_end_matches(" \\\\")
            .replace("\\_", "_")
            .replace("\\(-\\)", "−");
        let line = line
            .replace("\\(\\pm\\)", "±")
            .replace("\\(\\times\\)", "×")
            .replace("\\textbf{", "");
        let cells = line
            .split(" & ")
            .filter(|cell| !cell.contains("\\textsuperscript") && !cell.trim().is_empty());
        cells
            .map(|cell| cell.trim().trim_end_matches('}').to_owned())
            .collect()
    };
    body.lines().map(row).collect()
}

#[test]
fn markdown_and_latex_have_the_cells_of_the_page() {
    let (home, text) = of_runs(&small(), &["--margin", "0.01"]);
    let page = cells_of_page(&read(home.path(), "report.html"));
    assert_eq!(page.len(), 3);
    assert_eq!(cells_of_markdown(&read(home.path(), "report.md")), page);
    for (table, name) in page
        .iter()
        .zip(["accuracy.tex", "comparisons.tex", "crossed.tex"])
    {
        let latex = cells_of_latex(&read(home.path(), name));
        let without_powers = |cell: &String| cell.replace("\\(^{-", "e-");
        assert_eq!(latex.len(), table.len(), "{name}");
        for (latex, page) in latex.iter().zip(table) {
            for cell in page.iter().filter(|c| !c.is_empty() && !c.contains("×10")) {
                assert!(
                    latex.iter().map(without_powers).any(|c| c == *cell),
                    "{cell} is not in {latex:?}"
                );
            }
        }
    }
    for cell in page.iter().flatten().flatten() {
        assert!(text.contains(cell.as_str()), "the terminal lacks {cell}");
    }
}

#[test]
fn the_page_stands_alone() {
    let (home, _) = of_runs(&small(), &[]);
    let html = read(home.path(), "report.html");
    with_page(&html, |page| {
        for node in page.descendants().filter(|n| n.is_element()) {
            let name = node.tag_name().name();
            assert!(
                !["script", "link", "iframe", "object", "img", "base"].contains(&name),
                "{name}"
            );
            for attribute in node.attributes() {
                assert!(
                    attribute.name() != "src" && !attribute.name().starts_with("on"),
                    "{attribute:?}"
                );
            }
        }
        let ids: Vec<&str> = page
            .descendants()
            .filter_map(|n| n.attribute("id"))
            .collect();
        for node in page.descendants().filter(|n| n.has_tag_name("a")) {
            let target = node.attribute("href").unwrap();
            if let Some(id) = target.strip_prefix('#') {
                assert!(ids.contains(&id), "{target} leads nowhere");
            }
        }
    });
    assert!(
        !html.contains("@import") && !html.contains("url("),
        "nothing is loaded"
    );
}

/// Compiles a report's document; false where there is no pdflatex, which is said aloud.
fn compiles(folder: &Path) -> bool {
    let run = || {
        Command::new("pdflatex")
            .args(["-interaction=nonstopmode", "-halt-on-error", "report.tex"])
            .current_dir(folder)
            .output()
    };
    let Ok(first) = run() else {
        required::skip("pdflatex", "report.tex is not compiled");
        return false;
    };
    let log = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(first.status.success(), "{log}");
    let log = String::from_utf8_lossy(&run().unwrap().stdout).into_owned();
    assert!(!log.contains("undefined"), "{log}");
    assert!(!log.contains("Overfull \\hbox"), "{log}");
    true
}

#[test]
fn the_document_compiles_as_it_stands() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    compiles(&home.path().join("s/report"));
}

#[test]
fn what_methods_cite_is_in_the_bibliography_and_nothing_else_is() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    let methods = read(home.path(), "methods.tex");
    let mut cited: Vec<String> = methods
        .split("\\cite{")
        .skip(1)
        .flat_map(|rest| rest.split_once('}').unwrap().0.split(','))
        .map(str::to_owned)
        .collect();
    cited.sort();
    cited.dedup();
    let bibliography = read(home.path(), "references.bib");
    let mut there: Vec<String> = bibliography
        .lines()
        .filter_map(|line| {
            Some(
                line.strip_prefix('@')?
                    .split_once('{')?
                    .1
                    .trim_end_matches(',')
                    .to_owned(),
            )
        })
        .collect();
    there.sort();
    assert_eq!(cited, there);
    assert!(there.len() > 10, "{there:?}");
}

#[test]
fn one_initializer_has_a_table_and_nothing_to_compare() {
    let (home, text) = of_runs(&stored::runs(&FOUR[..1], 8), &[]);
    assert!(
        flat(&text).contains("nothing to compare: the folder holds one initializer"),
        "{text}"
    );
    assert!(
        flat(&text).contains("No test compares it with another"),
        "{text}"
    );
    assert!(!text.contains('*'), "nobody leads alone: {text}");
    assert!(!home.path().join("s/report/comparisons.tex").exists());
    compiles(&home.path().join("s/report"));
}

#[test]
fn two_seeds_have_intervals_and_one_has_none() {
    let (home, text) = of_runs(&stored::runs(&FOUR, 2), &["--margin", "0.01"]);
    assert!(flat(&text).contains("n = 2 seeds each"), "{text}");
    assert!(text.contains(" ± "), "{text}");
    compiles(&home.path().join("s/report"));
    let (home, text) = of_runs(&stored::runs(&FOUR, 1), &["--margin", "0.01"]);
    assert!(
        flat(&text).contains("no interval of the mean: needs 2 values, has 1 (training accuracy"),
        "{text}"
    );
    assert!(flat(&text).contains("Without a test: 6 pairs"), "{text}");
    let table = text.split("Findings").next().unwrap();
    assert!(!table.contains(" ± ") && !table.contains('*'), "{table}");
    compiles(&home.path().join("s/report"));
}

#[test]
fn runs_that_diverged_are_counted_and_a_group_without_others_stays() {
    let mut runs = stored::runs(&FOUR, 6);
    for run in &mut runs[6..12] {
        *run = stored::diverged(run.clone());
    }
    let (home, text) = of_runs(&runs, &["--margin", "0.01"]);
    assert!(
        flat(&text).contains("no mean: needs 1 value, has 0"),
        "{text}"
    );
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains(
            "6 of the 24 runs diverged, a loss being no finite number: 6 of random_uniform"
        ),
        "{methods}"
    );
    let rows = &cells_of_page(&read(home.path(), "report.html"))[0];
    assert_eq!(rows[1], ["random_uniform", "0", "6", "", "", "", "", ""]);
    compiles(&home.path().join("s/report"));
}

/// The cell of the test accuracy in a row of the first table of `report.md`.
fn test_cell(home: &Path, label: &str) -> String {
    let text = read(home, "report.md");
    let start = format!("| {} |", label.replace('_', "\\_"));
    let plain = format!("| {label} |");
    let row = text
        .lines()
        .find(|line| line.starts_with(&start) || line.starts_with(&plain));
    let cells: Vec<&str> = row.unwrap().split('|').map(str::trim).collect();
    cells[cells.len() - 2].to_owned()
}

#[test]
fn a_group_that_was_not_tested_against_the_best_is_neither_marked_nor_called_worse() {
    let mut runs = stored::runs(&FOUR, 6);
    for seed in 0..6 {
        // Sums of few powers of two: the differences are one number, to the last bit.
        let accuracy = 0.96875 + seed as f64 / 1024.0;
        runs[seed].test_accuracy = Some(accuracy);
        runs[18 + seed].test_accuracy = Some(accuracy + 0.015_625);
    }
    let (home, text) = of_runs(&runs, &[]);
    let text = flat(&text);
    assert!(text.contains("is that of he_normal: "), "{text}");
    assert!(
        text.contains(
            "every initializer tested against it is significantly lower; not tested: random_normal."
        ),
        "{text}"
    );
    assert!(
        text.contains("not tested against the best, and so neither: random_normal (test)."),
        "{text}"
    );
    assert!(
        text.contains(
            "no letters: a pair with it has no test (test accuracy, random_normal, he_normal)"
        ),
        "{text}"
    );
    let cells = FOUR.map(|label| test_cell(home.path(), label));
    for (cell, (bold, letter)) in
        cells
            .iter()
            .zip([(false, false), (false, true), (false, true), (true, false)])
    {
        assert_eq!(cell.contains("**"), bold, "{cells:?}");
        assert_eq!(cell.contains("<sup>"), letter, "{cells:?}");
    }
}

#[test]
fn groups_of_one_mean_share_the_lead() {
    let mut runs = stored::runs(&FOUR, 6);
    for seed in 0..6 {
        runs[18 + seed].test_accuracy = Some(0.98 + 0.001 * seed as f64);
        runs[seed].test_accuracy = runs[18 + seed].test_accuracy;
    }
    let (home, text) = of_runs(&runs, &[]);
    let text = flat(&text);
    assert!(
        text.contains("The highest mean test accuracy is shared by random_normal and he_normal: 98.25 %, and their runs are identical, seed by seed; every initializer tested against it is significantly lower."),
        "{text}"
    );
    for label in [FOUR[0], FOUR[3]] {
        assert!(test_cell(home.path(), label).contains("**"));
    }
}

#[test]
fn pairs_that_are_both_equivalent_and_different_are_counted_as_such() {
    let (home, text) = of_runs(&stored::runs(&FOUR, 12), &["--margin", "0.5"]);
    let text = flat(&text);
    assert!(
        text.contains("Of 6 pairs: 0 different, 6 equivalent within 50 points (3 of them also significantly different) and 0 undecided."),
        "{text}"
    );
    assert!(text.contains("This takes precedence"), "{text}");
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("equivalence takes precedence"),
        "{methods}"
    );
}

#[test]
fn few_pairs_are_resampled_with_a_caution_and_fewer_not_at_all() {
    let (home, text) = of_runs(&stored::runs(&FOUR, 6), &["--test", "welch"]);
    let text = flat(&text);
    let caution = "under 20 pairs of runs the intervals over new seeds, and over both, cover less often than stated";
    assert!(
        text.contains(&format!(
            "Runs are paired by seed here, unlike in the comparisons, which take them for independent. Caution: {caution}."
        )),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "- intervals over new seeds and test images: {caution} (test accuracy, every pair)"
        )),
        "{text}"
    );
    let rows = read_csv(&home.path().join("s/report/crossed.csv"));
    assert!(rows.iter().all(|row| row["note"].contains(caution)));
    let (home, text) = of_runs(&stored::runs(&FOUR, 4), &[]);
    assert!(
        flat(&text).contains(
            "no intervals over new test images: 4 pairs of runs are too few to resample, it takes 5"
        ),
        "{text}"
    );
    assert!(!home.path().join("s/report/crossed.tex").exists());
    let (_home, text) = of_runs(&stored::runs(&FOUR, 20), &[]);
    assert!(!text.contains("Caution"), "{text}");
}

#[test]
fn a_constant_metric_is_said_to_be_one() {
    let mut runs = stored::runs(&FOUR, 5);
    for run in &mut runs {
        run.test_accuracy = Some(0.95);
    }
    let (home, text) = of_runs(&runs, &["--margin", "0.01"]);
    assert!(
        flat(&text)
            .contains("no test: all paired differences are zero (test accuracy, every pair;"),
        "{text}"
    );
    assert!(flat(&text).contains("Without a test: 6 pairs"), "{text}");
    assert!(
        flat(&text).contains("All 4 initializers have one mean test accuracy: 95.00 %, and their runs are identical, seed by seed. No test"),
        "{text}"
    );
    assert!(!test_cell(home.path(), FOUR[0]).contains("**"));
    compiles(&home.path().join("s/report"));
}

#[test]
fn fifteen_initializers_of_two_hundred_seeds_fill_pages_and_break_nothing() {
    let labels: Vec<String> = (1..=15)
        .map(|i| format!("random_normal(stddev={})", f64::from(i) / 100.0))
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let home = tempfile::tempdir().unwrap();
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&labels, 200));
    let out = report(home.path(), &["--margin", "0.001"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let pages = cells_of_page(&read(home.path(), "report.html"));
    assert_eq!((pages[0].len(), pages[1].len()), (15, 105));
    assert!(read(home.path(), "comparisons.tex").contains("\\begin{longtable}"));
    assert!(flat(&stdout(&out)).contains("no intervals over new test images"));
    compiles(&home.path().join("s/report"));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let home = tempfile::tempdir().unwrap();
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 4));
    let with = |name: &str| {
        let mut command = initstudy(home.path());
        command.args(["report", "s", "--resamples", "100"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        if !name.is_empty() {
            command.env(name, "1");
        }
        stdout(&command.output().unwrap())
    };
    let escape = '\u{1b}';
    assert!(!with("").contains(escape), "plain when piped");
    assert!(!with("NO_COLOR").contains(escape));
    let forced = with("CLICOLOR_FORCE");
    assert!(forced.contains("\u{1b}[1m"), "{forced}");
}

#[test]
fn a_format_writes_its_files_and_no_others() {
    let home = tempfile::tempdir().unwrap();
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 4));
    let names = |format: &str| {
        let out = report(home.path(), &["--format", format, "--out", format]);
        assert!(out.status.success(), "{}", stderr(&out));
        let entries = fs::read_dir(home.path().join(format)).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let listed = stdout(&out);
        let listed = listed.lines().last().unwrap();
        for name in names.iter().filter(|name| *name != "figures") {
            assert!(listed.contains(name.as_str()), "{listed} lacks {name}");
        }
        names
    };
    let always = [
        "comparisons.csv",
        "methods.txt",
        "omnibus.csv",
        "references.bib",
        "summary.csv",
    ];
    let md = names("md");
    assert!(
        md.contains(&"report.md".to_owned()) && !md.contains(&"report.tex".to_owned()),
        "{md:?}"
    );
    assert!(
        always.iter().all(|name| md.contains(&(*name).to_owned())),
        "{md:?}"
    );
    let tex = names("tex");
    for name in [
        "accuracy.tex",
        "comparisons.tex",
        "methods.tex",
        "report.tex",
    ] {
        assert!(tex.contains(&name.to_owned()), "{tex:?}");
    }
    let figures = names("figures");
    assert_eq!(figures, ["figures"]);
    let html = names("html");
    assert!(
        !html.contains(&"figures".to_owned()),
        "the page has them inline"
    );
    assert!(
        html.contains(&"report.html".to_owned()) && !html.contains(&"report.md".to_owned()),
        "{html:?}"
    );
}

#[test]
fn figures_are_files_and_stand_in_the_page() {
    let (home, text) = of_runs(&small(), &["--margin", "0.01"]);
    let folder = home.path().join("s/report/figures");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let stems: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_suffix(".svg"))
        .collect();
    assert_eq!(
        stems,
        ["distribution", "forest", "learning_curves", "settling"]
    );
    let (html, markdown) = (
        read(home.path(), "report.html"),
        read(home.path(), "report.md"),
    );
    let document = read(home.path(), "report.tex");
    for stem in &stems {
        let svg = fs::read_to_string(folder.join(format!("{stem}.svg"))).unwrap();
        roxmltree::Document::parse(&svg).unwrap();
        let png = fs::read(folder.join(format!("{stem}.png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{stem}.png");
        assert!(html.contains(&format!("id=\"figure-{stem}\"")));
        assert!(markdown.contains(&format!("](figures/{stem}.svg)")));
        assert!(document.contains(&format!("figures/{stem}.png")));
        assert!(text.contains(&format!("figures/{stem}.svg")), "{text}");
    }
    assert_eq!(html.matches("<svg").count(), stems.len());
    with_page(&html, |page| {
        let mut ids: Vec<&str> = page
            .descendants()
            .filter_map(|n| n.attribute("id"))
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id stands twice");
    });
}

#[test]
fn the_machine_and_the_program_are_named() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(&home.path().join("s"), &stored::declaration()).unwrap();
    let fact = |(key, value): (&'static str, &str)| (key, value.to_owned());
    for jobs in ["2", "4"] {
        let facts = [
            ("cpu", "A <fast> CPU"),
            ("version", "9.8.7"),
            ("commit", "abc123"),
            ("commit_dirty", "yes"),
            ("jobs", jobs),
            ("study_file", "epochs = 2"),
        ];
        store.begin_session(&facts.map(fact)).unwrap();
        store.end_session(&[]).unwrap();
    }
    drop(store);
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 3));
    let out = report(home.path(), &[]);
    assert!(
        !stdout(&out).contains("on which machine"),
        "{}",
        stdout(&out)
    );
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("on A <fast> CPU with initstudy 9.8.7 (commit abc123 with changes)"),
        "{methods}"
    );
    let html = read(home.path(), "report.html");
    assert!(!html.contains("study_file"), "a file of its own");
    with_page(&html, |page| {
        let value = |name: &str| {
            let name = page
                .descendants()
                .find(|n| n.has_tag_name("dt") && n.text() == Some(name));
            name.unwrap()
                .next_sibling_element()
                .unwrap()
                .text()
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            (value("cpu").as_str(), value("jobs").as_str()),
            ("A <fast> CPU", "2; 4")
        );
        assert_eq!(value("sessions"), "2");
    });
    compiles(&home.path().join("s/report"));
}

#[test]
fn variants_of_a_grid_are_told_apart_and_failed_runs_are_no_results() {
    let home = tempfile::tempdir().unwrap();
    let mut runs = stored::runs(&FOUR[..2], 4);
    let mut wide = runs.clone();
    for run in &mut wide {
        run.variant.hidden = vec![256];
        run.run_id += "-wide";
    }
    wide[0].status = study::record::Status::Failed {
        message: "no memory".to_owned(),
    };
    runs.extend(wide);
    let mut declaration = stored::declaration();
    for (name, value) in &mut declaration {
        if *name == "hidden" {
            *value = study::plan::VARIED.to_owned();
        }
    }
    let mut store = Store::open(&home.path().join("s"), &declaration).unwrap();
    for run in &runs {
        store.record(run, None).unwrap();
    }
    drop(store);
    let out = report(home.path(), &["--format", "all"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let rows = &cells_of_page(&read(home.path(), "report.html"))[0];
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names.len(), 4);
    assert!(names.contains(&"random_normal, hidden 256"), "{names:?}");
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("the hidden layers that each name tells"),
        "{methods}"
    );
    assert!(methods.contains("Four variants were compared"), "{methods}");
    assert!(
        methods.contains("Every pair of variants") && !methods.contains("pair of initializers"),
        "{methods}"
    );
    assert!(
        methods.contains("random_normal, hidden 128; random_normal, hidden 256; random_uniform, "),
        "{methods}"
    );
    assert!(
        methods.contains("None of the 15 runs diverged"),
        "{methods}"
    );
    let markdown = read(home.path(), "report.md");
    assert!(
        markdown.contains("1 more broke off and are no results"),
        "{markdown}"
    );
    compiles(&home.path().join("s/report"));
}

#[test]
fn blocks_of_data_sets_are_ranked() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    stored::store(&home.join("s"), &stored::runs(&FOUR, 4));
    for (folder, seeds) in [("b", 5), ("c", 6)] {
        let mut runs = stored::runs(&FOUR, seeds);
        for run in &mut runs {
            run.dataset = folder.to_owned();
        }
        stored::store_without_predictions(&home.join(folder), &runs);
    }
    let out = report(home, &["--block", "b", "--block", "c"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = flat(&stdout(&out));
    assert!(text.contains("Mean ranks over 3 blocks: "), "{text}");
    let rows = read_csv(&home.join("s/report/ranks.csv"));
    assert_eq!(rows.len(), 4);
    assert!(
        text.contains(
            "s, b, c have one data set (SHA-256 0123456789abcdef…) and are no independent blocks"
        ),
        "{text}"
    );
    assert!(
        text.contains("have one data set") && text.contains("Caution: s, b, c have"),
        "beside the ranks: {text}"
    );
    for row in &rows {
        let rank: f64 = row["mean_rank"].parse().unwrap();
        assert!(
            text.contains(&format!("{} {rank:.2}", row["initializer"])),
            "{text}"
        );
        assert_eq!(row["blocks"], "3");
    }
    // The one that falls behind does so everywhere.
    assert_eq!(
        (&*rows[3]["initializer"], &*rows[3]["mean_rank"]),
        ("glorot_uniform", "4.0")
    );
    assert!(
        home.join("s/report/figures/critical_difference.svg")
            .is_file()
    );
    assert!(read(home, "methods.tex").contains("demsar2006"));
    compiles(&home.join("s/report"));
    stored::store_without_predictions(&home.join("d"), &stored::runs(&FOUR[..3], 2));
    let out = report(home, &["--block", "d"]);
    assert_eq!(out.status.code(), Some(2));
    let message = stderr(&out);
    assert!(
        message.contains("d has no finished run of he_normal"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1);
}

#[test]
fn blocks_of_another_protocol_are_called_so() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    stored::store(&home.join("s"), &stored::runs(&FOUR, 5));
    for (folder, epochs) in [("b", "2"), ("c", "7")] {
        let mut declaration = stored::declaration();
        for (key, value) in &mut declaration {
            match *key {
                "dataset_sha256" => *value = folder.repeat(64),
                "epochs" => epochs.clone_into(value),
                _ => {}
            }
        }
        let mut store = Store::open(&home.join(folder), &declaration).unwrap();
        for run in &stored::runs(&FOUR, 5) {
            store.record(run, None).unwrap();
        }
    }
    let out = report(home, &["--block", "b", "--block", "c"]);
    assert!(out.status.success(), "{}", stderr(&out));
    let text = flat(&stdout(&out));
    assert!(
        text.contains("Caution: s and c differ in epochs (2 against 7), so that these blocks differ by more than their data sets."),
        "{text}"
    );
    assert!(!text.contains("s and b differ"), "{text}");
    let methods = flat(&read(home, "methods.txt"));
    assert!(methods.contains("not all independent samples"), "{methods}");
}

#[test]
fn sessions_on_several_machines_are_a_list_and_any_change_counts() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(&home.path().join("s"), &stored::declaration()).unwrap();
    let fact = |(key, value): (&'static str, &str)| (key, value.to_owned());
    for (cpu, commit, dirty) in [("CPU A", "abc", "no"), ("CPU B", "def", "yes")] {
        let facts = [
            ("cpu", cpu),
            ("version", "9.8.7"),
            ("commit", commit),
            ("commit_dirty", dirty),
        ];
        store.begin_session(&facts.map(fact)).unwrap();
        store.end_session(&[]).unwrap();
    }
    drop(store);
    stored::store_without_predictions(&home.path().join("s"), &stored::runs(&FOUR, 3));
    assert!(report(home.path(), &[]).status.success());
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains(
            "on CPU A and CPU B with initstudy 9.8.7 (commits abc and def, in part with changes)"
        ),
        "{methods}"
    );
}

#[test]
fn methods_tell_and_cite_nothing_that_did_not_happen() {
    let (home, _) = of_runs(&stored::runs(&FOUR[..1], 1), &["--margin", "0.01"]);
    let methods = read(home.path(), "methods.txt");
    for absent in [
        "interval (",
        "t intervals",
        "Letters",
        "make a pair",
        "  A",
        "  T",
        "None of the 1",
    ] {
        assert!(!flat(&methods).contains(absent), "{absent}: {methods}");
    }
    assert!(
        flat(&methods).contains("The run did not diverge."),
        "{methods}"
    );
    assert!(
        !methods.lines().any(|line| line.trim_start().contains("  ")),
        "{methods}"
    );
    assert!(methods.contains("β₁\u{a0}=\u{a0}0.9"), "{methods}");
    for absent in ["student1908", "piepho2004", "schuirmann1987", "hedges1981"] {
        assert!(
            !read(home.path(), "references.bib").contains(absent),
            "{absent}"
        );
    }
    let mut runs = stored::runs(&FOUR, 3);
    for run in &mut runs {
        *run = stored::diverged(run.clone());
    }
    let (home, text) = of_runs(&runs, &["--margin", "0.01"]);
    let methods = flat(&read(home.path(), "methods.txt"));
    assert!(
        methods.contains("No pair of initializers could be tested"),
        "{methods}"
    );
    let text = flat(&text);
    for absent in ["0 to 0", "one seed gives", "unknown points", "1 values"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
    assert!(
        text.contains("no mean, as no run that finished has a value; n = 0 seeds"),
        "{text}"
    );
}

#[test]
fn a_folder_that_cannot_be_reported_is_refused_in_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let out = report(home, &[]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("s holds no sweep"),
        "{}",
        stderr(&out)
    );
    stored::store(&home.join("s"), &[]);
    let out = report(home, &[]);
    assert!(
        stderr(&out).contains("s holds no finished run yet"),
        "{}",
        stderr(&out)
    );
    stored::store(&home.join("s"), &stored::runs(&FOUR[..2], 3));
    fs::write(home.join("taken"), "").unwrap();
    let out = report(home, &["--out", "taken"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr(&out).contains("cannot make the folder taken"),
        "{}",
        stderr(&out)
    );
    assert_eq!(stderr(&out).lines().count(), 1);
}

/// Every file under a folder, by its path within it.
fn files_under(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            names.extend(
                files_under(&path)
                    .iter()
                    .map(|inner| format!("{name}/{inner}")),
            );
        } else {
            names.insert(name);
        }
    }
    names
}

fn listed(out: &Output) -> BTreeSet<String> {
    let text = stdout(out);
    let (names, _) = text
        .lines()
        .last()
        .unwrap()
        .split_once(" written in ")
        .unwrap();
    names.split(", ").map(str::to_owned).collect()
}

#[test]
fn a_folder_holds_the_files_of_one_report() {
    let home = tempfile::tempdir().unwrap();
    stored::store(&home.path().join("s"), &stored::runs(&FOUR, 4));
    stored::store_without_predictions(&home.path().join("b"), &stored::runs(&FOUR, 4));
    let folder = home.path().join("s/report");
    for args in [
        &["--margin", "0.01", "--block", "b"][..],
        &["--metric", "test_loss", "--format", "md"],
        &["--format", "html"],
    ] {
        let out = report(home.path(), args);
        assert!(out.status.success(), "{}", stderr(&out));
        assert_eq!(files_under(&folder), listed(&out), "{args:?}");
    }
    fs::write(folder.join("mine.txt"), "").unwrap();
    let figures = report(home.path(), &["--format", "figures"]);
    let left: BTreeSet<String> = files_under(&folder)
        .difference(&listed(&figures))
        .cloned()
        .collect();
    assert!(left.contains("mine.txt"), "{left:?}");
    assert!(
        left.iter()
            .all(|name| name == "mine.txt" || name.ends_with(".csv")),
        "{left:?}"
    );
}

#[test]
fn a_store_of_version_1_without_facts_is_reported() {
    let home = tempfile::tempdir().unwrap();
    stored::store(&home.path().join("s"), &stored::runs(&FOUR, 4));
    let store = rusqlite::Connection::open(home.path().join("s/runs.sqlite")).unwrap();
    let back = "DROP TABLE facts; DROP TABLE environment; PRAGMA user_version = 1";
    store.execute_batch(back).unwrap();
    drop(store);
    let out = report(home.path(), &[]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert!(
        flat(&stdout(&out)).contains("the store has no test labels"),
        "{}",
        stdout(&out)
    );
}

#[test]
fn what_curves_show_is_in_files() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    let folder = home.path().join("s/report");
    let settling = read_csv(&folder.join("settling.csv"));
    let comparisons = read_csv(&folder.join("comparisons.csv"));
    for (test, column) in [
        ("difference", "p_adjusted"),
        ("equivalence", "p_equivalence_adjusted"),
    ] {
        let last: Vec<&str> = settling
            .iter()
            .filter(|row| row["test_of"] == test && row["seeds"] == "12")
            .map(|row| row["p_adjusted"].as_str())
            .collect();
        let of_all: Vec<&str> = comparisons
            .iter()
            .filter(|row| row["metric"] == "test_accuracy")
            .map(|row| row[column].as_str())
            .collect();
        assert_eq!(last, of_all, "{test}");
    }
    let curves = read_csv(&folder.join("curves.csv"));
    let summary = read_csv(&folder.join("summary.csv"));
    let ends: Vec<&str> = curves
        .iter()
        .filter(|row| row["curve"] == "validation accuracy" && row["epoch"] == "1")
        .map(|row| row["ci_low"].as_str())
        .collect();
    let first: Vec<&str> = summary
        .iter()
        .filter(|row| row["metric"] == "val_accuracy_first")
        .map(|row| row["ci_low"].as_str())
        .collect();
    assert_eq!(ends, first);
}
