//! A slice of a long list.

/// Which slice of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Counts from 1.
    pub number: i64,
    /// Rows per page, 1 to 500.
    pub size: i64,
}

impl PageRequest {
    /// The page with this number, of the usual 50 rows; nonsense becomes page 1.
    pub fn number(number: i64) -> Self {
        Self { number: number.max(1), size: 50 }
    }

    /// The first page with `size` rows.
    pub fn first(size: i64) -> Self {
        Self { number: 1, size: size.clamp(1, 500) }
    }

    /// How many rows come before this page.
    pub fn offset(self) -> i64 {
        (self.number - 1).saturating_mul(self.size)
    }
}

/// A slice of a list with the length of the whole.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Rows on all pages together.
    pub total: i64,
    /// What was asked for.
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// The number of the last page, at least 1.
    pub fn last(&self) -> i64 {
        (self.total.saturating_add(self.request.size - 1) / self.request.size).max(1)
    }
}
