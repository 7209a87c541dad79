//! Prompts that stand where an answer is expected.

use crate::platform::Prompt;

/// An answer without the prompts at its end: some devices draw theirs twice.
pub fn without_prompts<'t>(mut answer: &'t [u8], prompt: &Prompt) -> &'t [u8] {
    loop {
        let text = answer.trim_ascii_end();
        // The whole line, not the end of one.
        let start = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let Some((before, line)) = text.split_at_checked(start) else { return answer };
        if !prompt.is(line) {
            return answer;
        }
        answer = before;
    }
}

#[cfg(test)]
mod tests {
    use super::{Prompt, without_prompts};

    #[test]
    fn only_whole_lines_at_the_end_are_prompts() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"a\nend\n", b"a\nend\n"),
            (b"a\nend\nr1#\n", b"a\nend\n"),
            (b"a\nend\nr1# \nr1#\n", b"a\nend\n"),
            (b"r1#\nname r1#\n", b"r1#\nname r1#\n"),
            (b"r1#\n", b""),
        ];
        for (answer, wanted) in cases {
            assert_eq!(without_prompts(answer, &Prompt::learned(b"r1#")), wanted);
        }
        assert_eq!(without_prompts(b"a\n", &Prompt::learned(b"")), b"a\n");
    }
}
