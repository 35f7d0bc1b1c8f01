//! Settings as the tenant's database has them.

use ouvira_common::{settings::TenantSettings, time::Timestamp};
use serde_json::{Value, json};

/// The settings of a tenant as they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSettings {
    /// The settings.
    pub settings: TenantSettings,
    /// Raised by each change.
    pub version: i64,
    /// When they were last changed; when the tenant was made if never.
    pub updated_at: Timestamp,
}

/// Settings as they are stored. What a later version wrote and this one cannot read has its default here; the others keep
/// their values.
pub(crate) fn parse_stored(stored: Value) -> TenantSettings {
    if let Ok(settings) = serde_json::from_value(stored.clone()) {
        return settings;
    }
    let Value::Object(members) = stored else { return TenantSettings::default() };
    let alone = |name: &str, value: &Value| json!({ name: value });
    let readable = members
        .into_iter()
        .filter(|(name, value)| serde_json::from_value::<TenantSettings>(alone(name, value)).is_ok())
        .collect();
    serde_json::from_value(Value::Object(readable)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_has_its_default_and_the_rest_its_value() {
        let stored =
            json!({"signup": "by_pigeon", "password_min_length": 12, "timezone": "Europe/Paris", "later": 1});
        let settings = parse_stored(stored);
        assert_eq!(settings.password_min_length, 12);
        assert_eq!(settings.timezone, "Europe/Paris");
        assert_eq!(settings.signup, TenantSettings::default().signup);
        assert_eq!(parse_stored(json!({})), TenantSettings::default());
        assert_eq!(parse_stored(json!([])), TenantSettings::default());
    }
}
