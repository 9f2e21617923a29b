//! What stores must have in common, and how what they know of their study is joined.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    path::PathBuf,
};

use rusqlite::{Connection, params, types::Value};

use super::{
    Input, Merge, MergeError, Merged, Part, StoreError, count_runs, input,
    lost::{Lost, OF_A_RUN, Seen, setting},
};
use crate::{
    plan::Declared,
    registration::sha256,
    store::{checksum::Checksum, rank, sql::has_table},
};

pub(super) type KeyValues = BTreeMap<String, String>;

/// The different declarations that were met, each with the first folder that has it. Whether they
/// agree shows when all are there: of each setting one must have the values of all others, as the
/// latest of a study that grew has.
pub(super) struct Declarations {
    met: Vec<(KeyValues, PathBuf)>,
    lost: Vec<Lost>,
}

impl Declarations {
    /// That of the store which is merged into. Where it has no run it is held to nothing.
    pub(super) fn of(merge: &Merge<'_>) -> Result<Self, StoreError> {
        let mut declarations = Self {
            met: Vec::new(),
            lost: Vec::new(),
        };
        if merge.has_runs {
            let declared = merge.in_out(|into| key_values(into, "study"))?;
            if declared.is_empty() {
                let way_out = "merge it into a new folder, with --salvage";
                return Err(input::undeclared(merge.path, way_out));
            }
            declarations.met.push((declared, merge.out.to_owned()));
        }
        Ok(declarations)
    }

    /// Takes that of an input, of whose runs `seen` tells.
    pub(super) fn take(
        &mut self,
        input: &Input<'_>,
        seen: Seen,
        merged: &mut Merged,
    ) -> Result<(), StoreError> {
        let declared = input.key_values("study")?.0;
        if input.may_be_damaged {
            if let Some(lost) = Lost::of(input, &declared, seen)? {
                merged.lose(input.folder, Part::Study);
                self.lost.push(lost);
                return Ok(());
            }
        } else if declared.is_empty() && input.read(count_runs)? > 0 {
            return Err(input.undeclared());
        }
        // A sweep that was killed before it declared anything says nothing of another study.
        if !declared.is_empty() && self.met.iter().all(|(met, _)| *met != declared) {
            self.met.push((declared, input.folder.to_owned()));
        }
        Ok(())
    }

    /// Joins the declarations, which must agree with each other and with every run.
    pub(super) fn write(mut self, merge: &Merge<'_>) -> Result<(), MergeError> {
        for lost in mem::take(&mut self.lost) {
            let folder = lost.folder.clone();
            let declared = lost.found(&self.met)?;
            self.met.push((declared, folder));
        }
        let keys: BTreeSet<&String> = self.met.iter().flat_map(|(met, _)| met.keys()).collect();
        let mut keys: Vec<&String> = keys.into_iter().collect();
        keys.sort_by_key(|key| rank(key));
        merge.in_out(|into| into.execute("DELETE FROM study", []))?;
        let mut held = Vec::new();
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
            let column = OF_A_RUN.into_iter().find(|column| column == key);
            held.extend(column.map(|column| (column, largest.clone())));
            let value = largest.to_text();
            let insert = "INSERT INTO study (key, value) VALUES (?1, ?2)";
            merge.in_out(|into| into.execute(insert, params![key, value]))?;
        }
        merge.check_runs(&held)
    }
}

