//! What a notification says: made for the reader, in their language, from kind and data.

use ouvira_common::locale::Locale;
use serde_json::Value;

/// Title and body of one kind in the three languages. `{a.b}` stands for the member `b` of the member `a` of the data.
struct Text {
    kind: &'static str,
    /// About the security of the account: cannot be switched off, and is mailed by whom it concerns.
    binding: bool,
    en: [&'static str; 2],
    fr: [&'static str; 2],
    de: [&'static str; 2],
}

const TEXTS: &[Text] = &[
    Text {
        kind: "company.joined",
        binding: false,
        en: ["You joined a company", "Somebody made you a member."],
        fr: ["Vous avez rejoint une société", "Quelqu'un vous a fait membre."],
        de: ["Sie gehören zu einem Unternehmen", "Jemand hat Sie zum Mitglied gemacht."],
    },
    Text {
        kind: "company.left",
        binding: false,
        en: ["You left a company", "You are no longer a member."],
        fr: ["Vous avez quitté une société", "Vous n'êtes plus membre."],
        de: ["Sie haben ein Unternehmen verlassen", "Sie sind nicht mehr Mitglied."],
    },
    Text {
        kind: "role.granted",
        binding: false,
        en: ["You were given a role", "You now hold the role {role.name}."],
        fr: ["Un rôle vous a été attribué", "Vous avez désormais le rôle {role.name}."],
        de: ["Ihnen wurde eine Rolle gegeben", "Sie haben jetzt die Rolle {role.name}."],
    },
    Text {
        kind: "role.revoked",
        binding: false,
        en: ["A role was taken from you", "You no longer hold the role {role.name}."],
        fr: ["Un rôle vous a été retiré", "Vous n'avez plus le rôle {role.name}."],
        de: ["Ihnen wurde eine Rolle entzogen", "Sie haben die Rolle {role.name} nicht mehr."],
    },
    Text {
        kind: "sign_in.new_device",
        binding: true,
        en: [
            "New sign-in",
            "Your account was used to sign in on {device} from {ip}. If that was not you, end the session and change \
             your password.",
        ],
        fr: [
            "Nouvelle connexion",
            "Votre compte a servi à se connecter sur {device} depuis {ip}. Si ce n'était pas vous, terminez la session \
             et changez de mot de passe.",
        ],
        de: [
            "Neue Anmeldung",
            "Mit Ihrem Konto wurde auf {device} von {ip} aus angemeldet. Wenn Sie das nicht waren, beenden Sie die \
             Sitzung und ändern Sie Ihr Passwort.",
        ],
    },
    Text {
        kind: "session.ended_for_reuse",
        binding: true,
        en: [
            "A session was ended",
            "A token of your session was used twice, which may mean that it was stolen. The session was ended.",
        ],
        fr: [
            "Une session a été terminée",
            "Un jeton de votre session a servi deux fois ; il a peut-être été volé. La session a été terminée.",
        ],
        de: [
            "Eine Sitzung wurde beendet",
            "Ein Token Ihrer Sitzung wurde zweimal benutzt und vielleicht gestohlen. Die Sitzung wurde beendet.",
        ],
    },
    Text {
        kind: "second_factor.enabled",
        binding: true,
        en: ["Second factor switched on", "Signing in now asks for a code of your authenticator."],
        fr: ["Second facteur activé", "La connexion demande désormais un code de votre application."],
        de: ["Zweiter Faktor eingeschaltet", "Die Anmeldung fragt jetzt nach einem Code Ihrer App."],
    },
    Text {
        kind: "second_factor.disabled",
        binding: true,
        en: [
            "Second factor switched off",
            "Signing in no longer asks for a code. If that was not you, act now.",
        ],
        fr: [
            "Second facteur désactivé",
            "La connexion ne demande plus de code. Si ce n'était pas vous, agissez maintenant.",
        ],
        de: [
            "Zweiter Faktor ausgeschaltet",
            "Die Anmeldung fragt nicht mehr nach einem Code. Wenn Sie das nicht waren, handeln Sie jetzt.",
        ],
    },
    Text {
        kind: "second_factor.backup_codes_renewed",
        binding: true,
        en: ["New backup codes", "Your former backup codes no longer work."],
        fr: ["Nouveaux codes de secours", "Vos anciens codes de secours ne fonctionnent plus."],
        de: ["Neue Ersatzcodes", "Ihre bisherigen Ersatzcodes gelten nicht mehr."],
    },
    Text {
        kind: "second_factor.exhausted",
        binding: true,
        en: [
            "Too many wrong codes",
            "Somebody who knows your password entered many wrong codes. Change your password.",
        ],
        fr: [
            "Trop de codes erronés",
            "Quelqu'un qui connaît votre mot de passe a saisi de nombreux codes erronés. Changez de mot de passe.",
        ],
        de: [
            "Zu viele falsche Codes",
            "Jemand, der Ihr Passwort kennt, hat viele falsche Codes eingegeben. Ändern Sie Ihr Passwort.",
        ],
    },
    Text {
        kind: "password.changed",
        binding: true,
        en: ["Password changed", "Your password was changed. If that was not you, reset it now."],
        fr: [
            "Mot de passe modifié",
            "Votre mot de passe a été modifié. Si ce n'était pas vous, réinitialisez-le.",
        ],
        de: [
            "Passwort geändert",
            "Ihr Passwort wurde geändert. Wenn Sie das nicht waren, setzen Sie es zurück.",
        ],
    },
    Text {
        kind: "email.changed",
        binding: true,
        en: ["E-mail address changed", "The e-mail address of your account was changed."],
        fr: ["Adresse e-mail modifiée", "L'adresse e-mail de votre compte a été modifiée."],
        de: ["E-Mail-Adresse geändert", "Die E-Mail-Adresse Ihres Kontos wurde geändert."],
    },
    Text {
        kind: "phone.changed",
        binding: true,
        en: ["Phone number changed", "The phone number of your account was changed."],
        fr: ["Numéro de téléphone modifié", "Le numéro de téléphone de votre compte a été modifié."],
        de: ["Telefonnummer geändert", "Die Telefonnummer Ihres Kontos wurde geändert."],
    },
    Text {
        kind: "webhook.paused",
        binding: false,
        en: [
            "A webhook was paused",
            "{url} has not taken an event for days, so nothing is sent there any more.",
        ],
        fr: [
            "Un webhook a été mis en pause",
            "{url} n'accepte plus d'événement depuis des jours ; plus rien n'y est envoyé.",
        ],
        de: [
            "Ein Webhook ruht jetzt",
            "{url} hat seit Tagen kein Ereignis angenommen; es wird nichts mehr dorthin gesendet.",
        ],
    },
];

/// For kinds that a newer release wrote.
const UNKNOWN: Text = Text {
    kind: "",
    binding: false,
    en: ["Something happened in your account", ""],
    fr: ["Votre compte a du nouveau", ""],
    de: ["In Ihrem Konto hat sich etwas getan", ""],
};

/// Every kind of notification, and whether it is binding: about the security of the account, so that it cannot be
/// switched off.
pub(crate) fn kinds() -> impl Iterator<Item = (&'static str, bool)> {
    TEXTS.iter().map(|text| (text.kind, text.binding))
}

/// Title and body.
pub(crate) fn text_of(kind: &str, data: &Value, locale: Locale) -> (String, String) {
    let text = TEXTS.iter().find(|text| text.kind == kind).unwrap_or(&UNKNOWN);
    let [title, body] = match locale {
        Locale::En => text.en,
        Locale::Fr => text.fr,
        Locale::De => text.de,
    };
    (filled(title, data), filled(body, data))
}

/// `template` with its placeholders filled; a value that is not there is a dash.
fn filled(template: &str, data: &Value) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((path, after)) = after.split_once('}') else { break };
        text.push_str(before);
        let value = path.split('.').try_fold(data, |value, member| value.get(member));
        match value {
            Some(Value::String(value)) => text.push_str(value),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => text.push_str(&value.to_string()),
            _ => text.push('–'),
        }
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_speak_the_readers_language_and_bear_missing_values() {
        let data = json!({"role": {"name": "{device} of {role.name}"}});
        let (title, body) = text_of("role.granted", &data, Locale::De);
        assert_eq!(title, "Ihnen wurde eine Rolle gegeben");
        assert_eq!(body, "Sie haben jetzt die Rolle {device} of {role.name}.", "values are not templates");
        assert_eq!(text_of("role.granted", &json!({}), Locale::En).1, "You now hold the role –.");
        assert_eq!(text_of("from.the.future", &data, Locale::Fr).0, "Votre compte a du nouveau");
    }

    #[test]
    fn every_language_has_the_placeholders_of_the_others() {
        let placeholders = |text: &str| {
            let mut found: Vec<_> =
                text.split('{').skip(1).map(|rest| rest.split('}').next().map(str::to_owned)).collect();
            found.sort_unstable();
            found
        };
        for text in TEXTS {
            for part in [0, 1] {
                assert_eq!(placeholders(text.en[part]), placeholders(text.fr[part]), "{}", text.kind);
                assert_eq!(placeholders(text.en[part]), placeholders(text.de[part]), "{}", text.kind);
            }
        }
    }
}
