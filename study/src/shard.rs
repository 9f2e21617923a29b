//! A sweep in parts: which runs are whose, by identity alone.

use std::{collections::BTreeSet, fmt, fs, path::Path, str::FromStr};

use crate::store::STORE_FILE;

/// Part `index` of `count`, from 0. Every run is in exactly one part, whatever else is swept and in
/// what order it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u64,
    count: u64,
}

/// Why a text names no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not two numbers.
    #[error("write I/N, as in 0/16 for the first of 16 parts")]
    Form,
    /// There is no such part.
    #[error("parts are counted from 0, so of {count} the last is {}", count - 1)]
    Beyond {
        /// How many parts there are.
        count: u64,
    },
}

impl Shard {
    /// All runs.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// Whether a run is in this part. A run's identity is the beginning of a SHA-256 in hexadecimal;
    /// its first 64 bits modulo the number of parts tell the part.
    #[must_use]
    pub fn holds(self, run_id: &str) -> bool {
        let digits = run_id.get(..16).unwrap_or(run_id);
        u64::from_str_radix(digits, 16).is_ok_and(|hash| hash % self.count == self.index)
    }

    /// Into how many parts else the sweep of a folder is cut by what lies in it: one whose number of
    /// parts changes underway trains runs again that a part of before has.
    #[must_use]
    pub fn other_counts(self, folder: &Path) -> BTreeSet<u64> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let stores = entries.filter(|entry| entry.path().join(STORE_FILE).is_file());
        let counts = stores.filter_map(|entry| {
            let name = entry.file_name();
            let (index, count) = name.to_str()?.strip_prefix("shard-")?.split_once("-of-")?;
            let part: Self = format!("{index}/{count}").parse().ok()?;
            (part.count != self.count).then_some(part.count)
        });
        counts.collect()
    }

    /// The part's folder within that of the sweep.
    #[must_use]
    pub fn folder_name(self) -> String {
        format!("shard-{}-of-{}", self.index, self.count)
    }

    /// The part whose folder has this name.
    #[must_use]
    pub fn of_folder(name: &str) -> Option<Self> {
        let (index, count) = name.strip_prefix("shard-")?.split_once("-of-")?;
        format!("{index}/{count}").parse().ok()
    }

    /// How many parts there are.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, count) = text.split_once('/').ok_or(ShardError::Form)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| ShardError::Form);
        let (index, count) = (number(index)?, number(count)?);
        match count {
            0 => Err(ShardError::Form),
            _ if index >= count => Err(ShardError::Beyond { count }),
            _ => Ok(Self { index, count }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_stays_in_its_shard() {
        // 0xa5c22148ac2081d8 mod 7 and mod 10000, by Python's int(…, 16) % n; frozen, or a sweep
        // that is continued would train runs that another shard has.
        let id = "a5c22148ac2081d82346";
        for (count, index) in [(1, 0), (7, 6), (10_000, 168)] {
            for shard in (0..count).map(|index| Shard { index, count }) {
                assert_eq!(shard.holds(id), shard.index == index, "{shard}");
            }
        }
    }

    #[test]
    fn a_shard_is_written_as_index_and_count() {
        assert_eq!(
            "3/16".parse(),
            Ok(Shard {
                index: 3,
                count: 16
            })
        );
        assert_eq!("0/1".parse(), Ok(Shard::WHOLE));
        assert_eq!(
            "16/16".parse::<Shard>(),
            Err(ShardError::Beyond { count: 16 })
        );
        for text in ["", "3", "3/", "/3", "0/0", "-1/3", "1/3/5", "a/b", "1.0/3"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError::Form), "{text:?}");
        }
    }
}
