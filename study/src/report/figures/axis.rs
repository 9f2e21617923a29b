//! An axis: from values to places, and which values are named on it.

use super::{
    font,
    palette::{FAINT, INK},
    scene::{Anchor, Rect, Scene, Stroke, WIDTH, point},
};
use crate::report::content::scientific;

/// Font size of the values on an axis.
pub(super) const TICK_SIZE: f64 = 7.5;
/// Font size of an axis's name, of labels and legends.
pub(super) const LABEL_SIZE: f64 = 8.5;

/// From values to places along one direction.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Values at its ends; their logarithms where it is logarithmic.
    values: (f64, f64),
    /// Places of its ends.
    places: (f64, f64),
    logarithmic: bool,
    /// What values are multiplied by where they are named.
    factor: f64,
}

/// A value named on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

impl Axis {
    /// A linear axis that holds all values, with some room at its ends.
    pub(super) fn around(values: impl IntoIterator<Item = f64>, places: (f64, f64)) -> Self {
        let (low, high) = extent(values);
        let room = if high > low {
            0.04 * (high - low)
        } else {
            (0.01 * low.abs()).max(1e-3)
        };
        Self::linear((low - room, high + room), places)
    }

    /// A linear axis.
    pub(super) fn linear(values: (f64, f64), places: (f64, f64)) -> Self {
        Self {
            values,
            places,
            logarithmic: false,
            factor: 1.0,
        }
    }

    /// The same axis, its values named in a unit of which one of theirs is `factor`: fractions in
    /// percent, by 100.
    pub(super) fn named_by(self, factor: f64) -> Self {
        Self { factor, ..self }
    }

    /// A logarithmic axis from one positive value to another.
    pub(super) fn logarithmic((low, high): (f64, f64), places: (f64, f64)) -> Self {
        Self {
            values: (low.log10(), high.log10()),
            places,
            logarithmic: true,
            factor: 1.0,
        }
    }

    /// The place of a value, within the axis's ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = if self.logarithmic {
            value.log10()
        } else {
            value
        };
        let part = (value - self.values.0) / (self.values.1 - self.values.0);
        self.places.0 + part.clamp(0.0, 1.0) * (self.places.1 - self.places.0)
    }

    /// Values at its ends.
    pub(super) fn ends(&self) -> (f64, f64) {
        if self.logarithmic {
            (10_f64.powf(self.values.0), 10_f64.powf(self.values.1))
        } else {
            self.values
        }
    }

    fn holds(&self, value: f64) -> bool {
        (self.values.0..=self.values.1).contains(&value)
    }

    /// As many values with round names as have these at least `room` apart, at multiples of `least`
    /// or more.
    pub(super) fn ticks(&self, room: f64, least: f64) -> Vec<Tick> {
        if self.logarithmic {
            return self.powers(room);
        }
        let range = self.named_range();
        let most = (self.length() / room).floor();
        self.multiples(step((range / most.max(1.0)).max(least)))
    }

    /// As many values with round names as have room for these side by side.
    pub(super) fn ticks_side_by_side(&self) -> Vec<Tick> {
        let range = self.named_range();
        let mut least = range * 10.0 / self.length();
        loop {
            let step = step(least);
            let ticks = self.multiples(step);
            let widths = ticks.iter().map(|tick| font::width(&tick.label, TICK_SIZE));
            let room = step / range * self.length();
            if room >= widths.fold(0.0, f64::max) + 9.0 || ticks.len() < 2 {
                return ticks;
            }
            least = 1.5 * step;
        }
    }

    fn named_range(&self) -> f64 {
        self.factor * (self.values.1 - self.values.0)
    }

    fn length(&self) -> f64 {
        (self.places.1 - self.places.0).abs()
    }

    /// The values whose names are multiples of a step.
    fn multiples(&self, step: f64) -> Vec<Tick> {
        let first = (self.factor * self.values.0 / step).ceil();
        let last = (self.factor * self.values.1 / step).floor();
        let count = (last - first).clamp(-1.0, 100.0) as i32;
        (0..=count)
            .map(|i| (first + f64::from(i)) * step)
            .map(|named| Tick {
                value: named / self.factor,
                label: decimal(named, step),
            })
            .collect()
    }

    /// Powers of ten, as many as have room, and where they are few, twos and fives too.
    fn powers(&self, room: f64) -> Vec<Tick> {
        let (low, high) = self.values;
        let decade = self.length() / (high - low);
        let stride = (room / decade).ceil().max(1.0) as i32;
        let digits: &[f64] = if high - low < 3.0 && decade * 0.3 > room {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let exponents = low.floor() as i32..=high.ceil() as i32;
        exponents
            .filter(|exponent| exponent % stride == 0)
            .flat_map(|exponent| digits.iter().map(move |digit| (digit, exponent)))
            .filter_map(|(digit, exponent)| format!("{digit}e{exponent}").parse().ok())
            .filter(|value: &f64| self.holds(value.log10()))
            .map(|value| Tick {
                value,
                label: if (1e-3..1e5).contains(&value) {
                    minus(&value.to_string())
                } else {
                    power(value)
                },
            })
            .collect()
    }
}

