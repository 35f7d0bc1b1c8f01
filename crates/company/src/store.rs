//! The tables of this domain; the only file that speaks diesel.

use diesel::{
    dsl::{count_star, exists},
    pg::Pg,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::CompanyId,
    page::Limit,
    ports::Visible,
    text::fold,
    time::Timestamp,
};

use crate::{
    model::{Company, Particulars, Status},
    schema::{companies, company_words},
    tree::{TREE_DEPTH, TREE_SIZE, TREE_WIDTH},
};

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = companies)]
struct CompanyRow {
    id: CompanyId,
    name: String,
    legal_name: Option<String>,
    tax_id: Option<String>,
    parent_id: Option<CompanyId>,
    status: String,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = companies, treat_none_as_default_value = false)]
struct NewCompanyRow {
    id: CompanyId,
    name: String,
    name_folded: String,
    legal_name: Option<String>,
    tax_id: Option<String>,
    parent_id: Option<CompanyId>,
    status: &'static str,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<CompanyRow> for Company {
    type Error = DbError;

    fn try_from(row: CompanyRow) -> Result<Self, DbError> {
        let status = Status::of_name(&row.status).ok_or_else(|| {
            DbError::Query(diesel::result::Error::DeserializationError(
                "a company has an unknown status".into(),
            ))
        })?;
        Ok(Self {
            id: row.id,
            particulars: Particulars {
                name: row.name,
                legal_name: row.legal_name,
                tax_id: row.tax_id,
                status,
            },
            parent: row.parent_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Puts in a new company; its words are deferred.
pub(crate) async fn insert(tx: &mut Tx, company: &Company) -> Result<(), DbError> {
    let particulars = &company.particulars;
    let row = NewCompanyRow {
        id: company.id,
        name: particulars.name.clone(),
        name_folded: fold(&particulars.name),
        legal_name: particulars.legal_name.clone(),
        tax_id: particulars.tax_id.clone(),
        parent_id: company.parent,
        status: particulars.status.as_str(),
        version: company.version,
        created_at: company.created_at,
        updated_at: company.updated_at,
    };
    diesel::insert_into(companies::table).values(row).execute(tx).await?;
    put_words(tx, company);
    Ok(())
}

fn put_words(tx: &mut Tx, company: &Company) {
    let statement = sql_query("INSERT INTO company_words (company_id, word) SELECT $1, unnest($2)")
        .bind::<SqlUuid, _>(company.id)
        .bind::<Array<Text>, _>(company.particulars.words());
    tx.defer(cached(statement));
}

/// The company, unless it is deleted.
pub(crate) async fn find(tx: &mut Tx, id: CompanyId) -> Result<Option<Company>, DbError> {
    let row: Option<CompanyRow> = companies::table
        .filter(companies::id.eq(id).and(companies::deleted_at.is_null()))
        .select(CompanyRow::as_select())
        .first(tx)
        .await
        .optional()?;
    row.map(Company::try_from).transpose()
}

/// Those of the companies that are there and not deleted.
pub(crate) async fn get(tx: &mut Tx, ids: &[CompanyId]) -> Result<Vec<Company>, DbError> {
    let rows: Vec<CompanyRow> = companies::table
        .filter(companies::id.eq_any(ids).and(companies::deleted_at.is_null()))
        .select(CompanyRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(Company::try_from).collect()
}

/// The company, unless it is deleted, and nobody else's to change until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: CompanyId) -> Result<Option<Company>, DbError> {
    let row: Option<CompanyRow> = companies::table
        .filter(companies::id.eq(id).and(companies::deleted_at.is_null()))
        .select(CompanyRow::as_select())
        .for_update()
        .first(tx)
        .await
        .optional()?;
    row.map(Company::try_from).transpose()
}

/// The company if it was deleted, at `since` or later.
pub(crate) async fn lock_deleted(
    tx: &mut Tx,
    id: CompanyId,
    since: Timestamp,
) -> Result<Option<Company>, DbError> {
    let row: Option<CompanyRow> = companies::table
        .filter(companies::id.eq(id).and(companies::deleted_at.ge(since)))
        .select(CompanyRow::as_select())
        .for_update()
        .first(tx)
        .await
        .optional()?;
    row.map(Company::try_from).transpose()
}

/// Whether the company is there and not deleted.
pub(crate) async fn is_live(tx: &mut Tx, id: CompanyId) -> Result<bool, DbError> {
    let live = companies::table.filter(companies::id.eq(id).and(companies::deleted_at.is_null()));
    Ok(diesel::select(exists(live)).get_result(tx).await?)
}

/// Whether there are companies directly below.
pub(crate) async fn has_children(tx: &mut Tx, id: CompanyId) -> Result<bool, DbError> {
    let children = companies::table.filter(companies::parent_id.eq(id).and(companies::deleted_at.is_null()));
    Ok(diesel::select(exists(children)).get_result(tx).await?)
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether `company` is `top`, or somewhere below it.
pub(crate) async fn is_at_or_below(tx: &mut Tx, company: CompanyId, top: CompanyId) -> Result<bool, DbError> {
    let query = sql_query(
        "WITH RECURSIVE above AS ( \
             SELECT id, parent_id FROM companies WHERE id = $1 \
             UNION SELECT c.id, c.parent_id FROM companies c JOIN above ON c.id = above.parent_id) \
         SELECT EXISTS (SELECT FROM above WHERE id = $2) AS answer",
    );
    let found: Answer =
        cached(query.bind::<SqlUuid, _>(company).bind::<SqlUuid, _>(top)).get_result(tx).await?;
    Ok(found.answer)
}

/// How many companies there are, counted to `limit`.
pub(crate) async fn count_live(tx: &mut Tx, limit: i64) -> Result<i64, DbError> {
    let counted: Counted = cached(
        sql_query("SELECT count(*) FROM (SELECT FROM companies WHERE deleted_at IS NULL LIMIT $1) c")
            .bind::<BigInt, _>(limit),
    )
    .get_result(tx)
    .await?;
    Ok(counted.count)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Which companies a list shows.
pub(crate) struct Selection<'a> {
    /// Of these alone.
    pub(crate) visible: Visible,
    /// Directly below this one.
    pub(crate) parent: Option<CompanyId>,
    /// In this status.
    pub(crate) status: Option<Status>,
    /// Each begins one of the company's words.
    pub(crate) words: &'a [String],
}

impl Selection<'_> {
    fn query(&self) -> companies::BoxedQuery<'_, Pg> {
        let mut query = companies::table.filter(companies::deleted_at.is_null()).into_boxed();
        query = match &self.visible {
            Visible::All => query,
            Visible::AllBut(barred) => query.filter(companies::id.ne_all(&barred[..])),
            Visible::Ids(ids) => query.filter(companies::id.eq_any(&ids[..])),
        };
        if let Some(parent) = self.parent {
            query = query.filter(companies::parent_id.eq(parent));
        }
        if let Some(status) = self.status {
            query = query.filter(companies::status.eq(status.as_str()));
        }
        for word in self.words {
            // In the order of bytes, everything that begins with the word stands before the word and the last character.
            let past = format!("{word}\u{10ffff}");
            let having = company_words::table
                .filter(company_words::word.ge(word).and(company_words::word.lt(past)))
                .select(company_words::company_id);
            query = query.filter(companies::id.eq_any(having));
        }
        query
    }
}

/// The companies selected, the newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    selection: &Selection<'_>,
    after: Option<CompanyId>,
    limit: Limit,
) -> Result<Vec<Company>, DbError> {
    let mut query = selection.query();
    if let Some(after) = after {
        query = query.filter(companies::id.lt(after));
    }
    let rows: Vec<CompanyRow> = query
        .order(companies::id.desc())
        .limit(limit.probe())
        .select(CompanyRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(Company::try_from).collect()
}

/// How many are selected.
pub(crate) async fn count(tx: &mut Tx, selection: &Selection<'_>) -> Result<i64, DbError> {
    Ok(selection.query().select(count_star()).get_result(tx).await?)
}

/// Writes what is said of a company, with the deferred statements; a sibling's name fails the transaction then.
pub(crate) fn update(tx: &mut Tx, company: &Company) {
    let particulars = &company.particulars;
    let statement = diesel::update(companies::table.filter(companies::id.eq(company.id))).set((
        companies::name.eq(particulars.name.clone()),
        companies::name_folded.eq(fold(&particulars.name)),
        companies::legal_name.eq(particulars.legal_name.clone()),
        companies::tax_id.eq(particulars.tax_id.clone()),
        companies::status.eq(particulars.status.as_str()),
        companies::version.eq(company.version),
        companies::updated_at.eq(company.updated_at),
    ));
    tx.defer(cached(statement));
    tx.defer(cached(diesel::delete(company_words::table.filter(company_words::company_id.eq(company.id)))));
    put_words(tx, company);
}

/// Writes where a company stands, with the deferred statements.
pub(crate) fn set_parent(tx: &mut Tx, company: &Company) {
    let statement = diesel::update(companies::table.filter(companies::id.eq(company.id))).set((
        companies::parent_id.eq(company.parent),
        companies::version.eq(company.version),
        companies::updated_at.eq(company.updated_at),
    ));
    tx.defer(cached(statement));
}

/// Deletes a company, with the deferred statements; it can be restored.
pub(crate) fn delete(tx: &mut Tx, id: CompanyId, now: Timestamp) {
    let statement = diesel::update(companies::table.filter(companies::id.eq(id)))
        .set((companies::deleted_at.eq(now), companies::updated_at.eq(now)));
    tx.defer(cached(statement));
}

/// Brings a deleted company back, with the deferred statements; a sibling's name fails the transaction then.
pub(crate) fn restore(tx: &mut Tx, company: &Company) {
    let statement = diesel::update(companies::table.filter(companies::id.eq(company.id))).set((
        companies::deleted_at.eq(None::<Timestamp>),
        companies::version.eq(company.version),
        companies::updated_at.eq(company.updated_at),
    ));
    tx.defer(cached(statement));
}

/// A company of a subtree, and how many visible ones stand directly below it, counted to one beyond those shown.
pub(crate) struct Found {
    pub(crate) company: Company,
    pub(crate) children: usize,
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(embed)]
    company: CompanyRow,
    #[diesel(sql_type = BigInt)]
    children: i64,
}

/// The company and what is visible below it, level by level, each level by name.
pub(crate) async fn subtree(tx: &mut Tx, root: CompanyId, visible: &Visible) -> Result<Vec<Found>, DbError> {
    // All but some are those that are not among them.
    let (all, ids) = match visible {
        Visible::All => (true, [].as_slice()),
        Visible::AllBut(barred) => (true, &barred[..]),
        Visible::Ids(ids) => (false, &ids[..]),
    };
    let query = sql_query(
        "WITH RECURSIVE below AS ( \
             SELECT c.*, 0 AS depth FROM companies c WHERE c.id = $1 AND c.deleted_at IS NULL \
             UNION ALL \
             SELECT c.*, below.depth + 1 FROM below CROSS JOIN LATERAL ( \
                 SELECT * FROM companies c \
                  WHERE c.parent_id = below.id AND c.deleted_at IS NULL AND (c.id = ANY ($3)) <> $2 \
                  ORDER BY c.name_folded LIMIT $4) c \
              WHERE below.depth < $5), \
         shown AS (SELECT * FROM below LIMIT $6) \
         SELECT s.id, s.name, s.legal_name, s.tax_id, s.parent_id, s.status, s.version, s.created_at, s.updated_at, \
                (SELECT count(*) FROM (SELECT FROM companies c \
                     WHERE c.parent_id = s.id AND c.deleted_at IS NULL AND (c.id = ANY ($3)) <> $2 \
                     LIMIT $4 + 1) c) AS children \
           FROM shown s ORDER BY s.depth, s.name_folded, s.id",
    );
    let rows: Vec<FoundRow> = cached(
        query
            .bind::<SqlUuid, _>(root)
            .bind::<Bool, _>(all)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<BigInt, _>(TREE_WIDTH)
            .bind::<Integer, _>(TREE_DEPTH)
            .bind::<BigInt, _>(TREE_SIZE),
    )
    .load(tx)
    .await?;
    let found = |row: FoundRow| {
        let children = usize::try_from(row.children).unwrap_or(0);
        Ok(Found { company: Company::try_from(row.company)?, children })
    };
    rows.into_iter().map(found).collect()
}
