//! The columns of one batch of a matrix of bytes, which is what Xᵀ·dZ walks along.

use std::ops::Range;

use crate::{
    Kernels, SparseRows,
    checks::check_rows,
    levels::{Levels, Terms, lowest_bits},
    sparse::{BLOCK, prefetch},
};

/// Rows of the batch that one mask covers.
pub(crate) const LINE: usize = 32;

/// One batch X of rows of a [`SparseRows`], by column.
///
/// Made once per worker and filled anew for each batch, without allocating. A column's bytes
/// stand side by side, so that one comparison tells which of the batch's rows are not background
/// in it.
#[derive(Clone, Debug)]
pub struct BatchColumns {
    cols: usize,
    capacity: usize,
    batch: usize,
    levels: Levels,
    /// For each 32 rows of the capacity a line of every column, filled up with background past
    /// the batch's rows; the columns are filled up with background to a whole number of 64. Lines
    /// past the batch's last are those of a batch before.
    lines: Vec<[u8; LINE]>,
    /// For each of `lines`, a bit for each of the batch's rows that is not background.
    masks: Vec<u32>,
    /// For each column its masks of all lines in one, in batches of more lines than one.
    combined: Vec<u32>,
    /// The columns in which some row is not background, rising.
    touched: Vec<u32>,
    /// A row of background, which fills up the last 32 of the batch's rows.
    blank: Vec<[u8; BLOCK]>,
}

/// 32 rows of a batch, or what is left of it, by column.
#[derive(Clone, Copy)]
pub(crate) struct Slab<'a> {
    codes: &'a [[u8; LINE]],
    /// For each column, a bit for each row that is not background.
    masks: &'a [u32],
    levels: &'a Levels,
}

impl BatchColumns {
    /// Room for batches of up to `capacity` rows of a matrix of `cols` columns.
    ///
    /// # Panics
    /// If so much room has no addresses.
    #[must_use]
    #[track_caller]
    pub fn new(cols: usize, capacity: usize) -> Self {
        let padded = cols.checked_next_multiple_of(BLOCK);
        let padded = padded.expect("so many columns have no addresses");
        let lines = padded.checked_mul(capacity.div_ceil(LINE));
        let lines = lines.expect("so many lines have no addresses");
        Self {
            cols,
            capacity,
            batch: 0,
            levels: Levels::new(&[0.0; 256]),
            lines: vec![[0; LINE]; lines],
            masks: vec![0; lines],
            combined: vec![0; padded],
            touched: Vec::with_capacity(padded),
            blank: vec![[0; BLOCK]; cols.div_ceil(BLOCK)],
        }
    }

    /// Takes in rows `rows[0]`, `rows[1]`, … of x as the batch's rows 0, 1, … Whichever the kernels,
    /// the columns are the same.
    ///
    /// # Panics
    /// If x has other columns, the batch more rows than the capacity, or x no such row.
    #[track_caller]
    pub fn fill(&mut self, kernels: Kernels, x: &SparseRows, rows: &[u32]) {
        assert!(
            x.cols() == self.cols && rows.len() <= self.capacity,
            "{} rows of {} columns do not fit room for {} of {}",
            rows.len(),
            x.cols(),
            self.capacity,
            self.cols
        );
        check_rows(x, rows);
        self.batch = rows.len();
        self.levels.copy_from(x.levels());
        let filler = x.levels().filler();
        self.blank.fill([filler; BLOCK]);
        let height = self.cols.next_multiple_of(BLOCK);
        let lines = self.lines.chunks_exact_mut(height);
        let masks = self.masks.chunks_exact_mut(height);
        for ((rows, lines), masks) in rows.chunks(LINE).zip(lines).zip(masks) {
            let mut slab: [&[[u8; BLOCK]]; LINE] = [&self.blank; LINE];
            for (blocks, &row) in slab.iter_mut().zip(rows) {
                *blocks = x.row_blocks(row as usize);
            }
            // As they are turned: row after row, the first block would wait for the last row's.
            for b in 0..self.blank.len() {
                for row in &slab[..rows.len()] {
                    prefetch(&row[b]);
                }
            }
            kernels.backend.transpose(&slab, filler, lines, masks);
            if x.levels().background().is_none() {
                masks[..self.cols].fill(lowest_bits(rows.len()) as u32);
            }
        }
        self.find_touched(kernels);
    }

