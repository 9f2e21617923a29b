//! The examination for a terminal: the tables, and the verdicts with their evidence.

use anstyle::{AnsiColor, Style};

use super::{Paper, Part};
use crate::report::text::{self, table, wrapped};

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// What a person reads first; the files have the rest.
#[must_use]
pub fn report(paper: &Paper) -> String {
    let mut text = format!("{STRONG}{}{STRONG:#}\n\n", plain(&paper.title));
    for sentence in &paper.lead {
        text += &wrapped(&plain(sentence), "");
    }
    for section in paper
        .sections
        .iter()
        .filter(|section| section.id != "methods")
    {
        text += &format!("\n{STRONG}{}{STRONG:#}\n", section.head);
        for part in &section.parts {
            match part {
                Part::Table(content) => text += &format!("\n{}", table(content)),
                Part::Claim(claim) => {
                    text += &format!("\n{}. {}\n", claim.number, claim.statement);
                    for verdict in &claim.verdicts {
                        let style = style(verdict.verdict);
                        let line = format!(
                            "{}: {}. {}",
                            verdict.scope,
                            verdict.verdict,
                            plain(&verdict.evidence)
                        );
                        let styled = format!("{style}{}{style:#}", verdict.verdict);
                        text += "   ";
                        text += &wrapped(&line, "   ").replacen(verdict.verdict, &styled, 1);
                    }
                    let rule = wrapped(&plain(&format!("Rule: {}", claim.requirement)), "   ");
                    text += &format!("   {FAINT}{}{FAINT:#}\n", rule.trim_end());
                }
                Part::Items(items) => {
                    let items = items
                        .iter()
                        .map(|item| format!("- {}", wrapped(&plain(item), "  ")));
                    text += &items.collect::<String>();
                }
                Part::Prose(_) | Part::Picture(_) => {}
            }
        }
    }
    text
}

fn style(verdict: &str) -> Style {
    match verdict {
        "supported" => AnsiColor::Green.on_default().bold(),
        "contradicted" => AnsiColor::Red.on_default().bold(),
        _ => AnsiColor::Yellow.on_default().bold(),
    }
}

/// Without control characters, and lines may be broken between a number and its unit.
fn plain(text: &str) -> String {
    text::plain(text).replace('\u{a0}', " ")
}
