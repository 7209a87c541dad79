//! Statements that stay prepared.

use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// A query whose text is one of a few; see [`prepared`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Prepared<Q>(Q);

/// Lets each connection keep the statement of `query` prepared.
///
/// Diesel parses and plans anew, each time, whatever might have any number of texts: every `UPDATE`, every literal piece of
/// SQL, every `IN` of many values. For what each job asks that costs more than the asking. Only for a query whose text
/// does not depend on its values: a connection keeps every text that it has seen.
pub(super) fn prepared<Q>(query: Q) -> Prepared<Q> {
    Prepared(query)
}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

// Found again by its text.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> diesel::RunQueryDsl<C> for Prepared<Q> {}

#[cfg(test)]
mod tests {
    use diesel::{prelude::*, sqlite::Sqlite};

    use super::{super::schema::jobs, *};

    #[test]
    fn an_update_is_kept_though_diesel_would_not() {
        let update = || diesel::update(jobs::table.find(1)).set(jobs::attempt.eq(2));
        let is_kept = |query: &dyn QueryFragment<Sqlite>| query.is_safe_to_cache_prepared(&Sqlite).unwrap();
        assert!(!is_kept(&update()));
        assert!(is_kept(&prepared(update())));
        let (plain, kept) = (update(), prepared(update()));
        let texts = (diesel::debug_query::<Sqlite, _>(&plain), diesel::debug_query::<Sqlite, _>(&kept));
        assert_eq!(texts.0.to_string(), texts.1.to_string());
    }
}
