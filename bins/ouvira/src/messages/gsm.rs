//! The default alphabet of SMS (3GPP TS 23.038 §6.2.1): a text within it may have 160 characters, any other only 70.

const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// `text` with common characters outside of the alphabet replaced by near ones in it. What has none stays.
pub(super) fn fitted(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if ALPHABET.contains(c) => c,
            '’' | '‘' | '`' | '´' => '\'',
            '“' | '”' | '„' | '«' | '»' => '"',
            '–' | '—' => '-',
            '\u{a0}' | '\u{202f}' | '\t' => ' ',
            'â' | 'á' => 'a',
            'ê' | 'ë' => 'e',
            'î' | 'ï' | 'í' => 'i',
            'ô' | 'ó' => 'o',
            'û' | 'ú' => 'u',
            'ç' => 'c',
            'À' | 'Â' | 'Á' => 'A',
            'È' | 'Ê' | 'Ë' => 'E',
            'Î' | 'Ï' => 'I',
            'Ô' => 'O',
            'Ù' | 'Û' => 'U',
            c => c,
        })
        .collect()
}

/// Whether all of `text` is in the alphabet.
#[cfg(test)]
pub(super) fn fits(text: &str) -> bool {
    text.chars().all(|c| ALPHABET.contains(c))
}
