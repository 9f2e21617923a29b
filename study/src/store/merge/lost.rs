//! The study of a store that lost its declaration, found again by its runs: a run's identity is the
//! hash of all its settings, so that those which its row does not tell can be tried.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use engine::{NUMERICS_VERSION, input_path::InputPath, optim::Adam, train::Shuffle};
use rusqlite::types::ValueRef;

use super::{Input, StoreError, facts::KeyValues, rows::Rows};
use crate::plan::{Declared, SETTINGS, identity, optimizer_text};

/// The settings that a run's row has, each in the column of its name.
pub(super) const OF_A_RUN: [&str; 7] = [
    "hidden",
    "activation",
    "init_scope",
    "epochs",
    "batch_size",
    "learning_rate",
    "isa",
];

/// A setting as a declaration has it, from a run's cell.
pub(super) fn setting(cell: ValueRef<'_>) -> Option<String> {
    match cell {
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// Settings with all values that they have.
type Values = BTreeMap<String, BTreeSet<String>>;

/// What the runs of a store tell of their study.
#[derive(Default)]
pub(super) struct Seen {
    values: Values,
    first: Option<Run>,
}

/// A run's identity and what it is the hash of, as far as its row tells.
struct Run {
    id: String,
    initializer: String,
    seed: u64,
    settings: BTreeMap<&'static str, String>,
}

impl Seen {
    /// Looks at a run.
    pub(super) fn add(&mut self, row: &Rows) {
        let settings = OF_A_RUN.into_iter();
        let settings = settings.filter_map(|key| Some((key, setting(row.cell(key)?)?)));
        let settings: BTreeMap<&str, String> = settings.collect();
        for (key, value) in &settings {
            let values = self.values.entry((*key).to_owned()).or_default();
            if !values.contains(value) {
                values.insert(value.clone());
            }
        }
        if self.first.is_none() {
            self.first = Run::of(row, settings);
        }
    }

    /// Whether a declaration is that of the runs.
    fn agrees_with(&self, declared: &KeyValues) -> bool {
        let Some(run) = &self.first else {
            return true;
        };
        let declares = |(key, values): (&String, &BTreeSet<String>)| {
            let declared = declared.get(key).map(|text| Declared::parse(text));
            declared.is_some_and(|of| Declared::Values(values.clone()).is_within(&of))
        };
        let shared = |key| Some((key, declared.get(key)?.as_str()));
        self.values.iter().all(declares)
            && run.is_by(&SETTINGS.into_iter().filter_map(shared).collect())
    }
}

impl Run {
    fn of(row: &Rows, settings: BTreeMap<&'static str, String>) -> Option<Self> {
        let text = |column| row.cell(column).and_then(setting);
        Some(Self {
            id: text("run_id")?,
            initializer: text("initializer")?,
            seed: text("seed")?.parse().ok()?,
            settings,
        })
    }

    /// Whether its identity is that of its own settings and of these.
    fn is_by(&self, shared: &BTreeMap<&str, &str>) -> bool {
        let value = |key| {
            let own = self.settings.get(key).map(String::as_str);
            Some((key, own.or_else(|| shared.get(key).copied())?))
        };
        let settings: Option<Vec<_>> = SETTINGS.into_iter().map(value).collect();
        settings.is_some_and(|all| identity(all, &self.initializer, self.seed) == self.id)
    }
}

/// A store whose declaration is not that of its runs.
pub(super) struct Lost {
    pub(super) folder: PathBuf,
    /// What is left of the declaration.
    declared: KeyValues,
    seen: Seen,
    /// Checksums of data sets that its sessions name.
    datasets: BTreeSet<String>,
    fault: StoreError,
}

impl Lost {
    /// A damaged store that has runs and not the declaration that they were made by.
    pub(super) fn of(
        input: &Input<'_>,
        declared: &KeyValues,
        seen: Seen,
    ) -> Result<Option<Self>, StoreError> {
        if seen.agrees_with(declared) {
            return Ok(None);
        }
        let datasets = if input.version < 2 {
            BTreeSet::new()
        } else {
            let query = "SELECT value FROM environment WHERE key = 'dataset_sha256'";
            input.rows(query, &["session"], |row| row.get(0))?.0
        };
        Ok(Some(Self {
            folder: input.folder.to_owned(),
            declared: declared.clone(),
            seen,
            datasets,
            fault: input.undeclared(),
        }))
    }

    /// The declaration by which its runs have the identities that they have; `others` are those of
    /// the stores that it is merged with.
    pub(super) fn found(self, others: &[(KeyValues, PathBuf)]) -> Result<KeyValues, StoreError> {
        let mut tries = vec![BTreeMap::new()];
        for (key, values) in &self.candidates(others) {
            let each = |value: &String| {
                let with = |of: &BTreeMap<_, _>| {
                    let mut of = of.clone();
                    of.insert(*key, value.clone());
                    of
                };
                tries.iter().map(with).collect::<Vec<_>>()
            };
            tries = values.iter().flat_map(each).collect();
        }
        let run = self.seen.first.as_ref();
        let shared = tries.into_iter().find(|shared| {
            let shared = shared.iter().map(|(key, value)| (*key, value.as_str()));
            run.is_some_and(|run| run.is_by(&shared.collect()))
        });
        let shared = shared.ok_or(self.fault)?.into_iter();
        let shared = shared.map(|(key, value)| (key.to_owned(), value));
        let own = self.seen.values.into_iter();
        let own = own.map(|(key, values)| (key, Declared::Values(values).to_text()));
        Ok(own.chain(shared).collect())
    }

    /// What the settings may be that a run's row does not tell.
    fn candidates(
        &self,
        others: &[(KeyValues, PathBuf)],
    ) -> BTreeMap<&'static str, BTreeSet<String>> {
        let shuffles = [Shuffle::EachEpoch, Shuffle::Once].map(Shuffle::name);
        let inputs = [InputPath::Sparse, InputPath::Dense].map(InputPath::name);
        let mut candidates = BTreeMap::from([
            ("dataset_sha256", self.datasets.clone()),
            ("shuffle", shuffles.map(str::to_owned).into()),
            ("optimizer", [optimizer_text(Adam::default())].into()),
            ("input", inputs.map(str::to_owned).into()),
            ("numerics_version", [NUMERICS_VERSION.to_string()].into()),
        ]);
        let others = others.iter().map(|(declared, _)| declared);
        for declared in others.chain([&self.declared]) {
            for (key, values) in &mut candidates {
                values.extend(declared.get(*key).cloned());
            }
        }
        candidates
    }
}
