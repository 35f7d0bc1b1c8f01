use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use ouvira_auth::{AccessTokens, Audience};
use ouvira_common::{
    ports::{SigningKey, TokenError, TokenVerifier as _},
    tenant::PlacementMode,
};
use serde_json::{Value, json};

use crate::support::{ISSUER, World, signing_key};

fn parts(token: &str) -> (Value, Value) {
    let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let mut parts = token.split('.');
    (decode(parts.next().unwrap()), decode(parts.next().unwrap()))
}

/// Signs anything with a key of ours, as only a thief of it could.
fn sign(key: &SigningKey, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let pem = EncodingKey::from_ed_pem(key.private_pem.expose().as_bytes()).unwrap();
    let signature = crypto::sign(message.as_bytes(), &pem, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn v9_1_a_token_says_what_rfc_9068_asks_for() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, tokens) = world.sign_up("ada@example.com").await;
    let (header, claims) = parts(tokens.access_token.expose());
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "k1"}));
    let now = world.tenant.now().timestamp();
    assert!(claims["jti"].is_string());
    let mut rest = claims.clone();
    rest.as_object_mut().unwrap().remove("jti");
    let expected = json!({
        "iss": ISSUER, "aud": "ouvira", "client_id": "ouvira", "sub": person.id, "kind": "user",
        "tid": world.tenant.tenant().id, "sid": tokens.session, "amr": ["pwd", "email"],
        "auth_time": now, "iat": now, "nbf": now, "exp": now + 900,
    });
    assert_eq!(rest, expected);
    let verified = world.tokens.verify(tokens.access_token.expose(), world.tenant.now()).await.unwrap();
    assert_eq!((verified.principal.user_id(), verified.session), (Some(person.id), tokens.session));
}

/// A tenant, a key of its own, and a token of it taken apart.
struct Forge {
    world: World,
    key: SigningKey,
    header: String,
    claims: String,
    /// As Ada has it.
    genuine: String,
}

impl Forge {
    async fn new() -> Self {
        let world = World::new(PlacementMode::Shared).await;
        let (_, tokens) = world.sign_up("ada@example.com").await;
        let key = signing_key("k1");
        world.keys.replace(vec![key.clone()]);
        let (header, claims) = parts(tokens.access_token.expose());
        let (header, claims) = (header.to_string(), claims.to_string());
        let genuine = sign(&key, &header, &claims);
        assert!(world.tokens.verify(&genuine, world.tenant.now()).await.is_ok());
        let stale = world.tokens.verify(tokens.access_token.expose(), world.tenant.now()).await;
        assert_eq!(stale, Err(TokenError::Invalid), "its key is gone");
        Self { world, key, header, claims, genuine }
    }

    fn signed(&self, header: &str, claims: &str) -> String {
        sign(&self.key, header, claims)
    }

    async fn refuses(&self, token: &str, what: &str) {
        let answer = self.world.tokens.verify(token, self.world.tenant.now()).await;
        assert_eq!(answer, Err(TokenError::Invalid), "{what}");
    }
}

fn with(text: &str, member: &str, value: &Value) -> String {
    let mut object: Value = serde_json::from_str(text).unwrap();
    object[member] = value.clone();
    object.to_string()
}

fn without(text: &str, member: &str) -> String {
    let mut object: Value = serde_json::from_str(text).unwrap();
    object.as_object_mut().unwrap().remove(member);
    object.to_string()
}

#[tokio::test]
async fn v9_1_1_what_was_changed_after_it_was_signed_is_refused() {
    let forge = Forge::new().await;
    let genuine = &forge.genuine;
    let (message, signature) = genuine.rsplit_once('.').unwrap();
    let sub = json!("0190a8f0-0000-7000-8000-000000000000");
    let other = forge.signed(&forge.header, &with(&forge.claims, "sub", &sub));
    forge.refuses("", "empty").await;
    forge.refuses(message, "without its signature").await;
    forge.refuses(&format!("{message}."), "with an empty one").await;
    forge.refuses(&format!("{genuine}.x"), "four parts").await;
    forge.refuses(&format!("{genuine}="), "padded").await;
    forge.refuses(&format!(" {genuine}"), "with a space").await;
    forge.refuses(&format!("{genuine}{}", "A".repeat(5000)), "over-long").await;
    forge.refuses(&format!("{}.{signature}", other.rsplit_once('.').unwrap().0), "another's signature").await;
    let stranger = sign(&signing_key("k1"), &forge.header, &forge.claims);
    forge.refuses(&stranger, "signed by a stranger").await;
    for at in 0..genuine.len() {
        let mut flipped = genuine.clone();
        let replacement = if flipped.as_bytes()[at] == b'A' { "B" } else { "A" };
        flipped.replace_range(at..=at, replacement);
        forge.refuses(&flipped, &format!("flipped at {at}")).await;
        forge.refuses(&genuine[..at], &format!("cut at {at}")).await;
    }
}

