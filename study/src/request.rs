//! A sweep as it was asked for: flags over a study file over the flags' defaults.

use std::path::PathBuf;

use toml::Value;

use crate::{
    cli::SweepArgs,
    plan::{PlanError, Settings, hidden_text, parse_hidden, parse_initializers},
    study_file::StudyFile,
};

/// More runs than this are a slip of the pen, and a list of them would fill the memory.
pub const MOST_RUNS: u64 = 10_000_000;

/// What is to be swept, not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The data set, as `--dataset` takes it.
    pub dataset: String,
    /// Folder to look for it in.
    pub data_dir: Option<PathBuf>,
    /// Seeds of each variant.
    pub seeds: u32,
    /// The grid.
    pub settings: Settings,
    /// Differences within this count as equivalence.
    pub margin: Option<f64>,
    /// Runs at a time.
    pub jobs: Option<u32>,
    /// Folder for the results.
    pub out: Option<PathBuf>,
}

impl Request {
    /// What a study file says, but for the flags that were given; a flag stands for a whole list.
    ///
    /// # Errors
    /// If a flag's value is none of those it takes.
    pub fn new(args: &SweepArgs, file: StudyFile) -> Result<Self, PlanError> {
        let train = &args.train;
        let flags = Choice { args };
        let (epochs, input) = (train.epochs, train.input.into());
        Ok(Self {
            dataset: flags.over("dataset", file.dataset, || args.data.dataset.clone()),
            data_dir: args.data.data_dir.clone().or(file.data_dir),
            seeds: flags.over("seeds", file.seeds, || args.seeds),
            settings: Settings {
                initializers: flags.try_over("initializers", file.initializers, || {
                    parse_initializers(&args.initializers)
                })?,
                hidden: flags.try_over("hidden", file.hidden, || {
                    Ok(vec![parse_hidden(&train.hidden)?])
                })?,
                activation: flags.over("activation", file.activation, || {
                    vec![train.activation.into()]
                }),
                learning_rate: flags.over("learning_rate", file.learning_rate, || {
                    vec![train.learning_rate]
                }),
                batch_size: flags.over("batch_size", file.batch_size, || {
                    vec![train.batch_size as usize]
                }),
                init_scope: flags.over("init_scope", file.init_scope, || {
                    vec![train.init_scope.into()]
                }),
                epochs: flags.over("epochs", file.epochs, || epochs) as usize,
                shuffle: flags.over("shuffle", file.shuffle, || train.shuffle.into()),
                input: flags.over("input", file.input, || input),
            },
            margin: args.until.margin.or(file.margin),
            jobs: args.jobs.or(file.jobs),
            out: args.out.clone().or(file.out),
        })
    }

    /// How many runs it asks for.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.settings.count().saturating_mul(u64::from(self.seeds))
    }

    /// The whole request as a study file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let settings = &self.settings;
        let text = |text: &str| Value::String(text.to_owned());
        let path = |path: &PathBuf| Value::String(path.to_string_lossy().into_owned());
        let whole = |number: usize| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let initializers = settings.initializers.iter().map(|i| text(&i.to_string()));
        let hidden = settings.hidden.iter().map(|h| text(&hidden_text(h)));
        let activation = settings.activation.iter().map(|a| text(a.name()));
        let rates = settings.learning_rate.iter().map(|&r| Value::Float(r));
        let batches = settings.batch_size.iter().map(|&b| whole(b));
        let scopes = settings.init_scope.iter().map(|s| text(s.name()));
        let input = settings.input.map_or("auto", |input| input.name());
        let keys = [
            ("dataset", Some(text(&self.dataset))),
            ("data_dir", self.data_dir.as_ref().map(path)),
            ("seeds", Some(whole(self.seeds as usize))),
            ("epochs", Some(whole(settings.epochs))),
            ("initializers", Some(Value::Array(initializers.collect()))),
            ("hidden", Some(Value::Array(hidden.collect()))),
            ("activation", Some(Value::Array(activation.collect()))),
            ("learning_rate", Some(Value::Array(rates.collect()))),
            ("batch_size", Some(Value::Array(batches.collect()))),
            ("init_scope", Some(Value::Array(scopes.collect()))),
            ("shuffle", Some(text(settings.shuffle.name()))),
            ("input", Some(text(input))),
            ("margin", self.margin.map(Value::Float)),
            ("jobs", self.jobs.map(|jobs| whole(jobs as usize))),
            ("out", self.out.as_ref().map(path)),
        ];
        let line = |(key, value): (&str, Option<Value>)| Some(format!("{key} = {}\n", value?));
        keys.into_iter().filter_map(line).collect()
    }
}

struct Choice<'a> {
    args: &'a SweepArgs,
}

impl Choice<'_> {
    /// The flag where it was given, else what the file says, else the flag's default.
    fn over<T>(&self, flag: &str, file: Option<T>, value: impl Fn() -> T) -> T {
        match file.filter(|_| !self.args.is_given(flag)) {
            Some(file) => file,
            None => value(),
        }
    }

    fn try_over<T>(
        &self,
        flag: &str,
        file: Option<T>,
        value: impl Fn() -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        self.over(flag, file.map(Ok), value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_written_as_a_study_file_reads_back_as_it_was() {
        let text = r#"
            dataset = "idx:a \"quoted\" folder"
            seeds = 7
            initializers = ["he_normal", { name = "random_normal", stddev = 0.1 }]
            hidden = ["128,64", "none"]
            learning_rate = [0.001, 1e-5]
            batch_size = 16
            init_scope = "all"
            input = "dense"
            margin = 0.002
            out = "somewhere"
        "#;
        let args = SweepArgs::defaults();
        let request = Request::new(&args, StudyFile::parse(text).unwrap()).unwrap();
        assert_eq!(request.settings.variants().len(), 8);
        let written = StudyFile::parse(&request.to_toml()).unwrap();
        assert_eq!(Request::new(&args, written).unwrap(), request);
    }
}
