//! TensorBoard event files: one run for each cell, with the mean of every quantity over replications,
//! the ends of its pointwise 95 % interval and the median, by round.
//!
//! An event file is a sequence of records (length, checksum, bytes, checksum) whose bytes are
//! Protocol Buffers messages `Event`; the checksums are CRC-32C, masked. Source: TensorFlow,
//! `lib/io/record_writer.h`, `util/event.proto` and `framework/summary.proto`. Only four fields are
//! written, which is done by hand. Times are 0, so that the same numbers give the same bytes, and
//! values have single precision, as the format wants.

use std::path::{Path, PathBuf};

use regret_engine::record::Record;

use super::{Named, Sink};
use crate::files::{create_folder, write_atomically};
use crate::statistics::Curve;
use crate::store::StoreError;

/// The name of every event file: its folder is the run.
const NAME: &str = "events.out.tfevents.0.regretlab";

/// Event files of a run.
pub(super) struct Events {
    out: PathBuf,
    files: Vec<PathBuf>,
}

impl Events {
    pub(super) fn create(out: &Path) -> Self {
        Self { out: out.to_owned(), files: Vec::new() }
    }
}

impl Sink for Events {
    fn enter(&mut self, cell: &Named<'_>, record: &Record) -> Result<(), StoreError> {
        let [environment, learner] = cell.slugs;
        let folder = self.out.join(environment).join(learner);
        create_folder(&folder).map_err(StoreError::io(&folder))?;
        let path = folder.join(NAME);
        let events = events(record)
            .map_err(|problem| StoreError::Foreign { path: path.clone(), problem })?;
        write_atomically(&path, &events).map_err(StoreError::io(&path))?;
        self.files.push(path);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, StoreError> {
        Ok(self.files)
    }
}

/// The bytes of the event file of a cell.
fn events(record: &Record) -> Result<Vec<u8>, String> {
    let mut curves = Vec::new();
    for series in &record.series {
        let curve = Curve::of(series, &record.checkpoints, record.replication_count());
        let curve = curve.map_err(|error| error.to_string())?;
        let tag = match series.component {
            None => series.notion.key.to_owned(),
            Some(component) => format!("{}_{component}", series.notion.key),
        };
        curves.push((tag, curve));
    }
    let mut file = Vec::new();
    framed(&mut file, &field(3, b"brain.Event:2"));
    for &t in &record.checkpoints {
        let mut summary = Vec::new();
        for (tag, curve) in &curves {
            let Ok(place) = curve.checkpoints.binary_search(&t) else { continue };
            let point = &curve.points[place];
            let figures = [
                ("mean", Some(point.mean)),
                ("low", point.low),
                ("high", point.high),
                ("median", Some(point.median)),
            ];
            for (figure, value) in figures {
                if let Some(value) = value {
                    summary.extend(field(1, &scalar(&format!("{tag}/{figure}"), value)));
                }
            }
        }
        // Field 2, the step, is a variable-length integer.
        let mut event = vec![2 << 3];
        event.extend(varint(t));
        event.extend(field(5, &summary));
        framed(&mut file, &event);
    }
    Ok(file)
}

/// `Summary.Value`: a tag and a number of single precision.
fn scalar(tag: &str, value: f64) -> Vec<u8> {
    let mut bytes = field(1, tag.as_bytes());
    bytes.push(2 << 3 | 5);
    bytes.extend((value as f32).to_le_bytes());
    bytes
}

/// A field of bytes: its number with wire type 2, length, bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    bytes.extend(varint(content.len() as u64));
    bytes.extend(content);
    bytes
}

/// Seven bits a byte, the least first.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Adds a record.
fn framed(file: &mut Vec<u8>, record: &[u8]) {
    let length = (record.len() as u64).to_le_bytes();
    file.extend(length);
    file.extend(masked(&length).to_le_bytes());
    file.extend(record);
    file.extend(masked(record).to_le_bytes());
}

/// The checksum, masked so that checksums of checksums do no harm.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_and_lengths_are_those_of_the_format() {
        // RFC 3720, B.4: 32 bytes of zeros have the checksum 8a9136aa.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(masked(&[0; 32]), 0x8a91_36aa_u32.rotate_right(15).wrapping_add(0xa282_ead8));
        assert_eq!(varint(300), [0xac, 0x02]);
        assert_eq!(varint(127), [127]);
        // The first record of every event file that TensorFlow writes, but for its time: 24 bytes
        // there, 9 of them the time.
        let mut file = Vec::new();
        framed(&mut file, &field(3, b"brain.Event:2"));
        assert_eq!(&file[..8], [15, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(&file[12..14], [0x1a, 13]);
        assert_eq!(scalar("a", 0.5), [0x0a, 1, b'a', 0x15, 0, 0, 0, 0x3f]);
    }
}
