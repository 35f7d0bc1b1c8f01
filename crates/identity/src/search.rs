//! The words a user is found by.
//!
//! Row-level security lets only plain comparisons use an index, so there is no substring search: a word that is searched
//! for finds whoever has a token that begins with it. Tokens are what follows each beginning of a word, so that
//! `Jean-Pierre` is found by `jean-p` and by `pie`, and `ada@example.com` by `ada` and by `example.c`.

use std::collections::BTreeSet;

use ouvira_common::text::fold;
use unicode_normalization::{UnicodeNormalization as _, char::canonical_combining_class};

use crate::model::User;

/// Tokens a user has at most.
const MAX_TOKENS: usize = 40;
/// Characters a token or a searched word has at most; what goes beyond is cut off on both sides alike.
const MAX_LENGTH: usize = 80;
/// Words of a search that count.
const MAX_WORDS: usize = 4;

/// The words of a text, folded and without accents, so that `Jose` finds `José`.
fn words(text: &str) -> Vec<String> {
    let plain: String = fold(text).nfd().filter(|c| canonical_combining_class(*c) == 0).collect();
    plain.split_whitespace().map(str::to_owned).collect()
}

fn cut(word: &str) -> &str {
    word.char_indices().nth(MAX_LENGTH).map_or(word, |(end, _)| &word[..end])
}

/// Everything in `text` that a search may begin with.
fn tokens_of(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for word in words(text) {
        let mut inside = false;
        for (start, c) in word.char_indices() {
            if start == 0 || (c.is_alphanumeric() && !inside) {
                tokens.push(cut(&word[start..]).to_owned());
            }
            inside = c.is_alphanumeric();
        }
    }
    tokens
}

/// The tokens of a user: names, e-mail address, phone number; each once, in order.
pub(crate) fn tokens(user: &User) -> Vec<String> {
    let texts = [
        Some(user.first_name.as_str()),
        Some(user.last_name.as_str()),
        user.email.as_ref().map(|contact| contact.address.as_str()),
        user.phone.as_ref().map(|contact| contact.address.as_str()),
    ];
    let tokens: BTreeSet<String> = texts.into_iter().flatten().flat_map(tokens_of).take(MAX_TOKENS).collect();
    tokens.into_iter().collect()
}

/// A range of tokens: those that begin with a searched word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// The first.
    pub(crate) from: String,
    /// Above the last.
    pub(crate) below: String,
}

/// The ranges of a search; a user is found who has a token in each of them. Without words there are none, and everybody
/// is found.
pub(crate) fn prefixes(search: &str) -> Vec<Prefix> {
    let range = |word: String| {
        let from = cut(&word).to_owned();
        // In the "C" collation nothing sorts behind the last code point, which is no character.
        let below = format!("{from}\u{10FFFF}");
        Prefix { from, below }
    };
    words(search).into_iter().take(MAX_WORDS).map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(search: &str, text: &str) -> bool {
        let tokens = tokens_of(text);
        prefixes(search)
            .iter()
            .all(|prefix| tokens.iter().any(|token| *token >= prefix.from && *token < prefix.below))
    }

    #[test]
    fn words_are_found_by_how_they_begin() {
        for (search, text) in [
            ("jean-p", "Jean-Pierre"),
            ("PIE", "Jean-Pierre"),
            ("jose", "José"),
            ("josé", "JOSE"),
            ("bri", "O'Brien"),
            ("ada", "ada@example.com"),
            ("example.c", "ada@example.com"),
            ("+336", "+33612345678"),
            ("336", "+33612345678"),
            ("grace ho", "Grace Brewster Hopper"),
            ("", "anybody"),
        ] {
            assert!(finds(search, text), "{search} should find {text}");
        }
        for (search, text) in
            [("ierre", "Jean-Pierre"), ("adam", "ada@example.com"), ("grace x", "Grace Hopper")]
        {
            assert!(!finds(search, text), "{search} should not find {text}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(text: String) {
            let once = words(&text);
            prop_assert_eq!(words(&once.join(" ")), once);
        }

        #[test]
        fn a_text_is_found_by_itself_and_by_how_each_of_its_words_begins(text in "\\PC{0,60}", length in 1_usize..8) {
            prop_assert!(finds(&text, &text));
            for word in words(&text) {
                let beginning: String = word.chars().take(length).collect();
                prop_assert!(finds(&beginning, &text), "{}", beginning);
            }
        }

        #[test]
        fn tokens_are_bounded_and_never_empty(text: String) {
            for token in tokens_of(&text) {
                prop_assert!(!token.is_empty() && token.chars().count() <= MAX_LENGTH && !token.contains('\0'), "{:?}", token);
            }
        }
    }
}
