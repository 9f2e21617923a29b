//! The columns of one batch of a sparse matrix's rows, which is what Xᵀ·dZ walks along.

use crate::SparseRows;

/// One batch X of a sparse matrix's rows, by column.
///
/// Made once per worker and filled anew for each batch, without allocating: a column is a mask of
/// the batch's rows that are not zero in it, and a line of codes of which only those are valid.
#[derive(Clone, Debug)]
pub struct BatchColumns {
    cols: usize,
    capacity: usize,
    batch: usize,
    levels: Box<[f32; 256]>,
    /// ⌈capacity / 64⌉ words a column. No bit stands at or past `batch`.
    masks: Vec<u64>,
    /// `capacity` codes a column.
    codes: Vec<u8>,
}

impl BatchColumns {
    /// Room for batches of up to `capacity` rows of a matrix of `cols` columns.
    #[must_use]
    pub fn new(cols: usize, capacity: usize) -> Self {
        Self {
            cols,
            capacity,
            batch: 0,
            levels: Box::new([0.0; 256]),
            masks: vec![0; cols * capacity.div_ceil(64)],
            codes: vec![0; cols * capacity],
        }
    }

    /// Takes in rows `rows[0]`, `rows[1]`, … of x as the batch's rows 0, 1, …
    ///
    /// # Panics
    /// If x has other columns, the batch more rows than the capacity, or x no such row.
    #[track_caller]
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
        self.levels.copy_from_slice(x.levels());
        self.masks.fill(0);
        let words = self.words();
        for (i, &row) in rows.iter().enumerate() {
            let (word, bit) = (i / 64, 1 << (i % 64));
            for (column, code) in x.sparse_row(row as usize).codes() {
                self.masks[column * words + word] |= bit;
                self.codes[column * self.capacity + i] = code;
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

    /// Whether any row of the batch is not zero in column j.
    ///
    /// # Panics
    /// If j is outside the shape.
    #[must_use]
    pub fn touches(&self, j: usize) -> bool {
        self.masks(j).iter().any(|&mask| mask != 0)
    }

    /// The batch's rows that are not zero in column j, and their values, by rising row.
    ///
    /// # Panics
    /// If j is outside the shape.
    pub fn column(&self, j: usize) -> impl Iterator<Item = (usize, f32)> + Clone + '_ {
        let codes = &self.codes[j * self.capacity..(j + 1) * self.capacity];
        let masks = self.masks(j).iter().enumerate();
        masks.flat_map(move |(word, &mask)| {
            bits(mask).map(move |bit| {
                let i = word * 64 + bit;
                (i, self.levels[usize::from(codes[i])])
            })
        })
    }

    fn masks(&self, j: usize) -> &[u64] {
        let words = self.words();
        &self.masks[j * words..(j + 1) * words]
    }

    fn words(&self) -> usize {
        self.capacity.div_ceil(64)
    }
}

/// Positions of the ones in `mask`, rising.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> + Clone {
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

    #[test]
    fn columns_of_a_batch_are_its_transpose_and_forget_the_batch_before() {
        let levels = std::array::from_fn(|byte| byte as f32);
        let bytes: Vec<u8> = (0..100 * 5).map(|i| (i * 7 % 3) as u8).collect();
        let x = SparseRows::from_levels(&bytes, 5, &levels);
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
            assert!(columns.column(j).eq(expected.iter().copied()));
            assert_eq!(columns.touches(j), !expected.is_empty());
        }
    }
}
