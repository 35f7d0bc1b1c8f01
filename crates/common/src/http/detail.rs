//! What a problem document says beyond its title: what exactly was wrong with this request, in the caller's language.

use crate::locale::Locale;

/// The `detail` of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Detail {
    /// Where the JSON text stopped being one.
    Syntax { line: usize, column: usize },
    /// An object names a member twice.
    DuplicateMember(String),
    /// Arrays and objects nest too deep.
    TooDeep,
    /// The media types that are taken.
    MediaTypes(&'static str),
    /// A `Content-Encoding`.
    Encoded,
    /// The most bytes that are taken.
    Limit(usize),
    /// A query parameter that is not there, or not wanted.
    UnknownParameter(String),
    /// A query parameter that was sent more than once.
    RepeatedParameter(String),
    /// A query parameter that has to be sent.
    MissingParameter(String),
    /// A query parameter with a value that is not taken.
    BadParameter(String),
    /// A header with a value that is not taken.
    BadHeader(&'static str),
}

/// Longest name of the caller's that is told back, in characters.
const NAME_LENGTH: usize = 100;

impl Detail {
    /// The sentence in `locale`.
    pub(super) fn text(&self, locale: Locale) -> String {
        use Locale::{De, En, Fr};
        match self {
            Self::Syntax { line, column } => match locale {
                En => format!("Not JSON at line {line}, column {column}"),
                Fr => format!("Ce n'est pas du JSON, ligne {line}, colonne {column}"),
                De => format!("Kein JSON in Zeile {line}, Spalte {column}"),
            },
            Self::DuplicateMember(name) => {
                let name = short(name);
                match locale {
                    En => format!("The member \"{name}\" is there twice"),
                    Fr => format!("Le membre « {name} » est présent deux fois"),
                    De => format!("Das Feld „{name}“ kommt zweimal vor"),
                }
            }
            Self::TooDeep => match locale {
                En => "It nests deeper than 64 levels",
                Fr => "L'imbrication dépasse 64 niveaux",
                De => "Es ist tiefer als 64 Ebenen verschachtelt",
            }
            .to_owned(),
            Self::MediaTypes(types) => match locale {
                En => format!("Content-Type must be {types}, in UTF-8"),
                Fr => format!("Content-Type doit être {types}, en UTF-8"),
                De => format!("Content-Type muss {types} sein, in UTF-8"),
            },
            Self::Encoded => match locale {
                En => "A body with a Content-Encoding is not accepted",
                Fr => "Un corps avec Content-Encoding n'est pas accepté",
                De => "Ein Inhalt mit Content-Encoding wird nicht angenommen",
            }
            .to_owned(),
            Self::Limit(bytes) => match locale {
                En => format!("At most {bytes} bytes"),
                Fr => format!("Au plus {bytes} octets"),
                De => format!("Höchstens {bytes} Bytes"),
            },
            Self::UnknownParameter(name) => {
                let name = short(name);
                match locale {
                    En => format!("The parameter \"{name}\" is not known here"),
                    Fr => format!("Le paramètre « {name} » est inconnu ici"),
                    De => format!("Der Parameter „{name}“ ist hier unbekannt"),
                }
            }
            Self::RepeatedParameter(name) => {
                let name = short(name);
                match locale {
                    En => format!("The parameter \"{name}\" is there more than once"),
                    Fr => format!("Le paramètre « {name} » est présent plusieurs fois"),
                    De => format!("Der Parameter „{name}“ kommt mehrmals vor"),
                }
            }
            Self::MissingParameter(name) => {
                let name = short(name);
                match locale {
                    En => format!("The parameter \"{name}\" is required"),
                    Fr => format!("Le paramètre « {name} » est requis"),
                    De => format!("Der Parameter „{name}“ wird benötigt"),
                }
            }
            Self::BadParameter(name) => {
                let name = short(name);
                match locale {
                    En => format!("The value of \"{name}\" is not valid"),
                    Fr => format!("La valeur de « {name} » n'est pas valide"),
                    De => format!("Der Wert von „{name}“ ist ungültig"),
                }
            }
            Self::BadHeader(name) => match locale {
                En => format!("The value of {name} is not valid"),
                Fr => format!("La valeur de {name} n'est pas valide"),
                De => format!("Der Wert von {name} ist ungültig"),
            },
        }
    }
}

fn short(name: &str) -> String {
    name.chars().take(NAME_LENGTH).collect()
}
