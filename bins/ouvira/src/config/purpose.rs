//! What a configuration is read for: each command needs its own part of it.

use super::{Config, Mistakes, Mode};

/// What the process is going to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `serve`: answers requests; in local mode it does the worker's part too.
    Serve,
    /// `worker`: sends, provisions, cleans.
    Worker,
    /// `migrate`, `rls`: changes the database's structure.
    Migrate,
    /// `tenant …`, `operator …`, `keys …`: acts in the catalog and makes placements.
    Administer,
    /// `config print`, `openapi`: looks, and connects to nothing.
    Look,
}

impl Purpose {
    /// Whether the process does what the worker does.
    fn works(self, mode: Mode) -> bool {
        self == Self::Worker || (self == Self::Serve && mode == Mode::Local)
    }

    /// Names the connection strings that are missing. In local mode a private database stands in for all of them together.
    pub(super) fn check(self, config: &Config, mistakes: &mut Mistakes) {
        let Config { mode, database, .. } = config;
        if *mode == Mode::Local && database.is_unnamed() {
            return;
        }
        let works = self.works(*mode);
        let administers = self == Self::Administer;
        let needs = [
            ("DATABASE_URL", "ouvira_app", &database.app, works || administers || self == Self::Serve),
            (
                "DATABASE_CONTROL_URL",
                "ouvira_control",
                &database.control,
                works || administers || self == Self::Serve,
            ),
            ("DATABASE_WORKER_URL", "ouvira_worker", &database.worker, works),
            (
                "DATABASE_OWNER_URL",
                "ouvira_owner",
                &database.owner,
                works || administers || self == Self::Migrate,
            ),
        ];
        let alone = if database.is_unnamed() {
            ""
        } else {
            "; a private database is started only when none is named"
        };
        for (name, role, given, needed) in needs {
            if needed && given.is_none() {
                mistakes.add(name, format!("is missing: a connection string of the role {role}{alone}"));
            }
        }
    }
}
