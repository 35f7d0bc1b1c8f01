use std::fs;

use ouvira_common::{
    entropy::OsEntropy,
    id::TenantId,
    locale::Locale,
    messages::Message,
    ports::{Mail, Sms},
    sealing::DataKey,
    settings::TenantSettings,
    tenant::{Placement, PlacementMode, Tenant, TenantState},
    text::Address,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    catalog::{KINDS, Kind, VALUES},
    render::RenderError,
    *,
};
use crate::config::WebAddress;

fn app_url() -> WebAddress {
    WebAddress::parse("https://app.example.com").unwrap()
}

fn built_in() -> Templates {
    Templates::load(app_url(), None).unwrap()
}

fn tenant(name: &str) -> Tenant {
    let id = TenantId(Uuid::from_u128(1));
    Tenant {
        id,
        slug: "acme".to_owned(),
        name: name.to_owned(),
        state: TenantState::Active,
        placement: Placement { mode: PlacementMode::Shared, database: None, epoch: 1 },
        settings: TenantSettings::default(),
        settings_version: 1,
        data_key: DataKey::generate(id, &OsEntropy),
    }
}

const EMAIL: &str = "ada@example.com";
const PHONE: &str = "+33612345678";

fn message(kind: &'static str, locale: Locale, to: &str) -> Message {
    Message::new(Address::parse("/to", to).unwrap(), locale, kind)
}

/// A value such as real messages bring.
fn sample(name: &str) -> Value {
    match name {
        "code" => json!("123456"),
        "minutes" => json!(10),
        "link" => json!(format!("https://app.example.com/password/reset?token={}", "t".repeat(64))),
        "at" | "expires_at" => json!("2026-11-20T10:08:00Z"),
        "ip" => json!("203.0.113.7"),
        "device" => json!("Firefox on Linux"),
        "address" => json!("a…@example.com"),
        "company" => json!("Société Générale"),
        "inviter" => json!("Ada Lovelace"),
        "message" => json!("Come and join us"),
        "title" => json!("You were given a role"),
        "body" => json!("You are now an administrator of Société Générale."),
        other => panic!("{other} has no sample"),
    }
}

fn every_value() -> Vec<&'static str> {
    VALUES.iter().map(|(name, _)| *name).collect()
}

