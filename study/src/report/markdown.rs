//! Markdown as GitHub reads it: the findings, the tables, the methods.

use super::{
    content::{Cell, Content, Finding, Picture, Table},
    methods::{Prose, Span, in_text},
    references::Reference,
};

/// The report.
#[must_use]
pub fn report(content: &Content) -> String {
    let mut text = format!("# {}\n\n", escape(&content.title));
    text += &findings(&content.findings.lead);
    for group in &content.findings.groups {
        text += &format!("\n**{}.** {}\n\n", escape(&group.head), escape(&group.note));
        text += &findings(&group.findings);
    }
    if !content.registration.is_empty() {
        text += "\n## Registration\n\n";
        text += &items(&content.registration);
    }
    text += "\n## Tables\n";
    for table in &content.tables {
        text += &format!("\n{}", self::table(table));
    }
    text += "\nEvery number of a table is that of a row of summary.csv, comparisons.csv, omnibus.csv, crossed.csv, sequential.csv or ranks.csv beside this file, rounded; accuracies are fractions of 1 there.\n";
    if !content.pictures.is_empty() {
        text += "\n## Figures\n";
        for picture in &content.pictures {
            text += &format!("\n{}", self::picture(picture));
        }
    }
    text += "\n## What was run\n\n";
    text += &facts(content.protocol.iter().chain(&content.environment));
    text += "\n## Methods\n";
    for prose in &content.methods.paragraphs {
        text += &format!("\n{}\n", paragraph(prose));
    }
    let references = content.references();
    if !references.is_empty() {
        text += "\n## References\n\n";
        text += &bibliography(&references);
    }
    if !content.gaps.is_empty() {
        text += "\n## What could not be computed, and cautions\n\n";
        text += &items(&content.gaps);
    }
    text
}

fn findings(findings: &[Finding]) -> String {
    let line = |finding: &Finding| format!("- {}\n", escape(&finding.text));
    findings.iter().map(line).collect()
}

pub(super) fn items(items: &[String]) -> String {
    items
        .iter()
        .map(|item| format!("- {}\n", escape(item)))
        .collect()
}

/// What was run, a line each.
pub(super) fn facts<'a>(facts: impl Iterator<Item = &'a (String, String)>) -> String {
    facts
        .map(|(name, value)| format!("- {}: {}\n", escape(name), escape(value)))
        .collect()
}

/// A picture, whose file is in `figures`, and its caption.
pub(super) fn picture(picture: &Picture) -> String {
    let title = escape(&picture.title);
    let caption = escape(&picture.caption);
    format!(
        "![{title}](figures/{}.svg)\n\n{title}. {caption}\n",
        picture.name
    )
}

pub(super) fn paragraph(prose: &Prose) -> String {
    let spans = prose.spans.iter().map(|span| match span {
        Span::Words(words) => escape(words),
        Span::Cite(works) => format!(" ({})", escape(&in_text(works))),
    });
    spans.collect::<String>().trim().to_owned()
}

/// Works, a line each.
pub(super) fn bibliography(references: &[&Reference]) -> String {
    let lines = references
        .iter()
        .map(|work| format!("- {}\n", escape(&work.line())));
    lines.collect()
}

/// A table with its caption above.
#[must_use]
pub fn table(table: &Table) -> String {
    let mut text = format!("{}\n\n", escape(&table.full_caption("Bold")));
    let heads = table.columns.iter().map(|column| match column.group {
        Some(group) => format!("{group} {}", column.head),
        None => column.head.clone(),
    });
    let heads: Vec<String> = heads.map(|head| escape(&head)).collect();
    text += &format!("| {} |\n", heads.join(" | "));
    let rules = table
        .columns
        .iter()
        .map(|c| if c.numeric { "---:" } else { "---" });
    text += &format!("|{}|\n", rules.collect::<Vec<_>>().join("|"));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}

fn cell(cell: &Cell) -> String {
    let mut text = escape(&cell.text);
    if cell.best {
        text = format!("**{text}**");
    }
    if !cell.letters.is_empty() {
        text += &format!(" <sup>{}</sup>", escape(&cell.letters));
    }
    text
}

/// Escapes what Markdown or HTML would read as more than itself. An underscore within a word is
/// none of it, and names stay readable.
#[must_use]
pub fn escape(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (i, &c) in characters.iter().enumerate() {
        let word = |at: Option<usize>| {
            at.and_then(|at| characters.get(at))
                .is_some_and(|c| c.is_alphanumeric())
        };
        match c {
            '_' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push(c),
            '\\' | '_' | '*' | '`' | '|' | '[' | ']' | '<' | '>' | '#' | '~' | '$' | '&' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_readable_and_markup_is_none() {
        assert_eq!(escape("he_normal"), "he_normal");
        assert_eq!(
            escape("_x_ a|b <b> &amp; 5%"),
            "\\_x_ a\\|b \\<b\\> \\&amp; 5%".replace("x_ ", "x\\_ ")
        );
    }
}
