//! Where the runs come from: a set of facts for each invocation of a sweep, in the table
//! `environment`. A session that never says `finished` was killed.

use rusqlite::{Transaction, params};

use super::{Store, StoreError, sql::NOW};

/// One invocation of a sweep in this folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number, from 1.
    pub number: i64,
    /// What is known of it, by name.
    pub facts: Vec<(String, String)>,
}

impl Session {
    /// The fact of a name.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        let found = self.facts.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// Over fewer whole seconds a rate would be a guess.
const LEAST_SECONDS: i64 = 10;

const INSERT: &str = "INSERT OR REPLACE INTO environment (session, key, value) VALUES (?1, ?2, ?3)";

impl Store {
    /// Begins a session with what is known of it; the runs recorded from now on are counted in it.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn begin_session(&mut self, facts: &[(&str, String)]) -> Result<(), StoreError> {
        let session = self.transaction(|transaction| {
            let last = "SELECT coalesce(max(session), 0) FROM environment";
            let session = transaction.query_row(last, [], |row| row.get::<_, i64>(0))? + 1;
            for (key, value) in facts {
                transaction.execute(INSERT, params![session, key, value])?;
            }
            let started = format!("INSERT INTO environment VALUES (?1, 'started', {NOW})");
            transaction.execute(&started, [session])?;
            transaction.execute(INSERT, params![session, "runs_added", "0"])?;
            Ok(session)
        })?;
        self.session = Some(session);
        Ok(())
    }

    /// Ends the session with what is known of it only now.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn end_session(&mut self, facts: &[(&str, String)]) -> Result<(), StoreError> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        self.transaction(|transaction| {
            for (key, value) in facts {
                transaction.execute(INSERT, params![session, key, value])?;
            }
            let finished =
                format!("INSERT OR REPLACE INTO environment VALUES (?1, 'finished', {NOW})");
            transaction.execute(&finished, [session]).map(drop)
        })
    }

    /// Runs a second of a session, from its start to its last run; none where that took less than ten of the whole
    /// seconds that it is known in.
    #[must_use]
    pub fn rate(&self, session: &Session) -> Option<f64> {
        let runs: f64 = session.fact("runs_added")?.parse().ok()?;
        let times = [session.fact("started")?, session.fact("last_run")?];
        let seconds: i64 = self
            .connection
            .query_row("SELECT unixepoch(?2) - unixepoch(?1)", times, |row| {
                row.get(0)
            })
            .ok()?;
        (seconds >= LEAST_SECONDS).then(|| runs / seconds as f64)
    }

    /// Every session, by its number, the oldest first; none in a store of before there were any.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn environment(&self) -> Result<Vec<Session>, StoreError> {
        if self.version < 2 {
            return Ok(Vec::new());
        }
        let read = || -> rusqlite::Result<Vec<Session>> {
            let query = "SELECT session, key, value FROM environment ORDER BY session, key";
            let mut statement = self.connection.prepare(query)?;
            let mut rows = statement.query([])?;
            let mut sessions: Vec<Session> = Vec::new();
            while let Some(row) = rows.next()? {
                let (number, fact) = (row.get(0)?, (row.get(1)?, row.get(2)?));
                match sessions.last_mut() {
                    Some(session) if session.number == number => session.facts.push(fact),
                    _ => sessions.push(Session {
                        number,
                        facts: vec![fact],
                    }),
                }
            }
            Ok(sessions)
        };
        read().map_err(|source| self.failed(source))
    }
}

/// Counts one more run of a session and notes the time, so that even a session that is killed has
/// said how far it came.
pub(super) fn count_run(transaction: &Transaction<'_>, session: i64) -> rusqlite::Result<()> {
    let count = "UPDATE environment SET value = CAST(value AS INTEGER) + 1
                 WHERE session = ?1 AND key = 'runs_added'";
    transaction.prepare(count)?.execute([session])?;
    let last = format!("INSERT OR REPLACE INTO environment VALUES (?1, 'last_run', {NOW})");
    transaction.prepare(&last)?.execute([session])?;
    Ok(())
}
