//! Templates: each is used, and none holds what the content security policy forbids (S-05).

use regex::Regex;

use crate::support::source::files;

#[test]
fn every_template_is_used() {
    let (templates, sources) = (files("templates", ".html"), files("src", ".rs"));
    let texts = || templates.iter().chain(&sources).map(|(_, text)| text);
    let is_used = |path: &str| {
        let quoted = format!("\"{}\"", path.trim_start_matches("templates/"));
        texts().any(|text| text.contains(&quoted))
    };
    let unused: Vec<_> = templates.iter().map(|(path, _)| path).filter(|path| !is_used(path)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

// S-05. Scripts come from files, styles from classes, and nothing goes out unescaped.
#[test]
fn no_template_holds_inline_script_style_or_unescaped_text() {
    let forbidden = [
        (r"(?i)\sstyle\s*=", "an inline style"),
        (r"(?i)<style", "a style element"),
        (r"(?i)<[^>]*\son[a-z]+\s*=", "an inline handler"),
        (r"(?i)javascript:", "a javascript: address"),
        (r"\|\s*safe\b", "unescaped text"),
        (r"(?i)<(iframe|object|embed|base)\b", "a frame or plug-in"),
        (r#"(?i)(src|href|action)="(https?:)?//"#, "another site's address"),
    ];
    let mut broken = Vec::new();
    for (path, text) in files("templates", ".html") {
        for (pattern, what) in forbidden {
            if Regex::new(pattern).unwrap().is_match(&text) {
                broken.push(format!("{path} holds {what}"));
            }
        }
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            let body = script
                .split_once('>')
                .and_then(|(_, rest)| rest.split_once("</script>"))
                .map(|(body, _)| body);
            if !tag.contains(" src=\"") || body.is_none_or(|body| !body.trim().is_empty()) {
                broken.push(format!("{path} holds an inline script"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

// S-31: a form that changes something carries the token.
#[test]
fn every_form_that_posts_carries_the_token() {
    let mut broken = Vec::new();
    for (path, text) in files("templates", ".html") {
        for form in text.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            let posts = form.split('>').next().unwrap().to_lowercase().contains("method=\"post\"");
            if posts && !form.contains("csrf") {
                broken.push(path.clone());
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}
