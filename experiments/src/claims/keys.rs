//! Keys that several kinds of claims have, with their JSON Schemas.

use regret_engine::notion;
use serde_json::json;

use super::{Key, learner};

pub(super) const OF: Key = Key { name: "of", schema: learner, required: true };
pub(super) const NOTION: Key = Key {
    name: "notion",
    schema: || {
        let keys: Vec<&str> = notion::ALL.iter().map(|notion| notion.key).collect();
        json!({"enum": keys, "description": "what was recorded; by default the first regret"})
    },
    required: false,
};
pub(super) const COMPONENT: Key = Key {
    name: "component",
    schema: || json!({"type": "integer", "minimum": 0, "description": "such as the arm of pulls"}),
    required: false,
};
pub(super) const AT: Key = Key {
    name: "at",
    schema: || json!({"type": "integer", "description": "a checkpoint; by default the horizon"}),
    required: false,
};
pub(super) const AT_MOST: Key =
    Key { name: "at_most", schema: || json!({"type": "number"}), required: false };
pub(super) const AT_LEAST: Key =
    Key { name: "at_least", schema: || json!({"type": "number"}), required: false };
pub(super) const BETWEEN: Key = Key {
    name: "between",
    schema: || json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
    required: false,
};
pub(super) const CONFIDENCE: Key = Key {
    name: "confidence",
    schema: || {
        json!({
            "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.95,
            "description": "coverage of the interval that decides",
        })
    },
    required: false,
};
pub(super) const P: Key = Key {
    name: "p",
    schema: || {
        json!({
            "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5, "default": 0.05,
            "description": "the one-sided p-value that decides",
        })
    },
    required: false,
};
