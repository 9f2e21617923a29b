//! Rows of bytes into columns, sixteen by sixteen.

use wide::u8x16;

use crate::{batch_columns::LINE, levels::equal_bytes, sparse::BLOCK};

/// Side of the squares that are transposed.
const TILE: usize = 16;

/// The columns of 32 rows, and for each a bit for each row that is not `background`.
pub(super) fn transpose(
    rows: &[&[[u8; BLOCK]]; LINE],
    background: u8,
    lines: &mut [[u8; LINE]],
    masks: &mut [u32],
) {
    for (half, rows) in rows.as_chunks::<TILE>().0.iter().enumerate() {
        for (sixteen, lines) in lines.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let tile = rows.map(|row| u8x16::new(row.as_flattened().as_chunks().0[sixteen]));
            for (line, column) in lines.iter_mut().zip(of_square(tile)) {
                line.as_chunks_mut().0[half] = column.to_array();
            }
        }
    }
    for (line, mask) in lines.iter().zip(masks) {
        *mask = !equal_bytes(line, background) as u32;
    }
}

/// The transpose of a square of bytes: four perfect shuffles of its rows.
#[inline]
fn of_square(rows: [u8x16; TILE]) -> [u8x16; TILE] {
    shuffle(shuffle(shuffle(shuffle(rows))))
}

/// The rows as one sequence of bytes, its two halves merged byte by byte.
#[inline(always)]
fn shuffle(rows: [u8x16; TILE]) -> [u8x16; TILE] {
    let mut merged = rows;
    for (i, pair) in merged.as_chunks_mut().0.iter_mut().enumerate() {
        let (a, b) = (rows[i], rows[i + TILE / 2]);
        *pair = [u8x16::unpack_low(a, b), u8x16::unpack_high(a, b)];
    }
    merged
}

/// The positions of the masks that are not 0, rising, at the front of `positions`; how many they are.
/// Without a branch on the masks, which could not be foretold.
pub(super) fn nonzero(masks: &[u32], positions: &mut [u32]) -> usize {
    let mut count = 0;
    for (position, &mask) in (0..).zip(masks) {
        positions[count] = position;
        count += usize::from(mask != 0);
    }
    count
}
