//! A damaged store: what of it can still be read and is what was written.

use rusqlite::{Connection, params, types::ValueRef};

use super::{Input, StoreError, rows::Rows};
use crate::store::{
    checksum::Checksum,
    damage,
    rows::{COLUMNS, PARTS},
};

/// The columns of an epoch, in the order of its run's checksum.
const EPOCH: [&str; 5] = [
    "train_loss",
    "train_accuracy",
    "val_loss",
    "val_accuracy",
    "seconds",
];

/// Parts in which identities are looked for past a page that cannot be read, by their first three
/// hexadecimal digits.
const PARTS_OF_IDS: u32 = 0x1000;

/// Above every identity.
const END: &str = "\u{10ffff}";

/// Adds the identities from `low` on and below `high`, in this direction, up to one that cannot be
/// read.
fn ids_between(
    from: &Connection,
    low: &str,
    high: &str,
    direction: &str,
    ids: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let query = format!(
        "SELECT run_id FROM runs WHERE run_id >= ?1 AND run_id < ?2 ORDER BY run_id {direction}"
    );
    let mut query = from.prepare_cached(&query)?;
    let mut rows = query.query(params![low, high])?;
    while let Some(row) = rows.next()? {
        ids.push(row.get(0)?);
    }
    Ok(())
}

/// A run's rows in each table.
pub(super) struct RunRows {
    pub(super) run: Rows,
    pub(super) epochs: Rows,
    pub(super) predictions: Rows,
}

impl RunRows {
    pub(super) fn of(connection: &Connection, run_id: &str) -> rusqlite::Result<Self> {
        let [epochs, predictions] = PARTS;
        Ok(Self {
            run: Rows::of_run(connection, "runs", run_id)?,
            epochs: Rows::of_run(connection, epochs, run_id)?,
            predictions: Rows::of_run(connection, predictions, run_id)?,
        })
    }

    /// The rows of each table, under its name, those first to which others refer.
    pub(super) fn tables(&self) -> [(&'static str, &Rows); 3] {
        let [epochs, predictions] = PARTS;
        [
            ("runs", &self.run),
            (epochs, &self.epochs),
            (predictions, &self.predictions),
        ]
    }

    /// Whether they are what was written, as far as a store of their version can tell.
    pub(super) fn is_sound(&self) -> bool {
        let Some(stored) = self.run.cell("checksum") else {
            return true;
        };
        let mut checksum = Checksum::default();
        for column in COLUMNS.split(", ") {
            checksum.add(self.run.cell(column).unwrap_or(ValueRef::Null));
        }
        for column in self.epochs.by_row(&EPOCH) {
            checksum.add(column);
        }
        let [id, classes] = ["run_id", "classes"].map(|column| self.predictions.cell(column));
        let predictions = match (id, classes) {
            (Some(ValueRef::Text(id)), Some(ValueRef::Blob(classes))) => {
                // None of their own is damage: those of a run that has a checksum were given one.
                let stored = self.predictions.cell("checksum");
                stored.is_some_and(|stored| damage::is_as_written(id, classes, stored))
            }
            // A run that ended well has some.
            _ => self.run.cell("status") != Some(ValueRef::Text(b"ok")),
        };
        predictions && ValueRef::Integer(checksum.sum().into()) == stored
    }
}

impl Input<'_> {
    /// The identities of all runs; where pages cannot be read, those before, between and behind.
    pub(super) fn run_ids(&self) -> Result<Vec<String>, StoreError> {
        let mut ids = Vec::new();
        let all = self.read(|from| ids_between(from, "", END, "ASC", &mut ids));
        if let Err(error) = all {
            if !self.may_be_damaged {
                return Err(error);
            }
            // From both ends of many parts: an error ends a part, not the table.
            let mut low = String::new();
            for place in 1..=PARTS_OF_IDS {
                let high = match place {
                    PARTS_OF_IDS => END.to_owned(),
                    place => format!("{place:03x}"),
                };
                for direction in ["ASC", "DESC"] {
                    let part = ids_between(&self.connection, &low, &high, direction, &mut ids);
                    if part.is_ok() {
                        break;
                    }
                }
                low = high;
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// The rows of a run; none where they are not what was written, which only a store that may be
    /// damaged is forgiven.
    pub(super) fn run(&self, run_id: &str) -> Result<Option<RunRows>, StoreError> {
        match self.read(|from| RunRows::of(from, run_id)) {
            Ok(rows) if rows.is_sound() => Ok(Some(rows)),
            Ok(_) | Err(_) if self.may_be_damaged => Ok(None),
            Ok(_) => Err(self.damaged_run(run_id)),
            Err(error) => Err(error),
        }
    }
}
