//! How figures and failures are written for people.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::Failure;
use crate::spec::source::Problem;

/// Writes a line to the standard output. A reader who has gone (`regret list | head`) is no error.
///
/// # Errors
/// What the system says, such as a full disk.
pub(super) fn say(line: impl fmt::Display) -> Result<(), Failure> {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Other(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to the standard error. If it is closed, there is nobody to tell.
pub(super) fn tell(line: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Problems of a spec that are shown; whoever has more mends these first.
const MOST_SHOWN: usize = 20;
/// The longest line, in bytes, that is drawn around a mistake.
const WIDEST: usize = 1000;

/// Writes a failure to the standard error.
pub(super) fn failure(failure: &Failure) {
    let Failure::Spec(problems) = failure else {
        return tell(format_args!("error: {failure}"));
    };
    for problem in problems.0.iter().take(MOST_SHOWN) {
        tell(drawn(problem));
    }
    if let Some(more @ 1..) = problems.0.len().checked_sub(MOST_SHOWN) {
        tell(format_args!("… and {more} more"));
    }
    tell(format_args!("{} in the spec; nothing was run", counted(problems.0.len(), "mistake")));
}

/// A problem with the lines around it; without them if they are too long to be read.
fn drawn(problem: &Problem) -> String {
    let theme = match io::stderr().is_terminal() {
        true => GraphicalTheme::unicode(),
        false => GraphicalTheme::unicode_nocolor(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    let mut text = String::new();
    if problem.span().widest_line() <= WIDEST && handler.render_report(&mut text, problem).is_ok() {
        return text;
    }
    problem.to_line()
}

/// `1 cell`, `2 cells`.
pub(super) fn counted(n: usize, thing: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {thing}{s}")
}

/// A count with thin groups: `1_234_567`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A number with four significant digits.
pub(super) fn figure(x: f64) -> String {
    match x.abs() {
        size if size >= 1e7 => format!("{x:.3e}"),
        size if size >= 1000.0 => format!("{x:.0}"),
        size if size >= 100.0 => format!("{x:.1}"),
        size if size >= 10.0 => format!("{x:.2}"),
        _ => format!("{x:.3}"),
    }
}

/// A large number in words: `1.20 G`.
pub(super) fn large(n: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    match UNITS.iter().find(|(size, _)| n >= *size) {
        Some((size, unit)) => format!("{:.2} {unit}", n / size),
        None => format!("{n:.0} "),
    }
}

/// Seconds in words.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.995 => format!("{:.0} ms", s * 1e3),
        s if s < 99.5 => format!("{s:.1} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// Bytes in words.
pub(super) fn bytes(n: u64) -> String {
    format!("{}B", large(n as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        assert_eq!(count(1_234_567), "1_234_567");
        assert_eq!(count(12), "12");
        assert_eq!(large(1.2e9), "1.20 G");
        assert_eq!(large(999.0), "999 ");
        assert_eq!(duration(0.0123), "12 ms");
        assert_eq!(duration(7200.0), "2.0 h");
    }
}
