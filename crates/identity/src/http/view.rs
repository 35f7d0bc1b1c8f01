//! Users on the wire.

use std::collections::BTreeMap;

use apistos::ApiComponent;
use ouvira_common::{
    http::{Patch, UserView, WireBody},
    id::RoleId,
    locale::Locale,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    create::NewUser,
    edit::{Edit, ProfileEdit, UserEdit},
    import::{ImportedLine, LineError, LineOutcome},
    list::{ListUsers, Sort},
    model::User,
};

/// A user as it is answered everywhere.
pub fn view(user: &User) -> UserView {
    UserView::from(&user.to_person())
}

/// A profile in place of the present one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct ReplaceProfile {
    /// First name, at most 100 characters; empty unless given.
    first_name: Option<String>,
    /// Last name, at most 100 characters; empty unless given.
    last_name: Option<String>,
    /// Language; the tenant's unless given.
    locale: Option<Locale>,
    /// IANA time zone; the tenant's unless given.
    timezone: Option<String>,
}

impl WireBody for ReplaceProfile {
    const READ_ONLY: &'static [&'static str] = READ_ONLY_IN_PROFILE;
}

impl From<ReplaceProfile> for ProfileEdit {
    fn from(body: ReplaceProfile) -> Self {
        Self {
            first_name: body.first_name.into(),
            last_name: body.last_name.into(),
            locale: body.locale.into(),
            timezone: body.timezone.into(),
        }
    }
}

/// Changes of a profile; null gives a member its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct ProfilePatch {
    /// First name, at most 100 characters.
    first_name: Patch<String>,
    /// Last name, at most 100 characters.
    last_name: Patch<String>,
    /// Language.
    locale: Patch<Locale>,
    /// IANA time zone.
    timezone: Patch<String>,
}

impl WireBody for ProfilePatch {
    const READ_ONLY: &'static [&'static str] = READ_ONLY_IN_PROFILE;
}

impl From<ProfilePatch> for ProfileEdit {
    fn from(body: ProfilePatch) -> Self {
        Self {
            first_name: body.first_name.into(),
            last_name: body.last_name.into(),
            locale: body.locale.into(),
            timezone: body.timezone.into(),
        }
    }
}

/// Addresses change by being verified, the rest through others or by itself.
const READ_ONLY_IN_PROFILE: &[&str] = &[
    "id",
    "email",
    "email_verified",
    "phone",
    "phone_verified",
    "is_active",
    "two_factor_enabled",
    "last_login_at",
    "created_at",
    "updated_at",
    "version",
];

/// Changes of a user; null gives a member its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct UserPatch {
    /// E-mail address; only of somebody who has not verified any address.
    email: Patch<String>,
    /// Phone number, E.164; only of somebody who has not verified any address.
    phone: Patch<String>,
    /// First name, at most 100 characters.
    first_name: Patch<String>,
    /// Last name, at most 100 characters.
    last_name: Patch<String>,
    /// Language.
    locale: Patch<Locale>,
    /// IANA time zone.
    timezone: Patch<String>,
    /// Whether they may sign in; false ends their sessions.
    is_active: Patch<bool>,
}

impl WireBody for UserPatch {
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "email_verified",
        "phone_verified",
        "two_factor_enabled",
        "last_login_at",
        "created_at",
        "updated_at",
        "version",
    ];
}

impl From<UserPatch> for UserEdit {
    fn from(body: UserPatch) -> Self {
        let profile = ProfileEdit {
            first_name: body.first_name.into(),
            last_name: body.last_name.into(),
            locale: body.locale.into(),
            timezone: body.timezone.into(),
        };
        Self { profile, email: body.email.into(), phone: body.phone.into(), active: body.is_active.into() }
    }
}

impl<T> From<Patch<T>> for Edit<T> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Absent => Self::Keep,
            Patch::Null => Self::Reset,
            Patch::Value(value) => Self::To(value),
        }
    }
}

