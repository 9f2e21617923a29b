//! The table of `calibrate`.

use super::terminal::{align_left, align_right_after, plain_table};
use crate::calibration::{Calibration, TypeOneError};

/// Error rates of every test on every group.
#[must_use]
pub fn table(metric: &str, calibration: Calibration, rates: &[TypeOneError]) -> String {
    let mut table = plain_table();
    table.set_header([
        "group",
        "test",
        "n + n",
        "splits",
        "rejected",
        "rate",
        "95 % interval",
        "",
    ]);
    for rate in rates {
        let share = |share: f64| format!("{share:.4}");
        let remark = match (&rate.rate, &rate.interval) {
            (Err(why), _) => why.to_string(),
            (_, Ok(interval)) if interval.low > calibration.alpha => "too often".to_owned(),
            (_, Ok(interval)) if interval.high < calibration.alpha => "seldom".to_owned(),
            _ => String::new(),
        };
        let interval = rate
            .interval
            .map(|i| format!("{} to {}", share(i.low), share(i.high)));
        table.add_row([
            rate.group.clone(),
            rate.test.to_owned(),
            format!("{} + {}", rate.half, rate.half),
            rate.splits.to_string(),
            rate.rejections.to_string(),
            rate.rate.map(share).unwrap_or_default(),
            interval.unwrap_or_default(),
            remark,
        ]);
    }
    align_right_after(&mut table, 2);
    align_left(&mut table, 7);
    format!(
        "{metric}: each group split at random against itself; rejected at p ≤ {}\n\n{table}\n",
        calibration.alpha
    )
}
