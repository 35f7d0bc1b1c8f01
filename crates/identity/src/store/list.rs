//! Lists of users.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, SelectableHelper as _, dsl::exists,
    pg::Pg,
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::db::{DbError, Tx};

use super::UserRow;
use crate::{
    list::{After, Sort},
    model::User,
    schema::{user_search_tokens, users},
    search::Prefix,
};

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) active: Option<bool>,
    pub(crate) words: Vec<Prefix>,
}

type Found<'q> = users::BoxedQuery<'q, Pg>;

fn found(filter: &Filter) -> Found<'_> {
    let mut query: Found<'_> = users::table.into_boxed().filter(users::deleted_at.is_null());
    if let Some(active) = filter.active {
        query = query.filter(users::active.eq(active));
    }
    for word in &filter.words {
        let matching = user_search_tokens::table
            .filter(user_search_tokens::user_id.eq(users::id))
            .filter(user_search_tokens::token.ge(&word.from).and(user_search_tokens::token.lt(&word.below)));
        query = query.filter(exists(matching));
    }
    query
}

/// At most `limit` users in order, after the one where the page before ended.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    sort: Sort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    let mut query = found(filter).limit(limit);
    query = match (sort, after) {
        (Sort::Oldest, Some(after)) => query.filter(users::id.gt(after.id)),
        (Sort::Newest, Some(after)) => query.filter(users::id.lt(after.id)),
        // The first condition is what the index can use.
        (Sort::Email, Some(after)) => query
            .filter(users::email_folded.ge(&after.email))
            .filter(users::email_folded.gt(&after.email).or(users::id.gt(after.id))),
        (_, None) => query,
    };
    query = match sort {
        Sort::Oldest => query.order(users::id.asc()),
        Sort::Newest => query.order(users::id.desc()),
        Sort::Email => query.order((users::email_folded.asc(), users::id.asc())),
    };
    let rows: Vec<UserRow> = query.select(UserRow::as_select()).load(tx).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64, DbError> {
    Ok(found(filter).count().get_result(tx).await?)
}
