//! What holds for any input: prompts, platform files, secrets. The screen's are in `screens`.

use proptest::prelude::*;

use super::{files::SMALL, mask_key, platform, secrets::VECTORS};
use crate::platform::{Prompt, compile};

/// The fields of [`SMALL`] that hold a pattern, and further ones that may.
const PATTERNS: [(&str, &str); 9] = [
    ("prompt", "prompt = 'X'"),
    ("complete.last_line", "[complete]\nlast_line = 'X'"),
    ("paging.pager", "[paging]\npager = 'X'"),
    ("question.when", "[[question]]\nwhen = 'X'\nanswer = ''"),
    ("text.errors", "[text]\nerrors = ['X']"),
    ("text.volatile", "[text]\nvolatile = ['X']"),
    ("text.interjected", "[text]\ninterjected = ['X']"),
    ("text.secrets", "[text]\nsecrets = ['X']"),
    ("text.sort", "[text]\nsort = ['X']"),
];

/// A file with `pattern` in one of these fields.
fn with(pattern: &str, field: &str, table: &str) -> String {
    let table = table.replace('X', pattern);
    match field {
        "prompt" => SMALL.replace("prompt = '^toy#$'", &table),
        "complete.last_line" => SMALL.replace("[complete]\nlast_line = '^end$'", &table),
        _ => format!("{SMALL}{table}\n"),
    }
}

proptest! {
    #[test]
    fn a_prompt_knows_itself_whatever_it_is(
        line in prop::collection::vec(any::<u8>(), 0..80),
        other in prop::collection::vec(any::<u8>(), 0..80),
        varies in prop::sample::select(vec![None, Some("[*!] ?"), Some(r"[.:]\d+"), Some(r"^[\w.-]+ "), Some("")]),
    ) {
        let varies = varies.map(|pattern| regex::bytes::Regex::new(pattern).unwrap());
        let prompt = Prompt::varying(&line, varies.as_ref());
        prop_assert_eq!(prompt.is(&line), !prompt.literal().is_empty());
        prop_assert_eq!(prompt.is_in_any_mode(&line), prompt.is(&line));
        prop_assert!(other.trim_ascii().ends_with(prompt.behind(&other)));
        prop_assert!(!prompt.is(&other) || prompt.is_in_any_mode(&other));
    }

    #[test]
    fn any_text_is_a_platform_file_or_is_told_why_not(text in r"[ -~\n]{0,300}", at in 0_usize..200) {
        let (begin, end) = SMALL.split_at(at.min(SMALL.len()));
        for source in [text.clone(), format!("{begin}{text}{end}")] {
            if let Err(error) = compile::platform("toy.toml", &source) {
                prop_assert!(error.to_string().contains("toy.toml"), "{error}");
            }
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_told_with_its_field(
        pattern in r"[a-z0-9 ()\[\]{}|*+?.^$\\]{1,12}",
        at in 0..PATTERNS.len(),
    ) {
        let (field, table) = PATTERNS[at];
        let compiled = compile::platform("toy.toml", &with(&pattern, field, table));
        match (regex::Regex::new(&pattern), compiled) {
            (Err(_), compiled) => {
                let error = compiled.map(|_| ()).unwrap_err().to_string();
                prop_assert!(error.starts_with("toy.toml, line ") && error.contains(&format!("field `{field}`")), "{error}");
            }
            // A secret's needs a group, too; joined with others one may become too large.
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains(field), "{error}"),
            (Ok(_), Ok(_)) => {}
        }
    }

    #[test]
    fn a_secret_never_shows_whatever_it_is_and_whatever_stands_around(
        at in 0..VECTORS.len(),
        secret in "[A-Za-z0-9]{12,24}",
        before in "([a-z0-9 !-]{0,30}\n){0,3}",
        behind in "(\n[a-z0-9 !-]{0,30}){0,3}",
    ) {
        let (key, vector) = VECTORS[at];
        let text = format!("{before}{}{behind}\n", vector.replace("S3CRET", &secret));
        let masked = platform(key).masked(text.as_bytes(), &mask_key());
        prop_assert!(!masked.contains(&secret), "{key}: {text}\n=> {masked}");
        prop_assert!(!vector.contains("S3CRET") || masked.contains("<secret:"), "{key}: {masked}");
    }
}
