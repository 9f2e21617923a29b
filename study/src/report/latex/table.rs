//! One booktabs table. A long one runs over pages by `longtable`.

use super::{
    super::content::{Cell, Table},
    LABELS, PROVIDE_LABELS,
    escape::{escape, prose},
};

/// Rows that a page takes.
const MOST_ROWS: usize = 36;

/// Names longer than this are broken where the table is wide.
const LONG_NAME: usize = 18;

/// How a table is set so that it fits between margins of 20 mm on A4.
#[derive(Clone, Copy, PartialEq)]
enum Size {
    Small,
    Footnote,
    /// Long names broken, too.
    Script,
}

impl Size {
    /// By the characters of the widest cells, two for each gap.
    fn of(table: &Table) -> Self {
        let width = |i: usize| {
            let cells = table.rows.iter().map(|row| &row[i]);
            let width = |c: &Cell| c.text.chars().count() + c.letters.len().div_ceil(2);
            cells
                .map(width)
                .chain([table.columns[i].head.chars().count()])
                .max()
                .unwrap_or(0)
                + 2
        };
        match (0..table.columns.len()).map(width).sum::<usize>() {
            0..=100 => Self::Small,
            101..=114 => Self::Footnote,
            _ => Self::Script,
        }
    }

    fn commands(self) -> &'static str {
        match self {
            Self::Small => "\\small\\setlength{\\tabcolsep}{5pt}",
            Self::Footnote => "\\footnotesize\\setlength{\\tabcolsep}{3.5pt}",
            Self::Script => "\\scriptsize\\setlength{\\tabcolsep}{3pt}",
        }
    }
}

/// Whether the table is too long for a page.
#[must_use]
pub fn needs_longtable(table: &Table) -> bool {
    table.rows.len() > MOST_ROWS
}

/// The table, to `\input`; it needs booktabs, and longtable where [`needs_longtable`].
#[must_use]
pub fn table(table: &Table) -> String {
    let caption = format!("\\caption{{{}}}", prose(&table.full_caption("Bold")));
    let label = format!("\\label{{{LABELS}tab:{}}}", table.name);
    let spec = columns(table);
    let (head, body) = (head(table), body(table));
    let size = Size::of(table).commands();
    if needs_longtable(table) {
        let width = table.columns.len() + lettered(table);
        return format!(
            "% Needs \\usepackage{{booktabs,longtable}}.\n{PROVIDE_LABELS}\
             {{{size}\\setlength{{\\LTcapwidth}}{{\\linewidth}}\n\
             \\begin{{longtable}}{{{spec}}}\n\
             {caption}{label}\\\\\n\
             \\toprule\n{head}\\midrule\n\\endfirsthead\n\
             \\toprule\n{head}\\midrule\n\\endhead\n\
             \\midrule\n\\multicolumn{{{width}}}{{r}}{{continued}}\\\\\n\\endfoot\n\
             \\bottomrule\n\\endlastfoot\n\
             {body}\\end{{longtable}}}}\n"
        );
    }
    format!(
        "% Needs \\usepackage{{booktabs}}.\n{PROVIDE_LABELS}\
         \\begin{{table}}[htbp]\n  \\centering\n  \\setlength{{\\belowcaptionskip}}{{6pt}}\n  {caption}\n  {label}\n  {size}\n  \
         \\begin{{tabular}}{{{spec}}}\n\\toprule\n{head}\\midrule\n{body}\\bottomrule\n  \
         \\end{{tabular}}\n\\end{{table}}\n"
    )
}

/// Columns that carry letters take two: numbers stay flush right, letters follow.
fn lettered(table: &Table) -> usize {
    (0..table.columns.len())
        .filter(|&i| table.has_letters(i))
        .count()
}

/// Whether a column's long names are broken.
fn is_broken(table: &Table, column: usize) -> bool {
    let mut cells = table.rows.iter().map(|row| &row[column].text);
    Size::of(table) == Size::Script
        && !table.columns[column].numeric
        && cells.any(|text| text.chars().count() > LONG_NAME)
}

fn columns(table: &Table) -> String {
    let columns = table.columns.iter().enumerate();
    let columns = columns.map(|(i, column)| match (column.numeric, table.has_letters(i)) {
        (_, true) => "r@{}l",
        (true, false) => "r",
        (false, false) if is_broken(table, i) => "p{22mm}",
        (false, false) => "l",
    });
    format!("@{{}}{}@{{}}", columns.collect::<String>())
}

fn head(table: &Table) -> String {
    let mut text = String::new();
    let width = |i: usize| if table.has_letters(i) { 2 } else { 1 };
    if table.is_grouped() {
        let (mut cells, mut rules) = (Vec::new(), String::new());
        let (mut column, mut place) = (0, 1);
        for (group, members) in table.column_groups() {
            let span: usize = (column..column + members).map(width).sum();
            match group {
                Some(group) => {
                    cells.push(format!("\\multicolumn{{{span}}}{{c}}{{{}}}", escape(group)));
                    rules += &format!("\\cmidrule(lr){{{place}-{}}}", place + span - 1);
                }
                None => cells.extend(vec![String::new(); span]),
            }
            column += members;
            place += span;
        }
        text += &format!("{} \\\\\n{rules}\n", cells.join(" & "));
    }
    let heads = table.columns.iter().enumerate().map(|(i, column)| {
        let head = escape(&column.head);
        match (table.has_letters(i), column.numeric) {
            (true, _) => format!("\\multicolumn{{2}}{{c}}{{{head}}}"),
            (false, true) => format!("\\multicolumn{{1}}{{c}}{{{head}}}"),
            (false, false) => head,
        }
    });
    text + &heads.collect::<Vec<_>>().join(" & ") + " \\\\\n"
}

fn body(table: &Table) -> String {
    let row = |row: &Vec<Cell>| {
        let cells = row.iter().enumerate().map(|(i, cell)| {
            let text = if is_broken(table, i) {
                format!("\\raggedright {}", prose(&cell.text))
            } else {
                escape(&cell.text)
            };
            let text = if cell.best {
                format!("\\textbf{{{text}}}")
            } else {
                text
            };
            if !table.has_letters(i) {
                return text;
            }
            if cell.letters.is_empty() {
                return format!("{text} & ");
            }
            format!("{text} & \\textsuperscript{{{}}}", escape(&cell.letters))
        });
        let row = cells.collect::<Vec<_>>().join(" & ") + " \\\\\n";
        // A bracket after \\ would be read as its argument.
        if row.starts_with('[') {
            format!("{{}}{row}")
        } else {
            row
        }
    };
    table.rows.iter().map(row).collect()
}
