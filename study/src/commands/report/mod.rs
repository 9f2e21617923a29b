//! `initstudy report`: what goes into a paper, from a sweep's folder; nothing is trained.

mod blocks;
mod files;

use super::{
    analyze::{analyze_runs, check_registration},
    method, over_images,
};
use crate::{
    cli::{FormatArg, ReportArgs, SpreadArg},
    comparison::{Crossed, Settings},
    failure::Failure,
    looks::Looks,
    metric::Metric,
    output::print_styled,
    record::RunRecord,
    report::{
        content::{Content, DESCRIPTIVE, Spread, Study, facts},
        figures::{self, Figure},
        text,
    },
    status,
    store::Store,
};
use blocks::Blocks;
use files::Files;

/// Runs the command.
pub(super) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let metric = method::metric(&args.metric)?;
    let store = Store::open_existing(&args.folder)?;
    let runs = store.runs()?;
    let groups = metric.groups(&runs);
    if groups.is_empty() {
        return Err(Failure::usage(format!(
            "{} holds no finished run yet",
            args.folder.display()
        )));
    }
    let (settings, _) = method::settings_of_sweep(&args.method, &store, &groups, Some(metric))?;
    let folder = args
        .out
        .clone()
        .unwrap_or_else(|| args.folder.join("report"));
    // What refuses the command does so before the minutes that the analysis may take.
    let Blocks {
        ranks,
        cautions,
        missing: no_ranks,
    } = Blocks::rank(
        (&args.folder, &store),
        &groups,
        &args.blocks,
        &settings,
        metric,
    )?;
    let mut files = Files::new(&folder, args.format)?;
    let analyses = analyze_runs(&runs, &settings, metric);
    let crossed = if args.format == FormatArg::Figures {
        Err("no figure has them".to_owned())
    } else {
        over_images(&store, &runs, &settings, metric)?
    };
    let control = args.method.control.as_deref();
    let shown = [metric];
    let checked = check_registration(&store, &args.folder, &settings, control, &runs, &shown)?;
    let registration = checked.map_or(Vec::new(), |checked| checked.sentences());
    let declaration: Vec<(String, String)> = store.declaration()?.into_iter().collect();
    let looks = Looks::of_store(&store, &runs)?;
    let looks = looks
        .as_ref()
        .map(|looks| looks.as_ref().map_err(String::as_str));
    let environment = facts::environment(&store.environment()?);
    let mut content = Content::new(&Study {
        declaration: &declaration,
        environment: &environment,
        looks,
        registration: &registration,
        runs: &runs,
        analyses: &analyses,
        crossed: crossed.as_deref().map_err(String::as_str),
        ranks: ranks.as_ref(),
        untried: status::untried(&store)?,
        block_cautions: &cautions,
        settings: &settings,
        metric,
        spread: match args.spread {
            SpreadArg::Interval => Spread::Interval,
            SpreadArg::Sd => Spread::Deviation,
        },
    });
    content.gaps.extend(no_ranks);
    let analysis = analyses.iter().find(|a| a.metric == metric.name());
    let (mut drawn, missing) = analysis.map_or((Vec::new(), Vec::new()), |analysis| {
        figures::of_sweep(&runs, analysis, &settings, metric)
    });
    content.gaps.extend(missing);
    drawn.extend(ranks.as_ref().map(figures::critical_difference));
    if looks.is_some() {
        let of_tests = |figure: &&mut Figure| ["forest", "settling"].contains(&figure.name);
        for figure in drawn.iter_mut().filter(of_tests) {
            figure.caption += &format!(" {DESCRIPTIVE}");
        }
    }
    content.pictures = drawn.iter().map(Figure::picture).collect();
    files.clear(args.format)?;
    if args.format != FormatArg::Figures {
        let crossed = crossed.as_deref().unwrap_or_default();
        files.csv(&analyses, crossed, &settings)?;
        if let Some(Ok(looks)) = looks {
            files.looks(looks)?;
        }
        if let Some(ranks) = &ranks {
            files.ranks(metric, ranks)?;
        }
        files.curves(metric, &drawn)?;
        files.texts(&content, args.format)?;
    }
    // The page has them inline.
    if args.format != FormatArg::Html {
        files.figures(&drawn)?;
    }
    print_styled(&format!("{}\n{}", text::report(&content), files.listed()))
}

/// Differences in test accuracy over new seeds and images, or why there are none.
fn over_images(
    store: &Store,
    runs: &[RunRecord],
    settings: &Settings,
    metric: Metric,
) -> Result<Result<Vec<Crossed>, String>, Failure> {
    if metric != Metric::TestAccuracy {
        return Ok(Err("they are made of test accuracy only".to_owned()));
    }
    let crossed = match over_images::over_images(store, runs, settings)? {
        Ok(crossed) => crossed,
        Err(why) => return Ok(Err(why)),
    };
    let reason = crossed.iter().find_map(|c| c.result.as_ref().err());
    Ok(match reason {
        Some(reason) if crossed.iter().all(|c| c.result.is_err()) => Err(reason.to_string()),
        _ => Ok(crossed),
    })
}
