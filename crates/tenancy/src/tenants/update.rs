//! Name and domains of a tenant.

use diesel_async::AsyncConnection as _;
use ouvira_common::{
    db::DbError,
    id::TenantId,
    ports::Changes,
    problem::{FieldCode, FieldError, FieldErrors},
};
use serde_json::json;

use super::{Tenants, new::parse_name, store};
use crate::{
    PlatformContext,
    catalog::store::{LogEntry, log},
    error::TenancyError,
    model::TenantRecord,
};

/// Custom domains of one tenant at most.
const DOMAINS_MAX: usize = 20;

/// What may be changed; `None` stays as it is. The slug stays: it is in people's bookmarks and programs.
#[derive(Debug, Clone, Default)]
pub struct TenantChanges {
    /// The name people read, at most 200 characters.
    pub name: Option<String>,
    /// All custom domains, at most 20; in ASCII (RFC 5890 A-labels), in either case.
    pub domains: Option<Vec<String>>,
}

impl Tenants {
    /// Changes a tenant that is still at version `expected`, when that is given. Errors: fields,
    /// [`TenancyError::DomainTaken`], [`TenancyError::VersionMismatch`], [`TenancyError::NotFound`].
    pub async fn update(
        &self,
        ctx: &PlatformContext,
        id: TenantId,
        changes: TenantChanges,
        expected: Option<i64>,
    ) -> Result<TenantRecord, TenancyError> {
        let mut errors = FieldErrors::default();
        let name = changes.name.and_then(|name| errors.check(parse_name(&name)));
        let domains = changes.domains.and_then(|domains| parse_domains(&domains, &mut errors));
        errors.into_result(Some(()))?;

        let before = self.find(id).await?;
        let version = expected.unwrap_or(before.version);
        let after = TenantRecord {
            name: name.unwrap_or_else(|| before.name.clone()),
            domains: domains.unwrap_or_else(|| before.domains.clone()),
            updated_at: ctx.now,
            version: version + 1,
            ..before.clone()
        };
        if (&after.name, &after.domains) == (&before.name, &before.domains) && version == before.version {
            return Ok(before);
        }
        self.deps
            .catalog
            .connection()
            .await?
            .transaction(async |conn| {
                if !store::update(conn, &after, version).await? {
                    return Err(TenancyError::VersionMismatch);
                }
                if after.domains != before.domains {
                    store::put_domains(conn, &after)
                        .await
                        .map_err(|error| domain_taken(error, &after.domains))?;
                }
                let details = json!({"name": after.name, "domains": after.domains});
                log(conn, ctx, LogEntry::of_tenant("tenant.updated", id, details)).await?;
                Ok(())
            })
            .await?;
        let changes = Changes::new().public("name", Some(&before.name), Some(&after.name)).public(
            "domains",
            Some(&before.domains),
            Some(&after.domains),
        );
        self.tell(ctx, &after, "tenant.updated", changes).await?;
        Ok(after)
    }
}

/// Which of several was taken, the database does not say in a form worth parsing.
fn domain_taken(error: DbError, domains: &[String]) -> TenancyError {
    if error.violates_unique("tenant_domains_pkey") {
        TenancyError::DomainTaken(domains.join(", "))
    } else {
        error.into()
    }
}

fn parse_domains(texts: &[String], errors: &mut FieldErrors) -> Option<Vec<String>> {
    if texts.len() > DOMAINS_MAX {
        errors.push(FieldError::new("/domains", FieldCode::TooMany).with("max", 20));
        return None;
    }
    let parsed: Vec<Option<String>> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| errors.check(parse_domain(&format!("/domains/{index}"), text)))
        .collect();
    let mut domains = parsed.into_iter().collect::<Option<Vec<String>>>()?;
    domains.sort_unstable();
    domains.dedup();
    Some(domains)
}

/// A host name as it stands in a request: labels of RFC 1123 §2.1, at least two, in lower case, without the last dot.
fn parse_domain(pointer: &str, text: &str) -> Result<String, FieldError> {
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // An address is no domain: the last label has a letter.
    let named = domain.rsplit('.').next().is_some_and(|last| last.bytes().any(|c| c.is_ascii_alphabetic()));
    if domain.len() <= 253 && domain.contains('.') && named && domain.split('.').all(label_fits) {
        Ok(domain)
    } else {
        Err(FieldError::new(pointer, FieldCode::InvalidFormat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_host_names() {
        assert_eq!(parse_domain("/", "App.Example.COM."), Ok("app.example.com".to_owned()));
        assert_eq!(parse_domain("/", "xn--mller-kva.de"), Ok("xn--mller-kva.de".to_owned()));
        for text in
            ["", ".", "localhost", "a..b", "-a.com", "a-.com", "müller.de", "10.0.0.1", "a b.com", "a.com:80"]
        {
            assert!(parse_domain("/", text).is_err(), "{text}");
        }
    }
}
