//! Prints a signed message, for checking it with another implementation of Standard Webhooks: `sign SECRET ID TIMESTAMP BODY`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_webhooks::signature::sign;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [secret, id, timestamp, body] = &arguments[..] else {
        eprintln!("usage: sign SECRET ID TIMESTAMP BODY");
        std::process::exit(2);
    };
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("the secret is base64");
    println!("{}", sign(&[&key], id, timestamp.parse().expect("the timestamp is a number"), body));
}
