//! Rendering of comparisons: pure functions from numbers to text. Nothing here computes.

pub mod terminal;
