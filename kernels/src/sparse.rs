//! Matrices that are mostly zero: the rows of a data set, and the columns of one batch of them.
//!
//! A product that skips zeros never computes 0·NaN or 0·∞, which a dense product turns into NaN:
//! on finite weights the two agree to rounding, on others they need not.

/// One non-zero of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Its column.
    pub column: u32,
    /// Its value.
    pub value: f32,
}

/// The non-zeros of a matrix, row by row: indexed once, shared by every product with it.
#[derive(Clone, Debug)]
pub struct SparseRows {
    cols: usize,
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

impl SparseRows {
    /// Indexes a row-major matrix of bytes, each standing for `levels[byte]`.
    ///
    /// # Panics
    /// If `cols` is 0, or `bytes` is no whole number of rows.
    #[must_use]
    pub fn from_levels(bytes: &[u8], cols: usize, levels: &[f32; 256]) -> Self {
        assert!(
            cols > 0 && bytes.len().is_multiple_of(cols),
            "{} bytes are no whole number of rows of {cols}",
            bytes.len()
        );
        assert!(
            u32::try_from(cols).is_ok(),
            "{cols} columns are too many to index"
        );
        let mut starts = Vec::with_capacity(bytes.len() / cols + 1);
        starts.push(0);
        let nonzero = bytes
            .iter()
            .filter(|&&b| levels[usize::from(b)] != 0.0)
            .count();
        let mut entries = Vec::with_capacity(nonzero);
        for row in bytes.chunks_exact(cols) {
            entries.extend(
                (0..)
                    .zip(row)
                    .map(|(column, &byte)| Entry {
                        column,
                        value: levels[usize::from(byte)],
                    })
                    .filter(|entry| entry.value != 0.0),
            );
            starts.push(entries.len());
        }
        Self {
            cols,
            starts,
            entries,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The non-zeros of row i, by rising column.
    ///
    /// # Panics
    /// If i is outside the shape.
    #[must_use]
    pub fn row(&self, i: usize) -> &[Entry] {
        &self.entries[self.starts[i]..self.starts[i + 1]]
    }

    /// Share of the elements that are not zero, 0 to 1.
    #[must_use]
    pub fn density(&self) -> f64 {
        let all = self.rows() * self.cols;
        if all == 0 {
            0.0
        } else {
            self.entries.len() as f64 / all as f64
        }
    }
}

/// The columns of one batch X of a sparse matrix's rows, which is what Xᵀ·dZ walks along.
///
/// Made once per worker and filled anew for each batch, without allocating: a column is a mask of
/// the batch's rows that are not zero in it, and a line of values of which only those are valid.
#[derive(Clone, Debug)]
pub struct BatchColumns {
    cols: usize,
    capacity: usize,
    batch: usize,
    masks: Vec<u64>,
    values: Vec<f32>,
}

impl BatchColumns {
    /// Room for batches of up to `capacity` rows of a matrix of `cols` columns.
    #[must_use]
    pub fn new(cols: usize, capacity: usize) -> Self {
        Self {
            cols,
            capacity,
            batch: 0,
            masks: vec![0; cols * capacity.div_ceil(64)],
            values: vec![0.0; cols * capacity],
        }
    }

    /// Takes in rows `rows[0]`, `rows[1]`, … of x as the batch's rows 0, 1, …
    ///
    /// # Panics
    /// If x has other columns, the batch more rows than the capacity, or x no such row.
    pub fn fill(&mut self, x: &SparseRows, rows: &[u32]) {
        assert!(
            x.cols() == self.cols && rows.len() <= self.capacity,
            "{} rows of {} columns do not fit room for {} of {}",
            rows.len(),
            x.cols(),
            self.capacity,
            self.cols
        );
        self.batch = rows.len();
        self.masks.fill(0);
        let words = self.words();
        for (i, &row) in rows.iter().enumerate() {
            let (word, bit) = (i / 64, 1 << (i % 64));
            for entry in x.row(row as usize) {
                let column = entry.column as usize;
                self.masks[column * words + word] |= bit;
                self.values[column * self.capacity + i] = entry.value;
            }
        }
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

    /// The batch's rows that are not zero in column j, and their values, by rising row.
    ///
    /// # Panics
    /// If j is outside the shape.
    pub fn column(&self, j: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let words = self.words();
        let values = &self.values[j * self.capacity..(j + 1) * self.capacity];
        let masks = self.masks[j * words..(j + 1) * words].iter();
        masks.enumerate().flat_map(move |(word, &mask)| {
            bits(mask).map(move |bit| {
                let i = word * 64 + bit;
                (i, values[i])
            })
        })
    }

    fn words(&self) -> usize {
        self.capacity.div_ceil(64)
    }
}

/// Positions of the ones in `mask`, rising.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (mask != 0).then(|| {
            let bit = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels() -> [f32; 256] {
        std::array::from_fn(|b| b as f32)
    }

    #[test]
    fn rows_hold_just_the_non_zeros() {
        let x = SparseRows::from_levels(&[0, 3, 0, 0, 0, 0, 1, 0, 2], 3, &levels());
        assert_eq!((x.rows(), x.cols()), (3, 3));
        assert_eq!(
            x.row(0),
            [Entry {
                column: 1,
                value: 3.0
            }]
        );
        assert!(x.row(1).is_empty());
        assert_eq!(x.row(2).len(), 2);
        assert_eq!(x.density(), 3.0 / 9.0);
    }

    #[test]
    fn columns_of_a_batch_are_its_transpose_and_forget_the_batch_before() {
        let bytes: Vec<u8> = (0..100 * 5).map(|i| (i * 7 % 3) as u8).collect();
        let x = SparseRows::from_levels(&bytes, 5, &levels());
        let mut columns = BatchColumns::new(5, 80);
        columns.fill(&x, &(0..80).collect::<Vec<_>>());
        let rows: Vec<u32> = (20..93).rev().collect();
        columns.fill(&x, &rows);
        for j in 0..5 {
            let expected: Vec<(usize, f32)> = rows
                .iter()
                .enumerate()
                .map(|(i, &row)| (i, f32::from(bytes[row as usize * 5 + j])))
                .filter(|&(_, value)| value != 0.0)
                .collect();
            assert_eq!(columns.column(j).collect::<Vec<_>>(), expected);
        }
    }
}
