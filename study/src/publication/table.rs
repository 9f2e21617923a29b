//! What was published: Table 1 of C. Desai, *Impact of Weight Initialization Techniques on Neural
//! Network Efficiency and Performance: A Case Study with MNIST Dataset*, International Journal of
//! Engineering and Computer Science, article 4809, 9 April 2024,
//! <https://ijecs.in/index.php/ijecs/article/view/4809>.

use crate::{metric::Metric, record::RunRecord};

/// The data set of the paper, by the name that runs give it.
pub const DATASET: &str = "mnist";

/// The five numbers of each row.
pub const METRICS: [Metric; 5] = [
    Metric::TrainAccuracyFirst,
    Metric::TrainAccuracyLast,
    Metric::ValAccuracyFirst,
    Metric::ValAccuracyLast,
    Metric::TestAccuracy,
];

/// Numbers of the table.
pub const NUMBERS: usize = TABLE.len() * METRICS.len();

/// Printed units, hundredths of a percentage point, that make 1.
pub const UNITS: f64 = 10_000.0;

/// A row of the table: one run of one initializer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedRow {
    /// The initializer's name here.
    pub initializer: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// The numbers as printed, in hundredths of a percentage point, in the order of [`METRICS`].
    pub printed: [u32; METRICS.len()],
}

/// Table 1, in its own order.
pub const TABLE: [PublishedRow; 4] = [
    PublishedRow {
        initializer: "random_normal",
        name: "Random Normal",
        printed: [9174, 9851, 9572, 9717, 9730],
    },
    PublishedRow {
        initializer: "random_uniform",
        name: "Random Uniform",
        printed: [9159, 9843, 9577, 9718, 9745],
    },
    PublishedRow {
        initializer: "glorot_uniform",
        name: "Xavier/Glorot Uniform",
        printed: [9188, 9849, 9528, 9740, 9778],
    },
    PublishedRow {
        initializer: "he_normal",
        name: "He Normal",
        printed: [9191, 9846, 9557, 9742, 9754],
    },
];

/// Rows of [`TABLE`] from the highest test accuracy to the lowest, the ranking that the paper
/// states.
pub const RANKING: [usize; 4] = [GLOROT, HE, 1, 0];

/// The row that the paper finds the best.
pub const GLOROT: usize = 2;

/// The row that it finds nearly as good.
pub const HE: usize = 3;

impl PublishedRow {
    /// The numbers as fractions of 1.
    #[must_use]
    pub fn values(&self) -> [f64; METRICS.len()] {
        self.printed.map(|printed| f64::from(printed) / UNITS)
    }
}

/// An accuracy as the paper prints it: to a hundredth of a percentage point, halves up.
#[must_use]
pub fn as_printed(accuracy: f64) -> i64 {
    (accuracy * UNITS).round() as i64
}

/// The row of a run's initializer.
#[must_use]
pub fn row_of(run: &RunRecord) -> Option<usize> {
    let name = run.variant.initializer.to_string();
    TABLE.iter().position(|row| row.initializer == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::init::Initializer;

    #[test]
    fn rows_bear_the_names_of_initializers() {
        for row in TABLE {
            let initializer: Initializer = row.initializer.parse().unwrap();
            assert_eq!(initializer.to_string(), row.initializer);
        }
    }

    #[test]
    fn the_stated_ranking_is_that_of_the_printed_test_accuracies() {
        let test = RANKING.map(|row| TABLE[row].printed[METRICS.len() - 1]);
        assert!(test.is_sorted_by(|a, b| a > b), "{test:?}");
        assert_eq!(as_printed(0.974_35), 9744);
        assert_eq!(as_printed(0.9743), 9743);
    }
}
