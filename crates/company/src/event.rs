//! The events this domain publishes.

use ouvira_common::{id::CompanyId, outbox::OutboxEvent};
use serde::{Deserialize, Serialize};

macro_rules! event {
    ($(#[$doc:meta])* $name:ident = $topic:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Which company.
            pub company_id: CompanyId,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl OutboxEvent for $name {
            const TOPIC: &'static str = $topic;
        }
    };
}

event!(
    /// A company was founded.
    CompanyCreated = "company.created.v1" {
        /// Below which other one.
        parent_id: Option<CompanyId>,
        /// Its name.
        name: String,
    }
);
event!(
    /// A company's particulars were changed.
    CompanyUpdated = "company.updated.v1" {
        /// Its version from now on.
        version: i64,
    }
);
event!(
    /// A company stands at another place in the tree.
    CompanyMoved = "company.moved.v1" {
        /// Below which other one; a root when none.
        parent_id: Option<CompanyId>,
    }
);
event!(
    /// A company was deleted; it can be restored for a while.
    CompanyDeleted = "company.deleted.v1" {}
);
event!(
    /// A deleted company is back.
    CompanyRestored = "company.restored.v1" {}
);
event!(
    /// A company's settings were changed.
    CompanySettingsChanged = "company.settings_changed.v1" {
        /// Their version from now on.
        version: i64,
    }
);
