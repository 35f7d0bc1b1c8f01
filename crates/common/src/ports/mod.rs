//! The seams between crates: declared for the one who needs them, implemented by another domain or by the shell.

mod audit;
mod captcha;
mod identity;
mod keys;
mod messages;
mod operators;
mod rights;
mod sessions;
mod tenants;

pub use audit::{Activity, AuditSink, Change, Changes, Notice, Notifier, ObjectRef, Outcome, SecurityEvent};
pub use captcha::{CaptchaError, CaptchaVerifier};
pub use identity::{NewPerson, Person, UserDirectory, UserDirectoryError};
pub use keys::{KeyError, SigningKey, SigningKeys};
pub use messages::{DeliveryError, Mail, Mailer, Receipt, Sms, SmsFate, SmsSender};
pub use operators::{
    CatalogError, CountedFailure, CountedSubject, FactorProof, GuessCount, Guessed, NewOperatorGrant,
    NewOperatorLogin, NewOperatorSession, OperatorAccount, OperatorAccounts, OperatorEnrolment,
    OperatorFacts, OperatorGrant, OperatorGrantError, OperatorGrants, OperatorLoginTry, OperatorLookup,
    OperatorProof, OperatorSecondFactors, OperatorSession, OperatorSessions, OperatorVerifier, PasswordProof,
    VerifiedOperator,
};
pub use rights::{
    CompanyStanding, CompanyTree, Denied, GrantRefused, LastOwner, Memberships, PermissionChecker,
    PermissionHolders, RoleGrants, Standing, Visible,
};
pub use sessions::{
    CredentialError, Credentials, HashedPassword, IssuedTokens, Sessions, TokenError, TokenVerifier,
    VerifiedToken,
};
pub use tenants::{ResolveError, TenantName, TenantResolver};
