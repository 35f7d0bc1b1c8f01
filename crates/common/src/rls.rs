//! Row-level security of a placement: one place writes the policies, checks them and prints them.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};

use crate::{db::DbError, id::TenantId};

/// After a transaction the setting is the empty string, hence `nullif`.
const IN_SCOPE: &str = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid";
const MAINTENANCE: &str = "current_setting('app.maintenance', true) = 'on'";

/// The statements that wall off one table: security enabled and forced, rows of the scope's tenant alone for everybody,
/// all rows for the owner in maintenance; in a tenant's own schema also a check that every row is that tenant's.
pub fn statements(schema: &str, table: &str, tenant: Option<TenantId>) -> Vec<String> {
    let name = format!("{schema}.{table}");
    let mut statements = vec![
        format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"),
        format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"),
        format!("DROP POLICY IF EXISTS tenant ON {name}"),
        format!("CREATE POLICY tenant ON {name} USING ({IN_SCOPE}) WITH CHECK ({IN_SCOPE})"),
        format!("DROP POLICY IF EXISTS maintenance ON {name}"),
        format!(
            "CREATE POLICY maintenance ON {name} TO ouvira_owner USING ({MAINTENANCE}) WITH CHECK ({MAINTENANCE})"
        ),
    ];
    if let Some(tenant) = tenant {
        statements.push(format!("ALTER TABLE {name} DROP CONSTRAINT IF EXISTS of_one_tenant"));
        statements
            .push(format!("ALTER TABLE {name} ADD CONSTRAINT of_one_tenant CHECK (tenant_id = '{tenant}')"));
    }
    statements
}

#[derive(QueryableByName)]
#[expect(clippy::struct_excessive_bools, reason = "what Postgres says of a table")]
struct TableRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    scoped: bool,
    #[diesel(sql_type = Bool)]
    enabled: bool,
    #[diesel(sql_type = Bool)]
    forced: bool,
    #[diesel(sql_type = Nullable<Text>)]
    policies: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    of_one_tenant: Option<String>,
    #[diesel(sql_type = Bool)]
    owned_by_app: bool,
}

async fn tables(conn: &mut AsyncPgConnection, schema: &str) -> Result<Vec<TableRow>, DbError> {
    let rows = sql_query(
        "SELECT c.relname::text AS name, \
                EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' \
                        AND a.attnotnull AND NOT a.attisdropped) AS scoped, \
                c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, \
                (SELECT string_agg(format('%s|%s|%s|%s|%s|%s', p.polname, p.polcmd, p.polpermissive, \
                            (SELECT string_agg(r::regrole::text, ',') FROM unnest(p.polroles) r WHERE r <> 0), \
                            pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)), E'\\n' ORDER BY p.polname) \
                   FROM pg_policy p WHERE p.polrelid = c.oid) AS policies, \
                (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k \
                  WHERE k.conrelid = c.oid AND k.conname = 'of_one_tenant' AND k.convalidated) AS of_one_tenant, \
                c.relowner <> 'ouvira_owner'::regrole AS owned_by_app \
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
          WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> 'schema_migrations' \
          ORDER BY c.relname",
    )
    .bind::<Text, _>(schema)
    .load(conn)
    .await?;
    Ok(rows)
}

/// Puts the policies on every table of the placement.
pub async fn apply(
    conn: &mut AsyncPgConnection,
    schema: &str,
    tenant: Option<TenantId>,
) -> Result<(), DbError> {
    let tables = tables(conn, schema).await?;
    let sql: Vec<String> = tables.iter().flat_map(|table| statements(schema, &table.name, tenant)).collect();
    conn.batch_execute(&sql.join(";\n")).await?;
    Ok(())
}

/// The SQL that [`apply`] would run.
pub async fn print(
    conn: &mut AsyncPgConnection,
    schema: &str,
    tenant: Option<TenantId>,
) -> Result<String, DbError> {
    let tables = tables(conn, schema).await?;
    let sql: Vec<String> = tables.iter().flat_map(|table| statements(schema, &table.name, tenant)).collect();
    Ok(sql.join(";\n") + ";\n")
}

/// How Postgres prints the two policies of [`statements`].
fn expected_policies() -> String {
    let scope = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";
    let maintenance = "(current_setting('app.maintenance'::text, true) = 'on'::text)";
    format!("maintenance|*|t|ouvira_owner|{maintenance}|{maintenance}\ntenant|*|t||{scope}|{scope}")
}

/// What is wrong with the walls of a placement, a line each; nothing when all is well.
pub async fn check(
    conn: &mut AsyncPgConnection,
    schema: &str,
    tenant: Option<TenantId>,
) -> Result<Vec<String>, DbError> {
    let mut faults = Vec::new();
    let tables = tables(conn, schema).await?;
    if tables.is_empty() {
        faults.push(format!("{schema}: there are no tables"));
    }
    for table in tables {
        let name = format!("{schema}.{}", table.name);
        let mut fault = |wrong: bool, what: &str| {
            if wrong {
                faults.push(format!("{name}: {what}"));
            }
        };
        fault(!table.scoped, "has no tenant_id that is NOT NULL");
        fault(!table.enabled, "row-level security is not enabled");
        fault(!table.forced, "row-level security is not forced");
        fault(table.owned_by_app, "is not owned by ouvira_owner");
        fault(
            table.policies.as_deref() != Some(&expected_policies()),
            "its policies are not the expected ones",
        );
        let expected = tenant.map(|tenant| format!("CHECK ((tenant_id = '{tenant}'::uuid))"));
        fault(table.of_one_tenant != expected, "its check on the tenant is not the expected one");
    }
    Ok(faults)
}
