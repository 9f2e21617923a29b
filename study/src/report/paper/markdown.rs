//! The examination as Markdown.

use super::{JudgedClaim, Paper, Part};
use crate::report::markdown::{bibliography, escape, facts, items, paragraph, picture, table};

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
    text += &facts(paper.run.iter());
    text += "\n## References\n\n";
    text + &bibliography(&paper.references())
}

fn part(part: &Part) -> String {
    match part {
        Part::Prose(prose) => format!("{}\n", paragraph(prose)),
        Part::Table(content) => table(content),
        Part::Picture(content) => picture(content),
        Part::Claim(claim) => self::claim(claim),
        Part::Items(sentences) => items(sentences),
    }
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
