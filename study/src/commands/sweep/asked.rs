//! What a sweep is asked for, by its flags and its study file.

use std::path::{Path, PathBuf};

use crate::{
    bounded::read_text,
    cli::SweepArgs,
    commands::{Ground, register, until::Until},
    comparison::Settings,
    data::DataSource,
    failure::Failure,
    limits,
    request::{MOST_RUNS, Request},
    study_file::StudyFile,
};

/// What a sweep is asked for, checked as far as that goes without its data.
pub(in crate::commands) struct Asked {
    pub(in crate::commands) request: Request,
    /// The text of the study file.
    pub(super) text: Option<String>,
    pub(super) registration: Option<String>,
    pub(super) until: Option<Until>,
    pub(super) settings: Settings,
}

impl Asked {
    /// What the flags ask for, and the files that they name.
    pub(in crate::commands) fn of(args: &SweepArgs) -> Result<Self, Failure> {
        check_until_flags(args)?;
        let text = args.file.as_deref().map(read).transpose()?;
        let mut request = Request::new(args, parse(args, text.as_deref())?)?;
        check_size(&request)?;
        request.settings.check()?;
        DataSource::parse(&request.dataset)?;
        let registration = args.registration.as_deref();
        let registration = registration.map(register::read).transpose()?;
        let until = Until::new(args, request.margin, &request.settings.variants())?;
        if let Some(until) = &until {
            request.seeds = until.most_seeds();
            check_size(&request)?;
        }
        let settings = Settings {
            // The looks of --until have their own tests within it.
            margin: request.margin.filter(|_| until.is_none()),
            ..Settings::paired()
        };
        limits::check_settings(&settings).map_err(Failure::usage)?;
        Ok(Self {
            request,
            text,
            registration,
            until,
            settings,
        })
    }
}

/// Flags that only `--until` heeds. That they require it is not for the parser to say: it waives that
/// where `--until` conflicts with another flag given, as `--seeds`.
fn check_until_flags(args: &SweepArgs) -> Result<(), Failure> {
    let flags = ["max_seeds", "looks", "metric", "alpha"];
    match flags.into_iter().find(|flag| args.is_given(flag)) {
        Some(flag) if args.until.until.is_none() => Err(Failure::usage(format!(
            "--{} is for --until decided alone; add that, or leave it out",
            flag.replace('_', "-")
        ))),
        _ => Ok(()),
    }
}

/// The text of a study file.
fn read(path: &Path) -> Result<String, Failure> {
    read_text(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

/// What the text of the study file says, or the nothing that none says.
fn parse(args: &SweepArgs, text: Option<&str>) -> Result<StudyFile, Failure> {
    let (Some(path), Some(text)) = (&args.file, text) else {
        return Ok(StudyFile::default());
    };
    StudyFile::parse(text).map_err(|error| Failure::usage(format!("{}, {error}", path.display())))
}

fn check_size(request: &Request) -> Result<(), Failure> {
    let (variants, seeds, runs) = (request.settings.count(), request.seeds, request.runs());
    if runs > MOST_RUNS {
        return Err(Failure::usage(format!(
            "{variants} variants under {seeds} seeds are {runs} runs; {MOST_RUNS} is the most, use fewer of either"
        )));
    }
    Ok(())
}

/// Where the results go where nobody says.
pub(super) fn default_folder(file: Option<&Path>, ground: &Ground) -> PathBuf {
    if let Some(folder) = file.and_then(folder_of_study) {
        return folder;
    }
    let dataset = ground.protocol.dataset.replace([':', '/', '\\'], "-");
    let scope = ground.variants[0].init_scope.name();
    Path::new(RESULTS).join(format!("{dataset}-{scope}"))
}

/// Where folders for results are made by default.
const RESULTS: &str = "results";

/// The folder for the results of a study file, unless somebody says otherwise.
pub(in crate::commands) fn folder_of_study(file: &Path) -> Option<PathBuf> {
    Some(Path::new(RESULTS).join(file.file_stem()?))
}
