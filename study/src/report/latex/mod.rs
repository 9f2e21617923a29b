//! LaTeX: each table a file to `\input`, and a document that compiles as it stands.

pub mod escape;
mod table;

pub use table::{needs_longtable, table};

use super::{
    content::{Content, Finding},
    methods::{Prose, Span},
    references::Reference,
};
use escape::{escape, prose};

/// Citations in parentheses, by whichever package the document has for them.
pub(super) const CITE: &str = "\\providecommand{\\citep}{\\ifdefined\\parencite\\expandafter\\parencite\\else\\expandafter\\cite\\fi}%\n";

/// The methods as a file to `\input`, citing the keys of references.bib.
#[must_use]
pub fn methods(content: &Content) -> String {
    let paragraphs: Vec<String> = content.methods.paragraphs.iter().map(paragraph).collect();
    CITE.to_owned() + &paragraphs.join("\n\n") + "\n"
}

pub(super) fn paragraph(paragraph: &Prose) -> String {
    let spans = paragraph.spans.iter().map(|span| match span {
        Span::Words(words) => breakable(words),
        Span::Cite(works) => {
            let keys: Vec<&str> = works.iter().map(|work| work.key).collect();
            format!("~\\citep{{{}}}", keys.join(","))
        }
    });
    spans.collect()
}

/// What labels begin with: nothing, but where the reports of several studies go into one document, which then tells them
/// apart by `\renewcommand{\initstudylabels}{second-}`.
pub(super) const LABELS: &str = "\\initstudylabels ";
pub(super) const PROVIDE_LABELS: &str = "\\providecommand{\\initstudylabels}{}%\n";

/// A document of everything: it inputs the tables and the methods, and shows the pictures whose
/// files are there.
#[must_use]
pub fn document(content: &Content) -> String {
    let mut text = preamble(content);
    text += PROVIDE_LABELS;
    text += "\\section*{Findings}\n";
    text += &findings(&content.findings.lead);
    for group in &content.findings.groups {
        text += &format!(
            "\\paragraph{{{}.}} {}\n",
            escape(&group.head),
            escape(&group.note)
        );
        text += &findings(&group.findings);
    }
    if !content.registration.is_empty() {
        text += "\\section*{Registration}\n";
        text += &items(content.registration.iter().map(String::as_str));
    }
    for table in &content.tables {
        text += &format!("\\input{{{}}}\n", table.name);
    }
    for picture in &content.pictures {
        text += &figure(&picture.name, &picture.title, &picture.caption);
    }
    text += "\\section*{What was run}\n";
    text += &facts(content.protocol.iter().chain(&content.environment));
    text += "\\section*{Methods}\n\\input{methods}\n";
    if !content.gaps.is_empty() {
        text += "\\section*{What could not be computed, and cautions}\n";
        text += &items(content.gaps.iter().map(String::as_str));
    }
    text += &bibliography(&content.references());
    text + "\\end{document}\n"
}

fn preamble(content: &Content) -> String {
    let longtable = if content.tables.iter().any(needs_longtable) {
        "\\usepackage{longtable}\n"
    } else {
        ""
    };
    let graphicx = if content.pictures.is_empty() {
        ""
    } else {
        "\\usepackage{graphicx}\n"
    };
    format!(
        "% Written by initstudy {}. pdflatex compiles it as it stands.\n{}",
        env!("CARGO_PKG_VERSION"),
        head(
            &format!("\\usepackage{{booktabs}}\n{longtable}{graphicx}"),
            &content.title
        )
    )
}

/// A document's beginning, with its title; `packages` are lines that load what its body takes.
pub(super) fn head(packages: &str, title: &str) -> String {
    format!(
        "\\documentclass[a4paper,10pt]{{article}}\n\
         \\usepackage[T1]{{fontenc}}\n\
         \\usepackage[utf8]{{inputenc}}\n\
         \\usepackage{{textcomp}}\n\
         \\IfFileExists{{lmodern.sty}}{{\\usepackage{{lmodern}}}}{{}}\n\
         \\usepackage[margin=20mm]{{geometry}}\n\
         {packages}\
         \\sloppy\n\
         \\title{{{}}}\n\\author{{}}\n\\date{{}}\n\
         \\begin{{document}}\n\\maketitle\n",
        escape(title)
    )
}

fn findings(findings: &[Finding]) -> String {
    items(findings.iter().map(|finding| finding.text.as_str()))
}

pub(super) fn items<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: String = items
        .map(|item| format!("  \\item {}\n", breakable(item)))
        .collect();
    if items.is_empty() {
        return items;
    }
    format!("\\begin{{itemize}}\n  \\setlength{{\\itemsep}}{{0pt}}\n{items}\\end{{itemize}}\n")
}

pub(super) fn facts<'a>(facts: impl Iterator<Item = &'a (String, String)>) -> String {
    let facts: String = facts
        .map(|(name, value)| format!("  \\item[{}] {}\n", escape(name), breakable(value)))
        .collect();
    format!(
        "\\begin{{description}}\n  \\setlength{{\\itemsep}}{{0pt}}\\setlength{{\\parskip}}{{0pt}}\n{facts}\\end{{description}}\n"
    )
}

/// A value that may be broken anywhere where it is one long word, as a digest is.
fn breakable(value: &str) -> String {
    let words = value.split(' ').map(|word| {
        if word.chars().count() <= 40 {
            return prose(word);
        }
        let letters: Vec<String> = word.chars().map(|c| escape(&c.to_string())).collect();
        letters.join("\\hspace{0pt}")
    });
    words.collect::<Vec<_>>().join(" ")
}

pub(super) fn figure(name: &str, title: &str, caption: &str) -> String {
    // The document compiles without the pictures' files, too.
    format!(
        "\\IfFileExists{{figures/{name}.png}}{{%\n\
         \\begin{{figure}}[htbp]\n  \\centering\n  \
         \\includegraphics[width=\\linewidth,height=0.8\\textheight,keepaspectratio]{{figures/{name}.png}}\n  \
         \\caption{{{}. {}}}\n  \\label{{{LABELS}fig:{name}}}\n\\end{{figure}}}}{{}}\n",
        prose(title),
        prose(caption)
    )
}

pub(super) fn bibliography(references: &[&Reference]) -> String {
    if references.is_empty() {
        return String::new();
    }
    let entries: String = references
        .iter()
        .map(|work| format!("  \\bibitem{{{}}} {}\n", work.key, breakable(&work.line())))
        .collect();
    format!("\\begin{{thebibliography}}{{99}}\n{entries}\\end{{thebibliography}}\n")
}