/// A new user.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub struct CreateUser {
    /// E-mail address; a link to set a password is mailed there.
    email: String,
    /// Phone number, E.164.
    phone: Option<String>,
    /// First name, at most 100 characters.
    first_name: Option<String>,
    /// Last name, at most 100 characters.
    last_name: Option<String>,
    /// Language; the tenant's unless given.
    locale: Option<Locale>,
    /// Roles to hold tenant-wide, at most 20; giving them needs `role.grant` and what they hold.
    #[serde(default)]
    role_ids: Option<Vec<RoleId>>,
}

impl WireBody for CreateUser {
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "email_verified",
        "phone_verified",
        "two_factor_enabled",
        "last_login_at",
        "created_at",
        "updated_at",
        "version",
    ];
}

impl From<CreateUser> for NewUser {
    fn from(body: CreateUser) -> Self {
        Self {
            email: body.email,
            phone: body.phone,
            first_name: body.first_name,
            last_name: body.last_name,
            locale: body.locale,
            role_ids: body.role_ids.unwrap_or_default(),
        }
    }
}

/// What a list of users is narrowed to, and its order.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct UserFilters {
    /// Words of which each begins a word of the names, the e-mail address or the phone number.
    search: Option<String>,
    /// Only those who may sign in, or only those who may not.
    is_active: Option<bool>,
    /// The order; `-created_at` unless given.
    sort: Option<UserSort>,
}

/// The order of a list of users.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub(crate) enum UserSort {
    /// By creation.
    #[serde(rename = "created_at")]
    Oldest,
    /// By creation, the latest first.
    #[serde(rename = "-created_at")]
    Newest,
    /// By e-mail address.
    #[serde(rename = "email")]
    Email,
}

impl From<UserFilters> for ListUsers {
    fn from(filters: UserFilters) -> Self {
        let sort = filters.sort.map_or_else(Sort::default, |sort| match sort {
            UserSort::Oldest => Sort::Oldest,
            UserSort::Newest => Sort::Newest,
            UserSort::Email => Sort::Email,
        });
        Self { search: filters.search, active: filters.is_active, sort }
    }
}

/// How users are imported.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ImportOptions {
    /// Whether only to tell what would come of it.
    dry_run: Option<bool>,
}

impl ImportOptions {
    pub(super) fn dry_run(&self) -> bool {
        self.dry_run.unwrap_or(false)
    }
}

/// How an import went.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportReport")]
pub(super) struct ImportReportView {
    /// Users that began.
    created: usize,
    /// Users that were there already, and are now as their line says.
    updated: usize,
    /// Lines of which nothing came.
    failed: usize,
    /// The lines, in order; the header and empty ones left out.
    lines: Vec<LineView>,
}

/// How one line went.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportedLine")]
pub(super) struct LineView {
    /// Where in the file it begins; the first line is 1.
    line: u32,
    /// What came of it.
    status: LineStatus,
    /// Why nothing came of it.
    errors: Vec<LineErrorView>,
}

/// What came of a line.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineStatus {
    /// A user began.
    Created,
    /// A user that was there already is now as it says.
    Updated,
    /// Nothing.
    Failed,
}

/// Why nothing came of a line.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ImportedLineError")]
pub(super) struct LineErrorView {
    /// JSON Pointer (RFC 6901) to the field; empty for the line as a whole.
    pointer: String,
    /// The stable name of what is wrong; never translated. More may come.
    code: &'static str,
    /// The same in the caller's language.
    message: String,
    /// The values in the message, such as `max`.
    params: BTreeMap<&'static str, i64>,
}

impl LineView {
    pub(super) fn of(line: &ImportedLine, locale: Locale) -> Self {
        let view = |error: &LineError| LineErrorView {
            pointer: error.pointer().to_owned(),
            code: error.code(),
            message: error.message(locale).into_owned(),
            params: error.params().iter().copied().collect(),
        };
        let (status, errors) = match &line.outcome {
            LineOutcome::Created => (LineStatus::Created, Vec::new()),
            LineOutcome::Updated => (LineStatus::Updated, Vec::new()),
            LineOutcome::Failed(errors) => (LineStatus::Failed, errors.iter().map(view).collect()),
        };
        Self { line: line.line, status, errors }
    }
}
