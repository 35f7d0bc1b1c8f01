//! The table of everything that can go wrong, as callers see it (RFC 9457): a stable code, its status, its title in three
//! languages. Errors of the domains name a code; `http` turns it into an answer; `docs/problems.md` is made from here.

use crate::locale::Locale;

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $code:literal, $status:literal, $en:literal, $fr:literal, $de:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $en] $variant,)*
        }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name; never translated.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What it says to a person.
            pub const fn text(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Self::$variant, Locale::En) => $en,
                      (Self::$variant, Locale::Fr) => $fr,
                      (Self::$variant, Locale::De) => $de,)*
                }
            }
        }
    };
}

table! {
    /// The code of a problem.
    Code {
        BadRequest = "bad_request", 400, "The request is malformed", "La requête est mal formée", "Die Anfrage ist fehlerhaft";
        MalformedJson = "malformed_json", 400, "The body is not valid JSON", "Le corps n'est pas du JSON valide", "Der Inhalt ist kein gültiges JSON";
        InvalidParameter = "invalid_parameter", 400, "A query parameter is not valid", "Un paramètre de requête n'est pas valide", "Ein Abfrageparameter ist ungültig";
        InvalidHeader = "invalid_header", 400, "A header is not valid", "Un en-tête n'est pas valide", "Ein Header ist ungültig";
        TenantRequired = "tenant_required", 400, "The request names no tenant", "La requête ne nomme aucun locataire", "Die Anfrage nennt keinen Mandanten";
        TenantConflict = "tenant_conflict", 400, "Header and host name different tenants", "L'en-tête et l'hôte nomment des locataires différents", "Header und Host nennen verschiedene Mandanten";
        HostNotAllowed = "host_not_allowed", 400, "This host is not served here", "Cet hôte n'est pas servi ici", "Dieser Host wird hier nicht bedient";
        TokenMissing = "token_missing", 401, "Sign in first", "Connectez-vous d'abord", "Bitte zuerst anmelden";
        TokenInvalid = "token_invalid", 401, "The access token is not valid", "Le jeton d'accès n'est pas valide", "Das Zugriffstoken ist ungültig";
        CredentialsInvalid = "credentials_invalid", 401, "These credentials are not valid", "Ces identifiants ne sont pas valides", "Diese Zugangsdaten sind ungültig";
        RefreshTokenInvalid = "refresh_token_invalid", 401, "The refresh token is not valid", "Le jeton de rafraîchissement n'est pas valide", "Das Aktualisierungstoken ist ungültig";
        RefreshTokenReused = "refresh_token_reused", 401, "The refresh token was used before; the session has ended", "Le jeton de rafraîchissement a déjà servi ; la session est terminée", "Das Aktualisierungstoken wurde schon benutzt; die Sitzung ist beendet";
        PermissionDenied = "permission_denied", 403, "You may not do this", "Vous n'avez pas ce droit", "Dazu fehlt Ihnen die Berechtigung";
        TwoFactorRequired = "two_factor_required", 403, "This needs a second factor", "Ceci demande un second facteur", "Das verlangt einen zweiten Faktor";
        ReauthenticationRequired = "reauthentication_required", 403, "Confirm who you are first", "Confirmez d'abord votre identité", "Bitte zuerst die Identität bestätigen";
        TenantSuspended = "tenant_suspended", 403, "This tenant is suspended", "Ce locataire est suspendu", "Dieser Mandant ist gesperrt";
        SignupClosed = "signup_closed", 403, "Sign-up is not open here", "L'inscription n'est pas ouverte ici", "Die Registrierung ist hier nicht offen";
        CaptchaFailed = "captcha_failed", 403, "The captcha was not solved", "Le captcha n'a pas été résolu", "Das Captcha wurde nicht gelöst";
        CsrfFailed = "csrf_failed", 403, "The request does not come from this site", "La requête ne vient pas de ce site", "Die Anfrage kommt nicht von dieser Seite";
        CannotGrant = "cannot_grant", 403, "You cannot give what you do not hold", "Vous ne pouvez pas donner ce que vous n'avez pas", "Sie können nicht vergeben, was Sie nicht haben";
        InvitationNotYours = "invitation_not_yours", 403, "This invitation is for another address", "Cette invitation est pour une autre adresse", "Diese Einladung gilt einer anderen Adresse";
        SystemRole = "system_role", 403, "System roles cannot be changed", "Les rôles système ne peuvent pas être modifiés", "Systemrollen sind unveränderlich";
        NotFound = "not_found", 404, "Not found", "Introuvable", "Nicht gefunden";
        TenantNotFound = "tenant_not_found", 404, "There is no such tenant", "Ce locataire n'existe pas", "Diesen Mandanten gibt es nicht";
        MethodNotAllowed = "method_not_allowed", 405, "This method is not allowed here", "Cette méthode n'est pas permise ici", "Diese Methode ist hier nicht erlaubt";
        RequestTimeout = "request_timeout", 408, "The request took too long to arrive", "La requête a mis trop de temps à arriver", "Die Anfrage kam zu langsam an";
        Conflict = "conflict", 409, "This conflicts with the present state", "Ceci est en conflit avec l'état actuel", "Das widerspricht dem jetzigen Zustand";
        NameTaken = "name_taken", 409, "This name is taken", "Ce nom est déjà pris", "Dieser Name ist vergeben";
        CodeTaken = "code_taken", 409, "This code is taken", "Ce code est déjà pris", "Dieser Code ist vergeben";
        SlugTaken = "slug_taken", 409, "This slug is taken", "Cet identifiant est déjà pris", "Dieses Kürzel ist vergeben";
        EmailTaken = "email_taken", 409, "This e-mail address is taken", "Cette adresse e-mail est déjà prise", "Diese E-Mail-Adresse ist vergeben";
        PhoneTaken = "phone_taken", 409, "This phone number is taken", "Ce numéro de téléphone est déjà pris", "Diese Telefonnummer ist vergeben";
        AddressVerified = "address_verified", 409, "Only its holder changes a verified address", "Seul son titulaire change une adresse vérifiée", "Eine bestätigte Adresse ändert nur, wem sie gehört";
        HasChildren = "has_children", 409, "It still has children", "Il a encore des enfants", "Es hat noch untergeordnete Einträge";
        CompanyCycle = "company_cycle", 409, "A company cannot be below itself", "Une société ne peut pas être sous elle-même", "Ein Unternehmen kann nicht unter sich selbst stehen";
        LastOwner = "last_owner", 409, "The last owner cannot go", "Le dernier propriétaire ne peut pas partir", "Der letzte Eigentümer kann nicht gehen";
        RoleInUse = "role_in_use", 409, "This role is still held", "Ce rôle est encore attribué", "Diese Rolle ist noch vergeben";
        AlreadyMember = "already_member", 409, "This user is a member already", "Cet utilisateur est déjà membre", "Dieser Benutzer ist schon Mitglied";
        AlreadyGranted = "already_granted", 409, "This is held already", "Ceci est déjà attribué", "Das ist schon vergeben";
        AlreadyEnabled = "already_enabled", 409, "This is on already", "Ceci est déjà activé", "Das ist schon eingeschaltet";
        NotPending = "not_pending", 409, "There is nothing to confirm", "Il n'y a rien à confirmer", "Es gibt nichts zu bestätigen";
        AccountExists = "account_exists", 409, "There is an account already; sign in to accept", "Un compte existe déjà ; connectez-vous pour accepter", "Es gibt schon ein Konto; bitte anmelden und annehmen";
        QuotaExceeded = "quota_exceeded", 409, "The tenant has as many of these as it may have", "Le locataire en a déjà autant qu'il peut en avoir", "Der Mandant hat davon schon so viele, wie er haben darf";
        WebhookPaused = "webhook_paused", 409, "This webhook is paused; resume it first", "Ce webhook est en pause ; réactivez-le d'abord", "Dieser Webhook ruht; bitte zuerst wieder einschalten";
        IdempotencyInProgress = "idempotency_in_progress", 409, "The first request with this key is still running", "La première requête avec cette clé est en cours", "Die erste Anfrage mit diesem Schlüssel läuft noch";
        VersionMismatch = "version_mismatch", 412, "It was changed in the meantime", "Il a été modifié entre-temps", "Es wurde inzwischen geändert";
        BodyTooLarge = "body_too_large", 413, "The body is too large", "Le corps est trop grand", "Der Inhalt ist zu groß";
        UnsupportedMediaType = "unsupported_media_type", 415, "This media type is not accepted", "Ce type de média n'est pas accepté", "Dieser Medientyp wird nicht angenommen";
        ValidationFailed = "validation_failed", 422, "Some fields are not valid", "Certains champs ne sont pas valides", "Einige Felder sind ungültig";
        UnknownField = "unknown_field", 422, "The body has an unknown member", "Le corps contient un membre inconnu", "Der Inhalt hat ein unbekanntes Feld";
        UnknownReference = "unknown_reference", 422, "The body refers to something that is not there", "Le corps se réfère à quelque chose d'inexistant", "Der Inhalt verweist auf etwas, das es nicht gibt";
        SlugReserved = "slug_reserved", 422, "This slug is reserved", "Cet identifiant est réservé", "Dieses Kürzel ist reserviert";
        OtpInvalid = "otp_invalid", 422, "The code is not valid", "Le code n'est pas valide", "Der Code ist ungültig";
        OtpExhausted = "otp_exhausted", 422, "Too many wrong codes; start again", "Trop de codes erronés ; recommencez", "Zu viele falsche Codes; bitte neu beginnen";
        ChallengeInvalid = "challenge_invalid", 422, "This challenge is not valid", "Cette vérification n'est pas valide", "Diese Prüfung ist ungültig";
        SignupTokenInvalid = "signup_token_invalid", 422, "The sign-up token is not valid", "Le jeton d'inscription n'est pas valide", "Das Registrierungstoken ist ungültig";
        AddressMismatch = "address_mismatch", 422, "This is not the address that was verified", "Ce n'est pas l'adresse vérifiée", "Das ist nicht die bestätigte Adresse";
        PasswordIncorrect = "password_incorrect", 422, "The password is not correct", "Le mot de passe est incorrect", "Das Passwort ist falsch";
        ResetTokenInvalid = "reset_token_invalid", 422, "The reset token is not valid", "Le jeton de réinitialisation n'est pas valide", "Das Rücksetztoken ist ungültig";
        VerificationTokenInvalid = "verification_token_invalid", 422, "The verification token is not valid", "Le jeton de vérification n'est pas valide", "Das Bestätigungstoken ist ungültig";
        InvitationInvalid = "invitation_invalid", 422, "The invitation is not valid", "L'invitation n'est pas valide", "Die Einladung ist ungültig";
        IdempotencyKeyReused = "idempotency_key_reused", 422, "This key was used with another body", "Cette clé a servi avec un autre corps", "Dieser Schlüssel wurde mit anderem Inhalt benutzt";
        RateLimited = "rate_limited", 429, "Too many requests", "Trop de requêtes", "Zu viele Anfragen";
        InternalError = "internal_error", 500, "Something went wrong on our side", "Une erreur est survenue de notre côté", "Bei uns ist etwas schiefgegangen";
        ServiceUnavailable = "service_unavailable", 503, "The service is not available at the moment", "Le service est momentanément indisponible", "Der Dienst ist zurzeit nicht verfügbar";
    }
}

