//! How hard a password is to guess, as zxcvbn estimates it (Wheeler, USENIX Security 2016): it knows words, names, dates, rows
//! of keys, repetitions, and what people replace letters by.

use ouvira_common::problem::FieldCode;
use zxcvbn::{
    Entropy, Score,
    feedback::{Feedback, Warning},
    zxcvbn,
};

/// How many characters are looked at: the work grows with the square of it, to 25 ms for 32 of the worst sort.
const LOOKED_AT: usize = 32;
/// The most words of the place and the person that are known to it.
const WORDS: usize = 24;
/// Fewer guesses than a million is too few. What takes more is for the delays after failed logins and for Argon2id; asking for
/// more would refuse eight letters drawn by lot, and so be a rule of composition.
const ENOUGH: Score = Score::Two;

/// Why `password` is easy to guess for somebody who knows `words`; `None` when it is not. Of a long one the beginning and the
/// end are judged, and it is enough when one of them is hard.
pub(super) fn weakness(password: &str, words: &[String]) -> Option<FieldCode> {
    let words: Vec<&str> = words.iter().take(WORDS).map(String::as_str).collect();
    let characters: Vec<char> = password.chars().collect();
    let beginning: String = characters.iter().take(LOOKED_AT).collect();
    let reason = judge(&beginning, &words)?;
    if characters.len() > LOOKED_AT {
        let end: String = characters[characters.len() - LOOKED_AT..].iter().collect();
        judge(&end, &words)?;
    }
    Some(reason)
}

fn judge(password: &str, words: &[&str]) -> Option<FieldCode> {
    let knowing = zxcvbn(password, words);
    if knowing.score() >= ENOUGH {
        return None;
    }
    let knowing_nothing = zxcvbn(password, &[]);
    Some(if knowing_nothing.score() >= ENOUGH {
        FieldCode::PersonalPassword
    } else {
        reason(&knowing_nothing)
    })
}

fn reason(entropy: &Entropy) -> FieldCode {
    let Some(warning) = entropy.feedback().and_then(Feedback::warning) else {
        return FieldCode::GuessablePassword;
    };
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess
        | Warning::ShortKeyboardPatternsAreEasyToGuess
        | Warning::SequencesLikeAbcAreEasyToGuess => FieldCode::SequentialPassword,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            FieldCode::RepetitivePassword
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => FieldCode::CommonPassword,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => FieldCode::DatePassword,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => FieldCode::WordPassword,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(password: &str) -> Option<FieldCode> {
        weakness(password, &[])
    }

    #[test]
    fn the_reason_is_told() {
        assert_eq!(of("zzzzzzzzzzzz"), Some(FieldCode::RepetitivePassword));
        assert_eq!(of("hunter2hunter2"), Some(FieldCode::RepetitivePassword));
        assert_eq!(of("abcdefghijk"), Some(FieldCode::SequentialPassword));
        assert_eq!(of("23.11.1987"), Some(FieldCode::DatePassword));
        assert_eq!(of("summer2024"), Some(FieldCode::CommonPassword));
        assert_eq!(of("hlrvnptk"), None);
        assert_eq!(of("correct horse battery"), None);
    }

    #[test]
    fn a_long_one_is_easy_only_from_end_to_end() {
        let long = |beginning: &str, end: &str| of(&format!("{}{}", beginning.repeat(8), end.repeat(8)));
        assert_eq!(long("password", "aaaaaaaa"), Some(FieldCode::RepetitivePassword));
        assert_eq!(long("aaaaaaaa", "k3!vQ-hl"), None);
        assert_eq!(long("ж-пъ9?ыю", "aaaaaaaa"), None);
    }
}