fn with_samples(message: Message, names: &[&'static str]) -> Message {
    names
        .iter()
        .filter(|name| **name != "tenant")
        .fold(message, |message, name| message.with(name, sample(name)))
}

fn mail(message: &Message) -> Mail {
    match built_in().render(message, &tenant("Acme")).unwrap() {
        Rendered::Mail(mail) => mail,
        Rendered::Sms(_) => panic!("a mail was asked for"),
    }
}

fn sms(message: &Message) -> Sms {
    match built_in().render(message, &tenant("Acme")).unwrap() {
        Rendered::Sms(sms) => sms,
        Rendered::Mail(_) => panic!("an SMS was asked for"),
    }
}

fn all() -> impl Iterator<Item = (&'static Kind, Locale)> {
    KINDS.iter().flat_map(|kind| Locale::ALL.map(|locale| (kind, locale)))
}

#[test]
fn every_message_is_written_in_every_language_with_all_values_and_with_the_least() {
    let every = every_value();
    for (kind, locale) in all() {
        for names in [&every[..], kind.needs] {
            let mail = mail(&with_samples(message(kind.name, locale, EMAIL), names));
            let sms = sms(&with_samples(message(kind.name, locale, PHONE), names));
            for text in [&mail.subject, &mail.text, &mail.html, &sms.text] {
                assert!(
                    !text.trim().is_empty() && !text.contains(['{', '}']),
                    "{} {locale:?}: {text}",
                    kind.name
                );
            }
            assert!(!mail.subject.contains('\n') && mail.subject.contains("Acme"), "{}", mail.subject);
            for name in kind.needs {
                let value = sample(name);
                let value = value.as_str().unwrap();
                assert!(
                    [&mail.text, &mail.html, &sms.text].iter().all(|text| text.contains(value)),
                    "{}",
                    kind.name
                );
            }
        }
    }
}

#[test]
fn an_sms_is_one_of_160_characters_with_its_link() {
    for (kind, locale) in all() {
        let sms = sms(&with_samples(message(kind.name, locale, PHONE), &every_value())).text;
        assert!(gsm::fits(&sms), "{} {locale:?}: {sms}", kind.name);
        assert!(sms.chars().count() <= 160, "{} {locale:?}: {}: {sms}", kind.name, sms.chars().count());
    }
}

#[test]
fn html_has_no_content_from_elsewhere() {
    for (kind, locale) in all() {
        let html = mail(&with_samples(message(kind.name, locale, EMAIL), &every_value())).html;
        for remote in ["<img", "<link", "<script", "url(", "@import", "src="] {
            assert!(!html.contains(remote), "{} {locale:?}: {html}", kind.name);
        }
    }
}

#[test]
fn names_that_people_choose_stay_text() {
    let invitation = message("invitation", Locale::En, EMAIL)
        .with("token", "t")
        .with("company", "<script>\r\nSubject: x</script> see http://evil.example/")
        .with("inviter", "A & B");
    let mail = mail(&invitation);
    assert!(!mail.html.contains("<script") && mail.html.contains("A &amp; B"), "{}", mail.html);
    assert!(
        mail.text.contains("Company: <script>  Subject: x</script> see http:evil.example/\n"),
        "{}",
        mail.text
    );
}

#[test]
fn links_lead_to_the_app_and_nowhere_else() {
    let invitation = mail(&message("invitation", Locale::En, EMAIL).with("token", "a b"));
    assert!(
        invitation.text.contains("https://app.example.com/invitations/accept?token=a+b\n"),
        "{}",
        invitation.text
    );
    let link = "https://app.example.com/invitations/accept?token=a+b";
    assert_eq!(Value::Object(invitation.data), json!({"token": "a b", "link": link}));

    for link in [
        "https://evil.example/",
        "https://app.example.com.evil.example/",
        "https://app.example.com/ x",
        "javascript:x",
    ] {
        let message = message("password_reset", Locale::En, EMAIL).with("link", link);
        assert_eq!(
            built_in().render(&message, &tenant("Acme")).unwrap_err(),
            RenderError::ForeignLink,
            "{link}"
        );
    }
}

#[test]
fn what_programs_look_for_comes_along() {
    let reset = message("password_reset", Locale::En, EMAIL)
        .with("link", "https://app.example.com/password/reset?token=abc");
    assert_eq!(mail(&reset).data["token"], "abc");
    let code = message("signup_code", Locale::En, PHONE).with("code", "123456").with("ip", "203.0.113.7");
    assert_eq!(Value::Object(sms(&code).data), json!({"code": "123456"}));
}

#[test]
fn a_message_that_lacks_its_point_is_refused() {
    let render = |message: Message| built_in().render(&message, &tenant("Acme")).unwrap_err();
    assert_eq!(render(message("signup_code", Locale::En, EMAIL)), RenderError::Missing("code"));
    assert_eq!(
        render(message("signup_code", Locale::En, EMAIL).with("code", Value::Null)),
        RenderError::Missing("code")
    );
    assert_eq!(render(message("nonsense", Locale::En, EMAIL)), RenderError::Unknown("nonsense".to_owned()));
    let late = message("password_changed", Locale::En, EMAIL).with("at", "yesterday");
    assert_eq!(render(late), RenderError::Invalid("at"));
}

#[test]
fn a_deployment_replaces_templates_and_hears_of_every_mistake_in_them() {
    let directory = std::env::temp_dir().join(format!("ouvira-templates-{}", std::process::id()));
    let write = |file: &str, content: &str| {
        let path = directory.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write("fr/signup_code.txt", "Subject: Code {code}\n\nVoici {code} & <rien>\n");
    write("fr/signup_code.html", "<b class='x'>{code}</b> {tenant}");
    write("layout.html", "<i>{body}</i>");
    let templates = Templates::load(app_url(), Some(&directory)).unwrap();
    let code = message("signup_code", Locale::Fr, EMAIL).with("code", "123456");
    let Rendered::Mail(mail) = templates.render(&code, &tenant("A&B")).unwrap() else { panic!("no mail") };
    assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("Code 123456", "Voici 123456 & <rien>\n"));
    assert_eq!(mail.html, "<b class='x'>123456</b> A&amp;B");

    write("layout.html", "nothing");
    write("de/signup_code.txt", "Hallo {code}\n");
    write("de/login_code.sms", "ohne Code\n");
    write("de/signup_cod.txt", "x");
    write("en/signup_code.txt", "Subject: x\n\n{code} {password}\n");
    let mistakes = Templates::load(app_url(), Some(&directory)).unwrap_err().to_string();
    fs::remove_dir_all(&directory).unwrap();
    for mistake in [
        "layout.html: has no {body}",
        "de/signup_code.txt: does not begin with a line Subject: …",
        "de/login_code.sms: has no {code}",
        "de/signup_cod.txt: is not <locale>/<template>.txt, .html or .sms of a known template",
        "en/signup_code.txt: {password} is not a value of messages",
    ] {
        assert!(mistakes.contains(&format!("MESSAGE_TEMPLATES: {mistake}")), "{mistakes}");
    }
}
