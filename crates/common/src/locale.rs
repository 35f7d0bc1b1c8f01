//! The three languages the product speaks.

use serde::{Deserialize, Serialize};

/// A language of texts made for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "http", derive(schemars::JsonSchema))]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
    /// German.
    De,
}

impl Locale {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::En, Self::Fr, Self::De];

    /// The BCP 47 tag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::De => "de",
        }
    }

    /// The language of a BCP 47 tag such as `de-AT`, when it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split('-').next().unwrap_or(tag);
        Self::ALL.into_iter().find(|locale| locale.as_str().eq_ignore_ascii_case(language))
    }

    /// The best of an `Accept-Language` value (RFC 9110 §12.5.4); the default when none fits.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (Self::default(), 0.0_f32);
        for item in accept_language.split(',').take(20) {
            let mut parts = item.split(';');
            let Some(locale) = parts.next().and_then(|tag| Self::from_tag(tag.trim())) else { continue };
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1.0), |q| q.parse::<f32>().ok())
                .filter(|q| (0.0..=1.0).contains(q));
            if let Some(quality) = quality.filter(|q| *q > best.1) {
                best = (locale, quality);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_quality_wins_and_nonsense_is_english() {
        assert_eq!(Locale::negotiate("fr-CH, fr;q=0.9, en;q=0.8"), Locale::Fr);
        assert_eq!(Locale::negotiate("en;q=0.2, de-AT;q=0.7"), Locale::De);
        assert_eq!(Locale::negotiate("es, *;q=0.5"), Locale::En);
        assert_eq!(Locale::negotiate(";;q=,,=;fr;q=NaN"), Locale::En);
    }
}
