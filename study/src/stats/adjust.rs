//! Adjustment of p-values for multiplicity.

use std::fmt;
use std::str::FromStr;

/// How a family of p-values is adjusted. An adjusted p-value at most α rejects at level α.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// As they are.
    None,
    /// m·p: family-wise error under any dependence.
    Bonferroni,
    /// Holm (1979), step-down: as [`Self::Bonferroni`], never weaker.
    Holm,
    /// Hochberg (1988), step-up: family-wise error under independence or positive dependence.
    Hochberg,
    /// Benjamini and Hochberg (1995): false discovery rate, independence or positive dependence.
    BenjaminiHochberg,
    /// Benjamini and Yekutieli (2001): false discovery rate under any dependence.
    BenjaminiYekutieli,
}

impl Adjustment {
    /// All of them, in the order of this list.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Bonferroni,
        Self::Holm,
        Self::Hochberg,
        Self::BenjaminiHochberg,
        Self::BenjaminiYekutieli,
    ];

    /// Its name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bonferroni => "bonferroni",
            Self::Holm => "holm",
            Self::Hochberg => "hochberg",
            Self::BenjaminiHochberg => "benjamini-hochberg",
            Self::BenjaminiYekutieli => "benjamini-yekutieli",
        }
    }

    /// As a title has it: `holm adjustment`.
    pub fn words(self) -> String {
        match self {
            Self::None => "p-values not adjusted".to_owned(),
            _ => format!("{} adjustment", self.name()),
        }
    }

    /// Adjusts a family of p-values, keeping their order. The family is the comparisons made: a
    /// comparison that is undefined has no p-value and is not among them.
    pub fn adjust(self, p: &[f64]) -> Vec<f64> {
        let m = p.len() as f64;
        match self {
            Self::None => p.to_vec(),
            Self::Bonferroni => p.iter().map(|p| (m * p).min(1.0)).collect(),
            Self::Holm => step_down(p, |rank| m - rank),
            Self::Hochberg => step_up(p, |rank| m - rank),
            Self::BenjaminiHochberg => step_up(p, |rank| m / (rank + 1.0)),
            Self::BenjaminiYekutieli => {
                let harmonic: f64 = (1..=p.len()).rev().map(|i| 1.0 / i as f64).sum();
                step_up(p, |rank| m * harmonic / (rank + 1.0))
            }
        }
    }

    /// [`Self::adjust`] in place, of the p-values of a family that exist.
    pub fn adjust_in_place<'p>(self, p: impl Iterator<Item = &'p mut f64>) {
        let family: Vec<&mut f64> = p.collect();
        let p: Vec<f64> = family.iter().map(|p| **p).collect();
        for (p, adjusted) in family.into_iter().zip(self.adjust(&p)) {
            *p = adjusted;
        }
    }
}

impl fmt::Display for Adjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Adjustment {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|a| a.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("unknown adjustment `{name}`; choose one of {names}")
            })
    }
}

/// Indices of `p` from the smallest to the largest.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    order
}

/// Running maximum of factor(rank)·p from the smallest p; ranks count from 0.
fn step_down(p: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut running = 0.0_f64;
    for (rank, &i) in ascending(p).iter().enumerate() {
        running = running.max((factor(rank as f64) * p[i]).min(1.0));
        adjusted[i] = running;
    }
    adjusted
}

/// Running minimum of factor(rank)·p from the largest p; ranks count from 0 at the smallest.
fn step_up(p: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![0.0; p.len()];
    let mut running = 1.0_f64;
    for (rank, &i) in ascending(p).iter().enumerate().rev() {
        running = running.min(factor(rank as f64) * p[i]);
        adjusted[i] = running;
    }
    adjusted
}
