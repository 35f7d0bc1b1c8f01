//! The migrations of the whole product, as the shell puts them together.

use std::{fmt::Write as _, sync::Arc};

use ouvira_common::migration::{CORE, Migration};
use sha2::{Digest as _, Sha256};

#[derive(Debug)]
struct Inner {
    migrations: Vec<Migration>,
    fingerprint: String,
    common: Vec<(&'static str, &'static [Migration])>,
}

/// What a placement is made of: the union of the domains' migrations, in time order, and a name for exactly this union and
/// the gate's tables beside it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct History(Arc<Inner>);

impl History {
    /// The history of these migrations. A version that is there twice is a defect of the shell.
    pub fn new(migrations: impl IntoIterator<Item = Migration>) -> Self {
        let mut migrations: Vec<Migration> = migrations.into_iter().collect();
        migrations.sort_unstable_by_key(|migration| migration.version);
        assert!(
            migrations.windows(2).all(|pair| pair[0].version != pair[1].version),
            "no two migrations have one version"
        );
        let mut hash = Sha256::new();
        for migration in CORE.iter().chain(&migrations) {
            hash.update(migration.version.as_bytes());
            hash.update([0]);
        }
        let fingerprint = hash.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a String takes everything");
            hex
        });
        Self(Arc::new(Inner { migrations, fingerprint, common: Vec::new() }))
    }

    /// The same with a schema of the common database that is no placement: `migrations` make and name it themselves.
    #[must_use]
    pub fn with_common(self, schema: &'static str, migrations: &'static [Migration]) -> Self {
        let Inner { migrations: placed, fingerprint, common } = &*self.0;
        let common = common.iter().copied().chain([(schema, migrations)]).collect();
        Self(Arc::new(Inner { migrations: placed.clone(), fingerprint: fingerprint.clone(), common }))
    }

    /// Schemas of the common database that are no placements, with their migrations.
    pub fn common(&self) -> &[(&'static str, &'static [Migration])] {
        &self.0.common
    }

    /// The migrations, oldest first.
    pub fn migrations(&self) -> &[Migration] {
        &self.0.migrations
    }

    /// Names the set of versions: a domain's migration that arrives late, with an older time than another's, changes it
    /// too, which the newest version would not show.
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn step(version: &'static str) -> Migration {
        Migration { version, up: "", down: "" }
    }

    #[test]
    fn the_fingerprint_names_the_set() {
        let history = History::new([step("2_b"), step("1_a")]);
        assert_eq!(history.migrations()[0].version, "1_a");
        assert_eq!(history.fingerprint(), History::new([step("1_a"), step("2_b")]).fingerprint());
        assert_ne!(history.fingerprint(), History::new([step("1_a")]).fingerprint());
        assert_ne!(history.fingerprint(), History::new([step("1_a2_b")]).fingerprint());
        assert_eq!(history.fingerprint().len(), 32);
    }

    #[test]
    #[should_panic(expected = "no two migrations have one version")]
    fn a_version_is_there_once() {
        History::new([step("1_a"), step("1_a")]);
    }
}
