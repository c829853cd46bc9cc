//! `export`: a runbook or a run as a sheet or a checklist, for whoever has no terminal.
//!
//! It prints and writes nothing; what is exported is what `import` reads.

use super::args::{ExportArgs, Global, SheetWord};
use super::context::{Context, known};
use super::outcome::{Ended, Exit, Failure};
use super::{print, status};
use crate::domain::name::{RunId, RunbookName};
use crate::domain::plan::Plan;
use crate::engine::run::Run;
use crate::report::sheet;

/// Prints it.
pub fn export(global: &Global, args: &ExportArgs) -> Ended {
    let context = Context::open(global)?;
    let Some(number) = args.run else {
        let name = args.runbook.as_deref().unwrap_or_default();
        let runbooks = &context.workspace.runbooks;
        known(runbooks.contains_key(name), "runbook", name, runbooks.keys().map(RunbookName::as_str))?;
        let plan = runbooks.get(name).ok_or_else(|| Failure::usage(String::new()))?;
        return text(plan, None, args.format);
    };
    let ledger = status::ledger(&context)?;
    let run = ledger.run(RunId(number)).ok_or_else(|| status::no_run(&ledger, RunId(number)))?;
    text(&run.plan, Some(run), args.format)
}

fn text(plan: &Plan, run: Option<&Run>, format: SheetWord) -> Ended {
    let text = match format {
        SheetWord::Csv => sheet::csv(plan, run).map_err(|e| Failure::failed(format!("cannot make a sheet: {e}")))?,
        SheetWord::Markdown => sheet::markdown(plan, run),
    };
    print::line(text.trim_end_matches('\n'));
    Ok(Exit::Done)
}
