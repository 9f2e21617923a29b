//! Rows of bytes into columns: the transpose in registers, which bytes are not background, and which columns
//! have such bytes.

use std::arch::x86_64::*;

use crate::{batch_columns::LINE, sparse::BLOCK};

/// Side of the squares that are transposed, two in the halves of sixteen registers.
const TILE: usize = 16;

/// The columns of 32 rows, and for each a bit for each row that is not `background`.
///
/// # Panics
/// If there are not as many lines as masks, a whole number of sixteen, or a row has fewer bytes.
#[target_feature(enable = "avx2,fma")]
pub(super) fn transpose(
    rows: &[&[[u8; BLOCK]]; LINE],
    background: u8,
    lines: &mut [[u8; LINE]],
    masks: &mut [u32],
) {
    let (lines, rest) = lines.as_chunks_mut::<TILE>();
    assert!(rest.is_empty() && masks.len() == lines.len() * TILE);
    let (masks, _) = masks.as_chunks_mut::<TILE>();
    assert!(
        rows.iter()
            .all(|row| row.len() * BLOCK >= lines.len() * TILE)
    );
    let rows = rows.map(|row| row.as_ptr().cast::<[u8; TILE]>());
    let background = _mm256_set1_epi8(background as i8);
    for (sixteen, (lines, masks)) in lines.iter_mut().zip(masks).enumerate() {
        let mut tile = [_mm256_setzero_si256(); TILE];
        for (i, pair) in tile.iter_mut().enumerate() {
            // SAFETY: each row has as many sixteens of bytes as there are of columns, which was just checked.
            let [first, second] =
                [i, i + TILE].map(|row| load(unsafe { &*rows[row].add(sixteen) }));
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

/// For each byte the positions of its bits, rising, and zeros: 2 KB.
static POSITIONS_OF: [[u8; 8]; 256] = {
    let mut positions = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut count) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                positions[byte][count] = bit as u8;
                count += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    positions
};

/// The positions of the masks that are not 0, rising, at the front of `positions`; how many they are.
///
/// # Panics
/// If masks are no whole number of eights, or there is no room for the positions of all.
#[target_feature(enable = "avx2,fma")]
pub(super) fn nonzero(masks: &[u32], positions: &mut [u32]) -> usize {
    let (masks, rest) = masks.as_chunks::<8>();
    assert!(rest.is_empty());
    let mut count = 0;
    let mut first = _mm256_setzero_si256();
    for masks in masks {
        let is_zero = _mm256_cmpeq_epi32(load_masks(masks), _mm256_setzero_si256());
        let byte = !_mm256_movemask_ps(_mm256_castsi256_ps(is_zero)) as u8;
        let within = i64::from_le_bytes(POSITIONS_OF[usize::from(byte)]);
        let within = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(within));
        let room = positions[count..].first_chunk_mut().expect("room for all");
        store_positions(room, _mm256_add_epi32(first, within));
        count += byte.count_ones() as usize;
        first = _mm256_add_epi32(first, _mm256_set1_epi32(8));
    }
    count
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load_masks(masks: &[u32; 8]) -> __m256i {
    // SAFETY: the array is eight readable integers; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(masks.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store_positions(positions: &mut [u32; 8], value: __m256i) {
    // SAFETY: the array is eight writable integers; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(positions.as_mut_ptr().cast(), value) }
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
