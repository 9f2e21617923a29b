//! Statistics of runs: pure functions on `f64`, ignorant of training.
