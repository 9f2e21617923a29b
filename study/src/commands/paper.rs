//! `initstudy paper`: the published experiment repeated under both readings of it, and examined.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use engine::init::InitScope;

use super::{
    Ground,
    analyze::{analyze_runs, write_folder},
    own_files::{List, PAPER},
    prepare, sweep,
};
use crate::{
    cli::{PaperArgs, SweepArgs},
    comparison::Settings,
    export::{
        self,
        publication::{claim_rows, likelihood_rows, published_rows, ranking_rows},
    },
    failure::Failure,
    limits,
    metric::Metric,
    output::{note, print_styled, write_whole},
    publication::{Examination, SCOPES, ScopeRuns},
    record::RunRecord,
    report::{
        paper::{self, Paper},
        references::bibliography,
    },
    request::Request,
    signals,
    store::Session,
    study_file::StudyFile,
};

/// The runs of one scope, and where they come from.
struct Swept {
    ground: Ground,
    runs: Vec<RunRecord>,
    sessions: Vec<Session>,
}

/// Runs the command.
pub(super) fn run(args: &PaperArgs) -> Result<(), Failure> {
    let settings = Settings {
        margin: Some(args.margin),
        ..Settings::paired()
    };
    limits::check_settings(&settings).map_err(Failure::usage)?;
    let mut list = list(&args.out)?;
    let stop = signals::stop_on_signal()?;
    let mut swept = Vec::with_capacity(SCOPES.len());
    for scope in SCOPES {
        let request = request(args, scope)?;
        let ground = prepare(&args.data, &request.settings)?;
        let folder = args.out.join(scope.name());
        let (store, end) = sweep::complete(&request, &ground, &folder, args.data.quiet, &stop)?;
        let runs = store.runs()?;
        let analyses = analyze_runs(&runs, &settings, Metric::TestAccuracy);
        write_folder(&folder, &runs, &analyses, &settings)?;
        if !args.data.quiet {
            note(&format!(
                "{}: {} runs were there, {} trained",
                scope.name(),
                end.found,
                end.added
            ));
        }
        sweep::conclude(end, &folder)?;
        swept.push(Swept {
            ground,
            runs,
            sessions: store.environment()?,
        });
    }
    let [hidden, all] = <[Swept; 2]>::try_from(swept).map_err(|_| {
        Failure::internal("there are not two scopes; this is a fault of the program")
    })?;
    let scopes = [&hidden, &all].map(|swept| ScopeRuns {
        runs: &swept.runs,
        variants: &swept.ground.variants,
    });
    let examination = Examination::new(scopes, &settings, args.margin);
    let figure = paper::figure_of(&examination);
    let facts = facts(args, &settings, [&hidden, &all]);
    let paper = Paper::new(&examination, vec![figure.picture()], facts);
    let written = write(&args.out, &mut list, &examination, &paper, &figure)?;
    print_styled(&format!(
        "{}\n{} written in {}\n",
        paper::terminal(&paper),
        written.join(", "),
        args.out.display()
    ))
}

/// What is written beside the sweeps' folders.
const FILES: [&str; 10] = [
    paper::PUBLISHED_CSV,
    paper::CLAIMS_CSV,
    paper::RANKINGS_CSV,
    paper::LIKELIHOOD_CSV,
    "paper.md",
    "paper.tex",
    "references.bib",
    "paper.html",
    "figures/published.svg",
    "figures/published.png",
];

/// The list of the files of a former paper in the folder, which may hold none of these names that is somebody's own:
/// better asked before the training.
fn list(folder: &Path) -> Result<List, Failure> {
    let list = List::of(folder, PAPER).map_err(|error| {
        let folder = folder.display();
        Failure::usage(format!(
            "cannot read the folder {folder}: {error}; choose another with --out"
        ))
    })?;
    list.check(FILES.into_iter().map(str::to_owned))?;
    Ok(list)
}

/// The paper's protocol under one scope: what a sweep does where nothing else is asked for.
fn request(args: &PaperArgs, scope: InitScope) -> Result<Request, Failure> {
    let defaults = Request::new(&SweepArgs::defaults(), StudyFile::default())?;
    let mut request = Request {
        dataset: args.data.dataset.clone(),
        data_dir: args.data.data_dir.clone(),
        seeds: args.seeds,
        margin: Some(args.margin),
        jobs: args.jobs,
        out: Some(args.out.join(scope.name())),
        ..defaults
    };
    request.settings.init_scope = vec![scope];
    request.settings.shuffle = args.shuffle.into();
    Ok(request)
}