/// Smallest and largest of the finite values; 0 and 1 when there is none.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold(None, |extent: Option<(f64, f64)>, value| {
            let (low, high) = extent.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        })
        .unwrap_or((0.0, 1.0))
}

/// The smallest of 1, 2 and 5 times the powers of ten that is not under `least`.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// A multiple of `step` with the decimals that the step has.
fn decimal(value: f64, step: f64) -> String {
    let value = if value.abs() < step / 2.0 { 0.0 } else { value };
    if value.abs() >= 1e6 || step < 1e-7 {
        return scientific(value, 2);
    }
    let places = (-step.log10()).ceil().max(0.0) as usize;
    minus(&format!("{value:.places$}"))
}

/// A digit times a power of ten: `10⁻⁵`, `2×10⁻⁵`.
pub(super) fn power(value: f64) -> String {
    let text = scientific(value, 0);
    text.strip_prefix("1×").map(str::to_owned).unwrap_or(text)
}

/// A number with a minus that is one.
pub(super) fn minus(number: &str) -> String {
    number.replace('-', "−")
}

/// An upright grid, the values under it and the axis's name below those; its height in all is
/// [`BELOW`].
pub(super) fn horizontal(scene: &mut Scene, area: Rect, axis: &Axis, ticks: &[Tick], name: &str) {
    for tick in ticks {
        let x = axis.at(tick.value);
        scene.line(
            &[point(x, area.y), point(x, area.bottom())],
            Stroke::solid(FAINT, 0.6),
        );
    }
    let base = Stroke::solid(INK, 0.7);
    scene.line(
        &[
            point(area.x, area.bottom()),
            point(area.right(), area.bottom()),
        ],
        base,
    );
    for tick in ticks {
        let x = axis.at(tick.value);
        scene.line(
            &[point(x, area.bottom()), point(x, area.bottom() + 3.0)],
            base,
        );
        let half = font::width(&tick.label, TICK_SIZE) / 2.0;
        let middle = x.clamp(half, (WIDTH - half).max(half));
        let at = point(middle, area.bottom() + 5.0 + font::ASCENT * TICK_SIZE);
        scene.text(at, Anchor::Middle, TICK_SIZE, INK, tick.label.as_str());
    }
    if !name.is_empty() {
        let middle = point(area.x + area.width / 2.0, area.bottom() + BELOW - 5.0);
        scene.text(middle, Anchor::Middle, LABEL_SIZE, INK, name);
    }
}

/// Height of a horizontal axis with its name.
pub(super) const BELOW: f64 = 31.0;

/// A level grid and the values to its left.
pub(super) fn vertical(scene: &mut Scene, area: Rect, axis: &Axis, ticks: &[Tick]) {
    let base = Stroke::solid(INK, 0.7);
    for tick in ticks {
        let y = axis.at(tick.value);
        scene.line(
            &[point(area.x, y), point(area.right(), y)],
            Stroke::solid(FAINT, 0.6),
        );
        scene.line(&[point(area.x - 3.0, y), point(area.x, y)], base);
        if !tick.label.is_empty() {
            let at = point(area.x - 5.0, y + font::MIDDLE * TICK_SIZE);
            scene.text(at, Anchor::End, TICK_SIZE, INK, tick.label.as_str());
        }
    }
    scene.line(&[point(area.x, area.y), point(area.x, area.bottom())], base);
}

/// Room that values beside a vertical axis take.
pub(super) fn beside(ticks: &[Tick]) -> f64 {
    let widths = ticks.iter().map(|tick| font::width(&tick.label, TICK_SIZE));
    5.0 + widths.fold(0.0, f64::max)
}
