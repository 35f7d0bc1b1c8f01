//! The settings of a company.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use iso_currency::Currency;
use ouvira_common::{id::CompanyId, locale::Locale, settings::TenantSettings, time::Timestamp};
use url::Url;

/// The settings of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySettings {
    /// Whose.
    pub company: CompanyId,
    /// Language; by default the tenant's.
    pub locale: Locale,
    /// IANA time zone; by default the tenant's.
    pub timezone: Tz,
    /// ISO 4217 currency; by default the euro.
    pub currency: Currency,
    /// Whether its people need a second factor here; by default not.
    pub require_two_factor: bool,
    /// Feature flags: what is not named is off.
    pub features: BTreeMap<String, bool>,
    /// Where its logo is, an https address.
    pub logo_url: Option<Url>,
    /// Raised by each change.
    pub version: i64,
    /// When they were last changed; when the company was founded if never.
    pub updated_at: Timestamp,
}

impl CompanySettings {
    /// The settings of a company, founded at `founded`, that has decided nothing.
    pub(crate) fn default_of(company: CompanyId, tenant: &TenantSettings, founded: Timestamp) -> Self {
        Self {
            company,
            locale: tenant.locale,
            timezone: default_timezone(tenant),
            currency: Currency::EUR,
            require_two_factor: false,
            features: BTreeMap::new(),
            logo_url: None,
            version: 1,
            updated_at: founded,
        }
    }
}

/// The tenant's time zone.
fn default_timezone(tenant: &TenantSettings) -> Tz {
    tenant.timezone.parse().unwrap_or(Tz::UTC)
}
