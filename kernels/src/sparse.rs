//! The rows of a matrix that is mostly zero, such as a data set of images.
//!
//! A product that skips zeros never computes 0·NaN or 0·∞, which a dense product turns into NaN:
//! on finite weights the two agree to rounding, on others they need not.

/// The non-zeros of a matrix, row by row: indexed once, shared by every product with it.
///
/// A non-zero takes three bytes: two for its column, one for the level that its value is.
#[derive(Clone, Debug)]
pub struct SparseRows {
    cols: usize,
    levels: Box<[f32; 256]>,
    starts: Vec<usize>,
    columns: Vec<u16>,
    codes: Vec<u8>,
}

/// The non-zeros of one row, by rising column.
#[derive(Clone, Copy)]
pub(crate) struct SparseRow<'a> {
    /// Every one below the matrix's number of columns, each above the one before.
    columns: &'a [u16],
    codes: &'a [u8],
    levels: &'a [f32; 256],
}

impl SparseRows {
    /// Indexes a row-major matrix of bytes, each standing for `levels[byte]`.
    ///
    /// # Panics
    /// If `cols` is 0 or above 65,536, or `bytes` is no whole number of rows.
    #[must_use]
    #[track_caller]
    pub fn from_levels(bytes: &[u8], cols: usize, levels: &[f32; 256]) -> Self {
        assert!(
            cols > 0 && bytes.len().is_multiple_of(cols),
            "{} bytes are no whole number of rows of {cols}",
            bytes.len()
        );
        assert!(
            cols <= usize::from(u16::MAX) + 1,
            "{cols} columns are too many to index in 16 bits"
        );
        let stored = |byte: u8| levels[usize::from(byte)] != 0.0;
        let nonzeros = bytes.iter().filter(|&&byte| stored(byte)).count();
        let mut x = Self {
            cols,
            levels: Box::new(*levels),
            starts: Vec::with_capacity(bytes.len() / cols + 1),
            columns: Vec::with_capacity(nonzeros),
            codes: Vec::with_capacity(nonzeros),
        };
        x.starts.push(0);
        for row in bytes.chunks_exact(cols) {
            for (column, &byte) in (0..=u16::MAX).zip(row) {
                if stored(byte) {
                    x.columns.push(column);
                    x.codes.push(byte);
                }
            }
            x.starts.push(x.columns.len());
        }
        x
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

    /// Columns and values of the non-zeros of row i, by rising column.
    ///
    /// # Panics
    /// If i is outside the shape.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, f32)> + Clone + '_ {
        self.sparse_row(i).terms()
    }

    /// Share of the elements that are not zero, 0 to 1.
    #[must_use]
    pub fn density(&self) -> f64 {
        let all = self.rows() * self.cols;
        if all == 0 {
            0.0
        } else {
            self.columns.len() as f64 / all as f64
        }
    }

    pub(crate) fn sparse_row(&self, i: usize) -> SparseRow<'_> {
        let range = self.starts[i]..self.starts[i + 1];
        SparseRow {
            columns: &self.columns[range.clone()],
            codes: &self.codes[range],
            levels: &self.levels,
        }
    }

    pub(crate) fn levels(&self) -> &[f32; 256] {
        &self.levels
    }
}

impl<'a> SparseRow<'a> {
    /// Columns and codes.
    pub(crate) fn codes(self) -> impl Iterator<Item = (usize, u8)> + Clone + 'a {
        let columns = self.columns.iter().map(|&column| usize::from(column));
        columns.zip(self.codes.iter().copied())
    }

    /// Columns and values.
    pub(crate) fn terms(self) -> impl Iterator<Item = (usize, f32)> + Clone + 'a {
        self.codes()
            .map(move |(column, code)| (column, self.levels[usize::from(code)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_hold_just_the_non_zeros() {
        let levels = std::array::from_fn(|byte| byte as f32);
        let x = SparseRows::from_levels(&[0, 3, 0, 0, 0, 0, 1, 0, 2], 3, &levels);
        assert_eq!((x.rows(), x.cols()), (3, 3));
        assert!(x.row(0).eq([(1, 3.0)]));
        assert!(x.row(1).eq([]));
        assert!(x.row(2).eq([(0, 1.0), (2, 2.0)]));
        assert_eq!(x.density(), 3.0 / 9.0);
    }

    #[test]
    fn what_is_zero_is_the_level_and_not_the_byte() {
        let levels = std::array::from_fn(|byte| if byte == 7 { 0.0 } else { 1.0 });
        let x = SparseRows::from_levels(&[7, 0, 7, 1], 4, &levels);
        assert!(x.row(0).eq([(1, 1.0), (3, 1.0)]));
    }
}
