//! The address is verified; the rest of the account follows.

use ouvira_common::{
    context::RequestContext,
    locale::Locale,
    ports::{HashedPassword, NewPerson, Outcome, SecurityEvent, UserDirectoryError},
    problem::{FieldError, FieldErrors},
    secret::Secret,
    text::{Address, Channel, Email, Phone, line},
};
use serde_json::json;

use crate::{
    Auth, AuthError, LoginOutcome,
    model::{OneTimeToken, TokenPurpose},
    password::NewPassword,
    sign_in::Arrival,
    sign_up::require_open,
    store::{credentials, one_time_tokens},
};

/// What somebody new says of themselves.
#[derive(Debug, Clone)]
pub struct FinalizeSignUp {
    /// From [`Auth::verify_code`].
    pub signup_token: Secret,
    /// The verified address again, or a second one.
    pub email: Option<String>,
    /// The verified number again, or a second one.
    pub phone: Option<String>,
    /// The password they will sign in with.
    pub password: Secret,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Their language; the tenant's when `None`.
    pub locale: Option<Locale>,
}

/// Letters of a first or last name.
const NAME_LENGTH: usize = 100;

struct Profile {
    email: Option<Email>,
    phone: Option<Phone>,
    password: NewPassword,
    first_name: String,
    last_name: String,
}

impl Auth {
    /// Makes the account and signs it in. A second address is taken as a claim, whoever else has it. Fails when the tenant
    /// closed its doors meanwhile, and when the address got an account since it was verified: then the token is void.
    pub async fn finalize_sign_up(
        &self,
        ctx: &RequestContext,
        request: FinalizeSignUp,
    ) -> Result<LoginOutcome, AuthError> {
        require_open(ctx)?;
        let token = OneTimeToken::parse(&request.signup_token, TokenPurpose::Signup, &ctx.tenant().data_key)
            .ok_or(AuthError::SignupTokenInvalid)?;
        let profile = parse(ctx, &request)?;
        let known = [profile.first_name.as_str(), &profile.last_name];
        let known = known.into_iter().chain(profile.email.as_ref().map(Email::as_str));
        let password = self.passwords.hash_new(&profile.password.clone().at(ctx).knowing(known)).await?;
        self.db.write(ctx, async |tx| self.settle(tx, token, &profile, &password, request.locale).await).await
    }

    async fn settle(
        &self,
        tx: &mut ouvira_common::db::Tx,
        token: OneTimeToken,
        profile: &Profile,
        password: &HashedPassword,
        locale: Option<Locale>,
    ) -> Result<LoginOutcome, AuthError> {
        require_open(tx.context())?;
        let redeemed = one_time_tokens::redeem(tx, token).await?.ok_or(AuthError::SignupTokenInvalid)?;
        let sealed = redeemed.address.ok_or(AuthError::SignupTokenInvalid)?;
        let verified =
            sealed.open(&tx.context().tenant().data_key, one_time_tokens::address_place(token.id))?;
        let claimed = second_address(profile, &verified)?;
        let new = NewPerson {
            claimed: claimed.clone(),
            verified: Some(verified.clone()),
            first_name: profile.first_name.clone(),
            last_name: profile.last_name.clone(),
            locale,
        };
        let person = self.users.create(tx, new).await.map_err(|error| match error {
            UserDirectoryError::AddressTaken(_) => AuthError::SignupTokenInvalid,
            error => error.into(),
        })?;
        credentials::put_password(tx, person.id, password);
        if let Some(Address::Email(email)) = &claimed {
            self.send_verification(tx, &person, email).await?;
        }
        let event = SecurityEvent {
            event: "signup.completed",
            outcome: Outcome::Success,
            user: Some(person.id),
            details: json!({"channel": verified.channel().as_str()}),
        };
        self.audit.security(tx, event);
        let proven = match verified.channel() {
            Channel::Email => "email",
            Channel::Sms => "sms",
        };
        self.welcome(tx, person, &["pwd", proven], Arrival::FIRST).await
    }
}

fn parse(ctx: &RequestContext, request: &FinalizeSignUp) -> Result<Profile, FieldErrors> {
    let mut errors = FieldErrors::default();
    let email = parse_optional(&mut errors, request.email.as_deref(), |text| Email::parse("/email", text));
    let phone = parse_optional(&mut errors, request.phone.as_deref(), |text| Phone::parse("/phone", text));
    let name =
        |pointer, text: &Option<String>| line(pointer, text.as_deref().unwrap_or_default(), NAME_LENGTH);
    let first_name = errors.check(name("/first_name", &request.first_name));
    let last_name = errors.check(name("/last_name", &request.last_name));
    let password = NewPassword::parse("/password", &request.password, ctx.settings())
        .map_err(|refused| errors.0.extend(refused.0))
        .ok();
    let profile = first_name
        .zip(last_name)
        .zip(password)
        .map(|((first_name, last_name), password)| Profile { email, phone, password, first_name, last_name });
    errors.into_result(profile)
}

fn parse_optional<T>(
    errors: &mut FieldErrors,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, FieldError>,
) -> Option<T> {
    text.and_then(|text| errors.check(parse(text)))
}

/// The address besides the verified one. The verified one may be repeated, but not replaced.
fn second_address(profile: &Profile, verified: &Address) -> Result<Option<Address>, AuthError> {
    let email = profile.email.clone().map(Address::Email);
    let phone = profile.phone.clone().map(Address::Phone);
    let (repeated, second) = match verified.channel() {
        Channel::Email => (email, phone),
        Channel::Sms => (phone, email),
    };
    match repeated {
        Some(repeated) if repeated.folded() != verified.folded() => Err(AuthError::AddressMismatch),
        _ => Ok(second),
    }
}
