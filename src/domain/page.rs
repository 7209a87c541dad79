//! A slice of a long list.

/// Rows that are counted, and paged through, of a list that grows for years: counting and leafing through millions would
/// take a person's time and tell nothing. Filters lead to what is older.
pub const BOUND: i64 = 10_000;

/// Which slice of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Counts from 1.
    pub number: i64,
    /// Rows per page, 1 to 500.
    pub size: i64,
    /// Rows that are counted and paged through, at most; of more it is only known that there are more. Heeded by the lists
    /// of versions, jobs and the audit trail.
    pub bound: i64,
}

impl PageRequest {
    /// The page with this number, of the usual 50 rows; nonsense becomes page 1.
    pub fn number(number: i64) -> Self {
        Self { number: number.max(1), ..Self::first(50) }
    }

    /// The first page with `size` rows.
    pub const fn first(size: i64) -> Self {
        let size = match size {
            ..1 => 1,
            1..=500 => size,
            _ => 500,
        };
        Self { number: 1, size, bound: i64::MAX }
    }

    /// The whole list on one page.
    pub const fn all() -> Self {
        Self { number: 1, size: i64::MAX, bound: i64::MAX }
    }

    /// The same page of a list of which no more than `bound` rows are counted.
    #[must_use]
    pub const fn bounded(self, bound: i64) -> Self {
        Self { bound, ..self }
    }

    /// How many rows a count looks at: one behind the bound tells that there are more.
    pub const fn count_limit(self) -> i64 {
        self.bound.saturating_add(1)
    }

    /// How many rows are read: none behind the bound.
    pub fn limit(self) -> i64 {
        self.size.min(self.bound.saturating_sub(self.offset())).max(0)
    }

    /// How many rows come before this page.
    pub const fn offset(self) -> i64 {
        (self.number - 1).saturating_mul(self.size)
    }
}

/// A slice of a list with the length of the whole.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Rows on all pages together; one more than the request's bound where there are more.
    pub total: i64,
    /// What was asked for.
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// The number of the last page, at least 1.
    pub fn last(&self) -> i64 {
        (self.counted().saturating_add(self.request.size - 1) / self.request.size).max(1)
    }

    /// Rows that can be paged to.
    pub fn counted(&self) -> i64 {
        self.total.min(self.request.bound)
    }

    /// Whether there are rows behind those that can be paged to.
    pub fn is_more(&self) -> bool {
        self.total > self.request.bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(request: PageRequest, total: i64) -> Page<()> {
        Page { rows: Vec::new(), total, request }
    }

    #[test]
    fn a_bounded_list_ends_at_its_bound() {
        let request = PageRequest::number(200).bounded(BOUND);
        assert_eq!((request.offset(), request.limit(), request.count_limit()), (9_950, 50, 10_001));
        assert_eq!(PageRequest::number(201).bounded(BOUND).limit(), 0, "nothing is read behind it");
        let more = page(request, 10_001);
        assert_eq!((more.last(), more.counted(), more.is_more()), (200, 10_000, true));
        let just = page(request, 10_000);
        assert_eq!((just.last(), just.counted(), just.is_more()), (200, 10_000, false));
    }

    #[test]
    fn other_lists_have_none() {
        let many = page(PageRequest::number(1), 2_000_000);
        assert_eq!((many.last(), many.counted(), many.is_more()), (40_000, 2_000_000, false));
        assert_eq!(PageRequest::number(40_000).limit(), 50);
        assert_eq!(PageRequest::all().count_limit(), i64::MAX);
        assert_eq!((PageRequest::first(0).size, PageRequest::first(501).size), (1, 500));
    }
}
