//! From the flags of a comparison to its settings.

use crate::{
    cli::MethodArgs,
    comparison::{Group, Settings, Test},
    failure::Failure,
    limits,
    metric::Metric,
    nearest::nearest,
    registration::Registration,
    stats::{adjust::Adjustment, resample::Resampling, two_groups::TwoGroupTest},
    store::{Session, Store},
    study_file::StudyFile,
};

/// Checked settings for the groups at hand.
pub(super) fn settings(
    args: &MethodArgs,
    groups: &[Group],
    pairs: bool,
) -> Result<Settings, Failure> {
    let test = match args.test.as_str() {
        "auto" => Test::auto(pairs),
        // Shuffling labels would throw the pairs away.
        "permutation" if pairs => Test::TwoGroups(TwoGroupTest::SignFlip),
        name => Test::named(name).ok_or_else(|| {
            let names = ["auto"].into_iter().chain(Test::all().map(Test::name));
            unknown("--test", name, names)
        })?,
    };
    if let Some(name) = &args.adjust
        && test.is_simultaneous()
    {
        return Err(Failure::usage(format!(
            "--test {} adjusts its p-values itself; leave out --adjust {name}",
            test.name()
        )));
    }
    let adjustment = match args.adjust.as_deref() {
        None => Adjustment::Holm,
        Some(name) => name.parse().map_err(|_| {
            unknown(
                "--adjust",
                name,
                Adjustment::ALL.into_iter().map(Adjustment::name),
            )
        })?,
    };
    let control = args.control.as_deref().map(|name| {
        let found = groups.iter().position(|group| group.label == name);
        found.ok_or_else(|| unknown("--control", name, groups.iter().map(|g| g.label.as_str())))
    });
    let settings = Settings {
        test,
        pairs,
        adjustment,
        control: control.transpose()?,
        margin: args.margin,
        alpha: args.alpha,
        resampling: Resampling {
            resamples: args.resamples,
            seed: args.resampling_seed,
        },
        aso: args.aso,
    };
    limits::check_settings(&settings).map_err(Failure::usage)?;
    match settings.too_many_pairs(groups.len()) {
        Some(why) => Err(Failure::usage(why)),
        None => Ok(settings),
    }
}

/// [`settings`] for the runs of a sweep, and the metric whose margin they have: `metric`, or without one that of the
/// sweep's registration, or test accuracy. The default margin is that of the registration, where there is one, or else
/// the one the sweep was asked for; none where that is of accuracies and this of a loss, or the other way about.
pub(super) fn settings_of_sweep(
    args: &MethodArgs,
    store: &Store,
    groups: &[Group],
    metric: Option<Metric>,
) -> Result<(Settings, Metric), Failure> {
    let promised = store.registration()?;
    let promised = promised.and_then(|recorded| Registration::parse(&recorded.text).ok());
    let (stated, stated_of) = match &promised {
        Some(promised) => (promised.margin, Metric::named(&promised.metric)),
        None => (margin(store)?, None),
    };
    let stated_of = stated_of.unwrap_or(Metric::TestAccuracy);
    let metric = metric.unwrap_or(stated_of);
    let stated = stated.filter(|_| stated_of.is_loss() == metric.is_loss());
    let args = MethodArgs {
        margin: args.margin.or(stated),
        ..args.clone()
    };
    Ok((settings(&args, groups, true)?, metric))
}

/// The margin that a sweep was asked for, the latest where its sessions or shards differ. That of looks is none: they
/// have tests of their own within it, which a test at the end would not allow for.
pub(super) fn margin(store: &Store) -> Result<Option<f64>, Failure> {
    let sessions = store.environment()?;
    let of = |session: &Session| {
        if session.fact("until").is_some() {
            return None;
        }
        StudyFile::parse(session.fact("configuration")?)
            .ok()?
            .margin
    };
    Ok(sessions.iter().rev().find_map(of))
}

/// The metric of a name.
pub(super) fn metric(name: &str) -> Result<Metric, Failure> {
    Metric::named(name)
        .ok_or_else(|| unknown("--metric", name, Metric::ALL.into_iter().map(Metric::name)))
}

/// That a flag's value is none of those there are, with the nearest of them or all.
pub(super) fn unknown<'a>(flag: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let known: Vec<&str> = known.collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => {
            let shown: String = known.join(", ").chars().take(400).collect();
            format!("choose one of {shown}")
        }
    };
    Failure::usage(format!("{flag}: there is no {name:?}; {help}"))
}
