//! Signing keys: listed, rotated, and seen from elsewhere.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::service::{Service, ouvira, run};

/// A service elsewhere that checks our tokens: it keeps the key set for five seconds, and asks for no key in particular.
struct Verifier<'s> {
    service: &'s Service,
    kept: Mutex<(Instant, HashMap<String, Vec<u8>>)>,
}

impl<'s> Verifier<'s> {
    async fn new(service: &'s Service) -> Self {
        Self { service, kept: Mutex::new((Instant::now(), Self::fetch(service).await)) }
    }

    async fn fetch(service: &Service) -> HashMap<String, Vec<u8>> {
        let set = service.send(service.request("GET", "/.well-known/jwks.json")).await.expect(200);
        let key = |key: &Value| {
            let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
            (key["kid"].as_str().unwrap().to_owned(), x)
        };
        set["keys"].as_array().unwrap().iter().map(key).collect()
    }

    /// Checks the signature of a token and answers the name of its key.
    async fn check(&self, token: &str) -> String {
        let mut kept = self.kept.lock().await;
        if kept.0.elapsed() > Duration::from_secs(5) {
            *kept = (Instant::now(), Self::fetch(self.service).await);
        }
        let (message, signature) = token.rsplit_once('.').unwrap();
        let header = URL_SAFE_NO_PAD.decode(message.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let kid = header["kid"].as_str().unwrap().to_owned();
        let key = kept.1.get(&kid).unwrap_or_else(|| panic!("a verifier elsewhere has not heard of {kid}"));
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, key).verify(message.as_bytes(), &signature).unwrap();
        kid
    }
}

/// Takes more than a minute: a rotation waits until everybody has heard of the new key.
#[tokio::test]
async fn verifiers_elsewhere_see_no_gap_while_keys_rotate_under_load() {
    let service = Arc::new(Service::start(&[]).await);
    let command = || ouvira(service.data_dir());
    let before = run(command().args(["keys", "list", "--json"]));
    assert_eq!(before["items"].as_array().unwrap().len(), 1);
    assert_eq!(before["items"][0]["status"], "signing");
    let tenant = service.tenant("shared");
    let first = tenant.owner().await;
    let verifier = Verifier::new(&service).await;
    let old = verifier.check(first.token.as_deref().unwrap()).await;

    let made = run(command().args(["keys", "rotate", "--json", "--lead", "40"]));
    assert_eq!(made["status"], "published");
    let again = run(command().args(["keys", "rotate", "--json", "--lead", "40"]));
    assert_eq!(again["kid"], made["kid"], "one that is under way is not begun again");

    let begun = Instant::now();
    let until_signed_by_both = async |number: usize| {
        let mut client = tenant.owner().await;
        let mut seen = BTreeSet::new();
        let mut requests = 0;
        while seen.len() < 2 || begun.elapsed() < Duration::from_secs(45) {
            assert!(begun.elapsed() < Duration::from_mins(2), "{number}: the new key never signs");
            let shown = json!({"refresh_token": client.refresh_token});
            let pair = client.post("/auth/token/refresh", shown).await.expect(200);
            client.token = Some(pair["access_token"].as_str().unwrap().to_owned());
            client.refresh_token = Some(pair["refresh_token"].as_str().unwrap().to_owned());
            seen.insert(verifier.check(client.token.as_deref().unwrap()).await);
            client.get("/me").await.expect(200);
            requests += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        (seen, requests)
    };
    for (seen, requests) in join_all((0..3).map(until_signed_by_both)).await {
        assert_eq!(seen, BTreeSet::from([old.clone(), made["kid"].as_str().unwrap().to_owned()]));
        assert!(requests > 20, "{requests}");
    }
    // Nobody was signed out.
    first.get("/me").await.expect(200);
    verifier.check(first.token.as_deref().unwrap()).await;
    let after = run(command().args(["keys", "list", "--json"]));
    let states: Vec<&Value> = after["items"].as_array().unwrap().iter().map(|key| &key["status"]).collect();
    assert_eq!(states, [&json!("signing"), &json!("verifying")]);

    for odd in [["--lead", "10"], ["--overlap", "60"]] {
        let output = command().args(["keys", "rotate"]).args(odd).output().unwrap();
        assert!(!output.status.success(), "{odd:?}");
    }
}
