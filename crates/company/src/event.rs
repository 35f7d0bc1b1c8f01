//! The events this domain publishes. They carry ids, and no personal data.

use ouvira_common::{id::CompanyId, outbox::PublishedEvent, published_event};

/// Those that webhooks may hear of.
pub const EVENTS: &[PublishedEvent] = &[
    CompanyCreated::PUBLISHED,
    CompanyUpdated::PUBLISHED,
    CompanyMoved::PUBLISHED,
    CompanyDeleted::PUBLISHED,
    CompanyRestored::PUBLISHED,
    CompanySettingsChanged::PUBLISHED,
];

published_event!(
    /// A company was founded.
    CompanyCreated = "company.created.v1" {
        /// Which company.
        company_id: CompanyId,
        /// Below which other one.
        parent_id: Option<CompanyId>,
        /// Its name.
        name: String,
    }
);
published_event!(
    /// A company's particulars were changed.
    CompanyUpdated = "company.updated.v1" {
        /// Which company.
        company_id: CompanyId,
        /// Its version from now on.
        version: i64,
    }
);
published_event!(
    /// A company stands at another place in the tree.
    CompanyMoved = "company.moved.v1" {
        /// Which company.
        company_id: CompanyId,
        /// Below which other one; a root when none.
        parent_id: Option<CompanyId>,
    }
);
published_event!(
    /// A company was deleted; it can be restored for a while.
    CompanyDeleted = "company.deleted.v1" {
        /// Which company.
        company_id: CompanyId,
    }
);
published_event!(
    /// A deleted company is back.
    CompanyRestored = "company.restored.v1" {
        /// Which company.
        company_id: CompanyId,
    }
);
published_event!(
    /// A company's settings were changed.
    CompanySettingsChanged = "company.settings_changed.v1" {
        /// Which company.
        company_id: CompanyId,
        /// Their version from now on.
        version: i64,
    }
);
