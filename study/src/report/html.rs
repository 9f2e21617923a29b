//! The report as one HTML file: no script, nothing from elsewhere, well-formed as XML too.

use askama::Template;

use super::{
    content::{Content, Table},
    methods::Span,
    references::Reference,
};

/// More sentences of one verdict than this are folded.
const FOLDED: usize = 12;

/// The style of every page.
pub(super) const STYLE: &str = include_str!("../../templates/report.css");

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
        style: STYLE,
        folded: FOLDED,
    };
    Ok(clean(&page.render()?))
}

/// A page as it is written: control characters are none in XML, and say nothing in HTML.
pub(super) fn clean(page: &str) -> String {
    page.replace(|c: char| c.is_control() && c != '\n', " ") + "\n"
}

/// The class of a cell that is a verdict, by which it is coloured; empty where it is none.
pub(super) fn verdict_class(text: &str) -> &'static str {
    match text {
        "different" => "different",
        "equivalent" => "equivalent",
        "undecided" => "undecided",
        "supported" => "supported",
        "not supported" => "unsupported",
        "contradicted" => "contradicted",
        _ => "",
    }
}

/// The file that a table's numbers are from; none where it has no numbers.
pub(super) fn source(table: &Table) -> Option<&'static str> {
    let mut cells = table.rows.iter().flatten();
    let origin = cells.find_map(|cell| cell.origin.as_ref());
    origin.map(|origin| origin.file)
}

/// A drawing without what only a file of its own has.
pub(super) fn inline(svg: &str) -> &str {
    svg.find("<svg").map_or(svg, |start| &svg[start..])
}