table! {
    /// The code of one field's error; braces stand for the error's parameters.
    FieldCode {
        Required = "required", 422, "This is required", "Ce champ est requis", "Das wird benötigt";
        InvalidType = "invalid_type", 422, "This has the wrong type", "Le type est incorrect", "Das hat den falschen Typ";
        InvalidFormat = "invalid_format", 422, "This is not well formed", "Le format est incorrect", "Das hat die falsche Form";
        InvalidChoice = "invalid_choice", 422, "This is not one of the choices", "Ce n'est pas un des choix", "Das ist keine der Möglichkeiten";
        TooShort = "too_short", 422, "At least {min} characters", "Au moins {min} caractères", "Mindestens {min} Zeichen";
        TooLong = "too_long", 422, "At most {max} characters", "Au plus {max} caractères", "Höchstens {max} Zeichen";
        OutOfRange = "out_of_range", 422, "Between {min} and {max}", "Entre {min} et {max}", "Zwischen {min} und {max}";
        TooMany = "too_many", 422, "At most {max} items", "Au plus {max} éléments", "Höchstens {max} Einträge";
        Empty = "empty", 422, "At least one", "Au moins un", "Mindestens einer";
        UnknownField = "unknown_field", 422, "This member is not known", "Ce membre est inconnu", "Dieses Feld ist unbekannt";
        UnknownReference = "unknown_reference", 422, "This refers to nothing", "Ceci ne se réfère à rien", "Das verweist auf nichts";
        ControlCharacters = "control_characters", 422, "Control characters are not allowed", "Les caractères de contrôle ne sont pas permis", "Steuerzeichen sind nicht erlaubt";
        InvalidEmail = "invalid_email", 422, "This is not an e-mail address", "Ce n'est pas une adresse e-mail", "Das ist keine E-Mail-Adresse";
        InvalidPhone = "invalid_phone", 422, "This is not an international phone number", "Ce n'est pas un numéro international", "Das ist keine internationale Telefonnummer";
        CommonPassword = "common_password", 422, "This password is too common", "Ce mot de passe est trop courant", "Dieses Passwort ist zu verbreitet";
        GuessablePassword = "guessable_password", 422, "This password is easy to guess", "Ce mot de passe est facile à deviner", "Dieses Passwort ist leicht zu erraten";
        RepetitivePassword = "repetitive_password", 422, "Repeated characters and words are easy to guess", "Les caractères et les mots répétés sont faciles à deviner", "Wiederholte Zeichen und Wörter sind leicht zu erraten";
        SequentialPassword = "sequential_password", 422, "Sequences and rows of keys are easy to guess", "Les suites et les rangées de touches sont faciles à deviner", "Reihenfolgen und Tastenreihen sind leicht zu erraten";
        DatePassword = "date_password", 422, "Dates and years are easy to guess", "Les dates et les années sont faciles à deviner", "Daten und Jahreszahlen sind leicht zu erraten";
        WordPassword = "word_password", 422, "Names and single words are easy to guess", "Les noms et les mots isolés sont faciles à deviner", "Namen und einzelne Wörter sind leicht zu erraten";
        PersonalPassword = "personal_password", 422, "This is easy to guess for whoever knows your name, your address or this place", "C'est facile à deviner pour qui connaît votre nom, votre adresse ou ce lieu", "Das ist leicht zu erraten, wenn man Ihren Namen, Ihre Adresse oder diesen Ort kennt";
        NotInFuture = "not_in_future", 422, "This must lie in the future", "Ceci doit être dans le futur", "Das muss in der Zukunft liegen";
        ForbiddenTarget = "forbidden_target", 422, "This address cannot be called from here", "Cette adresse ne peut pas être appelée d'ici", "Diese Adresse kann von hier nicht aufgerufen werden";
        Exclusive = "exclusive", 422, "Exactly one of these", "Exactement un de ceux-ci", "Genau eines davon";
    }
}
