//! A report's tables for a terminal: aligned, the best marked. Styled by ANSI codes, which the
//! printer takes out where nobody would see colours.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::content::{Cell, Content, Finding, Table};

/// What marks the best where nothing is bold.
const MARK: &str = "*";

/// Columns are this far apart.
const GAP: usize = 2;

const STRONG: Style = Style::new().bold();
const GOOD: Style = anstyle::AnsiColor::Green.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// The tables and verdicts.
#[must_use]
pub fn report(content: &Content) -> String {
    let mut text = format!("{STRONG}{}{STRONG:#}\n", plain(&content.title));
    for table in &content.tables {
        text += &format!("\n{}", self::table(table));
    }
    text += &format!("\n{STRONG}Findings{STRONG:#}\n");
    text += &findings(&content.findings.lead);
    for group in &content.findings.groups {
        let head = wrapped(&format!("{}. {}", group.head, group.note), "");
        let styled = format!("{STRONG}{}{STRONG:#}", group.head);
        text += &format!("\n{}", head.replacen(&group.head, &styled, 1));
        text += &findings(&group.findings);
    }
    for (head, sentences) in [
        ("Registration", &content.registration),
        ("What could not be computed, and cautions", &content.gaps),
    ] {
        if !sentences.is_empty() {
            text += &format!("\n{STRONG}{head}{STRONG:#}\n");
            text += &sentences
                .iter()
                .map(|s| format!("- {}", wrapped(s, "  ")))
                .collect::<String>();
        }
    }
    text
}

fn findings(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("- {}", wrapped(&finding.text, "  ")))
        .collect()
}

/// A table under its caption.
#[must_use]
pub fn table(table: &Table) -> String {
    let cells: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .enumerate()
                .map(|(i, c)| written(table, i, c))
                .collect()
        })
        .collect();
    let heads: Vec<String> = table.columns.iter().map(|c| plain(&c.head)).collect();
    let mut widths: Vec<usize> = (0..table.columns.len())
        .map(|i| {
            let of_cells = cells.iter().map(|row| row[i].width()).max().unwrap_or(0);
            of_cells.max(heads[i].width())
        })
        .collect();
    let mut groups = String::new();
    let mut column = 0;
    for (group, members) in table.column_groups() {
        let gaps = GAP * (members - 1);
        let mut span: usize = widths[column..column + members].iter().sum::<usize>() + gaps;
        let head = group.unwrap_or("");
        // A head that is wider than its columns widens the last.
        if head.width() > span {
            widths[column + members - 1] += head.width() - span;
            span = head.width();
        }
        groups += &format!(
            "{}{head}{}",
            " ".repeat(GAP),
            " ".repeat(span - head.width())
        );
        column += members;
    }
    let mut text = wrapped(&table.full_caption(MARK), "");
    if table.is_grouped() {
        text += &format!("{FAINT}{}{FAINT:#}\n", groups.trim_end());
    }
    let mut line = String::new();
    for (i, head) in heads.iter().enumerate() {
        line += &padded(head, widths[i], table.columns[i].numeric);
    }
    text += &format!("{FAINT}{}{FAINT:#}\n", line.trim_end());
    for (row, cells) in table.rows.iter().zip(&cells) {
        let mut line = String::new();
        for (i, (cell, written)) in row.iter().zip(cells).enumerate() {
            let padded = padded(written, widths[i], table.columns[i].numeric);
            // Nothing follows the last column, not even blanks.
            let padded = if i + 1 == cells.len() {
                padded.trim_end()
            } else {
                &padded
            };
            line += &styled(cell, padded);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A cell's text with its marks; what has none is padded to where they would be.
fn written(table: &Table, column: usize, cell: &Cell) -> String {
    let of_column = || table.rows.iter().map(|row| &row[column]);
    let mut text = plain(&cell.text);
    if of_column().any(|c| c.best) {
        text += if cell.best { MARK } else { " " };
    }
    let letters = of_column().map(|c| c.letters.width()).max().unwrap_or(0);
    if letters > 0 {
        text += &format!(" {:<letters$}", cell.letters);
    }
    text
}

fn styled(cell: &Cell, text: &str) -> String {
    let style = match cell.text.as_str() {
        _ if cell.best => STRONG,
        _ if !cell.is_verdict => return text.to_owned(),
        "different" | "equivalent" => GOOD,
        "undecided" | "no test" => FAINT,
        _ => return text.to_owned(),
    };
    format!("{style}{text}{style:#}")
}

fn padded(text: &str, width: usize, right: bool) -> String {
    let pad = " ".repeat(width.saturating_sub(text.width()));
    let gap = " ".repeat(GAP);
    if right {
        format!("{gap}{pad}{text}")
    } else {
        format!("{gap}{text}{pad}")
    }
}

/// Lines of at most 88 characters, all but the first after `indent`; without control
/// characters.
pub(super) fn wrapped(text: &str, indent: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in plain(text).split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 88 {
            lines.push('\n');
            lines.push_str(indent);
            width = indent.len();
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines + "\n"
}

/// Without control characters: no name may steer a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
