//! Compact letter display: groups that share a letter cannot be told apart.

use super::outcome::Undefined;

/// Patterns that need more columns than this have no display. Means with one standard error need
/// at most k; an arbitrary pattern may need exponentially many.
const MOST_LETTERS: usize = 500;

/// Letters for each of `k` groups, by insertion and absorption (Piepho 2004). `differ(i, j)` says
/// whether i and j are significantly different; it is asked with i < j. Letters are given in the
/// order of the groups, so that sorted groups start with `a`.
pub fn compact_letters(
    k: usize,
    differ: impl Fn(usize, usize) -> bool,
) -> Result<Vec<String>, Undefined> {
    let mut columns: Vec<Vec<bool>> = vec![vec![true; k]];
    for i in 0..k {
        for j in i + 1..k {
            if differ(i, j) {
                columns = separate(columns, i, j);
                if columns.len() > MOST_LETTERS {
                    return Err(Undefined::TooManyLetters {
                        limit: MOST_LETTERS,
                    });
                }
            }
        }
    }
    columns.sort_by_key(|c| {
        let first = c.iter().position(|&m| m).unwrap_or(k);
        let last = c.iter().rposition(|&m| m).unwrap_or(k);
        (first, last)
    });
    let of_group = |group: usize| {
        let own = columns
            .iter()
            .enumerate()
            .filter(|(_, members)| members[group]);
        own.map(|(column, _)| letter(column)).collect()
    };
    Ok((0..k).map(of_group).collect())
}

/// Splits every column that holds both i and j, and drops columns contained in another.
fn separate(columns: Vec<Vec<bool>>, i: usize, j: usize) -> Vec<Vec<bool>> {
    let mut kept: Vec<Vec<bool>> = Vec::with_capacity(columns.len() + 1);
    let mut split = Vec::new();
    for column in columns {
        if column[i] && column[j] {
            for absent in [i, j] {
                let mut part = column.clone();
                part[absent] = false;
                split.push(part);
            }
        } else {
            kept.push(column);
        }
    }
    let within = |a: &[bool], b: &[bool]| a.iter().zip(b).all(|(a, b)| !a || *b);
    for part in split {
        if !kept.iter().any(|other| within(&part, other)) {
            kept.retain(|other| !within(other, &part));
            kept.push(part);
        }
    }
    kept
}

/// a … z, then a1 … z1, and so on.
fn letter(column: usize) -> String {
    let base = char::from(b'a' + (column % 26) as u8);
    match column / 26 {
        0 => base.to_string(),
        round => format!("{base}{round}"),
    }
}
