//! The literature that methods cite: bibliographic data, and its forms as BibTeX and as a line.

mod works;

pub use works::*;

/// A work.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its BibTeX key.
    pub key: &'static str,
    /// Authors, family name first: `Holm, Sture`.
    pub authors: &'static [&'static str],
    /// When it appeared.
    pub year: u16,
    /// Its title.
    pub title: &'static str,
    /// Where it appeared.
    pub venue: Venue,
    /// Its DOI, or a page where it can be had.
    pub link: Link,
}

/// Where a work appeared.
#[derive(Debug, PartialEq, Eq)]
pub enum Venue {
    /// A journal: name, volume with number, pages.
    Journal(&'static str, &'static str, &'static str),
    /// A journal without volumes at hand: name, number of the article.
    Article(&'static str, &'static str),
    /// Proceedings: their title, pages; pages may be empty.
    Proceedings(&'static str, &'static str),
    /// A book: its publisher.
    Book(&'static str),
    /// A thesis: its university.
    Thesis(&'static str),
    /// Not published: where it was written.
    Manuscript(&'static str),
}

/// How a work is found.
#[derive(Debug, PartialEq, Eq)]
pub enum Link {
    /// A digital object identifier.
    Doi(&'static str),
    /// An address.
    Url(&'static str),
    /// Neither.
    None,
}

impl Reference {
    /// As a text cites it: `Holm 1979`.
    #[must_use]
    pub fn short(&self) -> String {
        let family = |author: &&str| author.split(',').next().unwrap_or(author).to_owned();
        let families: Vec<String> = self.authors.iter().map(family).collect();
        let who = match families.as_slice() {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [one, ..] => format!("{one} et al."),
            [] => String::new(),
        };
        format!("{who} {}", self.year)
    }

    /// A line of a bibliography.
    #[must_use]
    pub fn line(&self) -> String {
        match self.address() {
            Some(address) => format!("{} {address}", self.citation()),
            None => self.citation(),
        }
    }

    /// The line without its address.
    #[must_use]
    pub fn citation(&self) -> String {
        let venue = match self.venue {
            Venue::Journal(name, volume, pages) => format!("{name} {volume}, {}", dashed(pages)),
            Venue::Article(name, article) => format!("{name}, {article}"),
            Venue::Proceedings(book, "") => format!("In {book}"),
            Venue::Proceedings(book, pages) => format!("In {book}, {}", dashed(pages)),
            Venue::Book(publisher) => publisher.to_owned(),
            Venue::Thesis(university) => format!("PhD thesis, {university}"),
            Venue::Manuscript(place) => format!("Unpublished manuscript, {place}"),
        };
        let authors = self.authors.join("; ");
        format!("{authors} ({}). {}. {venue}.", self.year, self.title)
    }

    /// Where it is on the web.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        match self.link {
            Link::Doi(doi) => Some(format!("https://doi.org/{doi}")),
            Link::Url(url) => Some(url.to_owned()),
            Link::None => None,
        }
    }

    /// Its entry for BibTeX.
    #[must_use]
    pub fn bibtex(&self) -> String {
        let (kind, mut fields) = match self.venue {
            Venue::Journal(name, volume, pages) => {
                let mut fields = vec![("journal", name.to_owned())];
                match volume.split_once('(') {
                    Some((volume, number)) => {
                        fields.push(("volume", volume.to_owned()));
                        fields.push(("number", number.trim_end_matches(')').replace('–', "--")));
                    }
                    None => fields.push(("volume", volume.to_owned())),
                }
                fields.push(("pages", pages.to_owned()));
                ("article", fields)
            }
            Venue::Article(name, article) => (
                "article",
                vec![("journal", name.to_owned()), ("note", article.to_owned())],
            ),
            Venue::Proceedings(book, pages) => {
                let mut fields = vec![("booktitle", book.to_owned())];
                if !pages.is_empty() {
                    fields.push(("pages", pages.to_owned()));
                }
                ("inproceedings", fields)
            }
            Venue::Book(publisher) => ("book", vec![("publisher", publisher.to_owned())]),
            Venue::Thesis(university) => ("phdthesis", vec![("school", university.to_owned())]),
            Venue::Manuscript(place) => (
                "unpublished",
                vec![("note", format!("Manuscript, {place}"))],
            ),
        };
        match self.link {
            Link::Doi(doi) => fields.push(("doi", doi.to_owned())),
            Link::Url(url) => fields.push(("url", url.to_owned())),
            Link::None => {}
        }
        let mut text = format!(
            "@{kind}{{{},\n  author = {{{}}},\n  title = {{{{{}}}}},\n  year = {{{}}}",
            self.key,
            escaped(&self.authors.join(" and ")),
            escaped(self.title),
            self.year
        );
        for (name, value) in fields {
            // Links are taken as they are.
            let value = if matches!(name, "doi" | "url") {
                value
            } else {
                escaped(&value)
            };
            text += &format!(",\n  {name} = {{{value}}}");
        }
        text + "\n}\n"
    }
}

/// A range of pages with a dash.
fn dashed(pages: &str) -> String {
    pages.replace("--", "–")
}

/// What BibTeX hands to LaTeX.
fn escaped(text: &str) -> String {
    super::latex::escape::escape(text).replace("\\textemdash{}", "---")
}

/// The file of some works.
#[must_use]
pub fn bibliography(references: &[&Reference]) -> String {
    let entries: Vec<String> = references.iter().map(|r| r.bibtex()).collect();
    entries.join("\n")
}