impl Merge<'_> {
    /// Refuses runs whose value of a setting is none that is declared.
    fn check_runs(&self, held: &[(&'static str, Declared)]) -> Result<(), MergeError> {
        if held.is_empty() {
            return Ok(());
        }
        let undeclared = self.in_out(|into| {
            let columns: Vec<&str> = held.iter().map(|(column, _)| *column).collect();
            let query = format!("SELECT DISTINCT {} FROM runs", columns.join(", "));
            let mut query = into.prepare(&query)?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                for (place, (key, declared)) in held.iter().enumerate() {
                    let value = setting(row.get_ref(place)?).unwrap_or_default();
                    if !Declared::Values([value.clone()].into()).is_within(declared) {
                        let cell: Value = row.get(place)?;
                        return Ok(Some((*key, value, declared, cell)));
                    }
                }
            }
            Ok(None)
        })?;
        let Some((key, value, declared, cell)) = undeclared else {
            return Ok(());
        };
        Err(MergeError::Undeclared {
            folder: self.source_of(&format!("SELECT 1 FROM runs WHERE {key} = ?1"), [cell]),
            key: key.to_owned(),
            value: shown(Some(&value)),
            declared: shown(Some(&declared.to_string())),
        })
    }

    /// Joins an input's facts with those that are there.
    pub(super) fn take_facts(
        &mut self,
        input: &Input<'_>,
        merged: &mut Merged,
    ) -> Result<(), MergeError> {
        let (mut theirs, is_all) = input.key_values("facts")?;
        let is_whole = is_all && (!input.may_be_damaged || drop_damaged(&mut theirs));
        if !is_whole {
            merged.lose(input.folder, Part::Facts);
        }
        let ours = self.in_out(|into| key_values(into, "facts"))?;
        let registered = |facts: &KeyValues| facts.contains_key("registration");
        match (registered(&ours), registered(&theirs)) {
            // What a damaged store has lost is no sign that it had none.
            (true, false) if is_whole && input.may_have_runs()? => {
                let query = "SELECT 1 FROM facts WHERE key = 'registration'";
                return Err(MergeError::HalfRegistered {
                    registered: self.source_of(query, []),
                    unregistered: input.folder.to_owned(),
                });
            }
            (false, true) if self.has_unregistered => {
                return Err(MergeError::HalfRegistered {
                    registered: input.folder.to_owned(),
                    unregistered: self.source_of("SELECT 1 FROM runs", []),
                });
            }
            (false, false) if is_whole && input.may_have_runs()? => self.has_unregistered = true,
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
                    let folder = input.folder.to_owned();
                    let other = self.source_of(query, params![key, ours]);
                    return Err(if key.starts_with("test_labels") {
                        MergeError::OtherLabels { folder, other }
                    } else {
                        MergeError::OtherStudy {
                            folder,
                            other,
                            other_value: shown(Some(ours)),
                            value: shown(Some(&theirs)),
                            key,
                        }
                    });
                }
            };
            let insert = "INSERT OR REPLACE INTO facts (key, value) VALUES (?1, ?2)";
            self.in_out(|into| into.execute(insert, params![key, joined]))?;
        }
        Ok(())
    }
}

/// Takes out what is not as it was written, as far as that can be told; whether all was.
fn drop_damaged(facts: &mut KeyValues) -> bool {
    let fact = |key: &str| facts.get(key);
    let is_text = |key: &str, sum: &str, of: fn(&str) -> String| match (fact(key), fact(sum)) {
        (Some(text), Some(sum)) => of(text) == *sum,
        (text, sum) => text.is_none() && sum.is_none(),
    };
    const REGISTRATION: [&str; 4] = [
        "registration",
        "registration_sha256",
        "registration_time",
        "registration_runs",
    ];
    let [text, sum, ..] = REGISTRATION;
    let known = REGISTRATION.iter().filter(|key| fact(key).is_some());
    let is_registration =
        [0, REGISTRATION.len()].contains(&known.count()) && is_text(text, sum, sha256);
    // The first stores kept no sum of their labels.
    let is_labels = fact("test_labels_crc32").is_none()
        || is_text("test_labels", "test_labels_crc32", |text| {
            Checksum::of_text(text).to_string()
        });
    if !is_registration {
        facts.retain(|key, _| !REGISTRATION.contains(&key.as_str()));
    }
    if !is_labels {
        facts.retain(|key, _| !key.starts_with("test_labels"));
    }
    is_registration && is_labels
}

impl Input<'_> {
    /// A table of keys and values, and whether all of it could be read.
    fn key_values(&self, table: &str) -> Result<(KeyValues, bool), StoreError> {
        // The first stores of version 1 had no facts.
        if !self.read(|from| has_table(from, table))? {
            return Ok((KeyValues::new(), true));
        }
        let select = format!("SELECT key, value FROM {table}");
        let (rows, is_all) = self.rows(&select, &["key"], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((rows.into_iter().collect(), is_all))
    }

    /// Whether there are runs, or were before it was damaged.
    fn may_have_runs(&self) -> Result<bool, StoreError> {
        match self.read(count_runs) {
            Ok(runs) => Ok(runs > 0),
            Err(_) if self.may_be_damaged => Ok(true),
            Err(error) => Err(error),
        }
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
