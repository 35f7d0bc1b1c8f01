//! `traceparent`: the trace that a request is part of (W3C Trace Context).

use actix_web::http::header::{HeaderMap, HeaderName};
use uuid::Uuid;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Where a request stands in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace; never zero.
    pub trace: u128,
    /// This request in it; never zero.
    pub span: u64,
    /// Who asked, where they said so.
    pub parent: Option<u64>,
    /// Whether the caller records the trace; `None` where there is no caller that said so.
    pub sampled: Option<bool>,
}

impl TraceContext {
    /// Of a request with `headers`, under a name of its own that `fresh` gives: the caller's trace where it names a
    /// well-formed one, else a new one.
    pub(super) fn of(headers: &HeaderMap, fresh: Uuid) -> Self {
        // Of a UUIDv7 the second half is random but for two bits, which are not both zero.
        let (_, span) = fresh.as_u64_pair();
        let mut values = headers.get_all(&TRACEPARENT);
        let given = match (values.next(), values.next()) {
            (Some(value), None) => parse(value.as_bytes()),
            _ => None,
        };
        match given {
            Some((trace, parent, sampled)) => {
                Self { trace, span, parent: Some(parent), sampled: Some(sampled) }
            }
            None => Self { trace: fresh.as_u128(), span, parent: None, sampled: None },
        }
    }
}

/// `00-<trace>-<parent>-<flags>` (§3.2); of a later version what this one has.
fn parse(value: &[u8]) -> Option<(u128, u64, bool)> {
    let (head, rest) = value.split_at_checked(55)?;
    let [version @ .., b'-'] = &head[..3] else { return None };
    let version = hex(version)?;
    let later = version != 0 && version != 0xff && (rest.is_empty() || rest[0] == b'-');
    if !((version == 0 && rest.is_empty()) || later) || head[35] != b'-' || head[52] != b'-' {
        return None;
    }
    let (trace, parent, flags) = (hex(&head[3..35])?, hex(&head[36..52])?, hex(&head[53..])?);
    let parent = u64::try_from(parent).ok()?;
    (trace != 0 && parent != 0).then_some((trace, parent, flags & 1 == 1))
}

/// Digits in lower case, as the standard has them.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(value))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn given(value: &str) -> TraceContext {
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, HeaderValue::from_str(value).unwrap());
        TraceContext::of(&headers, Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))
    }

    #[test]
    fn a_well_formed_trace_is_gone_on_with() {
        let trace = given("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(trace.trace, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_eq!((trace.parent, trace.sampled), (Some(0x00f0_67aa_0ba9_02b7), Some(true)));
        assert_eq!(trace.span, 0x8000_0000_0000_0001);
        assert_eq!(given("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").sampled, Some(false));
        assert!(given("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-later").parent.is_some());
    }

    #[test]
    fn any_other_begins_a_new_one() {
        for value in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            let trace = given(value);
            assert_eq!((trace.parent, trace.sampled), (None, None), "{value}");
            assert_eq!(trace.trace, 0x0190_0000_0000_7000_8000_0000_0000_0001, "{value}");
        }
    }
}
