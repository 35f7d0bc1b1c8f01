//! Listing and searching users.

use ouvira_common::{
    context::RequestContext,
    id::UserId,
    page::{Page, PageRequest},
    permission::Scope,
    ports::{Activity, Changes},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Users, error::UserError, model::User, permission, search, store};

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// By creation, the latest first.
    #[default]
    Newest,
    /// By creation.
    Oldest,
    /// By folded e-mail address; those without one first.
    Email,
}

/// What is asked of the list of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUsers {
    /// Words of which each must begin a word of the user's names, e-mail address or phone number; four of them count.
    pub search: Option<String>,
    /// Only those who may sign in, or only those who may not.
    pub active: Option<bool>,
    /// In which order.
    pub sort: Sort,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct After {
    pub(crate) id: UserId,
    /// Folded; only in a list by address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) email: String,
}

impl Users {
    /// A page of the tenant's users. Needs `user.read`. Having read others' addresses is logged (L0).
    pub async fn list(
        &self,
        ctx: &RequestContext,
        list: ListUsers,
        page: &PageRequest,
    ) -> Result<Page<User>, UserError> {
        let after: Option<After> = page.position()?;
        let words = list.search.as_deref().map(search::prefixes).unwrap_or_default();
        let filter = store::Filter { active: list.active, words };
        self.db
            .write(ctx, async |tx| {
                self.rights.require(tx, &permission::READ, Scope::Tenant).await?;
                let users = store::list(tx, &filter, list.sort, after.as_ref(), page.limit.probe()).await?;
                let mut found = Page::from_rows(users, page.limit, |user| position(user, list.sort));
                if page.count {
                    found.total = Some(store::count(tx, &filter).await?);
                }
                // What was searched for is as personal as what was found.
                let changes = Changes::new().personal("search", None, list.search.as_ref()).public(
                    "is_active",
                    None,
                    list.active,
                );
                self.audit.record(tx, Activity::new("user.listed", "user", Uuid::nil()).changes(changes));
                Ok(found)
            })
            .await
    }
}

fn position(user: &User, sort: Sort) -> After {
    let email = if sort == Sort::Email { store::folded_email(user) } else { String::new() };
    After { id: user.id, email }
}
