//! The epochs of runs, as one stream in the order of their keys.

use rusqlite::{Row, Rows};

use crate::record::EpochRecord;

/// Epochs by run, as they come.
pub(super) struct EpochStream<'s> {
    rows: Rows<'s>,
    /// The epoch that was read last and nobody has taken yet, and its run.
    next: Option<(Vec<u8>, Option<EpochRecord>)>,
}

impl<'s> EpochStream<'s> {
    pub(super) fn new(rows: Rows<'s>) -> rusqlite::Result<Self> {
        let mut stream = Self { rows, next: None };
        stream.advance()?;
        Ok(stream)
    }

    fn advance(&mut self) -> rusqlite::Result<()> {
        let row = self.rows.next()?;
        self.next = row.map(epoch_from_row).transpose()?;
        Ok(())
    }

    /// The epochs of a run, none where one of them has no numbers; those of runs before it belong to
    /// nobody.
    pub(super) fn take(&mut self, run_id: &[u8]) -> rusqlite::Result<Option<Vec<EpochRecord>>> {
        let mut epochs = Some(Vec::new());
        while let Some((of, epoch)) = &self.next {
            if of.as_slice() > run_id {
                break;
            }
            if of == run_id {
                epochs = epochs.zip(*epoch).map(|(mut epochs, epoch)| {
                    epochs.push(epoch);
                    epochs
                });
            }
            self.advance()?;
        }
        Ok(epochs)
    }
}

/// An epoch and its run's identity; no epoch where a cell is no number.
fn epoch_from_row(row: &Row<'_>) -> rusqlite::Result<(Vec<u8>, Option<EpochRecord>)> {
    let epoch = || -> rusqlite::Result<EpochRecord> {
        Ok(EpochRecord {
            train_loss: row.get(1)?,
            train_accuracy: row.get(2)?,
            val_loss: row.get(3)?,
            val_accuracy: row.get(4)?,
            seconds: row.get(5)?,
        })
    };
    Ok((row.get_ref(0)?.as_bytes()?.to_vec(), epoch().ok()))
}
