//! Signing up, in and out in a program of one's own, without HTTP: `cargo run -p ouvira-auth --example no_http`.
//!
//! What the domain needs of others comes in through ports. Here they are the fakes of `ouvira_common::testing`, and the
//! tenant is a fresh one on a private Postgres; a real program brings its own, or the other Ouvira crates.

use std::{error::Error, sync::Arc};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_auth::{
    AccessTokens, Auth, AuthConfig, AuthDeps, FinalizeSignUp, HashCost, Login, LoginOutcome, MIGRATIONS,
    PasswordHasher, SignUp,
};
use ouvira_common::{
    entropy::OsEntropy,
    messages::MessageRequested,
    ports::{SigningKey, TokenVerifier as _},
    secret::Secret,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FixedKeys, MemoryUsers, NoCaptcha, RecordingAudit, RecordingNotifier},
    },
};

/// The key that signs access tokens; a real program keeps it, wrapped, where all of its nodes find it.
fn signing_key() -> Result<SigningKey, Box<dyn Error>> {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())?;
    let body = STANDARD.encode(document.as_ref());
    Ok(SigningKey {
        kid: "first".to_owned(),
        private_pem: Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")),
        public: pair.public_key().as_ref().try_into()?,
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = TestTenant::new(PlacementMode::Schema, MIGRATIONS).await;
    let keys = Arc::new(FixedKeys::new(vec![signing_key()?]));
    let tokens = Arc::new(AccessTokens::new("https://api.example.com", keys));
    let audit = Arc::new(RecordingAudit::default());
    let auth = Auth::new(AuthDeps {
        db: tenant.db(),
        users: Arc::new(MemoryUsers::default()),
        audit: audit.clone(),
        notifier: Arc::new(RecordingNotifier::default()),
        captcha: Arc::new(NoCaptcha),
        entropy: Arc::new(OsEntropy),
        tokens: Arc::clone(&tokens),
        hasher: PasswordHasher::start(1, HashCost::default()),
        config: AuthConfig { app_url: "https://app.example.com".to_owned(), rate_limits: true },
    });
    let anybody = tenant.open();

    let address = SignUp { email: Some("ada@example.com".to_owned()), ..SignUp::default() };
    let challenge = auth.sign_up(&anybody, address).await?;
    // What a worker would send is in the outbox, sealed.
    let mut rows = tenant.owner_rows("SELECT payload FROM ouvira_core.outbox ORDER BY id DESC LIMIT 1").await;
    let requested: MessageRequested = serde_json::from_value(rows.remove(0)["payload"].take())?;
    let message = requested.open(&tenant.tenant().data_key)?;
    let code = Secret::new(message.data["code"].as_str().ok_or("a message without its code")?);
    let verified = auth.verify_code(&anybody, challenge.id, &code).await?;
    let password = || Secret::new("engine analytical 1843");
    let account = FinalizeSignUp {
        signup_token: verified.token,
        email: None,
        phone: None,
        password: password(),
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        locale: None,
    };
    auth.finalize_sign_up(&anybody, account).await?;

    let login = Login { identifier: "ada@example.com".to_owned(), password: password(), captcha_token: None };
    let LoginOutcome::Authenticated { tokens: pair, person } = auth.login(&anybody, login).await? else {
        return Err("nobody asked for a second factor".into());
    };
    let verified = tokens.verify(pair.access_token.expose(), tenant.now()).await?;
    println!("{} signed in as {}, session {}", person.first_name, verified.principal.id, verified.session);

    let next = auth.refresh(&anybody, &pair.refresh_token).await?;
    println!("the next pair lives {} s; in the log: {:?}", next.expires_in, audit.events());
    Ok(())
}
