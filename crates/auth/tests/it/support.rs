//! A tenant with people who can sign in.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_auth::{
    AccessTokens, Auth, AuthConfig, AuthDeps, AuthError, FinalizeSignUp, HashCost, Login, LoginOutcome,
    MIGRATIONS, PasswordHasher, SignUp,
};
use ouvira_common::{
    context::{Authentication, Pass, RequestContext},
    db::Db,
    entropy::OsEntropy,
    messages::{Message, MessageRequested},
    ports::{IssuedTokens, Person, SigningKey, TokenVerifier as _},
    principal::Principal,
    secret::Secret,
    settings::TenantSettings,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FixedKeys, MemoryUsers, NoCaptcha, RecordingAudit, RecordingNotifier},
    },
};

pub(crate) const ISSUER: &str = "https://api.example.com";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Cheap, so that tests are about something else than waiting.
pub(crate) const COST: HashCost = HashCost { memory: 64, passes: 1, lanes: 1 };

pub(crate) struct World {
    pub(crate) tenant: TestTenant,
    pub(crate) auth: Arc<Auth>,
    pub(crate) users: Arc<MemoryUsers>,
    pub(crate) audit: Arc<RecordingAudit>,
    pub(crate) notifier: Arc<RecordingNotifier>,
    pub(crate) keys: Arc<FixedKeys>,
    pub(crate) tokens: Arc<AccessTokens>,
}

/// A new Ed25519 key.
pub(crate) fn signing_key(kid: &str) -> SigningKey {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
    let body = STANDARD.encode(document.as_ref());
    SigningKey {
        kid: kid.to_owned(),
        private_pem: Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")),
        public: pair.public_key().as_ref().try_into().unwrap(),
    }
}

pub(crate) fn hasher() -> PasswordHasher {
    static HASHER: OnceLock<PasswordHasher> = OnceLock::new();
    HASHER.get_or_init(|| PasswordHasher::start(2, COST)).clone()
}

impl World {
    pub(crate) async fn new(mode: PlacementMode) -> Self {
        Self::with(mode, TenantSettings::default()).await
    }

    pub(crate) async fn with(mode: PlacementMode, settings: TenantSettings) -> Self {
        let tenant = TestTenant::with_settings(mode, MIGRATIONS, settings).await;
        let keys = Arc::new(FixedKeys::new(vec![signing_key("k1")]));
        let tokens = Arc::new(AccessTokens::new(ISSUER, keys.clone()));
        let users = Arc::new(MemoryUsers::default());
        let audit = Arc::new(RecordingAudit::default());
        let notifier = Arc::new(RecordingNotifier::default());
        let db = tenant.db();
        let world = |auth| Self {
            tenant,
            auth,
            users: users.clone(),
            audit: audit.clone(),
            notifier: notifier.clone(),
            keys,
            tokens: tokens.clone(),
        };
        let auth = build(db, &users, &audit, &notifier, &tokens, hasher(), true);
        world(Arc::new(auth))
    }

    /// The same domain through another way to the database.
    pub(crate) fn through(&self, db: Db) -> Auth {
        self.built(db, hasher(), true)
    }

    /// The same domain, otherwise configured.
    pub(crate) fn built(&self, db: Db, hasher: PasswordHasher, rate_limits: bool) -> Auth {
        build(db, &self.users, &self.audit, &self.notifier, &self.tokens, hasher, rate_limits)
    }

    /// What has been sent to people, oldest first.
    pub(crate) async fn messages(&self) -> Vec<Message> {
        let tenant = self.tenant.tenant();
        let select = format!(
            "SELECT payload FROM ouvira_core.outbox WHERE topic = 'message.requested.v1' AND tenant_id = '{}' ORDER BY id",
            tenant.id
        );
        let open = |mut row: serde_json::Value| {
            let event: MessageRequested = serde_json::from_value(row["payload"].take()).unwrap();
            event.open(&tenant.data_key).unwrap()
        };
        self.tenant.owner_rows(&select).await.into_iter().map(open).collect()
    }

