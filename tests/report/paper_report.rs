//! What an examination says, on runs that were never trained: against files that were looked at,
//! and every number of every format against its CSV row.

use std::{collections::HashMap, fs, path::Path};

use crate::golden::{assert_as_kept, without_drawings};
use crate::printed::numbers;
use crate::reporting::{self, FOUR};
use crate::required;
use crate::stored;
use engine::init::InitScope;
use study::{
    comparison::Settings,
    export::{
        publication::{claim_rows, likelihood_rows, published_rows, ranking_rows},
        row::{Row, write_csv},
    },
    publication::{Examination, ScopeRuns},
    record::RunRecord,
    report::paper::{self, Paper},
    stats::resample::Resampling,
};

/// Runs of both scopes: those of `all` are the same but under their own name.
fn both(runs: Vec<RunRecord>) -> [Vec<RunRecord>; 2] {
    let mut all = runs.clone();
    for run in &mut all {
        run.variant.init_scope = InitScope::All;
        let shift = if run.variant.initializer.to_string() == "he_normal" {
            0.0025
        } else {
            0.0
        };
        run.test_accuracy = run.test_accuracy.map(|accuracy| accuracy - shift);
    }
    [runs, all]
}

fn examine(runs: &[Vec<RunRecord>; 2]) -> Examination {
    let variants = runs.each_ref().map(|runs| {
        let mut variants: Vec<_> = runs.iter().map(|run| run.variant.clone()).collect();
        variants.dedup();
        variants
    });
    let scopes = [0, 1].map(|scope| ScopeRuns {
        runs: &runs[scope],
        variants: &variants[scope],
    });
    let settings = Settings {
        resampling: Resampling {
            resamples: 500,
            seed: 0,
        },
        ..Settings::paired()
    };
    Examination::new(scopes, &settings, 0.01)
}

fn document(examination: &Examination) -> Paper {
    let figure = paper::figure_of(examination);
    let run = vec![("data set".to_owned(), examination.dataset.clone())];
    Paper::new(examination, vec![figure.picture()], run)
}

/// Twelve seeds, two of the runs diverged.
fn small() -> Examination {
    examine(&both(reporting::small()))
}

#[test]
fn every_format_is_as_it_was_when_it_was_last_looked_at() {
    let examination = small();
    let paper = document(&examination);
    let found = [
        ("paper.md", paper::report(&paper)),
        ("paper.tex", paper::document(&paper)),
        ("paper.html", paper::page(&paper).unwrap()),
        ("terminal.txt", paper::terminal(&paper)),
    ];
    let mut found = found
        .map(|(name, text)| (name.to_owned(), without_drawings(&text)))
        .to_vec();
    let figure = paper::figure_of(&examination);
    found.push((format!("{}.svg", figure.name), figure.svg()));
    assert_as_kept("publication", &found);
}

/// The rows of a CSV file by line, the header being line 1.
fn lines(rows: Vec<Row>) -> Vec<HashMap<String, String>> {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, rows, None).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn every_number_of_a_table_is_that_of_its_csv_row() {
    let examination = small();
    let files: HashMap<&str, Vec<HashMap<String, String>>> = [
        (paper::PUBLISHED_CSV, lines(published_rows(&examination))),
        (paper::RANKINGS_CSV, lines(ranking_rows(&examination))),
        (paper::LIKELIHOOD_CSV, lines(likelihood_rows(&examination))),
    ]
    .into();
    let paper = document(&examination);
    let mut checked = 0;
    for table in paper.tables() {
        for cell in table.rows.iter().flatten() {
            let Some(origin) = &cell.origin else { continue };
            let row = &files[origin.file][origin.line - 2];
            let printed = numbers(&cell.text);
            assert_eq!(
                printed.len(),
                origin.values.len(),
                "{}: {origin:?}",
                cell.text
            );
            for ((column, value), (number, unit)) in origin.values.iter().zip(printed) {
                let kept: f64 = row[*column].parse().unwrap();
                assert_eq!(kept, *value, "{column} of {row:?}");
                let is = |factor: f64| (factor * kept - number).abs() <= 0.5000001 * unit;
                assert!(
                    is(1.0) || is(100.0),
                    "{} is not {column} = {kept}",
                    cell.text
                );
                checked += 1;
            }
        }
    }
    // Eight numbers of each published one, at the least.
    assert!(checked > 40 * 8, "{checked}");
}

