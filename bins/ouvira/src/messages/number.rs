//! Whole numbers as people write them.

use ouvira_common::locale::Locale;

/// Five digits and more in groups of three.
pub(super) fn written(number: i64, locale: Locale) -> String {
    let separator = match locale {
        Locale::En => ',',
        Locale::Fr => '\u{202f}',
        Locale::De => '.',
    };
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped_in_the_readers_way() {
        let all = |number| Locale::ALL.map(|locale| written(number, locale));
        assert_eq!(written(30, Locale::En), "30");
        assert_eq!(written(1440, Locale::De), "1440");
        assert_eq!(written(10_080, Locale::En), "10,080");
        assert_eq!(written(10_080, Locale::Fr), "10\u{202f}080");
        assert_eq!(written(-1_234_567, Locale::De), "-1.234.567");
        assert!(all(5).iter().all(|text| text == "5"));
    }
}
