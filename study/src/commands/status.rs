//! `initstudy status`: how far a folder is.

use crate::{
    cli::StatusArgs, failure::Failure, output::print, report, status::Status, store::Store,
};

/// Runs the command.
pub(super) fn run(args: &StatusArgs) -> Result<(), Failure> {
    let store = Store::open_existing(&args.folder)?;
    let status = Status::of(&store, Store::holder(&args.folder)?)?;
    if args.json {
        return print(&format!("{:#}\n", status.to_json()));
    }
    print(&report::status::text(&status))
}
