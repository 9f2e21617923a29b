//! What was printed, taken apart: texts, pages, and the numbers in them.

/// A text without its line breaks, and without the blanks that forbid them.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The page as XML.
pub fn with_page<T>(html: &str, look: impl FnOnce(&roxmltree::Document) -> T) -> T {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    look(&roxmltree::Document::parse_with_options(html, options).unwrap())
}

/// The text of every cell of every table of the page; letters apart.
pub fn cells_of_page(html: &str) -> Vec<Vec<Vec<String>>> {
    with_page(html, |page| {
        let of = |node: roxmltree::Node<'_, '_>, name: &str| {
            let name = name.to_owned();
            node.descendants()
                .filter(move |n| n.has_tag_name(name.as_str()))
                .map(|n| n.id())
                .collect::<Vec<_>>()
        };
        let node = |id| page.get_node(id).unwrap();
        of(page.root(), "tbody")
            .into_iter()
            .map(|body| {
                of(node(body), "tr")
                    .into_iter()
                    .map(|row| {
                        node(row)
                            .children()
                            .filter(|n| n.is_element())
                            .map(text_of)
                            .collect()
                    })
                    .collect()
            })
            .collect()
    })
}

/// All text but that of superscripts.
pub fn text_of(node: roxmltree::Node<'_, '_>) -> String {
    node.descendants()
        .filter(|n| n.is_text() && !n.ancestors().any(|a| a.has_tag_name("sup")))
        .filter_map(|n| n.text())
        .collect()
}

/// The numbers of a text, and to how much they are rounded.
pub fn numbers(text: &str) -> Vec<(f64, f64)> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '⁰' => '0',
            '¹' => '1',
            '²' => '2',
            '³' => '3',
            '⁴'..='⁹' => char::from_u32('0' as u32 + (c as u32 - '⁰' as u32)).unwrap(),
            '−' | '⁻' => '-',
            c => c,
        })
        .collect();
    let plain = plain.replace("×10", "e");
    let parts = plain.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e')));
    parts
        .filter_map(|part| {
            let part = part.trim_end_matches('.');
            let value: f64 = part.parse().ok()?;
            let (mantissa, exponent) = part.split_once('e').unwrap_or((part, "0"));
            let places = mantissa
                .split_once('.')
                .map_or(0, |(_, places)| places.len());
            let exponent: i32 = exponent.parse().ok()?;
            Some((value, 10_f64.powi(exponent - places as i32)))
        })
        .collect()
}

/// Where an element's numbers stand: file, line and columns.
pub fn origin(node: roxmltree::Node<'_, '_>) -> Option<(String, usize, Vec<String>)> {
    let key = node.attribute("data-csv")?;
    let mut parts = key.split(':');
    let file = parts.next()?.to_owned();
    let line = parts.next()?.parse().ok()?;
    let columns = parts.next()?.split(',').map(str::to_owned).collect();
    Some((file, line, columns))
}
