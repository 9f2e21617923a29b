//! Crossed bootstrap of a difference in accuracy over seeds and test images: an interval over
//! seeds alone takes the test set for the population.

use super::describe::{quantile_sorted, sorted, variance};
use super::outcome::{Interval, Undefined};
use super::resample::{Draws, Resampling};

/// Which test images each run of a group got right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correctness {
    images: usize,
    words: Vec<Vec<u64>>,
}

impl Correctness {
    /// From one slice per run, `true` where the image was classified correctly.
    pub fn new(runs: &[&[bool]]) -> Result<Self, Undefined> {
        let images = runs.first().map_or(0, |r| r.len());
        if let Some(run) = runs.iter().find(|r| r.len() != images) {
            return Err(Undefined::Unpaired {
                a: images,
                b: run.len(),
            });
        }
        let words = runs
            .iter()
            .map(|run| {
                run.chunks(64)
                    .map(|c| {
                        c.iter()
                            .rev()
                            .fold(0, |word, &bit| word << 1 | u64::from(bit))
                    })
                    .collect()
            })
            .collect();
        Ok(Self { images, words })
    }

    /// Number of runs.
    pub fn runs(&self) -> usize {
        self.words.len()
    }

    fn get(&self, run: usize, image: usize) -> bool {
        self.words[run][image / 64] >> (image % 64) & 1 == 1
    }
}

/// A difference in accuracy, mean(a) − mean(b), with intervals for three populations.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossedBootstrap {
    /// The difference seen.
    pub difference: f64,
    /// Over new seeds, on this test set.
    pub seeds: Source,
    /// Over new test images, with these runs.
    pub images: Source,
    /// Over new seeds and new images.
    pub both: Source,
}

/// What one kind of resampling gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// Standard deviation of the replicates.
    pub standard_error: f64,
    /// Percentile interval.
    pub interval: Interval,
}

/// Resamples seeds and images independently of one another, the pigeonhole bootstrap of Owen
/// (2007), whose variance errs on the large side. Run i of both groups shares a seed and is drawn
/// together.
pub fn crossed_bootstrap(
    a: &Correctness,
    b: &Correctness,
    level: f64,
    resampling: Resampling,
) -> Result<CrossedBootstrap, Undefined> {
    let mut draws = resampling.check(level)?;
    let fewest = a.runs().min(b.runs()).min(a.images);
    if fewest < 2 {
        return Err(Undefined::TooFew {
            needed: 2,
            got: fewest,
        });
    }
    if a.images != b.images {
        return Err(Undefined::Unpaired {
            a: a.images,
            b: b.images,
        });
    }
    if a.runs() != b.runs() {
        return Err(Undefined::Unpaired {
            a: a.runs(),
            b: b.runs(),
        });
    }
    let table = Table::new(a, b);
    if table.columns.is_empty() {
        return Err(Undefined::NoDifferences);
    }
    let one_each = vec![1; table.runs];
    let every_image = vec![1; table.columns.len()];
    let mut replicates = [(); 3].map(|()| Vec::with_capacity(resampling.resamples));
    let hits = table.hits(&one_each);
    let (mut seeds, mut images) = (one_each, every_image.clone());
    for _ in 0..resampling.resamples {
        table.draw_seeds(&mut draws, &mut seeds);
        table.draw_images(&mut draws, &mut images);
        let hits_of_drawn = table.hits(&seeds);
        replicates[0].push(table.difference(&hits_of_drawn, &every_image));
        replicates[1].push(table.difference(&hits, &images));
        replicates[2].push(table.difference(&hits_of_drawn, &images));
    }
    let [seeds, images, both] = replicates.map(|r| source(&r, level));
    let difference = table.difference(&hits, &every_image);
    Ok(CrossedBootstrap {
        difference,
        seeds,
        images,
        both,
    })
}

fn source(replicates: &[f64], level: f64) -> Source {
    let ordered = sorted(replicates);
    let tail = (1.0 - level) / 2.0;
    Source {
        standard_error: variance(replicates).sqrt(),
        interval: Interval {
            low: quantile_sorted(&ordered, tail),
            high: quantile_sorted(&ordered, 1.0 - tail),
            level,
        },
    }
}

/// Both groups, image by image. An image that every run of both groups gets right, or every run
/// wrong, adds nothing to any difference and is left out: of MNIST's, nine in ten.
struct Table {
    /// Of each group.
    runs: usize,
    images: usize,
    /// Per image kept: 1 or 0 for each run of a, then of b.
    columns: Vec<Vec<u32>>,
}

impl Table {
    fn new(a: &Correctness, b: &Correctness) -> Self {
        let column = |image: usize| -> Vec<u32> {
            let of = |g: &Correctness| -> Vec<u32> {
                (0..g.runs())
                    .map(|run| u32::from(g.get(run, image)))
                    .collect()
            };
            [of(a), of(b)].concat()
        };
        let columns = (0..a.images)
            .map(column)
            .filter(|c| c.iter().any(|&v| v != c[0]))
            .collect();
        Self {
            runs: a.runs(),
            images: a.images,
            columns,
        }
    }

    /// How often each seed is drawn.
    fn draw_seeds(&self, draws: &mut Draws, weights: &mut [u32]) {
        weights.fill(0);
        for _ in 0..self.runs {
            weights[draws.below(self.runs)] += 1;
        }
    }

    /// How often each kept image is drawn among all images.
    fn draw_images(&self, draws: &mut Draws, weights: &mut [u32]) {
        weights.fill(0);
        for _ in 0..self.images {
            if let Some(weight) = weights.get_mut(draws.below(self.images)) {
                *weight += 1;
            }
        }
    }

    /// How many of the drawn runs of a, and of b, get each kept image right.
    fn hits(&self, seeds: &[u32]) -> Vec<[u32; 2]> {
        let sum = |column: &[u32]| -> u32 { column.iter().zip(seeds).map(|(c, s)| c * s).sum() };
        let of_column = |column: &Vec<u32>| {
            let (a, b) = column.split_at(self.runs);
            [sum(a), sum(b)]
        };
        self.columns.iter().map(of_column).collect()
    }

    /// mean(a) − mean(b), of these [`hits`](Self::hits) and with the images' weights.
    fn difference(&self, hits: &[[u32; 2]], images: &[u32]) -> f64 {
        let (mut in_a, mut in_b) = (0_u64, 0_u64);
        for (&[a, b], &weight) in hits.iter().zip(images) {
            in_a += u64::from(weight) * u64::from(a);
            in_b += u64::from(weight) * u64::from(b);
        }
        (in_a as f64 / self.runs as f64 - in_b as f64 / self.runs as f64) / self.images as f64
    }
}
