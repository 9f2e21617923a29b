//! A sweep that looks at its runs after fixed numbers of seeds and trains on only what is not
//! decided yet: group-sequential, each pair with its share of α, spent over the looks.
//!
//! What a look sees is a function of the seeds below its number alone, whatever else the store
//! holds: a sweep that was interrupted comes to the same decisions as one that was not.

use crate::{
    comparison::Group,
    limits,
    stats::{
        Undefined,
        equivalence::tost_paired,
        pairwise::pairs,
        sequential::{SequentialRule, Verdict},
        t_test::paired_t,
    },
};

/// What is known of a pair after the look that decided it, or after the last.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The first group.
    pub a: String,
    /// The second.
    pub b: String,
    /// What is known.
    pub verdict: Verdict,
    /// The look, from 1.
    pub look: usize,
    /// Seeds it looked at.
    pub seeds: usize,
    /// Pairs among them.
    pub n: usize,
    /// mean(a) − mean(b) over them.
    pub difference: Option<f64>,
    /// p of the paired t test, and the bound it is held against at this look.
    pub p: Option<f64>,
    /// `different` where p is at most this.
    pub p_bound: f64,
    /// p of the equivalence tests.
    pub p_equivalence: Option<f64>,
    /// `equivalent` where that is at most this.
    pub p_equivalence_bound: f64,
    /// Why there is no p.
    pub reason: Option<Undefined>,
}

/// The looks of a sweep and what they decided.
#[derive(Clone, Debug)]
pub struct Monitor {
    rule: SequentialRule,
    pairs: Vec<(usize, usize)>,
    decisions: Vec<Option<Decision>>,
}

/// The smallest look: boundaries for a known variance hold for t from about ten pairs on.
pub const SMALLEST_LOOK: usize = 10;

/// Looks where none are named: ten, evenly spaced, none of fewer than ten more seeds.
#[must_use]
pub fn default_looks(max_seeds: usize) -> Vec<usize> {
    let step = max_seeds.div_ceil(10).max(SMALLEST_LOOK);
    let mut looks: Vec<usize> = (step..max_seeds).step_by(step).collect();
    looks.push(max_seeds);
    looks
}

impl Monitor {
    /// Looks at `groups` groups after `looks` seeds. α is divided by the number of pairs, so that
    /// any wrong verdict of a kind among them has probability α.
    ///
    /// # Errors
    /// If looks, margin or α are out of range.
    pub fn new(groups: usize, looks: &[usize], margin: f64, alpha: f64) -> Result<Self, Undefined> {
        // Its share of a pair may be in range where it is not.
        if !limits::is_alpha(alpha) {
            return Err(Undefined::OutOfRange {
                what: "alpha",
                must: "strictly between 0 and 0.5",
            });
        }
        let pairs: Vec<(usize, usize)> = pairs(groups).collect();
        let share = alpha / pairs.len().max(1) as f64;
        let rule = SequentialRule::new(looks, margin, share)?;
        Ok(Self {
            rule,
            decisions: vec![None; pairs.len()],
            pairs,
        })
    }

    /// Seeds at each look.
    #[must_use]
    pub fn looks(&self) -> &[usize] {
        &self.rule.sizes
    }

    /// The equivalence margin.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.rule.margin
    }

    /// Judges the pairs that are open, `groups` holding the runs of the look's seeds only.
    pub fn look(&mut self, look: usize, groups: &[Group]) {
        let open: Vec<usize> = self.open_pairs().collect();
        for index in open {
            let (a, b) = self.pairs[index];
            self.decisions[index] = Some(self.judge(look, &groups[a], &groups[b]));
        }
    }

    /// The groups that are in a pair not decided yet.
    #[must_use]
    pub fn open_groups(&self) -> Vec<usize> {
        let mut open: Vec<usize> = self
            .open_pairs()
            .flat_map(|index| [self.pairs[index].0, self.pairs[index].1])
            .collect();
        open.sort_unstable();
        open.dedup();
        open
    }

    /// What is known of each pair, after a look.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().flatten()
    }

    fn open_pairs(&self) -> impl Iterator<Item = usize> {
        let is_open = |decision: &Option<Decision>| {
            decision
                .as_ref()
                .is_none_or(|d| d.verdict == Verdict::Undecided)
        };
        (0..self.pairs.len()).filter(move |&i| is_open(&self.decisions[i]))
    }

    fn judge(&self, look: usize, a: &Group, b: &Group) -> Decision {
        let (of_a, of_b) = a.paired_with(b);
        let verdict = self.rule.verdict(look, &of_a, &of_b);
        // The level is that of an interval nobody asks for.
        let test = paired_t(&of_a, &of_b, 0.95);
        let equivalence = tost_paired(&of_a, &of_b, self.rule.margin, 0.05);
        Decision {
            a: a.label.clone(),
            b: b.label.clone(),
            verdict: verdict.unwrap_or(Verdict::Undecided),
            look: look + 1,
            seeds: self.rule.sizes[look],
            n: of_a.len(),
            difference: test.as_ref().ok().map(|t| t.difference),
            p: test.as_ref().ok().map(|t| t.test.p),
            p_bound: self.rule.difference[look].p,
            p_equivalence: equivalence.ok().map(|t| t.test.p),
            p_equivalence_bound: self.rule.equivalence[look].p,
            reason: test.err(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Run;

    fn group(label: &str, values: impl Iterator<Item = f64>) -> Group {
        let runs = (0..).zip(values).map(|(seed, value)| Run {
            pair: Some(seed),
            value: Some(value),
        });
        Group::new(label.to_owned(), runs.collect())
    }

    #[test]
    fn looks_are_evenly_spaced_and_end_at_the_most_seeds() {
        assert_eq!(
            default_looks(200),
            (1..=10).map(|i| 20 * i).collect::<Vec<_>>()
        );
        assert_eq!(default_looks(25), [10, 20, 25]);
        assert_eq!(default_looks(8), [8]);
    }

    #[test]
    fn a_decided_pair_keeps_its_look_and_frees_its_groups() {
        let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65536.0 - 0.5;
        let at = |seeds: u32| {
            [
                group("a", (0..seeds).map(noise)),
                group("b", (0..seeds).map(|i| noise(i + 7000) + 20.0)),
                group("c", (0..seeds).map(|i| noise(i + 9000) + 0.1)),
            ]
        };
        let mut monitor = Monitor::new(3, &[20, 40], 0.05, 0.05).unwrap();
        monitor.look(0, &at(20));
        assert_eq!(monitor.open_groups(), [0, 2]);
        monitor.look(1, &at(40));
        let ends: Vec<_> = monitor.decisions().map(|d| (d.look, d.verdict)).collect();
        assert_eq!(ends[0], (1, Verdict::Different));
        assert_eq!(ends[1].0, 2);
        assert_eq!(ends[2], (1, Verdict::Different));
    }
}
