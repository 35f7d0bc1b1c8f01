//! One thing that was found.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::Curve;
use crate::measure::Comparison;

/// A ratio or a figure, with its aim if it has one, or figures to be drawn.
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
        /// What it should be.
        aim: Option<Aim>,
    },
    /// For the plot alone.
    Curve(Curve),
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aim {
    /// No less.
    AtLeast(f64),
    /// No more.
    AtMost(f64),
    /// No less and no more.
    Between(f64, f64),
}

impl Aim {
    fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::Between(least, most) => (least..=most).contains(&value),
        }
    }

    /// The least and the most, where there is one.
    fn bounds(self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::AtLeast(least) => (Some(least), None),
            Self::AtMost(most) => (None, Some(most)),
            Self::Between(least, most) => (Some(least), Some(most)),
        }
    }
}

impl Finding {
    /// Throughput compared, to be no less than `at_least` of the bare handler's.
    pub(crate) fn ratio(name: &str, comparison: Comparison, at_least: f64) -> Self {
        Self::Ratio { name: name.to_owned(), comparison, at_least }
    }

    /// A figure without an aim.
    pub(crate) fn figure(name: &str, value: f64, unit: &'static str) -> Self {
        Self::Figure { name: name.to_owned(), value, unit, aim: None }
    }

    /// A figure with an aim.
    pub(crate) fn with(self, aim: Aim) -> Self {
        match self {
            Self::Figure { name, value, unit, .. } => Self::Figure { name, value, unit, aim: Some(aim) },
            other => other,
        }
    }

    /// What is to be drawn.
    pub(super) fn as_curve(&self) -> Option<&Curve> {
        match self {
            Self::Curve(curve) => Some(curve),
            _ => None,
        }
    }

    /// Whether the aim was met; `None` without an aim.
    pub(crate) fn is_met(&self) -> Option<bool> {
        match self {
            Self::Ratio { comparison, at_least, .. } => Some(comparison.ratio() >= *at_least),
            Self::Figure { value, aim, .. } => aim.map(|aim| aim.is_met_by(*value)),
            Self::Curve(_) => None,
        }
    }
}

/// With what follows from it, so that nobody has to compute it again.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ratio { name, comparison, at_least } => {
                let mut fields = serializer.serialize_struct("Ratio", 6)?;
                fields.serialize_field("name", name)?;
                fields.serialize_field("ratio", &comparison.ratio())?;
                fields.serialize_field("at_least", at_least)?;
                fields.serialize_field("met", &self.is_met())?;
                fields.serialize_field("pairs", &comparison.pairs)?;
                fields.serialize_field("steady", &comparison.steady)?;
                fields.end()
            }
            Self::Figure { name, value, unit, aim } => {
                let bounds = aim.map(Aim::bounds);
                let mut fields = serializer.serialize_struct("Figure", 6)?;
                fields.serialize_field("name", name)?;
                fields.serialize_field("value", value)?;
                fields.serialize_field("unit", unit)?;
                fields.serialize_field("at_least", &bounds.and_then(|(least, _)| least))?;
                fields.serialize_field("at_most", &bounds.and_then(|(_, most)| most))?;
                fields.serialize_field("met", &self.is_met())?;
                fields.end()
            }
            Self::Curve(curve) => curve.serialize(serializer),
        }
    }
}
