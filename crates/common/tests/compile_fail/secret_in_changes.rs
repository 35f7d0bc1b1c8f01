use ouvira_common::{ports::Changes, secret::Secret};

fn main() {
    let password = Secret::new("correct horse battery staple");
    let _ = Changes::new().public("password", None, Some(password));
}
