//! The files of a report: each written whole, and listed before.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::super::own_files::{List, REPORT};
use crate::{
    cli::FormatArg,
    comparison::{Analysis, CriticalDifference, Crossed, Settings},
    export::{
        self,
        analysis::{crossed_rows, omnibus_rows},
        figures::{curve_rows, settling_rows},
        ranks::rank_rows,
        row::Row,
        sequential::sequential_rows,
    },
    failure::Failure,
    looks::Looks,
    metric::Metric,
    output::write_whole,
    report::{content::Content, figures::Figure, html, latex, markdown, references::bibliography},
    store::STORE_FILE,
};

/// The CSV files of a report.
const CSV: [&str; 8] = [
    "sequential.csv",
    "summary.csv",
    "comparisons.csv",
    "omnibus.csv",
    "crossed.csv",
    "ranks.csv",
    "curves.csv",
    "settling.csv",
];

/// What a report may write of text, and in which format; in each where none is named.
const TEXTS: [(&str, Option<FormatArg>); 10] = [
    ("report.md", Some(FormatArg::Md)),
    ("report.tex", Some(FormatArg::Tex)),
    ("report.html", Some(FormatArg::Html)),
    ("sequential.tex", Some(FormatArg::Tex)),
    ("accuracy.tex", Some(FormatArg::Tex)),
    ("comparisons.tex", Some(FormatArg::Tex)),
    ("crossed.tex", Some(FormatArg::Tex)),
    ("methods.tex", Some(FormatArg::Tex)),
    ("methods.txt", None),
    ("references.bib", None),
];

/// The stems of its figures.
const FIGURES: [&str; 5] = [
    "learning_curves",
    "distribution",
    "forest",
    "settling",
    "critical_difference",
];

/// What a report of this format may write.
fn names(format: FormatArg) -> impl Iterator<Item = String> {
    let wanted = move |of: Option<FormatArg>| of.is_none_or(|of| is_wanted(format, of));
    let texts = TEXTS.into_iter().filter(move |(_, of)| wanted(*of));
    let texts = texts.map(|(name, _)| name).chain(CSV);
    let texts = texts.filter(move |_| format != FormatArg::Figures);
    // The page has them inline.
    let figures = FIGURES
        .into_iter()
        .filter(move |_| format != FormatArg::Html);
    let figures =
        figures.flat_map(|name| ["svg", "png"].map(|ending| format!("figures/{name}.{ending}")));
    texts.map(str::to_owned).chain(figures)
}

fn is_wanted(format: FormatArg, of: FormatArg) -> bool {
    format == FormatArg::All || format == of
}

/// The files of a report, as they are written.
pub(super) struct Files {
    folder: PathBuf,
    list: List,
    written: Vec<String>,
}

impl Files {
    /// The folder, which is made, must take files, and may hold none of these names that is
    /// somebody's own.
    pub(super) fn new(folder: &Path, format: FormatArg) -> Result<Self, Failure> {
        let refused = |what: &str, error: io::Error| {
            let folder = folder.display();
            Failure::usage(format!(
                "cannot {what} the folder {folder}: {error}; choose another with --out"
            ))
        };
        if folder.join(STORE_FILE).exists() {
            return Err(Failure::usage(format!(
                "{} is the folder of a sweep, whose CSV files the report would replace; choose another with --out",
                folder.display()
            )));
        }
        fs::create_dir_all(folder).map_err(|error| refused("make", error))?;
        tempfile::tempfile_in(folder).map_err(|error| refused("write into", error))?;
        let list = List::of(folder, REPORT).map_err(|error| refused("read", error))?;
        list.check(names(format))?;
        Ok(Self {
            folder: folder.to_owned(),
            list,
            written: Vec::new(),
        })
    }

    /// Removes what a former report wrote here: its page would name rows of this one's CSV files.
    /// Those stay where this one, of figures alone, writes none.
    pub(super) fn clear(&mut self, format: FormatArg) -> Result<(), Failure> {
        let stays = |name: &String| format == FormatArg::Figures && CSV.contains(&name.as_str());
        let former = names(FormatArg::All).filter(|name| self.list.has(name) && !stays(name));
        let former: Vec<String> = former.collect();
        for name in &former {
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
        self.list
            .forget(&former)
            .map_err(|error| Failure::internal(unwritten(&self.list.path(), &error)))
    }

    /// The CSV files that every number of the others is in.
    pub(super) fn csv(
        &mut self,
        analyses: &[Analysis],
        crossed: &[Crossed],
        settings: &Settings,
    ) -> Result<(), Failure> {
        let names = ["summary.csv", "comparisons.csv", "omnibus.csv"];
        names.into_iter().try_for_each(|name| self.begin(name))?;
        let unwritten = |error: io::Error| Failure::internal(unwritten(&self.folder, &error));
        export::write_analyses(&self.folder, analyses, settings).map_err(unwritten)?;
        let omnibus = analyses.iter().flat_map(omnibus_rows);
        export::write_rows(&self.folder.join("omnibus.csv"), omnibus).map_err(unwritten)?;
        if !crossed.is_empty() {
            self.rows("crossed.csv", crossed_rows(crossed))?;
        }
        Ok(())
    }

    /// What the looks decided; nothing where none was made.
    pub(super) fn looks(&mut self, looks: &Looks) -> Result<(), Failure> {
        if looks.made().is_empty() {
            return Ok(());
        }
        self.rows("sequential.csv", sequential_rows(looks))
    }

    /// The ranks over blocks.
    pub(super) fn ranks(
        &mut self,
        metric: Metric,
        ranks: &CriticalDifference,
    ) -> Result<(), Failure> {
        self.rows("ranks.csv", rank_rows(metric.name(), ranks))
    }

    /// The numbers of the figures that no other file has.
    pub(super) fn curves(&mut self, metric: Metric, figures: &[Figure]) -> Result<(), Failure> {
        let of = |name: &str| figures.iter().find(|figure| figure.name == name);
        let curves = of("learning_curves").map(|figure| curve_rows(&figure.drawn));
        let settling = of("settling").map(|figure| settling_rows(metric.name(), &figure.drawn));
        for (name, rows) in [("curves.csv", curves), ("settling.csv", settling)] {
            let Some(rows) = rows else { continue };
            self.rows(name, rows)?;
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
        let wanted = |of: FormatArg| is_wanted(format, of);
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

    fn rows(&mut self, name: &str, rows: impl IntoIterator<Item = Row>) -> Result<(), Failure> {
        self.begin(name)?;
        let path = self.folder.join(name);
        export::write_rows(&path, rows).map_err(|error| Failure::internal(unwritten(&path, &error)))
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.begin(name)?;
        let path = self.folder.join(name);
        write_whole(&path, |file| file.write_all(bytes))
            .map_err(|error| Failure::internal(unwritten(&path, &error)))
    }

    /// Lists a file that is about to be written.
    fn begin(&mut self, name: &str) -> Result<(), Failure> {
        self.list
            .add(name)
            .map_err(|error| Failure::internal(unwritten(&self.list.path(), &error)))?;
        self.written.push(name.to_owned());
        Ok(())
    }

    pub(super) fn listed(&self) -> String {
        format!(
            "{}, {} written in {}\n",
            self.written.join(", "),
            REPORT.list,
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
