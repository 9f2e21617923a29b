//! The report as one HTML file: no script, nothing from elsewhere, well-formed as XML too.

use askama::Template;

use super::{
    content::{Content, Table},
    methods::Span,
    references::Reference,
};

/// More sentences of one verdict than this are folded.
const FOLDED: usize = 12;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    content: &'a Content,
    references: Vec<&'static Reference>,
    version: &'static str,
    style: &'static str,
    folded: usize,
}

/// The page.
///
/// # Errors
/// What askama says, which has no cause in the content.
pub fn page(content: &Content) -> Result<String, askama::Error> {
    let page = Page {
        content,
        references: content.references(),
        version: env!("CARGO_PKG_VERSION"),
        style: include_str!("../../templates/report.css"),
        folded: FOLDED,
    };
    // Control characters are none in XML, and say nothing in HTML.
    let text = page.render()?;
    Ok(text.replace(|c: char| c.is_control() && c != '\n', " ") + "\n")
}

/// Whether a cell is a verdict, which is coloured by its word.
fn is_verdict(text: &str) -> bool {
    matches!(text, "different" | "equivalent" | "undecided")
}

/// The file that a table's numbers are from.
fn source(table: &Table) -> &'static str {
    let mut cells = table.rows.iter().flatten();
    let origin = cells.find_map(|cell| cell.origin.as_ref());
    origin.map_or("summary.csv", |origin| origin.file)
}

/// A drawing without what only a file of its own has.
fn inline(svg: &str) -> &str {
    svg.find("<svg").map_or(svg, |start| &svg[start..])
}
