//! Matrices as slices that carry their shape and strides.
//!
//! A view that exists is in bounds: the constructors check once that its last element lies in
//! the slice, and every kernel builds on that.

use std::fmt;

use crate::shape::Shape;

/// A read-only view of a `rows × cols` matrix: element (i, j) is at `i·row_stride + j·col_stride`.
#[derive(Clone, Copy)]
pub struct MatRef<'a> {
    data: &'a [f32],
    shape: Shape,
}

/// A mutable view of a `rows × cols` matrix, no two of whose elements share a place.
pub struct MatMut<'a> {
    data: &'a mut [f32],
    shape: Shape,
}

impl<'a> MatRef<'a> {
    /// All of `data`, rows one after the other.
    ///
    /// # Panics
    /// Unless `data` holds exactly `rows·cols` floats.
    #[must_use]
    #[track_caller]
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        let shape = Shape::whole(data.len(), rows, cols);
        Self { data, shape }
    }

    /// A view with any strides, zero included (a row repeated, say).
    ///
    /// # Panics
    /// If the last element lies outside `data`.
    #[must_use]
    #[track_caller]
    pub fn with_strides(
        data: &'a [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
        col_stride: usize,
    ) -> Self {
        let shape = Shape {
            rows,
            cols,
            row_stride,
            col_stride,
        };
        shape.check_within(data.len());
        Self { data, shape }
    }

    /// The transposed view of the same floats.
    #[must_use]
    pub fn t(self) -> Self {
        Self {
            shape: self.shape.transposed(),
            ..self
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.shape.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.shape.cols
    }

    /// Floats from one row to the next.
    #[must_use]
    pub fn row_stride(&self) -> usize {
        self.shape.row_stride
    }

    /// Floats from one column to the next.
    #[must_use]
    pub fn col_stride(&self) -> usize {
        self.shape.col_stride
    }

    /// The floats behind the view, gaps between its rows included.
    #[must_use]
    pub fn data(&self) -> &'a [f32] {
        self.data
    }

    /// Element (i, j).
    ///
    /// # Panics
    /// If i or j is outside the shape.
    #[must_use]
    pub fn at(&self, i: usize, j: usize) -> f32 {
        let shape = self.shape;
        assert!(
            i < shape.rows && j < shape.cols,
            "({i}, {j}) outside {self:?}"
        );
        self.data[i * shape.row_stride + j * shape.col_stride]
    }

    /// Row i as a slice.
    ///
    /// # Panics
    /// If the columns are not adjacent, or i is outside the shape.
    #[must_use]
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.data[self.shape.row(i)]
    }
}

impl<'a> MatMut<'a> {
    /// All of `data`, rows one after the other.
    ///
    /// # Panics
    /// Unless `data` holds exactly `rows·cols` floats.
    #[must_use]
    #[track_caller]
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        let shape = Shape::whole(data.len(), rows, cols);
        Self { data, shape }
    }

    /// A view with any strides under which no two elements share a place.
    ///
    /// # Panics
    /// If the last element lies outside `data`, or elements overlap.
    #[must_use]
    #[track_caller]
    pub fn with_strides(
        data: &'a mut [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
        col_stride: usize,
    ) -> Self {
        let shape = Shape {
            rows,
            cols,
            row_stride,
            col_stride,
        };
        shape.check_within(data.len());
        shape.check_distinct();
        Self { data, shape }
    }

    /// The same view for a shorter while.
    #[must_use]
    pub fn reborrow(&mut self) -> MatMut<'_> {
        MatMut {
            data: self.data,
            shape: self.shape,
        }
    }

    /// The same view, read-only.
    #[must_use]
    pub fn as_ref(&self) -> MatRef<'_> {
        MatRef {
            data: self.data,
            shape: self.shape,
        }
    }

    /// The transposed view of the same floats.
    #[must_use]
    pub fn t(self) -> MatMut<'a> {
        MatMut {
            data: self.data,
            shape: self.shape.transposed(),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.shape.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.shape.cols
    }

    /// Floats from one row to the next.
    #[must_use]
    pub fn row_stride(&self) -> usize {
        self.shape.row_stride
    }

    /// Floats from one column to the next.
    #[must_use]
    pub fn col_stride(&self) -> usize {
        self.shape.col_stride
    }

    /// The floats behind the view, gaps between its rows included.
    #[must_use]
    pub fn data(&mut self) -> &mut [f32] {
        self.data
    }

    /// Row i as a mutable slice.
    ///
    /// # Panics
    /// If the columns are not adjacent, or i is outside the shape.
    #[must_use]
    #[inline]
    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[self.shape.row(i)]
    }
}

impl fmt::Debug for MatRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shape.fmt(f)
    }
}

impl fmt::Debug for MatMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shape.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_view_swaps_its_indices() {
        let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let a = MatRef::new(&data, 2, 3);
        assert_eq!(a.at(1, 0), 4.0);
        assert_eq!(a.t().at(0, 1), 4.0);
        assert_eq!(a.row(1), [4.0, 5.0, 6.0]);
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn a_view_past_the_end_is_refused() {
        let _ = MatRef::with_strides(&[0.0; 5], 2, 3, 3, 1);
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn strides_that_overflow_are_refused() {
        let _ = MatRef::with_strides(&[0.0; 5], 3, 1, usize::MAX, 1);
    }

    #[test]
    #[should_panic(expected = "overlap")]
    fn a_mutable_view_whose_rows_overlap_is_refused() {
        let _ = MatMut::with_strides(&mut [0.0; 9], 3, 3, 2, 1);
    }

    #[test]
    fn an_empty_view_spans_nothing() {
        let _ = MatMut::with_strides(&mut [], 0, 7, 7, 1);
        assert!(MatRef::new(&[], 3, 0).row(2).is_empty());
    }
}
