//! What is wrong with a configuration.

use std::fmt;

use serde::Serialize;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The variable to change.
    pub(crate) variable: String,
    /// What is wrong with it; never a secret's value.
    pub(crate) message: String,
}

/// Every mistake of a configuration; an error once there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Adds a mistake, unless the variable has one already: the first one is nearer to the cause.
    pub(crate) fn add(&mut self, variable: &str, message: impl Into<String>) {
        if !self.0.iter().any(|mistake| mistake.variable == variable) {
            self.0.push(Mistake { variable: variable.to_owned(), message: message.into() });
        }
    }

    /// Whether all is well.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The variables to change.
    #[cfg(test)]
    pub(crate) fn variables(&self) -> Vec<&str> {
        self.0.iter().map(|mistake| mistake.variable.as_str()).collect()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration does not allow a start:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {}: {}", mistake.variable, mistake.message))
    }
}

impl std::error::Error for Mistakes {}
