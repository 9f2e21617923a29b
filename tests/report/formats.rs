//! `initstudy report`: every format against files that were looked at, and every printed number
//! against its CSV row.

use std::{fs, path::Path};

use crate::golden::{assert_as_kept, assert_csv_as_kept, without_drawings};
use crate::printed::{cells_of_page, flat, numbers, origin, text_of, with_page};
use crate::reporting::{assert_compiles, of_runs, read, small};
use crate::sweeps::read_csv;

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
    let found = files.map(|name| (name, read(home.path(), name)));
    let found = found.into_iter().chain([("terminal.txt", text)]);
    let found = found.map(|(name, text)| (name.to_owned(), without_drawings(&text)));
    assert_as_kept("report", &found.collect::<Vec<_>>());
}

#[test]
fn every_csv_file_is_as_it_was_when_it_was_last_looked_at() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    let of_folder = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".csv")).collect();
        names.sort();
        names
    };
    let names = of_folder(&home.path().join("s/report"));
    let read = |name: &String| (name.clone(), read(home.path(), name));
    assert_csv_as_kept("report", &names.iter().map(read).collect::<Vec<_>>());
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/report");
    assert_eq!(names, of_folder(&kept));
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
        let (mut checked, mut sentences) = (0, 0);
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
                    // A sentence says its row in an order of its own, and of the two p the one that
                    // its verdict is by, or both.
                    let text = flat(&text_of(node));
                    let names = |p: &str| {
                        ["=", "≤"]
                            .iter()
                            .any(|is| text.contains(&format!("{p} {is}")))
                    };
                    let is_left_out = |column: &str| match column {
                        "p_adjusted" => !names("adjusted p"),
                        "p_equivalence_adjusted" => !names("adjusted p of equivalence"),
                        _ => false,
                    };
                    let left_out = columns.iter().filter(|c| is_left_out(c)).count();
                    assert!(left_out < 2, "no p in: {text}");
                    for (column, value) in columns.iter().zip(&of_row) {
                        assert!(
                            is_left_out(column) || printed.iter().any(|p| close(*p, *value)),
                            "{column} = {value} is not in: {text}"
                        );
                    }
                    sentences += 1;
                }
            }
        });
        assert!(checked > 60, "{checked} cells of {args:?}");
        assert!(sentences > 6, "{sentences} sentences of {args:?}");
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
        assert_eq!(latex.len(), table.len(), "{name}");
        for (latex, page) in latex.iter().zip(table) {
            for cell in page.iter().filter(|c| !c.is_empty() && !c.contains("×10")) {
                assert!(latex.contains(cell), "{cell} is not in {latex:?}");
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

#[test]
fn the_document_compiles_as_it_stands() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    assert_compiles(&home.path().join("s/report"));
}

#[test]
fn what_methods_cite_is_in_the_bibliography_and_nothing_else_is() {
    let (home, _) = of_runs(&small(), &["--margin", "0.01"]);
    let methods = read(home.path(), "methods.tex");
    let mut cited: Vec<String> = methods
        .split("\\citep{")
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
