//! The sessions of several stores: where and how their runs were made.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::{Input, Merge, StoreError};

/// Facts that a session gains or changes as it goes. It is the same session for all that: a store
/// may be merged while its sweep runs, and again later.
const AS_IT_GOES: [&str; 6] = [
    "runs_added",
    "last_run",
    "finished",
    "peak_memory_bytes",
    "exit",
    "message",
];

type Facts = BTreeMap<String, String>;

/// The sessions that are there, by what they began with.
pub(super) struct Sessions {
    numbers: HashMap<[u8; 32], i64>,
    last: i64,
}

impl Sessions {
    /// Those of a store of this program's version.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let sessions = read(connection)?;
        let last = sessions.last_key_value().map_or(0, |(number, _)| *number);
        let numbers = sessions
            .iter()
            .map(|(number, facts)| (identity(facts), *number));
        Ok(Self {
            numbers: numbers.collect(),
            last,
        })
    }

    /// Adds those of an input that are new, and to those that are not what was gained since. Whether
    /// all could be read.
    pub(super) fn take(
        &mut self,
        input: &Input<'_>,
        merge: &Merge<'_>,
    ) -> Result<bool, StoreError> {
        if input.version < 2 {
            return Ok(true);
        }
        let key = ["session", "key"];
        let (facts, is_all) = input.rows(SELECT, &key, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        for theirs in by_number(facts).into_values() {
            let number = *self.numbers.entry(identity(&theirs)).or_insert_with(|| {
                self.last += 1;
                self.last
            });
            merge.in_out(|into| join(into, number, &theirs))?;
        }
        Ok(is_all)
    }
}

/// Numbers all sessions by when they began, and those of one second by when they ended and what they
/// are: the same whatever the order in which they were merged.
pub(super) fn number_by_time(connection: &Connection) -> rusqlite::Result<()> {
    let sessions = read(connection)?;
    let mut in_time: Vec<(i64, &Facts)> = sessions.iter().map(|(n, facts)| (*n, facts)).collect();
    let place = |facts: &Facts| {
        let [started, finished] = ["started", "finished"].map(|key| facts.get(key).cloned());
        (started, finished, identity(facts))
    };
    in_time.sort_by_cached_key(|(_, facts)| place(facts));
    if in_time
        .iter()
        .map(|(number, _)| *number)
        .eq(1..=sessions.len() as i64)
    {
        return Ok(());
    }
    connection.execute("DELETE FROM environment", [])?;
    let insert = "INSERT INTO environment (session, key, value) VALUES (?1, ?2, ?3)";
    let mut insert = connection.prepare_cached(insert)?;
    for ((_, facts), number) in in_time.into_iter().zip(1_i64..) {
        for (key, value) in facts {
            insert.execute(params![number, key, value])?;
        }
    }
    Ok(())
}

/// Writes the facts of a session over those that are there, but for a count or time that is past.
fn join(connection: &Connection, number: i64, facts: &Facts) -> rusqlite::Result<()> {
    // Counts as numbers, and times, which sort as they are; all else is the same on both sides.
    let mut upsert = connection.prepare_cached(
        "INSERT INTO environment (session, key, value) VALUES (?1, ?2, ?3)
         ON CONFLICT (session, key) DO UPDATE SET value = excluded.value
         WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)
             OR CAST(excluded.value AS INTEGER) = CAST(value AS INTEGER)
                 AND excluded.value > value",
    )?;
    for (key, value) in facts {
        upsert.execute(params![number, key, value])?;
    }
    Ok(())
}

const SELECT: &str = "SELECT session, key, value FROM environment";

fn read(connection: &Connection) -> rusqlite::Result<BTreeMap<i64, Facts>> {
    let mut statement = connection.prepare_cached(SELECT)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(i64, String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(by_number(rows))
}

fn by_number(rows: impl IntoIterator<Item = (i64, String, String)>) -> BTreeMap<i64, Facts> {
    let mut sessions: BTreeMap<i64, Facts> = BTreeMap::new();
    for (number, key, value) in rows {
        sessions.entry(number).or_default().insert(key, value);
    }
    sessions
}

fn identity(facts: &Facts) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (key, value) in facts {
        if !AS_IT_GOES.contains(&key.as_str()) {
            // Lengths keep one text from running into the next.
            hash.update(format!("{}:{key}{}:{value}", key.len(), value.len()));
        }
    }
    hash.finalize().into()
}
