//! A smooth function of one variable, tabulated once: Chebyshev interpolation on panels that are
//! halved until it is as good as wanted (Boyd 2014, chapter 2).

use std::f64::consts::PI;

/// Interpolation points per panel.
const POINTS: usize = 16;

/// The table.
#[derive(Debug, Clone)]
pub(crate) struct Chebyshev {
    /// Ascending, adjoining.
    panels: Vec<Panel>,
}

#[derive(Debug, Clone)]
struct Panel {
    low: f64,
    high: f64,
    coefficients: [f64; POINTS],
}

impl Chebyshev {
    /// Of `f` on [low, high], each panel's last coefficients below `tolerance` of 1 or of its first,
    /// whichever is larger, or the panel narrower than a thousandth of the whole.
    pub fn new(f: impl Fn(f64) -> f64, low: f64, high: f64, tolerance: f64) -> Self {
        let mut panels = Vec::new();
        // Ascending, because the lower half is put on top.
        let mut open = vec![(low, high)];
        while let Some((from, to)) = open.pop() {
            let panel = Panel::new(&f, from, to);
            let tail = panel.coefficients[POINTS - 3..]
                .iter()
                .fold(0.0_f64, |m, c| m.max(c.abs()));
            if tail <= tolerance * panel.coefficients[0].abs().max(1.0)
                || to - from < 1e-3 * (high - low)
            {
                panels.push(panel);
            } else {
                let middle = 0.5 * (from + to);
                open.push((middle, to));
                open.push((from, middle));
            }
        }
        Self { panels }
    }

    /// The value at `x` within the range tabulated.
    pub fn at(&self, x: f64) -> f64 {
        let next = self
            .panels
            .partition_point(|p| p.high < x)
            .min(self.panels.len() - 1);
        self.panels[next].at(x)
    }
}

impl Panel {
    fn new(f: impl Fn(f64) -> f64, low: f64, high: f64) -> Self {
        let angle = |k: usize| PI * (k as f64 + 0.5) / POINTS as f64;
        let values: [f64; POINTS] =
            std::array::from_fn(|k| f(0.5 * (low + high) + 0.5 * (high - low) * angle(k).cos()));
        let coefficients = std::array::from_fn(|j| {
            let scale = if j == 0 { 1.0 } else { 2.0 } / POINTS as f64;
            scale
                * values
                    .iter()
                    .enumerate()
                    .map(|(k, v)| v * (j as f64 * angle(k)).cos())
                    .sum::<f64>()
        });
        Self {
            low,
            high,
            coefficients,
        }
    }

    /// Clenshaw's recurrence.
    fn at(&self, x: f64) -> f64 {
        let t = (2.0 * x - self.low - self.high) / (self.high - self.low);
        let (mut b, mut previous) = (0.0, 0.0);
        for c in self.coefficients[1..].iter().rev() {
            (b, previous) = (2.0 * t * b - previous + c, b);
        }
        t * b - previous + self.coefficients[0]
    }
}
