//! What a plain scalar means: YAML's core schema, with `1_000_000`, and `1e6` as a whole number.

use serde_json::{Number, Value};

/// Why a scalar has no meaning here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFinite;

/// The value of a scalar written without quotes.
///
/// # Errors
/// Infinities and NaN (`.inf`, `.nan`, `1e999`), which no parameter can be.
pub fn resolve(text: &str) -> Result<Value, NotFinite> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let lower = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return Err(NotFinite);
    }
    let Some(digits) = without_separators(text) else {
        return Ok(Value::String(text.to_owned()));
    };
    integer(&digits).map_or_else(|| float(&digits, text), |value| Ok(Value::Number(value)))
}

/// The text without `_` between digits; `None` if it does not look like a number.
fn without_separators(text: &str) -> Option<String> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let first = body.bytes().next()?;
    let second = body.as_bytes().get(1).copied();
    let begins = first.is_ascii_digit() || (first == b'.' && second.is_some_and(is_digit));
    let bytes = text.as_bytes();
    let separated = (0..bytes.len()).filter(|&i| bytes[i] == b'_').all(|i| {
        i > 0 && is_digit(bytes[i - 1]) && bytes.get(i + 1).is_some_and(|&next| is_digit(next))
    });
    (begins && separated).then(|| text.replace('_', ""))
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn integer(digits: &str) -> Option<Number> {
    let unsigned = digits.strip_prefix('+').unwrap_or(digits);
    let prefixed = |prefix, radix| {
        let body: &str = unsigned.strip_prefix(prefix)?;
        u64::from_str_radix(body, radix).ok().filter(|_| !body.starts_with(['+', '-']))
    };
    if let Some(value) = prefixed("0x", 16).or_else(|| prefixed("0o", 8)) {
        return Some(value.into());
    }
    unsigned
        .parse::<u64>()
        .map(Number::from)
        .or_else(|_| unsigned.parse::<i64>().map(Number::from))
        .ok()
}

/// A decimal number; a whole one (`1e6`, `2.0`) becomes an integer, so that it serves both kinds of
/// parameter.
fn float(digits: &str, text: &str) -> Result<Value, NotFinite> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match digits.parse::<f64>() {
        Err(_) => Ok(Value::String(text.to_owned())),
        Ok(value) if !value.is_finite() => Err(NotFinite),
        Ok(value) if value.fract() == 0.0 && value.abs() <= EXACT => Ok((value as i64).into()),
        Ok(value) => Number::from_f64(value).map(Value::Number).ok_or(NotFinite),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (text, value) in [
            ("1_000_000", json!(1_000_000)),
            ("1e6", json!(1_000_000)),
            ("+1.5e3", json!(1500)),
            ("1e-4", json!(0.0001)),
            (".5", json!(0.5)),
            ("-0.25", json!(-0.25)),
            ("-7", json!(-7)),
            ("0x1f", json!(31)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1_0.2_5", json!(10.25)),
            ("1e300", json!(1e300)),
        ] {
            assert_eq!(resolve(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_text() {
        for text in
            ["1__0", "_1", "1_", "12ab", "1.2.3", "-", "+", ".", "infinity", "nan", "0x", "0x+1"]
        {
            assert_eq!(resolve(text), Ok(json!(text)), "{text}");
        }
        assert_eq!(resolve(".inf"), Err(NotFinite));
        assert_eq!(resolve("-.inf"), Err(NotFinite));
        assert_eq!(resolve("1e999"), Err(NotFinite));
        assert_eq!(resolve("~"), Ok(Value::Null));
        assert_eq!(resolve("true"), Ok(json!(true)));
    }
}