    /// Makes the list of the columns touched: where the batch is one line, its masks tell.
    fn find_touched(&mut self, kernels: Kernels) {
        let height = self.cols.next_multiple_of(BLOCK);
        let masks = &self.masks[..height * self.lines_per_column()];
        let masks = if self.batch <= LINE {
            masks
        } else {
            self.combined.fill(0);
            for masks in masks.chunks_exact(height) {
                for (combined, mask) in self.combined.iter_mut().zip(masks) {
                    *combined |= mask;
                }
            }
            &self.combined
        };
        self.touched.resize(height, 0);
        let count = kernels.backend.nonzero(masks, &mut self.touched);
        self.touched.truncate(count);
    }

    /// Rows of the batch.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch
    }

    /// Columns of the matrix.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The columns in which some row of the batch is not background, rising.
    #[must_use]
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// The columns touched, touched×batch, each row filled up to whole lines.
    ///
    /// # Panics
    /// If there is no room for them.
    pub(crate) fn copy_touched(&self, to: &mut [[f32; LINE]]) {
        let slabs = self.lines_per_column();
        let height = self.cols.next_multiple_of(BLOCK);
        let columns = to[..self.touched.len() * slabs].chunks_exact_mut(slabs.max(1));
        for (&j, column) in self.touched.iter().zip(columns) {
            for (slab, values) in column.iter_mut().enumerate() {
                self.levels
                    .decode(&self.lines[slab * height + j as usize], values);
            }
        }
    }

    /// Rows of the batch that are not background in column j, and their values, by rising row.
    ///
    /// # Panics
    /// If j is outside the shape.
    pub(crate) fn column(&self, j: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.lines(j)
            .flat_map(|(first, terms)| terms.map(move |(i, value)| (first + i, value)))
    }

    /// The lines of column j that hold rows of the batch: each with its first row, and what is
    /// not background in it, by row less that.
    #[inline]
    pub(crate) fn lines(&self, j: usize) -> impl Iterator<Item = (usize, Terms<'_, LINE>)> {
        self.lines_of(j, 0..self.lines_per_column())
    }

    /// Some of the lines of `lines`.
    #[inline]
    pub(crate) fn lines_of(
        &self,
        j: usize,
        lines: Range<usize>,
    ) -> impl Iterator<Item = (usize, Terms<'_, LINE>)> {
        assert!(j < self.cols, "column {j} is outside {}", self.cols);
        let count = self.lines_per_column();
        assert!(lines.end <= count, "lines {lines:?} are outside {count}");
        let height = self.cols.next_multiple_of(BLOCK);
        lines.map(move |line| {
            let at = line * height + j;
            let terms = self.levels.terms(self.masks[at].into(), &self.lines[at]);
            (line * LINE, terms)
        })
    }

    /// Lines of a column that hold rows of the batch.
    #[inline]
    pub(crate) fn lines_per_column(&self) -> usize {
        self.batch.div_ceil(LINE)
    }

    /// The batch 32 rows at a time, each time with the first of them.
    #[inline]
    pub(crate) fn slabs(&self) -> impl Iterator<Item = (usize, Slab<'_>)> {
        let height = self.cols.next_multiple_of(BLOCK);
        (0..self.lines_per_column()).map(move |slab| {
            let columns = slab * height..slab * height + self.cols;
            let slice = Slab {
                codes: &self.lines[columns.clone()],
                masks: &self.masks[columns],
                levels: &self.levels,
            };
            (slab * LINE, slice)
        })
    }
}

