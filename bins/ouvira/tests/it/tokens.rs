//! Every form of a bad access token, at the real binary: the same 401 (RFC 9068 §4, RFC 8725, ASVS V9).

use std::sync::Arc;

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ouvira_common::{
    db::Endpoint,
    entropy::OsEntropy,
    ports::SigningKeys as _,
    sealing::WrappingKeys,
    time::{Clock as _, SystemClock},
};
use ouvira_embedded_postgres::EmbeddedPostgres;
use ouvira_tenancy::{Catalog, KeyRing};
use serde_json::{Value, json};

use crate::{
    operators::Operator,
    service::{Answer, Client, Service},
};

/// The service's own signing key, as only a thief of both the database and `ENCRYPTION_KEYS` could have it.
struct Thief {
    pair: Ed25519KeyPair,
    header: Value,
    claims: Value,
}

impl Thief {
    async fn new(service: &Service, token: &str) -> Self {
        let kept = std::fs::read_to_string(service.data_dir().join("keys")).unwrap();
        let wrapping = WrappingKeys::parse(kept.lines().next().unwrap()).unwrap();
        let postgres = EmbeddedPostgres::running(service.data_dir().join("postgres")).unwrap();
        let catalog = Catalog::new(&Endpoint::parse(&postgres.url("ouvira_control", "ouvira")).unwrap());
        let ring = KeyRing::new(catalog, Arc::new(wrapping), Arc::new(OsEntropy), Arc::new(SystemClock));
        let keys = ring.keys().await.unwrap();
        let der: String =
            keys[0].private_pem.expose().lines().filter(|line| !line.starts_with("---")).collect();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&STANDARD.decode(der).unwrap()).unwrap();
        let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let mut parts = token.split('.');
        let (header, claims) = (decode(parts.next().unwrap()), decode(parts.next().unwrap()));
        Self { pair, header, claims }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        signed(&self.pair, &header.to_string(), &claims.to_string())
    }

    fn headed(&self, member: &str, value: Value) -> String {
        self.sign(&with(&self.header, member, value), &self.claims)
    }

    fn claiming(&self, member: &str, value: Value) -> String {
        self.sign(&self.header, &with(&self.claims, member, value))
    }
}

fn message(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn signed(pair: &Ed25519KeyPair, header: &str, claims: &str) -> String {
    let message = message(header, claims);
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn with(object: &Value, member: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[member] = value;
    object
}

fn without(object: &Value, member: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(member);
    object
}

type Cases = Vec<(String, String)>;

/// What was cut, changed, or written in another way.
fn mangled(genuine: &str) -> Cases {
    let parts: Vec<&str> = genuine.split('.').collect();
    let (message, signature) = genuine.rsplit_once('.').unwrap();
    let flipped = |at: usize| {
        let other = if genuine.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &genuine[..at], &genuine[at + 1..])
    };
    let (in_claims, in_signature) = (parts[0].len() + 10, message.len() + 10);
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let spaced = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap().replace(':', ": ");
    // 64 bytes leave four bits of the last character unused.
    let last = ["A", "Q", "g", "w"].into_iter().find(|last| !signature.ends_with(last)).unwrap();
    let loose = format!("{}{last}", &signature[..signature.len() - 1]);
    [
        ("a word", "x".to_owned()),
        ("two dots", "..".to_owned()),
        ("half of it", genuine[..genuine.len() / 2].to_owned()),
        ("all but its last character", genuine[..genuine.len() - 1].to_owned()),
        ("without its signature", message.to_owned()),
        ("with an empty signature", format!("{message}.")),
        ("with a fourth part", format!("{genuine}.x")),
        ("a bit of the header", flipped(5)),
        ("a bit of the claims", flipped(in_claims)),
        ("a bit of the signature", flipped(in_signature)),
        ("padded", format!("{genuine}==")),
        ("the signature in the other alphabet", format!("{message}.{}", STANDARD.encode(&bytes))),
        ("the signature with its last bits changed", format!("{message}.{loose}")),
        ("the claims with spaces", format!("{}.{}.{signature}", parts[0], URL_SAFE_NO_PAD.encode(spaced))),
        ("more than a token's length", format!("{genuine}{}", "A".repeat(5000))),
    ]
    .map(|(what, token)| (what.to_owned(), token))
    .into()
}

/// Another algorithm, another key, another header (ASVS V9.1).
fn headers(thief: &Thief) -> Cases {
    let stranger = Ed25519KeyPair::generate().unwrap();
    let x = URL_SAFE_NO_PAD.encode(thief.pair.public_key().as_ref());
    let (header, claims) = (&thief.header, thief.claims.to_string());
    let unsigned = message(&with(header, "alg", json!("none")).to_string(), &claims);
    let mut cases: Cases = vec![
        ("alg none, unsigned".to_owned(), format!("{unsigned}.")),
        ("alg none, signed".to_owned(), thief.headed("alg", json!("none"))),
        ("signed by a stranger".to_owned(), signed(&stranger, &header.to_string(), &claims)),
    ];
    let symmetric = message(&with(header, "alg", json!("HS256")).to_string(), &claims);
    for (what, key) in [("bytes", thief.pair.public_key().as_ref()), ("text", x.as_bytes())] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), symmetric.as_bytes());
        let token = format!("{symmetric}.{}", URL_SAFE_NO_PAD.encode(tag));
        cases.push((format!("HS256 with the public key as {what}"), token));
    }
    // A header that brings its key, and is signed with it.
    let own =
        json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(stranger.public_key().as_ref())});
    let brought = with(header, "jwk", own).to_string();
    cases.push(("jwk of a stranger, signed with it".to_owned(), signed(&stranger, &brought, &claims)));
    for (member, value) in [
        ("alg", json!("HS256")),
        ("alg", json!("RS256")),
        ("alg", json!("eddsa")),
        ("alg", json!(null)),
        ("typ", json!("JWT")),
        ("typ", json!("AT+JWT")),
        ("typ", json!(null)),
        ("kid", json!("another")),
        ("kid", json!("../../etc/passwd")),
        ("kid", json!("' OR 1=1 --")),
        ("kid", json!("k".repeat(3000))),
        ("kid", json!([1])),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/certificate")),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        cases.push((format!("{member}: {value}"), thief.headed(member, value)));
    }
    for member in ["alg", "typ", "kid"] {
        let token = thief.sign(&without(header, member), &thief.claims);
        cases.push((format!("without {member}"), token));
    }
    cases
}

