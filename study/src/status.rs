//! How far a folder is: what its last sweep wanted, held against what its store has.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use engine::{NUMERICS_VERSION, input_path::InputPath};
use kernels::Isa;
use serde_json::{Value, json};

use crate::{
    cli::SweepArgs,
    plan::{Protocol, Variant, labels},
    request::{MOST_RUNS, Request},
    shard::Shard,
    store::{Count, Session, Store, StoreError},
    study_file::StudyFile,
};

/// The state of a folder.
#[derive(Clone, Debug)]
pub struct Status {
    /// A line for each variant that is wanted or there.
    pub variants: Vec<VariantStatus>,
    /// Runs that broke off, some of them.
    pub failures: Vec<FailedRun>,
    /// Who writes to the folder now.
    pub holder: Option<String>,
    /// The last invocation of a sweep, if any is known.
    pub last: Option<Session>,
    /// Runs a second in that session; none before its second run.
    pub rate: Option<f64>,
}

/// The runs of a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantStatus {
    /// What it is called.
    pub label: String,
    /// The variant.
    pub variant: Variant,
    /// Runs that ended well.
    pub ok: u64,
    /// Runs that diverged.
    pub diverged: u64,
    /// Runs that broke off.
    pub failed: u64,
    /// Runs that the last sweep wanted and that are no results yet, the failed ones among them;
    /// unknown where no sweep said what it wanted, or it was to end by itself.
    pub missing: Option<u64>,
}

/// A run that broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRun {
    /// Its variant's label.
    pub label: String,
    /// Its seed.
    pub seed: u64,
    /// What it broke off with.
    pub message: String,
}

/// Failed runs that are named.
const MOST_FAILURES: u32 = 20;

impl Status {
    /// The state of a store; `holder` is who writes to its folder.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn of(store: &Store, holder: Option<String>) -> Result<Self, StoreError> {
        let mut sessions = store.environment()?;
        let shard = shard(store, &sessions);
        let last = sessions.pop();
        let request = last.as_ref().and_then(request);
        let part = match (shard, &request, &last) {
            (Some(shard), Some(request), Some(last)) => Part::of(store, shard, request, last)?,
            _ => None,
        };
        let wanted = request.map(|of| (of.settings.variants(), u64::from(of.seeds)));
        let seeds = wanted.as_ref().map_or(0, |(_, seeds)| *seeds);
        let counts = store.counts(seeds)?;
        let wanted_variants = wanted.iter().flat_map(|(variants, _)| variants);
        let wanted_keys: BTreeSet<_> = wanted_variants.clone().map(Variant::sort_key).collect();
        // One of each, in the order of their keys.
        let all = wanted_variants.chain(counts.iter().map(|count| &count.variant));
        let all: BTreeMap<_, _> = all.map(|variant| (variant.sort_key(), variant)).collect();
        let variants: Vec<Variant> = all.into_values().cloned().collect();
        let labels = labels(&variants);
        let mut by_variant: BTreeMap<_, Vec<&Count>> = BTreeMap::new();
        for count in &counts {
            let key = count.variant.sort_key();
            by_variant.entry(key).or_default().push(count);
        }
        let failures = store.failures(MOST_FAILURES)?;
        let failures = failures.into_iter().map(|(variant, seed, message)| {
            let label = variants.iter().position(|known| *known == variant);
            let label = label.map_or(String::new(), |index| labels[index].clone());
            FailedRun {
                label,
                seed,
                message,
            }
        });
        let is_until = last.as_ref().is_some_and(|s| s.fact("until").is_some());
        let state = |(variant, label): (&Variant, &String)| {
            let key = variant.sort_key();
            let is_wanted = wanted_keys.contains(&key);
            let target = wanted.as_ref().filter(|_| !is_until && shard.is_none());
            let target = target.map(|_| if is_wanted { seeds } else { 0 });
            let counts = by_variant.get(&key).map_or(&[][..], Vec::as_slice);
            let mut state = state(variant, label, counts, target);
            if let Some(part) = &part {
                state.missing = Some(if is_wanted {
                    part.missing(variant, seeds)
                } else {
                    0
                });
            }
            state
        };
        Ok(Self {
            failures: failures.collect(),
            variants: variants.iter().zip(&labels).map(state).collect(),
            holder,
            rate: last.as_ref().and_then(|last| store.rate(last)),
            last,
        })
    }

    /// A sum over all variants.
    #[must_use]
    pub fn sum(&self, of: fn(&VariantStatus) -> u64) -> u64 {
        self.variants.iter().map(of).sum()
    }

    /// Runs that are missing, where that is known.
    #[must_use]
    pub fn missing(&self) -> Option<u64> {
        self.variants.iter().map(|variant| variant.missing).sum()
    }

    /// Everything as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let variant = |state: &VariantStatus| {
            let mut object = serde_json::Map::new();
            object.insert("variant".to_owned(), json!(state.label));
            object.insert(
                "initializer".to_owned(),
                json!(state.variant.initializer.to_string()),
            );
            for (name, value) in state.variant.settings() {
                object.insert(name.to_owned(), json!(value));
            }
            for (name, count) in [
                ("ok", Some(state.ok)),
                ("diverged", Some(state.diverged)),
                ("failed", Some(state.failed)),
                ("missing", state.missing),
            ] {
                object.insert(name.to_owned(), json!(count));
            }
            Value::Object(object)
        };
        let failure = |run: &FailedRun| json!({"variant": run.label, "seed": run.seed, "message": run.message});
        let session = self.last.as_ref().map(|session| {
            let facts = session.facts.iter();
            let facts: serde_json::Map<String, Value> = facts
                .map(|(key, value)| (key.clone(), json!(value)))
                .collect();
            json!({"session": session.number, "runs_per_second": self.rate, "environment": facts})
        });
        json!({
            "ok": self.sum(|v| v.ok),
            "diverged": self.sum(|v| v.diverged),
            "failed": self.sum(|v| v.failed),
            "missing": self.missing(),
            "variants": self.variants.iter().map(variant).collect::<Vec<_>>(),
            "failures": self.failures.iter().map(failure).collect::<Vec<_>>(),
            "in_use_by": self.holder,
            "last_session": session,
        })
    }
}

