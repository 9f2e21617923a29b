//! The examination as LaTeX: one file that compiles as it stands and can be `\input` into another
//! document, whose preamble then needs booktabs.

use super::{JudgedClaim, Paper, Part};
use crate::report::latex::{
    self, CITE, PROVIDE_LABELS, bibliography,
    escape::{escape, prose},
    facts, figure, items, paragraph, table,
};

/// The document.
#[must_use]
pub fn document(paper: &Paper) -> String {
    let mut text = head(paper);
    for sentence in &paper.lead {
        text += &format!("{}\n\n", prose(sentence));
    }
    for section in &paper.sections {
        text += &format!("\\section*{{{}}}\n", escape(section.head));
        for part in &section.parts {
            text += &self::part(part);
        }
    }
    text += "\\section*{What was run}\n";
    text += &facts(paper.run.iter());
    text + &tail(paper)
}

/// The preamble, where the file is not part of another document. After `\documentclass` that
/// command means `\@twoclasseserror`, which tells the two cases apart.
fn head(paper: &Paper) -> String {
    format!(
        "% Written by initstudy {}. pdflatex compiles it as it stands; \\input into another document\n\
         % it needs booktabs and graphicx there, and references.bib.\n\
         \\expandafter\\ifx\\csname @twoclasseserror\\endcsname\\documentclass\n\
         \\let\\initstudyend\\relax\n\
         \\else\n\
         {}\
         \\def\\initstudyend{{\\initstudybibliography\\end{{document}}}}\n\
         \\fi\n{CITE}{PROVIDE_LABELS}",
        env!("CARGO_PKG_VERSION"),
        latex::head("\\usepackage{booktabs,graphicx}\n", &paper.title)
    )
}

/// The references, where the file is a document of its own, and its end.
fn tail(paper: &Paper) -> String {
    format!(
        "\\long\\def\\initstudybibliography{{%\n{}}}\n\\initstudyend\n",
        bibliography(&paper.references())
    )
}

fn part(part: &Part) -> String {
    match part {
        Part::Prose(content) => format!("{}\n\n", paragraph(content)),
        Part::Table(content) => table(content),
        Part::Picture(picture) => figure(&picture.name, &picture.title, &picture.caption),
        Part::Claim(claim) => self::claim(claim),
        Part::Items(sentences) => items(sentences.iter().map(String::as_str)),
    }
}

fn claim(claim: &JudgedClaim) -> String {
    let mut text = format!(
        "\\paragraph{{{}. {}}} Rule: {}\n",
        claim.number,
        escape(claim.statement),
        prose(&claim.requirement)
    );
    text += "\\begin{itemize}\n  \\setlength{\\itemsep}{0pt}\n";
    for verdict in &claim.verdicts {
        text += &format!(
            "  \\item {}: \\textbf{{{}}}. {}\n",
            escape(verdict.scope),
            verdict.verdict,
            prose(&verdict.evidence)
        );
    }
    text + "\\end{itemize}\n"
}
