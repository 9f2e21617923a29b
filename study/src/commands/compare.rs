//! `initstudy compare`: the statistics on anybody's CSV file.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{method, own_files::check_replaceable};
use crate::{
    cli::CompareArgs,
    comparison::{Group, analyze},
    export::{
        analysis::{Words, comparison_rows, to_json},
        write_comparisons,
    },
    failure::Failure,
    output::{note, print},
    report,
    tidy::{self, Columns, TidyError},
};

/// Runs the command.
pub(super) fn run(args: &CompareArgs) -> Result<(), Failure> {
    if let Some(output) = &args.csv {
        check_output(output, &args.file)?;
    }
    let columns = Columns {
        group: &args.group,
        metric: &args.metric,
        pair: args.pair.as_deref(),
    };
    let groups = read_groups(&args.file, &args.delimiter, columns)?;
    let settings = method::settings(&args.method, &groups, args.pair.is_some())?;
    let analysis = analyze(&args.metric, &groups, &settings);
    if let Some(path) = &args.csv {
        write_comparisons(path, comparison_rows(&analysis, &settings), &settings)
            .map_err(|error| Failure::unwritable("--csv", path, &error))?;
    }
    if args.json {
        let json = to_json(&analysis, &settings, Words::TABLE);
        return print(&format!("{json:#}\n"));
    }
    print(&report::analysis::tables(&analysis, &settings))?;
    if let [group] = groups.as_slice() {
        note(&format!(
            "initstudy: there is one group, {}, and nothing to compare it with",
            group.label
        ));
    }
    Ok(())
}

/// Refuses, before any work, an output that cannot be written or would replace the input.
fn check_output(output: &Path, input: &Path) -> Result<(), Failure> {
    let input = if input == Path::new("-") {
        Path::new("/dev/stdin")
    } else {
        input
    };
    if let (Ok(to), Ok(from)) = (output.canonicalize(), input.canonicalize())
        && to == from
        && to.is_file()
    {
        return Err(Failure::usage(format!(
            "--csv {} is the file that is read, and would replace it; choose another file with --csv",
            output.display()
        )));
    }
    let is_own = |start: &[u8]| start.starts_with(b"metric,a,b,");
    check_replaceable("--csv", output, "table of comparisons", is_own)
}

/// The groups of a CSV file, or of standard input where it is called `-`.
pub(super) fn read_groups(
    file: &Path,
    delimiter: &str,
    columns: Columns<'_>,
) -> Result<Vec<Group>, Failure> {
    let delimiter = match delimiter.as_bytes() {
        b"tab" | b"\\t" => b'\t',
        [sign] if sign.is_ascii() && !b"\"\r\n".contains(sign) => *sign,
        _ => {
            return Err(Failure::usage(format!(
                "--delimiter {delimiter:?} is no single sign; give one, as ; or tab"
            )));
        }
    };
    let name = file.display();
    if file.is_dir() {
        return Err(Failure::usage(format!(
            "{name} is a folder; name a CSV file, or - for standard input"
        )));
    }
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let opened = File::open(file);
        Box::new(opened.map_err(|e| {
            Failure::usage(format!(
                "cannot open {name}: {e}; name a CSV file, or - for standard input"
            ))
        })?)
    };
    tidy::read(input, delimiter, columns).map_err(|error| {
        let message = format!("{name}: {error}");
        match error {
            TidyError::Csv(_) => Failure::internal(message),
            _ => Failure::usage(message),
        }
    })
}
