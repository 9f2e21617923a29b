//! What stores must have in common, and how what they know of their study is joined.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use rusqlite::{Connection, params};

use super::{Input, Merge, MergeError, StoreError, count_runs};
use crate::plan::Declared;

type KeyValues = BTreeMap<String, String>;

/// The different declarations that were met, each with the first folder that has it. Whether they
/// agree shows when all are there: of each setting one must have the values of all others, as the
/// latest of a study that grew has.
pub(super) struct Declarations {
    met: Vec<(KeyValues, PathBuf)>,
}

impl Declarations {
    /// That of the store which is merged into. Where it has no run it is held to nothing.
    pub(super) fn of(merge: &Merge<'_>) -> Result<Self, StoreError> {
        let mut declarations = Self { met: Vec::new() };
        if merge.has_runs {
            let declared = merge.in_out(|into| key_values(into, "study"))?;
            declarations.met.push((declared, merge.out.to_owned()));
        }
        Ok(declarations)
    }

    pub(super) fn take(&mut self, input: &Input<'_>) -> Result<(), StoreError> {
        let declared = input.read(|from| key_values(from, "study"))?;
        // A sweep that was killed before it declared anything says nothing of another study.
        if !declared.is_empty() && self.met.iter().all(|(met, _)| *met != declared) {
            self.met.push((declared, input.folder.to_owned()));
        }
        Ok(())
    }

    /// Joins the declarations, which must agree.
    pub(super) fn write(&self, merge: &Merge<'_>) -> Result<(), MergeError> {
        let keys: BTreeSet<&String> = self.met.iter().flat_map(|(met, _)| met.keys()).collect();
        merge.in_out(|into| into.execute("DELETE FROM study", []))?;
        for key in keys {
            let values = self.met.iter();
            let values = values.map(|(met, folder)| (met.get(key), folder));
            let values = values.map(|(value, folder)| (value.map(|v| Declared::parse(v)), folder));
            let values: Vec<(Option<Declared>, &PathBuf)> = values.collect();
            let size = |value: &Option<Declared>| value.as_ref().map_or(0, Declared::size);
            // Of several of one size the first, for what is said of it.
            let largest = values.iter().rev().max_by_key(|(value, _)| size(value));
            let Some((Some(largest), folder)) = largest else {
                continue;
            };
            let agrees = |value: &Option<Declared>| {
                value.as_ref().is_some_and(|value| value.is_within(largest))
            };
            if let Some((value, other)) = values.iter().find(|(value, _)| !agrees(value)) {
                return Err(MergeError::OtherStudy {
                    folder: (*other).clone(),
                    key: key.clone(),
                    value: shown(value.as_ref().map(Declared::to_string).as_deref()),
                    other: (*folder).clone(),
                    other_value: shown(Some(&largest.to_string())),
                });
            }
            let value = largest.to_text();
            let insert = "INSERT INTO study (key, value) VALUES (?1, ?2)";
            merge.in_out(|into| into.execute(insert, params![key, value]))?;
        }
        Ok(())
    }
}

impl Merge<'_> {
    /// Joins an input's facts with those that are there.
    pub(super) fn take_facts(&self, input: &Input<'_>) -> Result<(), MergeError> {
        let theirs = input.read(|from| key_values(from, "facts"))?;
        let ours = self.in_out(|into| key_values(into, "facts"))?;
        let registered = |facts: &KeyValues| facts.contains_key("registration");
        match (registered(&ours), registered(&theirs)) {
            (true, false) if input.read(count_runs)? > 0 => {
                let query = "SELECT 1 FROM facts WHERE key = 'registration'";
                return Err(MergeError::HalfRegistered {
                    registered: self.source_of(query, []),
                    unregistered: input.folder.to_owned(),
                });
            }
            (false, true) if self.has_runs => {
                return Err(MergeError::HalfRegistered {
                    registered: input.folder.to_owned(),
                    unregistered: self.source_of("SELECT 1 FROM runs", []),
                });
            }
            _ => {}
        }
        for (key, theirs) in theirs {
            let ours = ours.get(&key);
            let joined = match (key.as_str(), ours) {
                (_, None) => theirs,
                (_, Some(ours)) if *ours == theirs => continue,
                // The promise is as old as its oldest record …
                ("registration_time", Some(ours)) => ours.clone().min(theirs),
                // … and at least so many runs were there before it.
                ("registration_runs", Some(ours)) => larger(ours, &theirs),
                (_, Some(ours)) => {
                    let query = "SELECT 1 FROM facts WHERE key = ?1 AND value = ?2";
                    return Err(MergeError::OtherStudy {
                        folder: input.folder.to_owned(),
                        other: self.source_of(query, params![key, ours]),
                        other_value: shown(Some(ours)),
                        value: shown(Some(&theirs)),
                        key,
                    });
                }
            };
            let insert = "INSERT OR REPLACE INTO facts (key, value) VALUES (?1, ?2)";
            self.in_out(|into| into.execute(insert, params![key, joined]))?;
        }
        Ok(())
    }
}

fn key_values(connection: &Connection, table: &str) -> rusqlite::Result<KeyValues> {
    let mut statement = connection.prepare_cached(&format!("SELECT key, value FROM {table}"))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The larger of two counts, as the store has them.
fn larger(a: &str, b: &str) -> String {
    let count = |text: &str| text.parse::<u64>().unwrap_or(0);
    count(a).max(count(b)).to_string()
}

/// A value as a sentence can hold it.
fn shown(value: Option<&str>) -> String {
    const LONGEST: usize = 70;
    match value {
        None => "missing".to_owned(),
        Some(text) if text.chars().count() > LONGEST => {
            let beginning: String = text.chars().take(LONGEST).collect();
            format!("{beginning}…")
        }
        Some(text) => text.to_owned(),
    }
}
