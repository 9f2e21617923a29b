//! A checksum with each run and its predictions: a bit that flips in a number leaves a number, and
//! SQLite, which checks how its pages are built and not what is in them, gives it back.

use flate2::Crc;
use rusqlite::types::ValueRef;

use crate::record::EpochRecord;

/// CRC-32 of what was written or read, value by value.
#[derive(Default)]
pub(super) struct Checksum(Crc);

impl Checksum {
    /// CRC-32 of a run's predictions.
    pub(super) fn of_predictions(run_id: &[u8], classes: &[u8]) -> u32 {
        let mut checksum = Self::default();
        checksum.add(ValueRef::Text(run_id));
        checksum.add(ValueRef::Blob(classes));
        checksum.sum()
    }

    /// CRC-32 of a text.
    pub(super) fn of_text(text: &str) -> u32 {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        crc.sum()
    }

    /// Adds a cell of a row.
    pub(super) fn add(&mut self, value: ValueRef<'_>) {
        // The kind and, where it varies, the length keep one value from running into the next.
        match value {
            ValueRef::Null => self.0.update(b"n"),
            ValueRef::Integer(value) => self.add_tagged(b'i', &value.to_le_bytes()),
            ValueRef::Real(value) => self.add_real(value),
            ValueRef::Text(bytes) => self.add_long(b't', bytes),
            ValueRef::Blob(bytes) => self.add_long(b'b', bytes),
        }
    }

    /// Adds the values of an epoch.
    pub(super) fn add_epoch(&mut self, epoch: &EpochRecord) {
        let EpochRecord {
            train_loss,
            train_accuracy,
            val_loss,
            val_accuracy,
            seconds,
        } = *epoch;
        for value in [train_loss, train_accuracy, val_loss, val_accuracy, seconds] {
            self.add_real(value);
        }
    }

    pub(super) fn sum(&self) -> u32 {
        self.0.sum()
    }

    fn add_real(&mut self, value: f64) {
        // SQLite keeps no sign of a zero.
        self.add_tagged(b'r', &(value + 0.0).to_bits().to_le_bytes());
    }

    fn add_long(&mut self, kind: u8, bytes: &[u8]) {
        self.add_tagged(kind, &(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn add_tagged(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update(&[kind]);
        self.0.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32_of_ieee_802_3() {
        // The check value that catalogues of CRCs give.
        assert_eq!(Checksum::of_text("123456789"), 0xcbf4_3926);
    }

    #[test]
    fn values_are_told_apart_but_for_the_sign_of_a_zero() {
        let of = |values: &[ValueRef<'_>]| {
            let mut checksum = Checksum::default();
            values.iter().for_each(|value| checksum.add(*value));
            checksum.sum()
        };
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        assert_eq!(of(&[ValueRef::Real(-0.0)]), of(&[ValueRef::Real(0.0)]));
        assert_ne!(of(&[ValueRef::Integer(0)]), of(&[ValueRef::Real(0.0)]));
        assert_ne!(of(&[ValueRef::Null]), of(&[ValueRef::Integer(0)]));
        assert_ne!(of(&[text("ab"), text("c")]), of(&[text("a"), text("bc")]));
    }
}
