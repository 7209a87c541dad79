//! What of an answer is the answer.

use super::Prompt;

/// The answer without the echo of `command`: the first lines up to one that is the command, alone or behind
/// `prompt`. An answer without an echo stays as it is.
pub fn without_echo<'t>(text: &'t [u8], command: &str, prompt: &Prompt) -> &'t [u8] {
    const ECHO_WITHIN_LINES: usize = 200;
    let command = command.trim_ascii().as_bytes();
    let mut rest = text;
    for _ in 0..ECHO_WITHIN_LINES {
        let Some(end) = rest.iter().position(|&byte| byte == b'\n') else { break };
        let (line, behind) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
        if prompt.behind(line) == command && !command.is_empty() {
            return behind;
        }
        rest = behind;
    }
    text
}

/// The bytes with CR LF as LF.
pub fn without_carriage_returns(raw: Vec<u8>) -> Vec<u8> {
    if !raw.contains(&b'\r') {
        return raw;
    }
    let mut kept = Vec::with_capacity(raw.len());
    let mut bytes = raw.into_iter().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\r' || bytes.peek() != Some(&b'\n') {
            kept.push(byte);
        }
    }
    kept
}
