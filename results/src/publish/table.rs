//! `summary.csv`: every number that was recorded, summarised over replications.

use std::fmt::Write;

use regret_engine::record::Series;

use crate::statistics::Curve;
use crate::store::CellMeta;

/// The text of the table.
pub(crate) struct Csv(String);

const HEADER: &str = "cell,protocol,environment,environment_parameters,learner,label,\
                      learner_parameters,seed,horizon,notion,component,t,count,mean,deviation,\
                      standard_error,low,high,median,q05,q95\n";

impl Csv {
    /// The header.
    pub(crate) fn new() -> Self {
        Self(HEADER.to_owned())
    }

    /// One line for each checkpoint of a quantity.
    pub(crate) fn enter(&mut self, meta: &CellMeta, label: &str, series: &Series, curve: &Curve) {
        let parameters = |value: &serde_json::Value| quoted(&value.to_string());
        let cell = [
            meta.id.clone(),
            meta.protocol.clone(),
            meta.environment.name.clone(),
            parameters(&meta.environment.parameters),
            meta.learner.name.clone(),
            quoted(label),
            parameters(&meta.learner.parameters),
            meta.seed.to_string(),
            meta.horizon.to_string(),
            series.notion.key.to_owned(),
            series.component.map(|component| component.to_string()).unwrap_or_default(),
        ]
        .join(",");
        let optional = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
        for (t, s) in curve.checkpoints.iter().zip(&curve.points) {
            // Writing to a string cannot fail.
            let _ = writeln!(
                self.0,
                "{cell},{t},{},{},{},{},{},{},{},{},{}",
                s.count,
                s.mean,
                optional(s.deviation),
                optional(s.standard_error),
                optional(s.low),
                optional(s.high),
                s.median,
                s.q05,
                s.q95
            );
        }
    }

    /// The whole table.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// A field as RFC 4180 wants it.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