/// Claims that are not for us, not in force, or of another type (ASVS V9.2); and those of somebody else.
fn claims(thief: &Thief, elsewhere: &Value) -> Cases {
    let now = SystemClock.now().timestamp();
    let float: Value = serde_json::from_str(&format!("{}.0", now + 600)).unwrap();
    let stranger = json!("0190a8f0-0000-7000-8000-000000000000");
    let mut cases: Cases = Vec::new();
    for (member, value) in [
        ("exp", json!(now - 1)),
        ("exp", json!((now + 600).to_string())),
        ("exp", float.clone()),
        ("exp", json!(null)),
        ("exp", json!([now + 600])),
        ("exp", json!(i64::MAX)),
        ("nbf", json!(now + 600)),
        ("nbf", json!(now.to_string())),
        ("nbf", float),
        ("iat", json!("today")),
        ("iss", json!("https://evil.example")),
        ("iss", json!([thief.claims["iss"]])),
        ("aud", json!("ouvira-operator")),
        ("aud", json!("another")),
        ("aud", json!(["ouvira"])),
        ("client_id", json!("another")),
        ("tid", elsewhere.clone()),
        ("tid", stranger.clone()),
        ("tid", json!("demo")),
        ("sub", stranger.clone()),
        ("sid", stranger),
        ("kind", json!("operator")),
        ("kind", json!("system")),
        ("kind", json!("root")),
        ("scope", json!("everything")),
        ("amr", json!("pwd")),
        ("auth_time", json!("today")),
    ] {
        cases.push((format!("{member}: {value}"), thief.claiming(member, value)));
    }
    for member in ["iss", "aud", "sub", "client_id", "exp", "iat", "nbf", "tid", "sid", "kind"] {
        let token = thief.sign(&thief.header, &without(&thief.claims, member));
        cases.push((format!("without {member}"), token));
    }
    cases
}

async fn companies(client: &Client, token: &str) -> Answer {
    let mut client = client.clone();
    client.token = Some(token.to_owned());
    client.get("/company").await
}

/// Everything that a caller sees of a refusal, but what names the request.
fn seen(answer: &Answer) -> (Value, Vec<String>, String) {
    let body = without(&answer.body, "request_id");
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort_unstable();
    (body, names, answer.headers["www-authenticate"].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn v9_every_form_of_a_bad_token_gets_the_same_401() {
    let service = Service::shared().await;
    let (tenant, elsewhere) = (service.tenant("shared"), service.tenant("shared"));
    let owner = tenant.owner().await;
    let genuine = owner.token.clone().unwrap();
    let thief = Thief::new(&service, &genuine).await;
    // What is forged below is refused for what it says, not for how it was made.
    companies(&owner, &thief.sign(&thief.header, &thief.claims)).await.expect(200);

    let mut cases = mangled(&genuine);
    cases.extend(headers(&thief));
    cases.extend(claims(&thief, &elsewhere.made["id"]));
    let operator = Operator::made(&service, "no-user").log_in().await["access_token"].clone();
    cases.push(("an operator's".to_owned(), operator.as_str().unwrap().to_owned()));
    cases.push(("a refresh token".to_owned(), owner.refresh_token.clone().unwrap()));
    cases.push(("of another tenant".to_owned(), elsewhere.owner().await.token.unwrap()));

    let expected = seen(&companies(&owner, "x").await);
    assert_eq!((&expected.0["code"], &expected.0["status"]), (&json!("token_invalid"), &json!(401)));
    for (what, token) in cases {
        let answer = companies(&owner, &token).await;
        assert_eq!(answer.status.as_u16(), 401, "{what}: {}", answer.body);
        assert_eq!(seen(&answer), expected, "{what}");
    }
    owner.get("/company").await.expect(200);
}
