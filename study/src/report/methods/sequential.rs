//! The paragraph on the looks of a sequential sweep.

use super::Prose;
use crate::report::{
    content::{Study, counted, looks_margin, looks_seeds},
    references as works,
};

/// How seeds were added, where looks at the results decided it.
pub(super) fn paragraph(study: &Study<'_>) -> Option<Prose> {
    let mut prose = Prose::default();
    let looks = match study.looks? {
        Ok(looks) => looks,
        Err(why) => {
            prose.say(&format!(
                "Seeds were added by looks at the results, until every pair was decided or the last look was made. The rule of the looks is not known: {why}."
            ));
            return Some(prose);
        }
    };
    let (planned, made) = (looks.planned(), looks.made());
    let which = match made {
        [] if planned.len() == 1 => "it was not made".to_owned(),
        [] => "none of them was made".to_owned(),
        [one] if planned.len() > 1 => format!("the first of them, at {one} seeds, was made"),
        [_] => "it was made".to_owned(),
        _ if made.len() == planned.len() => "all of them were made".to_owned(),
        _ => format!(
            "the first {} of them, at {} seeds, were made",
            made.len(),
            looks_seeds(made)
        ),
    };
    let noun = study.noun();
    prose.say(&format!(
        "The number of seeds was chosen by a group-sequential design with {} planned, at {} seeds; {which}. At each, the pairs of {noun}s that were still open were compared in {} over all seeds so far, by the paired t test",
        counted(planned.len(), "look"),
        looks_seeds(planned),
        looks.metric.label(),
    ));
    prose.cite(&[works::STUDENT]);
    prose.say(" for a difference and by two one-sided paired t tests");
    prose.cite(&[works::SCHUIRMANN]);
    prose.say(&format!(
        " for equivalence within a margin of ±{}; equivalence takes precedence. For either kind of verdict α\u{a0}=\u{a0}{} was",
        looks_margin(looks),
        looks.alpha,
    ));
    if looks.pairs() > 1 {
        let pairs = counted(looks.pairs(), "pair");
        prose.say(&format!(" divided equally among {pairs}"));
        prose.cite(&[works::DUNN]).say(" and");
    }
    prose.say(" spent over the looks by an α-spending function");
    prose.cite(&[works::LAN_DEMETS]);
    prose.say(" that approximates the boundaries of O’Brien and Fleming");
    prose.cite(&[works::OBRIEN_FLEMING]);
    prose.say(&format!(
        ", the information at a look being its share of the seeds of the last. A pair keeps the verdict of the look that decided it, {noun}s without an open pair were looked at no more, and a pair that no look decided is undecided."
    ));
    if looks.are_exceeded_by(study.runs) {
        prose.say(" There are runs of further seeds, which no look has.");
    }
    Some(prose)
}
