//! Where to go after sign-in: only ever to a page of ours (S-29).

/// `raw` when it is a path on this server, else `/`. Looks at the text as given and once decoded.
pub fn safe(raw: &str) -> &str {
    let inside = |text: &str| {
        text.starts_with('/')
            && !text.starts_with("//")
            && !text.chars().any(|c| c.is_control() || c == '\\' || c == '@')
            && !text.split(['?', '#']).next().is_some_and(|path| path.contains("//") || path.contains(':'))
    };
    if raw.len() <= 2_048 && inside(raw) && inside(&decoded(raw)) { raw } else { "/" }
}

/// Percent-decoding, once; what is not text afterwards becomes a replacement character.
fn decoded(raw: &str) -> String {
    let mut bytes = raw.bytes();
    let mut out = Vec::with_capacity(raw.len());
    while let Some(byte) = bytes.next() {
        let escape = (byte == b'%').then(|| {
            let mut ahead = bytes.clone();
            Some((hex(ahead.next()?)? << 4) | hex(ahead.next()?)?)
        });
        if let Some(Some(value)) = escape {
            out.push(value);
            bytes.nth(1);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_ours_are_kept() {
        for path in [
            "/",
            "/devices",
            "/devices/7/backups?page=2",
            "/search?q=a%20b",
            "/a-b_c.d~e",
            "/compare?left=//x",
            "/%C3%A4",
        ] {
            assert_eq!(safe(path), path);
        }
    }

    #[test]
    fn everything_else_goes_home() {
        let hostile = [
            "",
            " ",
            "devices",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil",
            "/%2fevil.example",
            "/%2Fevil.example",
            "%2f%2fevil.example",
            "%2fdevices",
            "/%5cevil.example",
            "/%5Cevil",
            "https://evil.example",
            "http:evil.example",
            "HTTPS://EVIL",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "mailto:a@b",
            "/javascript:alert(1)",
            "/a\r\nSet-Cookie: x=1",
            "/a\nb",
            "/a\rb",
            "/%0d%0aX: y",
            "/%0a",
            "/%00",
            "/\t/evil.example",
            "/%09/evil.example",
            "\t//evil.example",
            " //evil.example",
            "/@evil.example",
            "/%40evil.example",
            "user@evil.example",
            "/a//b",
            "/a/%2f%2fb",
            "/.//evil.example",
            "/%2e%2f/evil.example",
            "?x",
            "#x",
            "/a\u{0}b",
            "ftp://evil.example",
        ];
        for raw in hostile {
            assert_eq!(safe(raw), "/", "{raw:?}");
        }
        assert_eq!(safe(&format!("/{}", "a".repeat(3_000))), "/");
    }
}