/// The shard of a sweep that a store is of, if it is of one: that of its folder's name, or else the
/// one that all of its sessions trained, in a folder that was renamed. Sessions alone do not tell: a
/// shard may have been given what shards of another number found before.
fn shard(store: &Store, sessions: &[Session]) -> Option<Shard> {
    let shards = sessions.iter().map(|session| session.fact("shard"));
    let last: Shard = shards.clone().next_back().flatten()?.parse().ok()?;
    let of_folder = store.folder_name().and_then(|name| Shard::of_folder(&name));
    let same = |shard: Option<&str>| shard.is_some_and(|shard| shard.parse() == Ok(last));
    let shard = of_folder.or_else(|| shards.clone().all(same).then_some(last));
    shard.filter(|shard| *shard != Shard::WHOLE)
}

/// More variants than this are no table for anybody, and a list of them would fill the memory.
const MOST_VARIANTS: u64 = 250_000;

/// What a session asked for, unless it is more than a sweep could have been asked for.
#[must_use]
pub fn request(session: &Session) -> Option<Request> {
    let file = StudyFile::parse(session.fact("configuration")?).ok()?;
    let request = Request::new(&SweepArgs::defaults(), file).ok()?;
    let is_sane = request.runs() <= MOST_RUNS && request.settings.count() <= MOST_VARIANTS;
    is_sane.then_some(request)
}

/// A part of a sweep: which runs are its own, their identities tell.
struct Part {
    shard: Shard,
    protocol: Protocol,
    finished: HashSet<String>,
}

impl Part {
    /// That of a store; none where its runs have other identities than this program's would.
    fn of(
        store: &Store,
        shard: Shard,
        request: &Request,
        session: &Session,
    ) -> Result<Option<Self>, StoreError> {
        let declared = store.declaration()?;
        let is = |key: &str, value: &str| declared.get(key).is_some_and(|known| known == value);
        let isa = Isa::ALL.into_iter().find(|isa| is("isa", isa.numerics()));
        let inputs = [InputPath::Sparse, InputPath::Dense];
        let input = inputs.into_iter().find(|input| is("input", input.name()));
        let checksum = session.fact("dataset_sha256");
        let (Some(isa), Some(input), Some(checksum)) = (isa, input, checksum) else {
            return Ok(None);
        };
        if !is("numerics_version", &NUMERICS_VERSION.to_string()) {
            return Ok(None);
        }
        let protocol = Protocol {
            dataset: request.dataset.clone(),
            checksum: checksum.to_owned(),
            epochs: request.settings.epochs,
            shuffle: request.settings.shuffle,
            input,
            isa,
        };
        Ok(Some(Self {
            shard,
            protocol,
            finished: store.finished()?,
        }))
    }

    /// Runs of a variant that are the part's and no results yet.
    fn missing(&self, variant: &Variant, seeds: u64) -> u64 {
        let ids = self.protocol.run_ids(variant);
        let ids = (0..seeds).map(|seed| ids.under(seed));
        let missing = ids.filter(|id| self.shard.holds(id) && !self.finished.contains(id));
        missing.count() as u64
    }
}

/// Of the runs that the last sweep asked for, all of its shards together, how many nobody has tried
/// yet, and how many it asked for; unknown where no sweep said it or it was to end by itself.
///
/// # Errors
/// If the store cannot be read.
pub fn untried(store: &Store) -> Result<Option<(u64, u64)>, StoreError> {
    let last = store.environment()?.pop();
    let last = last.filter(|last| last.fact("until").is_none());
    let Some(request) = last.as_ref().and_then(request) else {
        return Ok(None);
    };
    let (variants, seeds) = (request.settings.variants(), u64::from(request.seeds));
    let counts = store.counts(seeds)?;
    let wanted: BTreeSet<_> = variants.iter().map(Variant::sort_key).collect();
    let is_wanted = |count: &&Count| wanted.contains(&count.variant.sort_key());
    let tried: u64 = counts.iter().filter(is_wanted).map(|c| c.wanted).sum();
    let asked = variants.len() as u64 * seeds;
    Ok(Some((asked.saturating_sub(tried), asked)))
}

/// The state of a variant whose `counts` these are.
fn state(variant: &Variant, label: &str, counts: &[&Count], target: Option<u64>) -> VariantStatus {
    let of = |status: &str| counts.iter().find(|count| count.status == status);
    let runs = |status| of(status).map_or(0, |count| count.runs);
    let wanted = |status| of(status).map_or(0, |count| count.wanted);
    VariantStatus {
        label: label.to_owned(),
        variant: variant.clone(),
        ok: runs("ok"),
        diverged: runs("diverged"),
        failed: runs("failed"),
        missing: target.map(|target| target.saturating_sub(wanted("ok") + wanted("diverged"))),
    }
}