/// What was run, by name.
fn facts(args: &PaperArgs, settings: &Settings, swept: [&Swept; 2]) -> Vec<(String, String)> {
    let [hidden, all] = swept;
    let protocol = &hidden.ground.protocol;
    let mut facts = vec![
        ("data set".to_owned(), protocol.dataset.clone()),
        ("seeds asked for".to_owned(), args.seeds.to_string()),
    ];
    for (scope, swept) in SCOPES.into_iter().zip([hidden, all]) {
        facts.push((
            format!("runs, {}", scope.name()),
            swept.runs.len().to_string(),
        ));
    }
    let declared = protocol.declaration(&hidden.ground.variants);
    let declared = declared
        .into_iter()
        .filter(|(name, _)| *name != "init_scope");
    facts.extend(declared.map(|(name, value)| (name.replace('_', " "), value)));
    facts.push((
        "margin".to_owned(),
        Metric::TestAccuracy.margin_words(args.margin),
    ));
    facts.push(("level of the tests".to_owned(), settings.alpha.to_string()));
    facts.extend(machines(swept));
    facts
}

/// On which machines and by which programs the runs were made, as far as the stores know.
fn machines(swept: [&Swept; 2]) -> Vec<(String, String)> {
    let sessions = swept.into_iter().flat_map(|swept| &swept.sessions);
    let trained = sessions.filter(|session| session.fact("runs_added") != Some("0"));
    let mut known: Vec<(String, String)> = Vec::new();
    for session in trained {
        for (key, name) in [
            ("cpu", "processor"),
            ("os", "system"),
            ("version", "initstudy"),
            ("commit", "commit"),
        ] {
            let Some(value) = session.fact(key).filter(|value| !value.is_empty()) else {
                continue;
            };
            let fact = (name.to_owned(), value.to_owned());
            if !known.contains(&fact) {
                known.push(fact);
            }
        }
    }
    known
}

/// Writes every file; their names.
fn write(
    folder: &Path,
    list: &mut List,
    examination: &Examination,
    paper: &Paper,
    figure: &crate::report::figures::Figure,
) -> Result<Vec<&'static str>, Failure> {
    let failed = |path: PathBuf, error: io::Error| {
        Failure::internal(format!(
            "cannot write {}: {error}; the runs are kept in their stores, the same command writes the files",
            path.display()
        ))
    };
    let tables = [
        (paper::PUBLISHED_CSV, published_rows(examination)),
        (paper::CLAIMS_CSV, claim_rows(examination)),
        (paper::RANKINGS_CSV, ranking_rows(examination)),
        (paper::LIKELIHOOD_CSV, likelihood_rows(examination)),
    ];
    list.forget(&[])
        .map_err(|error| failed(list.path(), error))?;
    let mut written = Vec::new();
    for (name, rows) in tables {
        list.add(name).map_err(|error| failed(list.path(), error))?;
        let path = folder.join(name);
        export::write_rows(&path, rows).map_err(|error| failed(path, error))?;
        written.push(name);
    }
    let figures = folder.join("figures");
    fs::create_dir_all(&figures).map_err(|error| failed(figures, error))?;
    let page = paper::page(paper).map_err(Failure::internal)?;
    let png = figure.png().map_err(Failure::internal)?;
    let files = [
        ("paper.md", paper::report(paper).into_bytes()),
        ("paper.tex", paper::document(paper).into_bytes()),
        (
            "references.bib",
            bibliography(&paper.references()).into_bytes(),
        ),
        ("paper.html", page.into_bytes()),
        ("figures/published.svg", figure.svg().into_bytes()),
        ("figures/published.png", png),
    ];
    for (name, bytes) in files {
        list.add(name).map_err(|error| failed(list.path(), error))?;
        let path = folder.join(name);
        write_whole(&path, |file| file.write_all(&bytes)).map_err(|error| failed(path, error))?;
        written.push(name);
    }
    Ok(written)
}
