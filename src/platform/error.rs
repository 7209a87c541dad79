//! What can be wrong with a platform file, said so that its author finds the place.

use std::path::PathBuf;

/// Why a platform file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The site's folder or a file in it cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, or a field is missing, unknown or of the wrong kind; `message` names the line.
    #[error("{file}: {message}")]
    Malformed {
        /// The file's name.
        file: String,
        /// The parser's words with line, column and field.
        message: String,
    },
    /// A pattern that is not a regular expression.
    #[error("{file}, line {line}, field `{field}`: {message}")]
    Pattern {
        /// The file's name.
        file: String,
        /// Counts from 1.
        line: usize,
        /// The field's path, such as `text.secrets`.
        field: String,
        /// What is wrong with it.
        message: String,
    },
    /// A value that is well formed and makes no sense.
    #[error("{file}, field `{field}`: {message}")]
    Value {
        /// The file's name.
        file: String,
        /// The field's path.
        field: String,
        /// What is wrong with it.
        message: String,
    },
}
