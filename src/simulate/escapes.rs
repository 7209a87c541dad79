//! What recordings write for bytes that a text file cannot show.

/// Ruby's escapes in double quotes: `\r \n \t \e \b \a \f \v \0 \s \xHH \" \\`; others stay as they are.
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    let mut utf8 = [0; 4];
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.extend_from_slice(letter.encode_utf8(&mut utf8).as_bytes());
            continue;
        }
        match letters.next() {
            Some('r') => out.push(b'\r'),
            Some('n') => out.push(b'\n'),
            Some('t') => out.push(b'\t'),
            Some('e') => out.push(0x1b),
            Some('b') => out.push(0x08),
            Some('a') => out.push(0x07),
            Some('f') => out.push(0x0c),
            Some('v') => out.push(0x0b),
            Some('0') => out.push(0),
            Some('s') => out.push(b' '),
            Some('x') => {
                let rest = letters.as_str();
                let digits = rest.chars().take(2).take_while(char::is_ascii_hexdigit).count();
                let hex: String = letters.by_ref().take(digits).collect();
                out.push(u8::from_str_radix(&hex, 16).unwrap_or(b'x'));
            }
            Some(other) => out.extend_from_slice(other.encode_utf8(&mut utf8).as_bytes()),
            None => out.push(b'\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn ruby_escapes_become_bytes() {
        assert_eq!(unescape(r#"a\r\e[K\x20b\"\\d\x0"#), b"a\r\x1b[K b\"\\d\0");
    }
}
