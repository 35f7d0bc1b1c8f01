//! What is asked of a new tenant.

use ouvira_common::{
    problem::{FieldError, FieldErrors},
    secret::Secret,
    tenant::PlacementMode,
    text::{Email, line, required_line},
};

use crate::{error::TenancyError, slug::Slug};

/// Longest name of a tenant, in characters.
pub(super) const NAME_MAX: usize = 200;
/// Longest first or last name, in characters.
const PERSON_NAME_MAX: usize = 100;

/// A tenant to be made, as it was typed.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// The name in `X-Tenant` and in host names; it stays.
    pub slug: String,
    /// The name people read, at most 200 characters.
    pub name: String,
    /// Where its tables will live.
    pub mode: PlacementMode,
    /// Its first user, who owns it; a tenant without one is for those who sign up.
    pub admin: Option<NewAdministrator>,
}

/// The first user of a tenant. The address counts as verified: whoever makes the tenant vouches for it.
#[derive(Debug, Clone)]
pub struct NewAdministrator {
    /// E-mail address.
    pub email: String,
    /// First name, at most 100 characters.
    pub first_name: Option<String>,
    /// Last name, at most 100 characters.
    pub last_name: Option<String>,
    /// Without one they set it by mail.
    pub password: Option<Secret>,
}

/// The same, valid.
pub(super) struct Wanted {
    pub(super) slug: Slug,
    pub(super) name: String,
    pub(super) mode: PlacementMode,
    pub(super) admin: Option<WantedAdministrator>,
}

pub(super) struct WantedAdministrator {
    pub(super) email: Email,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) password: Option<Secret>,
}

impl Wanted {
    pub(super) fn parse(new: NewTenant) -> Result<Self, TenancyError> {
        let mut errors = FieldErrors::default();
        let slug = errors.check(Slug::parse("/slug", &new.slug));
        let name = errors.check(parse_name(&new.name));
        let admin = new.admin.map(|admin| WantedAdministrator::parse(admin, &mut errors));
        let admin = match admin {
            Some(None) => None,
            Some(Some(admin)) => Some(Some(admin)),
            None => Some(None),
        };
        let parsed =
            slug.zip(name).zip(admin).map(|((slug, name), admin)| Self { slug, name, mode: new.mode, admin });
        let wanted = errors.into_result(parsed)?;
        if wanted.slug.is_reserved() { Err(TenancyError::SlugReserved) } else { Ok(wanted) }
    }
}

impl WantedAdministrator {
    fn parse(new: NewAdministrator, errors: &mut FieldErrors) -> Option<Self> {
        let mut person_name = |pointer: &str, text: Option<String>| {
            errors.check(line(pointer, text.as_deref().unwrap_or_default(), PERSON_NAME_MAX))
        };
        let first_name = person_name("/admin/first_name", new.first_name);
        let last_name = person_name("/admin/last_name", new.last_name);
        let email = errors.check(Email::parse("/admin/email", &new.email));
        Some(Self { email: email?, first_name: first_name?, last_name: last_name?, password: new.password })
    }
}

pub(super) fn parse_name(text: &str) -> Result<String, FieldError> {
    required_line("/name", text, NAME_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(slug: &str, name: &str, email: &str) -> NewTenant {
        let admin =
            NewAdministrator { email: email.into(), first_name: None, last_name: None, password: None };
        NewTenant { slug: slug.into(), name: name.into(), mode: PlacementMode::Shared, admin: Some(admin) }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let Err(TenancyError::Fields(FieldErrors(errors))) =
            Wanted::parse(new("No", " ", "nobody")).map(|_| ())
        else {
            panic!("it was taken");
        };
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/slug", "/name", "/admin/email"]);
    }

    #[test]
    fn a_reserved_slug_is_told_apart() {
        assert!(matches!(Wanted::parse(new("www", "W", "a@example.com")), Err(TenancyError::SlugReserved)));
        assert!(Wanted::parse(new("acme", "Acme", "a@example.com")).is_ok());
        let nobody = NewTenant { admin: None, ..new("acme", "Acme", "") };
        assert!(Wanted::parse(nobody).is_ok_and(|wanted| wanted.admin.is_none()));
    }
}
