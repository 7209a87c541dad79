//! What a file says of the text: what shows that it is whole, and what to make of its lines.

use serde::Deserialize;

use super::Pattern;

/// The marks of a whole configuration; all that are given must be there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    pub first_line: Option<Pattern>,
    pub last_line: Option<Pattern>,
    /// What the last line looks like where nothing marks the end: one that looks otherwise was cut.
    pub last_line_shape: Option<Pattern>,
    #[serde(default)]
    pub balanced_braces: bool,
    #[serde(default)]
    pub min_lines: usize,
    pub xml_root: Option<String>,
    /// Lines that open and lines that close; outside of quotes each has its partner.
    #[serde(default)]
    pub pairs: Vec<(Pattern, Pattern)>,
    #[serde(default)]
    pub exit_status: bool,
}

/// What to make of the lines.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    #[serde(default)]
    pub errors: Vec<Pattern>,
    #[serde(default)]
    pub denied: Vec<Pattern>,
    #[serde(default)]
    pub volatile: Vec<Pattern>,
    #[serde(default)]
    pub volatile_mask: Vec<Pattern>,
    /// Secrets whose ciphertext is another at every fetch.
    #[serde(default)]
    pub reencrypted: Vec<Pattern>,
    /// Neighbouring lines that come in any order.
    #[serde(default)]
    pub sort: Vec<Pattern>,
    /// Lines that the device pushes in between, such as alarms: they are taken out of every answer.
    #[serde(default)]
    pub interjected: Vec<Pattern>,
    /// Lines that show that the device left secrets out.
    #[serde(default)]
    pub hidden: Vec<Pattern>,
    #[serde(default)]
    pub secrets: Vec<Pattern>,
    #[serde(default)]
    pub secret_block: Vec<SecretBlock>,
    #[serde(default)]
    pub trigger: Vec<Pattern>,
}

/// A secret that is one only inside certain lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretBlock {
    pub block: Pattern,
    pub secret: Pattern,
}
