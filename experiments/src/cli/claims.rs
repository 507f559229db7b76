//! Claims and exceeded bounds on the terminal.

use comfy_table::{ContentArrangement, Table, presets};
use regret_results::claims::{Judged, Verdict};

use super::Failure;
use super::display::{say, tell};

/// Prints the claims with what came of them.
///
/// # Errors
/// As [`say`].
pub(super) fn print(claims: &[Judged]) -> Result<(), Failure> {
    if claims.is_empty() {
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["verdict", "claim", "measured", "remark"]);
    for judged in claims {
        let judgement = &judged.judgement;
        table.add_row([
            judgement.verdict.word().to_owned(),
            judged.claim.clone(),
            judgement.figure(),
            judgement.remark(),
        ]);
    }
    let count = |verdict| claims.iter().filter(|one| one.judgement.verdict == verdict).count();
    say(format_args!(
        "claims: {} pass, {} fail, {} undecided\n{table}",
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Undecided)
    ))
}

/// Whether a claim failed.
pub(super) fn any_failed(claims: &[Judged]) -> bool {
    claims.iter().any(|one| one.judgement.verdict == Verdict::Fail)
}

/// Warns of bounds that are exceeded beyond noise.
pub(super) fn warn_of_bounds(exceeded: &[String]) {
    for bound in exceeded {
        tell(format_args!("warning: {bound}"));
    }
}
