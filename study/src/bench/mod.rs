//! The kernels' benchmark: each on the shapes of the study and on others, against what the core
//! could do at most, against `matrixmultiply` and against the portable twin.
//!
//! [`select`] lists the cases, [`run`] times them, [`Figure`] is what comes of each; [`table`],
//! [`files`] and [`roofline`] write it down and compute nothing. Whether results are right is the
//! tests' concern.

pub mod case;
mod dense;
mod elementwise;
pub mod figure;
pub mod files;
mod labels;
pub mod roofline;
pub mod roofs;
mod sparse;
pub mod table;
pub mod timing;

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use engine::dataset::Examples;
use kernels::{Isa, IsaError, Kernels};

use crate::machine::Machine;
use case::{Against, Call, Case};
use figure::{Figure, Rivals};
use roofs::{Probes, Roofs};
use timing::{Samples, calls_of_a_batch, once, warm};

pub use sparse::BATCH;

/// Rounds that are taken however long they take: less would say nothing of noise.
const LEAST_ROUNDS: usize = 4;

/// What a benchmark came to.
#[derive(Debug)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// With which kernels.
    pub isa: Isa,
    /// Whether they were built with debug assertions, so that no figure says how fast they are.
    pub debug_build: bool,
    /// The data set whose batches the kernels of the first layer got.
    pub dataset: String,
    /// The core's limits.
    pub roofs: Roofs,
    /// Rounds that each figure is the best of.
    pub rounds: usize,
    /// How long it took.
    pub seconds: f64,
    /// Two for each case: with warm caches, and with cold ones.
    pub figures: Vec<Figure>,
}

/// The cases whose name has `filter` in it, or all; `examples`, of which `kernels` make batches, are
/// at least [`BATCH`].
///
/// # Errors
/// All names, where none fits the filter.
pub fn select(
    examples: Examples,
    kernels: Kernels,
    filter: Option<&str>,
) -> Result<Vec<Case>, Vec<String>> {
    let features = examples.features();
    let mut cases = dense::cases(features);
    cases.extend(sparse::cases(Rc::new(examples), kernels));
    cases.extend(elementwise::cases(features));
    let names = cases.iter().map(Case::name).collect();
    cases.retain(|case| filter.is_none_or(|filter| case.name().contains(filter)));
    if cases.is_empty() {
        Err(names)
    } else {
        Ok(cases)
    }
}

/// Times the cases for about `budget`, longer where the first rounds take longer. `after_round`
/// hears how much of the budget is used.
///
/// # Errors
/// Where the kernels of this CPU cannot be had.
pub fn run(
    cases: Vec<Case>,
    kernels: Kernels,
    dataset: String,
    budget: Duration,
    mut after_round: impl FnMut(Duration),
) -> Result<Report, IsaError> {
    let start = Instant::now();
    let machine = Machine::here();
    let portable = Kernels::get(Isa::Portable)?;
    let mut probes = Probes::new(&machine)?;
    let mut races: Vec<Race> = cases
        .into_iter()
        .map(|case| Race::new(case, kernels, portable))
        .collect();
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || start.elapsed() < budget {
        probes.bandwidths();
        for race in &mut races {
            probes.peak();
            race.round(&probes);
        }
        rounds += 1;
        after_round(start.elapsed());
    }
    let roofs = probes.roofs();
    let figures = races
        .iter()
        .flat_map(|race| race.figures(kernels.isa(), &roofs))
        .collect();
    Ok(Report {
        machine,
        isa: kernels.isa(),
        debug_build: cfg!(debug_assertions),
        dataset,
        roofs,
        rounds,
        seconds: start.elapsed().as_secs_f64(),
        figures,
    })
}

/// A case and those who take turns at it.
struct Race {
    case: Case,
    ours: Contender,
    portable: Option<Contender>,
    matrixmultiply: Option<(Contender, Source)>,
}

/// Where `matrixmultiply`'s call comes from.
enum Source {
    /// The case's own call, by portable kernels.
    Case,
    /// Another one.
    Dense(Call),
}

/// One of those who take turns.
struct Contender {
    kernels: Kernels,
    calls: usize,
    warm: Samples,
    cold: Samples,
}

impl Contender {
    fn new(kernels: Kernels, period: usize, call: &mut Call) -> Self {
        Self {
            kernels,
            calls: calls_of_a_batch(period, |i| call(kernels, i)),
            warm: Samples::default(),
            cold: Samples::default(),
        }
    }

    fn warm(&mut self, call: &mut Call) {
        let kernels = self.kernels;
        self.warm.push(warm(self.calls, |i| call(kernels, i)));
    }

    fn cold(&mut self, probes: &Probes, call: &mut Call) {
        probes.empty_caches();
        self.cold.push(once(|| call(self.kernels, 0)));
    }
}

impl Race {
    fn new(mut case: Case, kernels: Kernels, portable: Kernels) -> Self {
        let period = case.period;
        let ours = Contender::new(kernels, period, &mut case.call);
        let mut twin = (kernels.isa() != Isa::Portable)
            .then(|| Contender::new(portable, period, &mut case.call));
        let matrixmultiply = match std::mem::replace(&mut case.against, Against::Twin) {
            Against::Twin => None,
            Against::TwinIsMatrixmultiply => twin.take().map(|twin| (twin, Source::Case)),
            Against::TwinAndDense(mut call) => {
                let contender = Contender::new(portable, 1, &mut call);
                Some((contender, Source::Dense(call)))
            }
        };
        Self {
            case,
            ours,
            portable: twin,
            matrixmultiply,
        }
    }

    fn round(&mut self, probes: &Probes) {
        self.each(|contender, call| contender.warm(call));
        self.each(|contender, call| contender.cold(probes, call));
    }

    fn each(&mut self, mut turn: impl FnMut(&mut Contender, &mut Call)) {
        turn(&mut self.ours, &mut self.case.call);
        if let Some(portable) = &mut self.portable {
            turn(portable, &mut self.case.call);
        }
        match &mut self.matrixmultiply {
            Some((contender, Source::Case)) => turn(contender, &mut self.case.call),
            Some((contender, Source::Dense(call))) => turn(contender, call),
            None => {}
        }
    }

    fn figures(&self, isa: Isa, roofs: &Roofs) -> [Figure; 2] {
        let matrixmultiply = self.matrixmultiply.as_ref().map(|(contender, _)| contender);
        let rivals = |samples: fn(&Contender) -> &Samples| Rivals {
            portable: self.portable.as_ref().map(samples),
            matrixmultiply: matrixmultiply.map(samples),
        };
        let work = &self.case.work;
        let (warm, cold) = (roofs.warm_bound(work), roofs.cold_bound(work));
        let ours = &self.ours;
        [
            Figure::new(
                &self.case,
                "warm",
                isa,
                &ours.warm,
                &rivals(|c| &c.warm),
                warm,
            ),
            Figure::new(
                &self.case,
                "cold",
                isa,
                &ours.cold,
                &rivals(|c| &c.cold),
                cold,
            ),
        ]
    }
}
