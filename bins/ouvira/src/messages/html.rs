//! The HTML of a mail, made from its text.

use super::text::{Line, Piece, Text, Values};

const CODE: &str = "font-size:28px;font-weight:bold;letter-spacing:4px";
const BUTTON: &str = "display:inline-block;padding:10px 18px;border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none";
const SMALL: &str = "font-size:12px;color:#6b7280;word-break:break-all";

/// Escapes text for an HTML element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A paragraph for each that the text has: a code in large type, a line that ends in a link as a button.
pub(super) fn paragraphs(text: &Text, values: &Values) -> String {
    let mut html = String::new();
    let lines = text.lines(values);
    for paragraph in lines.split(|line| line.0.is_empty()).filter(|paragraph| !paragraph.is_empty()) {
        let lines: Vec<String> = paragraph.iter().map(|line| written(line, values)).collect();
        html.push_str("<p>");
        html.push_str(&lines.join("<br>\n"));
        html.push_str("</p>\n");
    }
    html
}

fn written(line: &Line, values: &Values) -> String {
    let escaped = |pieces: &[Piece]| escape(&Line(pieces.to_vec()).fill(values));
    match line.0.as_slice() {
        [code @ Piece::Value("code")] => {
            format!("<span style=\"{CODE}\">{}</span>", escaped(std::slice::from_ref(code)))
        }
        [label @ .., target @ Piece::Value("link")] => {
            let target = escaped(std::slice::from_ref(target));
            let label = escaped(label);
            let label = label.trim().trim_end_matches(':').trim_end();
            let label = if label.is_empty() { &target } else { label };
            format!(
                "<a href=\"{target}\" style=\"{BUTTON}\">{label}</a><br>\n<span style=\"{SMALL}\">{target}</span>"
            )
        }
        pieces => escaped(pieces),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_text_are_escaped_and_codes_and_links_stand_out() {
        let text = Text::parse(
            "It's {tenant} <now>\n{device}\n\n{code}\n\nGo & see : {link}",
            &["tenant", "device", "code", "link"],
        );
        let values = [("tenant", "<b>\"A\"</b>"), ("code", "123456"), ("link", "https://a.example/?a=1&b=2")];
        let values = values.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let html = paragraphs(&text.unwrap(), &values);
        assert!(
            html.starts_with("<p>It&#39;s &lt;b&gt;&quot;A&quot;&lt;/b&gt; &lt;now&gt;</p>\n<p><span style="),
            "{html}"
        );
        assert!(html.contains(">123456</span></p>"), "{html}");
        assert!(html.contains("<a href=\"https://a.example/?a=1&amp;b=2\""), "{html}");
        assert!(html.contains(">Go &amp; see</a>"), "{html}");
    }
}
