//! Which devices somebody sees, as a condition of SQL (S-37). Every query that gives rows of or about devices to a
//! person carries it; work that NetRaven does by itself has [`Scope::All`].

use super::StoreError;
use crate::domain::{
    access::{Range, Scope},
    id::UserId,
};

/// The scope that a person's row tells.
pub fn of(user: UserId, range: &str) -> Result<Scope, StoreError> {
    Ok(match super::column::word("users.scope", range)? {
        Range::All => Scope::All,
        Range::Tags => Scope::TagsOf(user),
    })
}

/// A condition on the table `devices`: not deleted, and within the scope.
macro_rules! in_scope {
    ($scope:expr) => {{
        use diesel::{ExpressionMethods as _, dsl, prelude::*, sql_types};
        use $crate::store::schema::{device_tags, devices, user_tags};
        let (all, user) = $scope.parts();
        let tagged = device_tags::table
            .inner_join(user_tags::table.on(user_tags::tag_id.eq(device_tags::tag_id)))
            .filter(user_tags::user_id.eq(user).and(device_tags::device_id.eq(devices::id)));
        devices::deleted_at.is_null().and(
            all.into_sql::<sql_types::Bool>()
                .or(devices::owner_id.assume_not_null().eq(user))
                .or(dsl::exists(tagged)),
        )
    }};
}

/// A condition on a nullable or plain column that holds a device's id: the device is within the scope. Rows about
/// deleted devices are seen by those who see everything.
macro_rules! of_device_in_scope {
    ($scope:expr, $column:expr) => {{
        use diesel::{ExpressionMethods as _, prelude::*, sql_types};
        let all = $scope.parts().0;
        let seen = $crate::store::schema::devices::table
            .filter($crate::store::scope::in_scope!($scope))
            .select($crate::store::schema::devices::id.nullable());
        all.into_sql::<sql_types::Bool>().or($column.nullable().eq_any(seen).assume_not_null())
    }};
}

pub(crate) use in_scope;
pub(crate) use of_device_in_scope;
