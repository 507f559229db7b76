//! `regret merge` and `regret status`.

use std::path::PathBuf;
use std::process::ExitCode;

use regret_results::store::RunFolder;

use super::Failure;
use super::display::{counted, say};
use super::run::{Ending, default_root, refused};
use super::signals::Signals;
use crate::merge::{MergeError, Shards};
use crate::spec::select::World;
use crate::status::{Progress, Status, StatusError, status};

/// Arguments of `regret merge`.
#[derive(Debug, clap::Args)]
pub(super) struct MergeArguments {
    /// The run folders that the shards were played in; one, if they shared it.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// The merged run folder; by default the folder given if it is one, else runs/<name of the spec>.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The folder of the spec's data, if it is another than where the shards were played.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Exit with status 4 if a claim of the spec fails.
    #[arg(long)]
    strict: bool,
    /// Print errors and warnings only.
    #[arg(long, short)]
    quiet: bool,
}

/// Merges shards.
pub(super) fn merge(arguments: &MergeArguments) -> Result<ExitCode, Failure> {
    let shards = Shards::read(&arguments.folders, arguments.data.as_deref()).map_err(failed)?;
    let root = match (&arguments.out, &arguments.folders[..]) {
        (Some(out), _) => out.clone(),
        (None, [only]) => only.clone(),
        (None, _) => default_root(&shards.experiment),
    };
    let folder = RunFolder::open(root).map_err(|error| Failure::Other(error.to_string()))?;
    Signals::catch()?.leave_at_once();
    let outcome = shards.gather(&folder).map_err(failed)?;
    let ending = Ending { strict: arguments.strict, quiet: arguments.quiet };
    ending.present(&shards.experiment, &folder, &outcome, shards.seconds())
}

fn failed(error: MergeError) -> Failure {
    match error {
        MergeError::Spec(problems) => Failure::Spec(problems),
        MergeError::Store(error) => refused(error),
        other => Failure::Other(other.to_string()),
    }
}

/// Most cells that are listed.
const MOST_LISTED: usize = 20;

/// Arguments of `regret status`.
#[derive(Debug, clap::Args)]
pub(super) struct StatusArguments {
    /// The run folder.
    folder: PathBuf,
    /// The folder of the spec's data, if it is another than it was.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Says what a run folder holds.
pub(super) fn print_status(arguments: &StatusArguments) -> Result<ExitCode, Failure> {
    let status =
        status(&arguments.folder, arguments.data.as_deref()).map_err(|error| match error {
            StatusError::Spec(problems) => Failure::Spec(problems),
            other => Failure::Other(other.to_string()),
        })?;
    print(&status)?;
    Ok(ExitCode::SUCCESS)
}

fn print(status: &Status) -> Result<(), Failure> {
    let stopped = status.cells.iter().filter(|cell| cell.fault.is_some()).count();
    let whole = |index: &usize| status.is_done(*index) && status.cells[*index].fault.is_none();
    let done = (0..status.cells.len()).filter(whole).count();
    let unfinished = status.cells.len() - done - stopped;
    let (found, blocks) = status
        .cells
        .iter()
        .fold((0, 0), |(found, blocks), cell| (found + cell.found, blocks + cell.blocks));
    let published = if status.is_published { "published" } else { "not published" };
    say(format_args!("run        {}, {published}", status.experiment.name))?;
    say(format_args!(
        "cells      {done} done, {stopped} stopped by a fault, {unfinished} not done"
    ))?;
    say(format_args!("blocks     {found} of {blocks}"))?;
    for shard in &status.shards {
        let progress = match &shard.progress {
            Progress::Done => "done",
            Progress::Running => "running",
            Progress::Interrupted => "interrupted",
            Progress::Killed => "killed, or running where this is not seen",
            Progress::Failed(why) => &format!("failed: {why}"),
            Progress::Missing => "missing",
        };
        let (shard, found, blocks) = (shard.shard, shard.found, shard.blocks);
        say(format_args!("shard {shard}  {found} of {}, {progress}", counted(blocks, "block")))?;
    }
    let world = World::new(&status.experiment.cells, true);
    let listed = status.cells.iter().enumerate().filter(|(index, _)| !whole(index));
    for (index, cell) in listed.clone().take(MOST_LISTED) {
        let (learner, place) = (world.learner(index), world.place(index));
        let blocks = counted(cell.blocks, "block");
        match &cell.fault {
            Some(fault) => say(format_args!("stopped    {learner} on {place}: {fault}"))?,
            None => {
                say(format_args!("not done   {learner} on {place}: {} of {blocks}", cell.found))?
            }
        }
    }
    match listed.count().checked_sub(MOST_LISTED) {
        None | Some(0) => Ok(()),
        Some(more) => say(format_args!("… and {more} more")),
    }
}
