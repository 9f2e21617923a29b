//! Differences in test accuracy over new test images, as far as they can be had.

use crate::{
    comparison::{Crossed, Settings, crossed},
    failure::Failure,
    metric::{by_variant, correctness},
    record::RunRecord,
    store::Store,
};

/// The most resamplings, of an image by a run of a pair: minutes.
const MOST_WORK: f64 = 3e12;

/// The most predictions that are read into memory, a byte each.
const MOST_PREDICTIONS: f64 = 5e8;

/// The differences of all pairs, or one sentence why there are none.
pub(super) fn over_images(
    store: &Store,
    runs: &[RunRecord],
    settings: &Settings,
) -> Result<Result<Vec<Crossed>, String>, Failure> {
    let Some(labels) = store.test_labels()? else {
        return Ok(Err(
            "the store has no test labels; the sweep command that made it adds them".to_owned(),
        ));
    };
    let sizes = by_variant(runs).into_iter().map(|(_, runs)| runs.len());
    if let Some(why) = too_much(&sizes.collect::<Vec<_>>(), labels.len(), settings) {
        return Ok(Err(why));
    }
    let groups = correctness(runs, &store.predictions()?, &labels);
    Ok(Ok(crossed(&groups, settings)))
}

/// Why groups of these sizes are too much for that many images, where they are.
fn too_much(sizes: &[usize], images: usize, settings: &Settings) -> Option<String> {
    let (groups, runs) = (sizes.len(), sizes.iter().sum::<usize>());
    // Each group is in a pair with every other, or with the control, which is in all.
    let in_pairs = match settings.control {
        Some(control) => runs + sizes[control] * groups.saturating_sub(2),
        None => runs * groups.saturating_sub(1),
    };
    let resamples = settings.resampling.resamples;
    let work = in_pairs as f64 * images as f64 * resamples as f64;
    if work <= MOST_WORK && runs as f64 * images as f64 <= MOST_PREDICTIONS {
        return None;
    }
    Some(format!(
        "{runs} runs of {groups} groups are too many to resample {resamples} times over {images} test images; a store of fewer seeds or groups has these intervals"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_study_is_resampled_over_images_and_a_million_runs_are_not() {
        let paired = Settings::paired();
        assert_eq!(too_much(&[100; 4], 10_000, &paired), None);
        assert_eq!(too_much(&[1000; 4], 10_000, &paired), None);
        let refusal = too_much(&[250_000; 4], 10_000, &paired).unwrap();
        assert!(refusal.contains("1000000 runs of 4 groups"), "{refusal}");
        let against_one = Settings {
            control: Some(0),
            ..paired
        };
        assert_eq!(too_much(&[100; 100], 10_000, &against_one), None);
        assert!(too_much(&[1000; 1000], 10_000, &against_one).is_some());
    }

    #[test]
    fn few_resamples_do_not_make_room_for_predictions() {
        let mut settings = Settings::paired();
        settings.resampling.resamples = 1;
        assert!(too_much(&[250_000; 4], 10_000, &settings).is_some());
    }
}
