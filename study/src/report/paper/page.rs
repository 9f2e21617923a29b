//! The examination as one HTML file, in the style of a sweep's report.

use askama::Template;

use super::{CLAIMS_CSV, Paper, Part};
use crate::report::{
    html::{STYLE, clean, inline, source, verdict_class},
    methods::Span,
    references::Reference,
};

#[derive(Template)]
#[template(path = "paper.html")]
struct Page<'a> {
    paper: &'a Paper,
    references: Vec<&'static Reference>,
    version: &'static str,
    style: &'static str,
    own_style: &'static str,
}

/// The page.
///
/// # Errors
/// What askama says, which has no cause in the content.
pub fn page(paper: &Paper) -> Result<String, askama::Error> {
    let page = Page {
        paper,
        references: paper.references(),
        version: env!("CARGO_PKG_VERSION"),
        style: STYLE,
        own_style: include_str!("../../../templates/paper.css"),
    };
    Ok(clean(&page.render()?))
}

/// The number of a table or picture, which stand in the order of the document.
fn number(paper: &Paper, part: &Part) -> usize {
    let is_kind = |other: &&Part| std::mem::discriminant(*other) == std::mem::discriminant(part);
    let mut of_kind = paper.parts().filter(is_kind);
    let place = of_kind.position(|other| std::ptr::eq(other, part));
    place.map_or(0, |place| place + 1)
}