impl<'a> Slab<'a> {
    /// The terms of column j.
    #[inline(always)]
    pub(crate) fn terms(self, j: usize) -> Terms<'a, LINE> {
        self.levels.terms(self.masks[j].into(), &self.codes[j])
    }

    /// The terms of each column.
    #[inline]
    pub(crate) fn all_terms(self) -> impl ExactSizeIterator<Item = Terms<'a, LINE>> + Clone {
        let columns = self.codes.iter().zip(self.masks);
        columns.map(move |(codes, &mask)| self.levels.terms(mask.into(), codes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Isa;

    fn all_kernels() -> impl Iterator<Item = Kernels> {
        Isa::ALL
            .into_iter()
            .filter_map(|isa| Kernels::get(isa).ok())
    }

    #[test]
    fn columns_of_a_batch_are_its_transpose_and_forget_the_batch_before() {
        // Byte 2 is the background.
        let levels = std::array::from_fn(|byte| byte as f32 - 2.0);
        let cases: (&[usize], &[u32]) = if cfg!(miri) {
            (&[5, 65], &[0, 33, 2])
        } else {
            let batches = &[0, 1, 31, 32, 33, 73, 80, 34, 33, 5, 40, 0];
            (&[1, 5, 63, 64, 100, 129], batches)
        };
        let kernels: Vec<Kernels> = all_kernels().collect();
        for (&cols, &kernels) in cases
            .0
            .iter()
            .flat_map(|c| kernels.iter().map(move |k| (c, k)))
        {
            // Few columns are touched by all batches, some by large ones alone, some by none.
            let bytes: Vec<u8> = (0..100 * cols)
                .map(|i| {
                    let (row, j) = (i / cols, i % cols);
                    let is_background = j % 7 == 3 || (row * 31 + j * 17) % (1 + j % 90) != 0;
                    if is_background {
                        2
                    } else {
                        (3 + i % 200) as u8
                    }
                })
                .collect();
            let x = SparseRows::from_levels(&bytes, cols, &levels);
            let mut columns = BatchColumns::new(cols, 80);
            columns.fill(kernels, &x, &(0..80).collect::<Vec<_>>());
            for &batch in cases.1 {
                let rows: Vec<u32> = (0..batch).map(|i| (i * 37 + 5) % 100).collect();
                columns.fill(kernels, &x, &rows);
                let mut touched = vec![];
                for j in 0..cols {
                    let expected: Vec<(usize, f32)> = rows
                        .iter()
                        .enumerate()
                        .map(|(i, &row)| (i, f32::from(bytes[row as usize * cols + j]) - 2.0))
                        .filter(|&(_, value)| value != 0.0)
                        .collect();
                    assert!(columns.column(j).eq(expected.iter().copied()));
                    touched.extend((!expected.is_empty()).then_some(j as u32));
                }
                assert_eq!(columns.touched(), touched, "{kernels:?}, {batch} of {cols}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "row 3 is outside the 3 rows of X")]
    fn a_row_outside_the_matrix_is_refused() {
        let x = SparseRows::from_levels(&[1; 3], 1, &[0.0; 256]);
        let kernels = all_kernels().next().expect("the portable ones");
        BatchColumns::new(1, 2).fill(kernels, &x, &[0, 3]);
    }

    #[test]
    #[should_panic(expected = "33 rows of 2 columns do not fit room for 32 of 2")]
    fn a_batch_above_the_capacity_is_refused() {
        let x = SparseRows::from_levels(&[0; 4], 2, &[0.0; 256]);
        let kernels = all_kernels().next().expect("the portable ones");
        BatchColumns::new(2, 32).fill(kernels, &x, &[0; 33]);
    }

    #[test]
    fn without_a_level_of_zero_a_column_is_every_row_of_the_batch() {
        let x = SparseRows::from_levels(&[0; 100 * 3], 3, &[0.5; 256]);
        for kernels in all_kernels() {
            let mut columns = BatchColumns::new(3, 40);
            columns.fill(kernels, &x, &[7; 33]);
            assert!(columns.column(2).eq((0..33).map(|i| (i, 0.5))));
            assert_eq!(columns.touched(), [0, 1, 2]);
        }
    }
}
