//! The files of a report: each written whole, all listed at the end.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    cli::FormatArg,
    comparison::{Analysis, CriticalDifference, Crossed, Settings},
    export::{
        self,
        analysis::{crossed_rows, omnibus_rows},
        figures::{curve_rows, settling_rows},
        ranks::rank_rows,
    },
    failure::Failure,
    metric::Metric,
    output::write_whole,
    report::{content::Content, figures::Figure, html, latex, markdown, references::bibliography},
};

/// The CSV files of a report.
const CSV: [&str; 7] = [
    "summary.csv",
    "comparisons.csv",
    "omnibus.csv",
    "crossed.csv",
    "ranks.csv",
    "curves.csv",
    "settling.csv",
];

/// What a report may write of text.
const TEXTS: [&str; 9] = [
    "report.md",
    "report.tex",
    "report.html",
    "accuracy.tex",
    "comparisons.tex",
    "crossed.tex",
    "methods.tex",
    "methods.txt",
    "references.bib",
];

/// The stems of its figures.
const FIGURES: [&str; 5] = [
    "learning_curves",
    "distribution",
    "forest",
    "settling",
    "critical_difference",
];

/// The files of a report, as they are written.
pub(super) struct Files {
    folder: PathBuf,
    written: Vec<String>,
}

impl Files {
    /// The folder, which is made and must take files.
    pub(super) fn new(folder: &Path) -> Result<Self, Failure> {
        let refused = |what: &str, error: io::Error| {
            let folder = folder.display();
            Failure::usage(format!(
                "cannot {what} the folder {folder}: {error}; choose another with --out"
            ))
        };
        fs::create_dir_all(folder).map_err(|error| refused("make", error))?;
        tempfile::tempfile_in(folder).map_err(|error| refused("write into", error))?;
        Ok(Self {
            folder: folder.to_owned(),
            written: Vec::new(),
        })
    }

    /// Removes what a former report wrote here: its page would name rows of this one's CSV files.
    /// Those stay where this one, of figures alone, writes none.
    pub(super) fn clear(&self, format: FormatArg) -> Result<(), Failure> {
        let csv = CSV.iter().filter(|_| format != FormatArg::Figures);
        let names = TEXTS.iter().chain(csv).map(|name| (*name).to_owned());
        let figures = FIGURES
            .iter()
            .flat_map(|name| ["svg", "png"].map(|ending| format!("figures/{name}.{ending}")));
        for name in names.chain(figures) {
            let path = self.folder.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Failure::internal(format!(
                        "cannot remove {}, of a former report: {error}; choose another folder with --out",
                        path.display()
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The CSV files that every number of the others is in.
    pub(super) fn csv(
        &mut self,
        analyses: &[Analysis],
        crossed: &[Crossed],
        settings: &Settings,
    ) -> Result<(), Failure> {
        let unwritten = |error: io::Error| Failure::internal(unwritten(&self.folder, &error));
        export::write_analyses(&self.folder, analyses, settings).map_err(unwritten)?;
        let omnibus = analyses.iter().flat_map(omnibus_rows);
        export::write_rows(&self.folder.join("omnibus.csv"), omnibus).map_err(unwritten)?;
        self.written
            .extend(["summary.csv", "comparisons.csv", "omnibus.csv"].map(str::to_owned));
        if !crossed.is_empty() {
            let path = self.folder.join("crossed.csv");
            export::write_rows(&path, crossed_rows(crossed)).map_err(unwritten)?;
            self.written.push("crossed.csv".to_owned());
        }
        Ok(())
    }

    /// The ranks over blocks.
    pub(super) fn ranks(
        &mut self,
        metric: Metric,
        ranks: &CriticalDifference,
    ) -> Result<(), Failure> {
        let path = self.folder.join("ranks.csv");
        export::write_rows(&path, rank_rows(metric.name(), ranks))
            .map_err(|error| Failure::internal(unwritten(&path, &error)))?;
        self.written.push("ranks.csv".to_owned());
        Ok(())
    }

    /// The numbers of the figures that no other file has.
    pub(super) fn curves(&mut self, metric: Metric, figures: &[Figure]) -> Result<(), Failure> {
        let of = |name: &str| figures.iter().find(|figure| figure.name == name);
        let curves = of("learning_curves").map(|figure| curve_rows(&figure.drawn));
        let settling = of("settling").map(|figure| settling_rows(metric.name(), &figure.drawn));
        for (name, rows) in [("curves.csv", curves), ("settling.csv", settling)] {
            let Some(rows) = rows else { continue };
            let path = self.folder.join(name);
            export::write_rows(&path, rows)
                .map_err(|error| Failure::internal(unwritten(&path, &error)))?;
            self.written.push(name.to_owned());
        }
        Ok(())
    }

    /// The figures, each as SVG and as PNG.
    pub(super) fn figures(&mut self, figures: &[Figure]) -> Result<(), Failure> {
        let folder = self.folder.join("figures");
        fs::create_dir_all(&folder)
            .map_err(|error| Failure::internal(unwritten(&folder, &error)))?;
        for figure in figures {
            let name = figure.name;
            self.write(&format!("figures/{name}.svg"), figure.svg().as_bytes())?;
            let png = figure.png().map_err(|error| {
                Failure::internal(format!("cannot draw figures/{name}.png: {error}"))
            })?;
            self.write(&format!("figures/{name}.png"), &png)?;
        }
        Ok(())
    }

    /// What is read as text, in the formats asked for.
    pub(super) fn texts(&mut self, content: &Content, format: FormatArg) -> Result<(), Failure> {
        let wanted = |of: FormatArg| format == FormatArg::All || format == of;
        self.write("methods.txt", content.methods.to_text().as_bytes())?;
        self.write(
            "references.bib",
            bibliography(&content.references()).as_bytes(),
        )?;
        if wanted(FormatArg::Md) {
            self.write("report.md", markdown::report(content).as_bytes())?;
        }
        if wanted(FormatArg::Tex) {
            for table in &content.tables {
                let name = format!("{}.tex", table.name);
                self.write(&name, latex::table(table).as_bytes())?;
            }
            self.write("methods.tex", latex::methods(content).as_bytes())?;
            self.write("report.tex", latex::document(content).as_bytes())?;
        }
        if wanted(FormatArg::Html) {
            let page = html::page(content).map_err(Failure::internal)?;
            self.write("report.html", page.as_bytes())?;
        }
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.join(name);
        write_whole(&path, |file| file.write_all(bytes))
            .map_err(|error| Failure::internal(unwritten(&path, &error)))?;
        self.written.push(name.to_owned());
        Ok(())
    }

    pub(super) fn listed(&self) -> String {
        format!(
            "{} written in {}\n",
            self.written.join(", "),
            self.folder.display()
        )
    }
}

fn unwritten(path: &Path, error: &io::Error) -> String {
    format!(
        "cannot write {}: {error}; the runs are kept in the store, choose another folder with --out or give the same command again",
        path.display()
    )
}