#[tokio::test]
async fn v9_1_2_another_algorithm_is_refused() {
    let forge = Forge::new().await;
    let headed = |alg: &str| {
        let header = with(&forge.header, "alg", &json!(alg));
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&forge.claims))
    };
    forge.refuses(&format!("{}.", headed("none")), "none, unsigned").await;
    let public = EncodingKey::from_secret(&forge.key.public);
    let message = headed("HS256");
    let signature = crypto::sign(message.as_bytes(), &public, Algorithm::HS256).unwrap();
    forge.refuses(&format!("{message}.{signature}"), "HS256 with the public key").await;
    for alg in ["none", "None", "HS256", "ES256", "eddsa", "Ed25519"] {
        let token = forge.signed(&with(&forge.header, "alg", &json!(alg)), &forge.claims);
        forge.refuses(&token, alg).await;
    }
}

#[tokio::test]
async fn v9_1_3_a_header_names_no_key_but_one_of_ours() {
    let forge = Forge::new().await;
    for (member, value) in [
        ("typ", json!("JWT")),
        ("typ", json!("refresh+jwt")),
        ("typ", json!(null)),
        ("kid", json!("k2")),
        ("kid", json!("k".repeat(100))),
        ("kid", json!(["k1"])),
        ("jku", json!("https://evil.example/keys")),
        ("jwk", json!({"kty": "OKP"})),
        ("x5u", json!("https://evil.example")),
        ("x5c", json!([])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let token = forge.signed(&with(&forge.header, member, &value), &forge.claims);
        forge.refuses(&token, &format!("{member}: {value}")).await;
    }
    let twice = format!("{{\"alg\":\"none\",{}", &forge.header[1..]);
    forge.refuses(&forge.signed(&twice, &forge.claims), "alg twice").await;
}

#[tokio::test]
async fn v9_2_claims_are_for_us_in_force_and_of_the_right_type() {
    let forge = Forge::new().await;
    let now = forge.world.tenant.now().timestamp();
    let float = |seconds: i64| serde_json::from_str::<Value>(&format!("{seconds}.0")).unwrap();
    for (member, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!("https://api.example.com/")),
        ("aud", json!("ouvira-operator")),
        ("aud", json!(["ouvira"])),
        ("aud", json!("other")),
        ("client_id", json!("other")),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!((now + 900).to_string())),
        ("exp", float(now + 900)),
        ("exp", json!(1e300)),
        ("exp", json!(null)),
        ("exp", json!(true)),
        ("exp", json!(i64::MAX)),
        ("nbf", json!(now + 60)),
        ("nbf", json!(now.to_string())),
        ("nbf", float(now)),
        ("iat", json!("x")),
        ("sub", json!("ada")),
        ("kind", json!("root")),
        ("tid", json!(1)),
        ("sid", json!(null)),
        ("scope", json!("everything")),
        ("amr", json!("pwd")),
        ("auth_time", json!(i64::MAX)),
        ("auth_time", json!("now")),
    ] {
        let token = forge.signed(&forge.header, &with(&forge.claims, member, &value));
        forge.refuses(&token, &format!("{member}: {value}")).await;
    }
    for member in [
        "iss",
        "aud",
        "sub",
        "client_id",
        "exp",
        "iat",
        "nbf",
        "jti",
        "tid",
        "sid",
        "kind",
        "amr",
        "auth_time",
    ] {
        let token = forge.signed(&forge.header, &without(&forge.claims, member));
        forge.refuses(&token, &format!("without {member}")).await;
    }
    let twice = format!("{{\"exp\":{},{}", now + 900_000, &forge.claims[1..]);
    forge.refuses(&forge.signed(&forge.header, &twice), "exp twice").await;
}

#[tokio::test]
async fn a_token_that_was_accepted_before_still_expires() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let verify = async || world.tokens.verify(tokens.access_token.expose(), world.tenant.now()).await;
    assert!(verify().await.is_ok() && verify().await.is_ok());
    world.tenant.clock().advance(Duration::seconds(899));
    assert!(verify().await.is_ok());
    world.tenant.clock().advance(Duration::seconds(1));
    assert_eq!(verify().await, Err(TokenError::Invalid));
}

#[tokio::test]
async fn keys_rotate_without_signing_anybody_out_and_a_withdrawn_key_is_refused_at_once() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let verify = async |tokens: &AccessTokens, token: &str| tokens.verify(token, world.tenant.now()).await;
    let (old, new) = (signing_key("k1"), signing_key("k2"));
    world.keys.replace(vec![old.clone()]);
    let by_old = world.auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.unwrap();
    world.keys.replace(vec![new.clone(), old]);
    let by_new = world.auth.refresh(&world.tenant.open(), &by_old.refresh_token).await.unwrap();
    assert_eq!(parts(by_new.access_token.expose()).0["kid"], "k2");
    let kids: Vec<_> = world.auth.public_keys().await.unwrap().keys.into_iter().map(|key| key.kid).collect();
    assert_eq!(kids, ["k2", "k1"]);
    assert!(verify(&world.tokens, by_old.access_token.expose()).await.is_ok());
    assert!(verify(&world.tokens, by_new.access_token.expose()).await.is_ok());
    world.keys.replace(vec![new]);
    assert_eq!(verify(&world.tokens, by_old.access_token.expose()).await, Err(TokenError::Invalid));
}

#[tokio::test]
async fn v9_2_3_a_token_for_a_tenant_is_none_for_operators() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let token = tokens.access_token.expose();
    assert!(world.tokens.verify_for(Audience::Tenant, token, world.tenant.now()).await.is_ok());
    let answer = world.tokens.verify_for(Audience::Operator, token, world.tenant.now()).await;
    assert_eq!(answer, Err(TokenError::Invalid));
}
