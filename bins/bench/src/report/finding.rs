//! One thing that was found.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::measure::Comparison;

/// A ratio or a figure, with its aim if it has one.
#[derive(Debug)]
pub(crate) enum Finding {
    /// The service against its bare handler.
    Ratio {
        /// Of what.
        name: String,
        /// All runs.
        comparison: Comparison,
        /// The ratio should be no less.
        at_least: f64,
    },
    /// A figure by itself.
    Figure {
        /// Of what.
        name: String,
        /// How much.
        value: f64,
        /// Of which unit.
        unit: &'static str,
        /// It should be no more.
        at_most: Option<f64>,
    },
}

impl Finding {
    /// Throughput compared, to be no less than `at_least` of the bare handler's.
    pub(crate) fn ratio(name: &str, comparison: Comparison, at_least: f64) -> Self {
        Self::Ratio { name: name.to_owned(), comparison, at_least }
    }

    /// A figure without an aim.
    pub(crate) fn figure(name: &str, value: f64, unit: &'static str) -> Self {
        Self::Figure { name: name.to_owned(), value, unit, at_most: None }
    }

    /// A figure that should be no more than `limit`.
    pub(crate) fn at_most(self, limit: f64) -> Self {
        match self {
            Self::Figure { name, value, unit, .. } => {
                Self::Figure { name, value, unit, at_most: Some(limit) }
            }
            ratio @ Self::Ratio { .. } => ratio,
        }
    }

    /// Whether the aim was met; `None` without an aim.
    pub(crate) fn is_met(&self) -> Option<bool> {
        match self {
            Self::Ratio { comparison, at_least, .. } => Some(comparison.ratio() >= *at_least),
            Self::Figure { value, at_most, .. } => at_most.map(|limit| *value <= limit),
        }
    }
}

/// With what follows from it, so that nobody has to compute it again.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ratio { name, comparison, at_least } => {
                let mut fields = serializer.serialize_struct("Ratio", 5)?;
                fields.serialize_field("name", name)?;
                fields.serialize_field("ratio", &comparison.ratio())?;
                fields.serialize_field("at_least", at_least)?;
                fields.serialize_field("met", &self.is_met())?;
                fields.serialize_field("pairs", &comparison.pairs)?;
                fields.end()
            }
            Self::Figure { name, value, unit, at_most } => {
                let mut fields = serializer.serialize_struct("Figure", 5)?;
                fields.serialize_field("name", name)?;
                fields.serialize_field("value", value)?;
                fields.serialize_field("unit", unit)?;
                fields.serialize_field("at_most", at_most)?;
                fields.serialize_field("met", &self.is_met())?;
                fields.end()
            }
        }
    }
}
