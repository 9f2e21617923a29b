//! The examination as Markdown.

use super::{JudgedClaim, Paper, Part};
use crate::report::{
    markdown::{escape, table},
    methods::{Prose, Span, in_text},
};

/// The document; its pictures are files in `figures`.
#[must_use]
pub fn report(paper: &Paper) -> String {
    let mut text = format!("# {}\n", escape(&paper.title));
    for sentence in &paper.lead {
        text += &format!("\n{}\n", escape(sentence));
    }
    for section in &paper.sections {
        text += &format!("\n## {}\n", escape(section.head));
        for part in &section.parts {
            text += &format!("\n{}", self::part(part));
        }
    }
    text += "\n## What was run\n\n";
    for (name, value) in &paper.run {
        text += &format!("- {}: {}\n", escape(name), escape(value));
    }
    text += "\n## References\n\n";
    for work in paper.references() {
        text += &format!("- {}\n", escape(&work.line()));
    }
    text
}

fn part(part: &Part) -> String {
    match part {
        Part::Prose(prose) => format!("{}\n", paragraph(prose)),
        Part::Table(content) => table(content),
        Part::Picture(picture) => {
            let title = escape(&picture.title);
            let caption = escape(&picture.caption);
            format!(
                "![{title}](figures/{}.svg)\n\n{title}. {caption}\n",
                picture.name
            )
        }
        Part::Claim(claim) => self::claim(claim),
        Part::Items(items) => {
            let items = items.iter().map(|item| format!("- {}\n", escape(item)));
            items.collect()
        }
    }
}

fn paragraph(prose: &Prose) -> String {
    let spans = prose.spans.iter().map(|span| match span {
        Span::Words(words) => escape(words),
        Span::Cite(works) => format!(" ({})", escape(&in_text(works))),
    });
    spans.collect::<String>().trim().to_owned()
}

fn claim(claim: &JudgedClaim) -> String {
    let mut text = format!("### {}. {}\n\n", claim.number, escape(claim.statement));
    text += &format!("Rule: {}\n\n", escape(&claim.requirement));
    for verdict in &claim.verdicts {
        text += &format!(
            "- {}: **{}**. {}\n",
            escape(verdict.scope),
            verdict.verdict,
            escape(&verdict.evidence)
        );
    }
    text
}
