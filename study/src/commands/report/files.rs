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
        ranks::rank_rows,
    },
    failure::Failure,
    metric::Metric,
    output::write_whole,
    report::{content::Content, figures::Figure, html, latex, markdown, references::bibliography},
};

/// The files of a report, as they are written.
pub(super) struct Files {
    folder: PathBuf,
    written: Vec<String>,
}

impl Files {
    pub(super) fn new(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| {
            Failure::usage(format!(
                "cannot make the folder {}: {error}; choose another with --out",
                folder.display()
            ))
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            written: Vec::new(),
        })
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
