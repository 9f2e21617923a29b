//! What a store knows of its study beside declaration and runs: the test set's labels, the
//! registration, the looks of a sequential sweep. All are rows of the table `facts`.

use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::{
    Store, StoreError,
    checksum::Checksum,
    sql::{NOW, has_table},
};
use crate::{
    hex,
    registration::{Recorded, sha256},
};

impl Store {
    /// Records a registration, with its time and the number of runs that are there already. The
    /// same one again changes nothing.
    ///
    /// # Errors
    /// If another is recorded, or SQLite fails.
    pub fn register(&mut self, folder: &Path, text: &str) -> Result<(), StoreError> {
        let hash = sha256(text);
        if let Some(recorded) = self.registration()? {
            return if recorded.text == text {
                Ok(())
            } else {
                Err(StoreError::OtherStudy {
                    folder: folder.to_owned(),
                    key: "registration".to_owned(),
                    stored: recorded.sha256,
                    wanted: hash,
                })
            };
        }
        self.transaction(|transaction| {
            let insert = "INSERT INTO facts (key, value) VALUES (?1, ?2)";
            transaction.execute(insert, params!["registration", text])?;
            transaction.execute(insert, params!["registration_sha256", hash])?;
            let told = format!(
                "INSERT INTO facts (key, value)
                 VALUES ('registration_time', {NOW}),
                        ('registration_runs', CAST((SELECT count(*) FROM runs) AS TEXT))"
            );
            transaction.execute(&told, []).map(drop)
        })
    }

    /// The registration that is recorded.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn registration(&self) -> Result<Option<Recorded>, StoreError> {
        let (Some(text), Some(sha256), Some(time), Some(runs)) = (
            self.fact("registration")?,
            self.fact("registration_sha256")?,
            self.fact("registration_time")?,
            self.fact("registration_runs")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Recorded {
            text,
            sha256,
            time,
            runs_before: runs.parse().unwrap_or(0),
        }))
    }

    /// Fixes how a sequential sweep looks, by name. Its error rate is that of looks fixed before
    /// the first: the same again changes nothing.
    ///
    /// # Errors
    /// If the folder has others, or SQLite fails.
    pub fn fix_looks(
        &mut self,
        folder: &Path,
        declaration: &[(&str, String)],
    ) -> Result<(), StoreError> {
        for (name, wanted) in declaration {
            if let Some(stored) = self.fact(&format!("until_{name}"))?
                && stored != *wanted
            {
                return Err(StoreError::OtherStudy {
                    folder: folder.to_owned(),
                    key: format!("--until decided and {name}"),
                    stored,
                    wanted: wanted.clone(),
                });
            }
        }
        self.transaction(|transaction| {
            let insert = "INSERT OR IGNORE INTO facts (key, value) VALUES (?1, ?2)";
            for (name, value) in declaration {
                transaction.execute(insert, params![format!("until_{name}"), value])?;
            }
            Ok(())
        })
    }

    /// What [`Self::fix_looks`] fixed under a name; none where the sweep was not sequential.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn fact_of_looks(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.fact(&format!("until_{name}"))
    }

    /// Keeps the labels of the test set, so that predictions can be judged without it.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn keep_test_labels(&mut self, labels: &[u8]) -> Result<(), StoreError> {
        let text = hex::encode(labels);
        self.transaction(|transaction| {
            let insert = "INSERT OR REPLACE INTO facts (key, value)
                 VALUES ('test_labels', ?1), ('test_labels_crc32', ?2)";
            let sum = Checksum::of_text(&text).to_string();
            transaction.execute(insert, [text, sum]).map(drop)
        })
    }

    /// The test set's labels; none in a folder that no sweep came to.
    ///
    /// # Errors
    /// If SQLite fails or they are not as they were written.
    pub fn test_labels(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let sum = self.fact("test_labels_crc32")?;
        let labels = match (self.fact("test_labels")?, sum) {
            (None, None) => return Ok(None),
            // Its key is no longer what was written.
            (None, Some(_)) => None,
            (Some(text), sum) => hex::decode(&text)
                .filter(|_| sum.is_none_or(|sum| sum == Checksum::of_text(&text).to_string())),
        };
        labels.map(Some).ok_or_else(|| StoreError::Unreadable {
            path: self.path.clone(),
            fault: "was damaged: its test labels are no longer what was written; the same sweep again writes them anew".to_owned(),
        })
    }

    /// A fact; none in a store of before there were any, which has no such table.
    fn fact(&self, key: &str) -> Result<Option<String>, StoreError> {
        let known = has_table(&self.connection, "facts");
        if !known.map_err(|source| self.failed(source))? {
            return Ok(None);
        }
        let query = "SELECT value FROM facts WHERE key = ?1";
        self.connection
            .query_row(query, [key], |row| row.get(0))
            .optional()
            .map_err(|source| self.failed(source))
    }
}
