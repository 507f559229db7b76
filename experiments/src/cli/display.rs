//! How figures and failures are written for people.

use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::IsTerminal;

use super::Failure;

/// Writes a failure to the standard error.
pub(super) fn failure(failure: &Failure) {
    let Failure::Spec(problems) = failure else {
        eprintln!("error: {failure}");
        return;
    };
    let terminal = std::io::stderr().is_terminal();
    let theme =
        if terminal { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    for problem in &problems.0 {
        let mut text = String::new();
        match handler.render_report(&mut text, problem) {
            Ok(()) => eprintln!("{text}"),
            Err(_) => eprintln!("error: {problem}"),
        }
    }
    let (count, s) = (problems.0.len(), if problems.0.len() == 1 { "" } else { "s" });
    eprintln!("{count} mistake{s} in the spec; nothing was run");
}

/// A count with thin groups: `1_234_567`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
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
