//! The text of a file that may be a spec.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The text of a file, which is not read further than a spec can be long.
///
/// # Errors
/// What the system says; that the file is too long, or no text.
pub fn read_text(path: &Path) -> Result<String, String> {
    const LONGEST: u64 = 16 << 20;
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err("longer than 16 MiB, which no spec is; tables belong into files of their own \
                    (see `regret describe replay`)"
            .to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("not text: line {line} is no UTF-8")
    })
}
