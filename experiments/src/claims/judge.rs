//! Judges the claims of an experiment.

use regret_results::claims::{Judged, Judgement};
use regret_results::store::{RunFolder, StoreError};

use super::{Data, Trouble};
use crate::run::Outcome;
use crate::spec::Experiment;

/// The claims of an experiment with what came of them, in their order. A claim whose data are not
/// there, or say nothing, is undecided.
///
/// # Errors
/// A part that cannot be read.
pub fn judge(
    experiment: &Experiment,
    folder: &RunFolder,
    outcome: &Outcome,
) -> Result<Vec<Judged>, StoreError> {
    let sampling = experiment.presentation.sampling;
    let mut data = Data::new(&experiment.cells, folder, outcome, sampling);
    let mut judged = Vec::new();
    for claim in &experiment.claims {
        let judgement = match claim.test.judge(&mut data) {
            Ok(judgement) => judgement,
            Err(Trouble::Store(error)) => return Err(error),
            Err(trouble) => {
                let confidence = data.confidence(1.0 - regret_results::statistics::COVERAGE);
                Judgement::without_data("", confidence, trouble.to_string())
            }
        };
        let cells = claim.cells.iter().map(|&cell| experiment.cells[cell].id.clone());
        judged.push(Judged {
            claim: claim.statement.clone(),
            states: claim.states.clone(),
            source: claim.source.clone(),
            cells: cells.collect(),
            judgement,
        });
    }
    Ok(judged)
}
