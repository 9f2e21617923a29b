//! Rows of bytes into columns: the transpose in registers, and which bytes are not background.

use std::arch::x86_64::*;

use crate::{batch_columns::LINE, sparse::BLOCK};

/// Side of the squares that are transposed, two in the halves of sixteen registers.
const TILE: usize = 16;

/// The columns of 32 rows of 64 bytes, and for each a bit for each row that is not `background`.
#[target_feature(enable = "avx2,fma")]
pub(super) fn transpose_block(
    rows: &[&[u8; BLOCK]; LINE],
    background: u8,
    lines: &mut [[u8; LINE]; BLOCK],
    masks: &mut [u32; BLOCK],
) {
    let background = _mm256_set1_epi8(background as i8);
    let (lines, _) = lines.as_chunks_mut::<TILE>();
    let (masks, _) = masks.as_chunks_mut::<TILE>();
    for (quarter, (lines, masks)) in lines.iter_mut().zip(masks).enumerate() {
        let mut tile = [_mm256_setzero_si256(); TILE];
        for (i, pair) in tile.iter_mut().enumerate() {
            let [first, second] = [i, i + TILE].map(|row| load(&rows[row].as_chunks().0[quarter]));
            *pair = _mm256_set_m128i(second, first);
        }
        // Four perfect shuffles of a square's rows are its transpose.
        let tile = shuffle(shuffle(shuffle(shuffle(tile))));
        for ((line, mask), column) in lines.iter_mut().zip(masks).zip(tile) {
            store(line, column);
            *mask = !_mm256_movemask_epi8(_mm256_cmpeq_epi8(column, background)) as u32;
        }
    }
}

/// In each half of the registers: its bytes as one sequence, whose two halves are merged byte by
/// byte.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn shuffle(rows: [__m256i; TILE]) -> [__m256i; TILE] {
    let mut merged = rows;
    for (i, pair) in merged.as_chunks_mut().0.iter_mut().enumerate() {
        let (a, b) = (rows[i], rows[i + TILE / 2]);
        *pair = [_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b)];
    }
    merged
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(bytes: &[u8; TILE]) -> __m128i {
    // SAFETY: the array is sixteen readable bytes; the load asks for no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(bytes: &mut [u8; LINE], value: __m256i) {
    // SAFETY: the array is thirty-two writable bytes; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), value) }
}
