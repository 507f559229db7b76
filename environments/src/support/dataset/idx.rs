//! IDX, the format of MNIST: arrays of bytes, images in one file and labels in another.

use regret_engine::registry::ParameterError;

use super::{Column, Values, at};

/// An array's first dimension, the product of the others, and its bytes.
fn array<'a>(
    parameter: &str,
    (path, bytes): (&str, &'a [u8]),
) -> Result<(usize, usize, &'a [u8]), ParameterError> {
    let fault = |what: &str| at(parameter, format!("{path}: {what}"));
    let Some(&[0, 0, kind, dimensions]) = bytes.first_chunk() else {
        return Err(fault("an IDX file begins with two zero bytes"));
    };
    if kind != 8 {
        return Err(fault("only arrays of unsigned bytes (type 8) are read"));
    }
    let sizes = bytes[4..].chunks_exact(4).take(usize::from(dimensions));
    let sizes: Vec<usize> =
        sizes.map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize).collect();
    let start = 4 + 4 * usize::from(dimensions);
    let each = sizes.iter().skip(1).try_fold(1usize, |product, &size| product.checked_mul(size));
    let (Some(&count), Some(each)) = (sizes.first(), each) else {
        return Err(fault("the dimensions are cut off or too large"));
    };
    let values = bytes.get(start..).unwrap_or_default();
    if sizes.len() != usize::from(dimensions) || Some(values.len()) != count.checked_mul(each) {
        let (found, wanted) = (values.len(), count.saturating_mul(each));
        return Err(fault(&format!("{found} bytes of values, but the dimensions say {wanted}")));
    }
    Ok((count, each, values))
}

pub(super) fn columns(
    images: (&str, &[u8]),
    labels: (&str, &[u8]),
) -> Result<Vec<Column>, ParameterError> {
    let (rows, width, pixels) = array("path", images)?;
    let (count, each, classes) = array("labels", labels)?;
    if each != 1 || count != rows {
        let message = format!("{}: {count} labels of {each} bytes, but {rows} rows", labels.0);
        return Err(at("labels", message));
    }
    let numbers = |values: &mut dyn Iterator<Item = &u8>| {
        Values::Numeric(values.map(|&byte| f64::from(byte)).collect())
    };
    let mut columns: Vec<Column> = (0..width)
        .map(|pixel| Column {
            name: pixel.to_string(),
            values: numbers(&mut pixels.iter().skip(pixel).step_by(width.max(1))),
        })
        .collect();
    columns.push(Column { name: "label".to_owned(), values: numbers(&mut classes.iter()) });
    Ok(columns)
}