    /// The tenant's own rows of a table, behind the curtain.
    pub(crate) async fn rows(&self, columns: &str, table: &str) -> Vec<serde_json::Value> {
        let tenant = self.tenant.tenant().id;
        self.tenant.owner_rows(&format!("SELECT {columns} FROM {table} WHERE tenant_id = '{tenant}'")).await
    }

    /// The code that was sent last.
    pub(crate) async fn last_code(&self) -> Secret {
        let messages = self.messages().await;
        Secret::new(messages.last().unwrap().data["code"].as_str().unwrap())
    }

    /// Signs up with an e-mail address and [`PASSWORD`].
    pub(crate) async fn sign_up(&self, email: &str) -> (Person, IssuedTokens) {
        let ctx = self.tenant.open();
        let challenge = self.auth.sign_up(&ctx, by_email(email)).await.unwrap();
        let token = self.auth.verify_code(&ctx, challenge.id, &self.last_code().await).await.unwrap();
        signed_in(self.auth.finalize_sign_up(&ctx, finalize(token.token)).await.unwrap())
    }

    pub(crate) async fn login(&self, identifier: &str, password: &str) -> Result<LoginOutcome, AuthError> {
        self.auth.login(&self.tenant.open(), login(identifier, password)).await
    }

    /// What a request with that access token brings.
    pub(crate) async fn context(&self, tokens: &IssuedTokens) -> RequestContext {
        self.with_token(tokens, false).await
    }

    /// The same on a route that is open to who still has to enrol a second factor.
    pub(crate) async fn enrolling(&self, tokens: &IssuedTokens) -> RequestContext {
        self.with_token(tokens, true).await
    }

    async fn with_token(&self, tokens: &IssuedTokens, enrolment: bool) -> RequestContext {
        let token = self.tokens.verify(tokens.access_token.expose(), self.tenant.now()).await.unwrap();
        let pass = Pass::Session { id: token.session, enrolment };
        let authentication = Authentication {
            amr: token.amr,
            at: Some(token.authenticated_at),
            until: Some(token.expires_at),
        };
        self.tenant.with_pass(Principal { ..token.principal }, pass).with_authentication(authentication)
    }

    /// Whether the gate lets a session in, on another node that has seen nothing of it.
    pub(crate) async fn passes(&self, tokens: &IssuedTokens) -> bool {
        let ctx = self.context(tokens).await;
        self.tenant.another_db(1).read(&ctx, async |tx| tx.open().await.map(|_| ())).await.is_ok()
    }
}

fn build(
    db: Db,
    users: &Arc<MemoryUsers>,
    audit: &Arc<RecordingAudit>,
    notifier: &Arc<RecordingNotifier>,
    tokens: &Arc<AccessTokens>,
    hasher: PasswordHasher,
    rate_limits: bool,
) -> Auth {
    Auth::new(AuthDeps {
        db,
        users: users.clone(),
        audit: audit.clone(),
        notifier: notifier.clone(),
        captcha: Arc::new(NoCaptcha),
        entropy: Arc::new(OsEntropy),
        tokens: tokens.clone(),
        hasher,
        config: AuthConfig { app_url: "https://app.example.com".to_owned(), rate_limits },
    })
}

pub(crate) fn by_email(email: &str) -> SignUp {
    SignUp { email: Some(email.to_owned()), ..SignUp::default() }
}

pub(crate) fn by_phone(phone: &str) -> SignUp {
    SignUp { phone: Some(phone.to_owned()), ..SignUp::default() }
}

pub(crate) fn finalize(signup_token: Secret) -> FinalizeSignUp {
    FinalizeSignUp {
        signup_token,
        email: None,
        phone: None,
        password: Secret::new(PASSWORD),
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        locale: None,
    }
}

pub(crate) fn login(identifier: &str, password: &str) -> Login {
    Login { identifier: identifier.to_owned(), password: Secret::new(password), captcha_token: None }
}

pub(crate) fn signed_in(outcome: LoginOutcome) -> (Person, IssuedTokens) {
    match outcome {
        LoginOutcome::Authenticated { tokens, person } => (*person, tokens),
        other => panic!("not signed in: {other:?}"),
    }
}
