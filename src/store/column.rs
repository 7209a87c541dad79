//! Between a column and the domain.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    QueryResult, SqliteConnection,
    sql_types::{Nullable, Text},
};

use super::StoreError;
use crate::domain::time_limit::TimeLimit;

#[diesel::declare_sql_function]
extern "SQL" {
    /// In lower case.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// Makes SQLite's `lower` know letters beyond ASCII, as PostgreSQL's does, so that a search finds the same in both.
pub fn lower_every_letter(conn: &mut SqliteConnection) -> QueryResult<()> {
    lower_utils::register_impl(conn, |text: Option<String>| text.map(|text| text.to_lowercase()))
}

/// The value that a column's text stands for.
pub fn word<T: FromStr>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Unreadable { column, value: text.to_owned() })
}

/// The same for a column that may be empty.
pub fn word_if_any<T: FromStr>(column: &'static str, text: Option<&str>) -> Result<Option<T>, StoreError> {
    text.map(|text| word(column, text)).transpose()
}

/// A stored time limit, in seconds.
pub fn time_limit(stored: Option<i32>) -> Result<Option<TimeLimit>, StoreError> {
    let unreadable =
        |seconds: i32| StoreError::Unreadable { column: "devices.time_limit", value: seconds.to_string() };
    stored.map(|seconds| seconds.try_into().map_err(|_| unreadable(seconds))).transpose()
}

/// A stored time; the database holds UTC without saying so.
pub fn instant(stored: Option<NaiveDateTime>) -> Option<DateTime<Utc>> {
    stored.map(|at| at.and_utc())
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `piece` anywhere, whatever characters it holds.
pub fn anywhere(piece: &str) -> String {
    let mut pattern = String::with_capacity(piece.len() + 2);
    pattern.push('%');
    for c in piece.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
