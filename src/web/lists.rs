//! What lists have in common: pages, filters, spans of time.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};

use super::{
    parts::{Choice, Pager},
    words,
};
use crate::domain::page::{self, Page, PageRequest};

/// The page that a query string asks for; nonsense is page 1.
pub fn requested(page: &str) -> PageRequest {
    PageRequest::number(page.trim().parse().unwrap_or(1))
}

/// The page that a query string asks for, of a list that grows for years.
pub fn recent(page: &str) -> PageRequest {
    requested(page).bounded(page::BOUND)
}

/// How many rows a list has: "1,204 jobs", "More than 10,000 jobs".
pub fn total<T>(page: &Page<T>, word: &str) -> String {
    let counted = words::count(page.counted(), word);
    if page.is_more() { format!("More than {counted}") } else { counted }
}

/// The page that a query string asks for, of so many rows as it asks for.
pub fn sized(page: &str, size: &str) -> PageRequest {
    let size = size.parse().ok().filter(|size| SIZES.contains(size));
    PageRequest { size: size.unwrap_or(50), ..requested(page) }
}

/// How many rows a page may have.
const SIZES: [i64; 4] = [25, 50, 100, 200];

/// The options for [`sized`].
pub fn sizes(chosen: &str) -> Vec<Choice> {
    let size = |size: &i64| Choice {
        value: if *size == 50 { String::new() } else { size.to_string() },
        label: format!("{size} rows"),
        chosen: chosen == size.to_string() || (*size == 50 && chosen.is_empty()),
    };
    SIZES.iter().map(size).collect()
}

/// The pager of `page`, when there is more than one; `href` gives the address of a page by its number.
pub fn pager<T>(page: &Page<T>, href: impl Fn(&str) -> String) -> Option<Pager> {
    let (number, shown) = (page.request.number, i64::try_from(page.rows.len()).unwrap_or(0));
    if page.total <= page.request.size && number == 1 {
        return None;
    }
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    let first = page.request.offset().saturating_add(i64::from(shown > 0)).min(page.counted());
    // Page 1 has no number in its address: one page, one address.
    let address = |number: i64| href(&if number > 1 { number.to_string() } else { String::new() });
    Some(Pager {
        first: unsigned(first),
        last: unsigned(page.request.offset().saturating_add(shown).min(page.counted())),
        total: unsigned(page.counted()),
        is_more: page.is_more(),
        previous: (number > 1).then(|| address((number - 1).min(page.last()))),
        next: (number < page.last()).then(|| address(number + 1)),
    })
}

/// The options of a filter: any, then each word with its label.
pub fn choices<'a>(any: &str, chosen: &str, words: impl Iterator<Item = (&'a str, String)>) -> Vec<Choice> {
    let first = std::iter::once(("", any.to_owned()));
    first
        .chain(words)
        .map(|(value, label)| Choice { value: value.to_owned(), label, chosen: value == chosen })
        .collect()
}

/// The beginning of a day that a date field names, in UTC; nonsense is no day.
pub fn day(raw: &str) -> Option<DateTime<Utc>> {
    let date: NaiveDate = raw.trim().parse().ok()?;
    (1970..=9998).contains(&date.year()).then(|| date.and_time(NaiveTime::MIN).and_utc())
}

/// The end of a day that a date field names: the beginning of the next.
pub fn day_after(raw: &str) -> Option<DateTime<Utc>> {
    day(raw).map(|start| start + Duration::days(1))
}

/// A word of the domain as the beginning of a label: `host_key_changed` becomes "Host key changed".
pub fn label(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters.map(|letter| if letter == '_' { ' ' } else { letter })).collect()
}

/// Milliseconds as "820 ms", "12.4 s", "3 min 05 s", "2 h 07 min".
pub fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{seconds}.{} s", ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paged(number: i64, rows: usize, total: i64) -> Option<Pager> {
        let page = Page { rows: vec![(); rows], total, request: PageRequest::number(number) };
        pager(&page, |number| format!("?page={number}"))
    }

    #[test]
    fn a_pager_says_where_one_is() {
        assert!(paged(1, 50, 50).is_none());
        let middle = paged(2, 50, 120).unwrap();
        assert_eq!((middle.first, middle.last, middle.total), (51, 100, 120));
        assert_eq!(middle.previous.as_deref(), Some("?page="));
        assert_eq!(middle.next.as_deref(), Some("?page=3"));
        let beyond = paged(9, 0, 120).unwrap();
        assert_eq!((beyond.first, beyond.last), (120, 120));
        assert_eq!(beyond.previous.as_deref(), Some("?page=3"));
        assert!(beyond.next.is_none());
    }

    #[test]
    fn a_pager_of_a_bounded_list_ends_at_the_bound_and_says_that_there_is_more() {
        let page = |number, total| Page {
            rows: vec![(); 50],
            total,
            request: PageRequest::number(number).bounded(page::BOUND),
        };
        let told = pager(&page(200, 10_001), str::to_owned).unwrap();
        assert_eq!((told.last, told.total, told.is_more, told.next), (10_000, 10_000, true, None));
        assert_eq!(total(&page(1, 10_001), "job"), "More than 10,000 jobs");
        let told = pager(&page(199, 10_000), str::to_owned).unwrap();
        assert_eq!((told.is_more, told.next.as_deref()), (false, Some("200")));
        assert_eq!(total(&page(1, 10_000), "job"), "10,000 jobs");
    }

    #[test]
    fn pages_are_numbers_from_one() {
        for (raw, number) in [("", 1), ("3", 3), ("-2", 1), ("x", 1), ("99999999999999999999", 1)] {
            assert_eq!(requested(raw).number, number, "{raw}");
        }
    }

    #[test]
    fn days_are_whole_and_in_utc() {
        assert_eq!(
            day(" 2026-03-01 ").map(|at| at.to_rfc3339()).as_deref(),
            Some("2026-03-01T00:00:00+00:00")
        );
        assert_eq!(day_after("2026-02-28"), day("2026-03-01"));
        for nonsense in ["", "tomorrow", "2026-13-01", "9999-12-31", "-262143-01-01", "0001-01-01"] {
            assert_eq!(day_after(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn spans_are_told_for_people() {
        let told = [7, 12_449, 185_000, 7_620_000].map(span);
        assert_eq!(told, ["7 ms", "12.4 s", "3 min 05 s", "2 h 07 min"].map(str::to_owned));
        assert_eq!(label("host_key_changed"), "Host key changed");
    }
}