#[test]
fn every_number_of_a_table_stands_in_every_format() {
    let paper = document(&small());
    let texts = [
        paper::report(&paper),
        paper::page(&paper).unwrap(),
        paper::terminal(&paper),
    ];
    for cell in paper.tables().flat_map(|table| table.rows.iter().flatten()) {
        for text in &texts {
            assert!(
                text.contains(&cell.text.replace('>', "\\>"))
                    || text.contains(&cell.text)
                    || text.contains(&cell.text.replace('>', "&#62;")),
                "{}",
                cell.text
            );
        }
    }
}

#[test]
fn runs_that_diverged_and_initializers_without_any_are_named() {
    let paper = document(&small());
    let gaps = |paper: &Paper| paper::report(paper);
    let text = gaps(&paper);
    assert!(
        text.contains("Under hidden: 1 run of random_normal diverged,"),
        "{text}"
    );
    assert!(
        text.contains("Under all: 1 run of he_normal diverged,"),
        "{text}"
    );
    let mut runs = stored::runs(&FOUR, 8);
    runs.retain(|run| run.variant.initializer.to_string() != "he_normal");
    let examination = examine(&both(runs));
    let text = gaps(&document(&examination));
    assert!(
        text.contains("he_normal has no run to set the published numbers beside"),
        "{text}"
    );
    assert!(text.contains("single runs cannot be drawn"), "{text}");
    assert!(
        text.contains("No likelihood ratio of the two scopes"),
        "{text}"
    );
    assert_eq!(ranking_rows(&examination).len(), 0);
    let claims = lines(claim_rows(&examination));
    let without: Vec<_> = claims
        .iter()
        .filter(|row| row["verdict"].is_empty())
        .collect();
    assert!(
        without
            .iter()
            .any(|row| row["claim"] == "he_nearly_as_good"),
        "{claims:?}"
    );
    assert!(
        without.iter().all(|row| !row["note"].is_empty()),
        "{without:?}"
    );
}

#[test]
fn the_page_and_the_drawing_are_xml() {
    let paper = document(&small());
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let page = paper::page(&paper).unwrap();
    let page = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let ids: Vec<_> = page
        .descendants()
        .filter_map(|node| node.attribute("id"))
        .collect();
    for link in page.descendants().filter_map(|node| node.attribute("href")) {
        if let Some(id) = link.strip_prefix('#') {
            assert!(ids.contains(&id), "{link} leads nowhere");
        }
    }
    let figure = paper::figure_of(&small());
    roxmltree::Document::parse(&figure.svg()).unwrap();
    let boxes = figure.scene.label_boxes();
    for (i, (text, place)) in boxes.iter().enumerate() {
        for (other, elsewhere) in &boxes[..i] {
            assert!(!place.overlaps(elsewhere), "{text} lies over {other}");
        }
        assert!(
            place.x >= 0.0 && place.right() <= study::report::figures::WIDTH,
            "{text}"
        );
    }
}

/// Compiles a document twice; its last log, none where there is no pdflatex, which is said aloud.
fn compiled(folder: &Path, name: &str) -> Option<String> {
    let run = || {
        let arguments = ["-interaction=nonstopmode", "-halt-on-error", name];
        let mut command = std::process::Command::new("pdflatex");
        command.args(arguments).current_dir(folder).output()
    };
    let Ok(first) = run() else {
        required::skip("pdflatex", &format!("{name} is not compiled"));
        return None;
    };
    let log = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(first.status.success(), "{log}");
    Some(String::from_utf8_lossy(&run().unwrap().stdout).into_owned())
}

#[test]
fn the_document_compiles_by_itself_and_within_another() {
    let folder = tempfile::tempdir().unwrap();
    let text = paper::document(&document(&small()));
    fs::write(folder.path().join("paper.tex"), text).unwrap();
    let outer = "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs,graphicx}\n\\begin{document}\nBefore. \\input{paper} After.\n\\end{document}\n";
    fs::write(folder.path().join("outer.tex"), outer).unwrap();
    if let Some(log) = compiled(folder.path(), "paper.tex") {
        assert!(!log.contains("undefined"), "{log}");
        assert!(!log.contains("Overfull \\hbox"), "{log}");
    }
    if let Some(log) = compiled(folder.path(), "outer.tex") {
        // The references are the other document's: only citations may be open.
        let open = log.lines().filter(|line| line.contains("undefined"));
        assert!(
            open.into_iter()
                .all(|line| line.contains("Citation") || line.contains("references")),
            "{log}"
        );
    }
}
