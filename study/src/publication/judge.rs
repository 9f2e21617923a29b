//! The rules by which claims are judged, as [`Claim::requirement`] writes them out.

use super::{
    claims::{CONVERGENCE, Claim, Grounds, Judgement, Pair, Standing, Verdict, pairs_of},
    table::{GLOROT, HE, RANKING, TABLE},
};
use crate::{metric::Metric, stats::adjust::Adjustment};

impl Grounds<'_> {
    /// Every claim judged.
    #[must_use]
    pub fn judge(&self) -> Vec<Judgement> {
        let judge = |claim| {
            let verdict = match claim {
                Claim::GlorotHighest => self.glorot_highest(),
                Claim::Ranking => self.ranking(),
                Claim::HeNearlyAsGood => self.he_nearly_as_good(),
                Claim::Sensitive => self.sensitive(),
                Claim::Convergence => self.convergence(),
                Claim::OneRunEnough => self.one_run_enough(),
            };
            Judgement { claim, verdict }
        };
        Claim::ALL.into_iter().map(judge).collect()
    }

    /// The verdict on an order that some pairs imply, the first of each pair claimed the higher.
    fn order(&self, pairs: &[Result<Pair, String>]) -> Result<Verdict, String> {
        let known = || pairs.iter().filter_map(|pair| pair.as_ref().ok());
        let mut standings = known().map(|pair| self.standing(pair));
        if standings.any(|s| s == Standing::Lower) {
            return Ok(Verdict::Contradicted);
        }
        if let Some(Err(why)) = pairs.iter().find(|pair| pair.is_err()) {
            return Err(why.clone());
        }
        if known().all(|pair| self.standing(pair) == Standing::Higher) {
            Ok(Verdict::Supported)
        } else {
            Ok(Verdict::NotSupported)
        }
    }

    fn glorot_highest(&self) -> Result<Verdict, String> {
        let others = (0..TABLE.len()).filter(|&row| row != GLOROT);
        self.order(&self.pairs(others.map(|other| (GLOROT, other))))
    }

    fn ranking(&self) -> Result<Verdict, String> {
        self.order(&self.pairs(pairs_of(&RANKING)))
    }

    fn he_nearly_as_good(&self) -> Result<Verdict, String> {
        let pair = self.pair(Metric::TestAccuracy, HE, GLOROT)?;
        let (alpha, interval) = (self.settings.alpha, pair.interval);
        let beyond = interval.low >= self.margin || interval.high <= -self.margin;
        Ok(if pair.p_equivalence <= alpha {
            Verdict::Supported
        } else if pair.p <= alpha && beyond {
            Verdict::Contradicted
        } else {
            Verdict::NotSupported
        })
    }

    fn sensitive(&self) -> Result<Verdict, String> {
        let metric = Metric::TestAccuracy;
        let p = self.omnibus(metric).map(|(_, p)| p);
        self.matters(metric, p)
    }

    /// p of all four together by each metric of [`CONVERGENCE`], adjusted by Holm.
    pub(crate) fn convergence_p(&self) -> [Result<f64, String>; 2] {
        let mut p = CONVERGENCE.map(|metric| self.omnibus(metric).map(|(_, p)| p));
        Adjustment::Holm.adjust_in_place(p.iter_mut().flatten());
        p
    }

    /// The verdict by each metric of [`CONVERGENCE`] alone.
    pub(crate) fn convergence_by_metric(&self) -> [Result<Verdict, String>; 2] {
        let [first, second] = self.convergence_p();
        [
            self.matters(CONVERGENCE[0], first),
            self.matters(CONVERGENCE[1], second),
        ]
    }

    fn convergence(&self) -> Result<Verdict, String> {
        match self.convergence_by_metric().into() {
            (Ok(Verdict::Supported), _) | (_, Ok(Verdict::Supported)) => Ok(Verdict::Supported),
            (Err(why), _) | (_, Err(why)) => Err(why),
            (Ok(Verdict::Contradicted), Ok(Verdict::Contradicted)) => Ok(Verdict::Contradicted),
            (Ok(_), Ok(_)) => Ok(Verdict::NotSupported),
        }
    }

    /// Whether the choice of initializer matters to a metric.
    fn matters(&self, metric: Metric, p: Result<f64, String>) -> Result<Verdict, String> {
        let rows: Vec<usize> = (0..TABLE.len()).collect();
        let mut pairs = pairs_of(&rows).map(|(a, b)| self.pair(metric, a, b));
        let alpha = self.settings.alpha;
        if pairs.all(|pair| pair.is_ok_and(|pair| pair.p_equivalence <= alpha)) {
            return Ok(Verdict::Contradicted);
        }
        let complete = self.analysis(metric).is_some_and(|a| {
            a.summaries.len() == TABLE.len() && a.summaries.iter().all(|s| s.values.is_ok())
        });
        match p? {
            _ if !complete => Err("an initializer has no run with this accuracy".to_owned()),
            p if p <= alpha => Ok(Verdict::Supported),
            _ => Ok(Verdict::NotSupported),
        }
    }

    fn one_run_enough(&self) -> Result<Verdict, String> {
        let single = self.single_run;
        let single = single.map_err(|why| format!("single runs cannot be drawn: {why}"))?;
        match &single.frequent.interval {
            Ok(interval) if interval.low > 0.5 => Ok(Verdict::Supported),
            Ok(interval) if interval.high < 0.5 => Ok(Verdict::Contradicted),
            Ok(_) => Ok(Verdict::NotSupported),
            Err(why) => Err(format!("the share has no interval: {why}")),
        }
    }
}
