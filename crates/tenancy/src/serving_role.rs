//! Whether a role may serve: one that could bypass row-level security, or has more than it needs, may not.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::db::DbError;

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    fault: String,
}

/// One line for each thing. The role that logged in counts (`session_user`), with every role it is a member of, directly or
/// not: it could become each of them.
const FAULTS: &str = "
    WITH RECURSIVE mine AS (
        SELECT r.* FROM pg_roles r WHERE r.rolname = session_user
        UNION
        SELECT r.* FROM mine JOIN pg_auth_members m ON m.member = mine.oid JOIN pg_roles r ON r.oid = m.roleid
    )
    SELECT format('%s is a superuser', rolname) AS fault FROM mine WHERE rolsuper
    UNION ALL
    SELECT format('%s bypasses row-level security', rolname) FROM mine WHERE rolbypassrls
    UNION ALL
    SELECT format('%s may make roles', rolname) FROM mine WHERE rolcreaterole
    UNION ALL
    SELECT format('%s may make databases', rolname) FROM mine WHERE rolcreatedb
    UNION ALL
    SELECT format('%s may replicate', rolname) FROM mine WHERE rolreplication
    UNION ALL
    SELECT format('it is a member of %s', rolname) FROM mine
     WHERE rolname <> session_user
       AND (rolname IN ('ouvira_owner', 'ouvira_control', 'ouvira_worker') OR rolname LIKE 'pg\\_%')
    UNION ALL
    SELECT format('%s owns the database %s', mine.rolname, d.datname)
      FROM mine JOIN pg_database d ON d.datdba = mine.oid
    UNION ALL
    SELECT format('%s owns the schema %s', mine.rolname, n.nspname)
      FROM mine JOIN pg_namespace n ON n.nspowner = mine.oid
     WHERE n.nspname NOT LIKE 'pg\\_%'
    UNION ALL
    (SELECT format('%s owns the table %s.%s', mine.rolname, n.nspname, c.relname)
       FROM mine JOIN pg_class c ON c.relowner = mine.oid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%'
      ORDER BY n.nspname, c.relname LIMIT 10)
    UNION ALL
    (SELECT format('it may make objects in the schema %s', n.nspname)
       FROM pg_namespace n
      WHERE has_schema_privilege(session_user, n.oid, 'CREATE') AND n.nspname NOT LIKE 'pg\\_%'
      ORDER BY n.nspname LIMIT 10)
    UNION ALL
    (SELECT format('it may read the table %s.%s', n.nspname, c.relname)
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('ouvira_catalog', 'ouvira_core') AND c.relkind IN ('r', 'p')
        AND has_table_privilege(session_user, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
      ORDER BY n.nspname, c.relname LIMIT 10)
    UNION ALL
    SELECT 'row-level security is switched off for it (row_security = off)'
     WHERE current_setting('row_security') = 'off'";

/// Why the role of `conn` may not serve, a line each; nothing when it may. A superuser is named as such and for nothing
/// else, since everything is true of it.
pub async fn audit_serving_role(conn: &mut AsyncPgConnection) -> Result<Vec<String>, DbError> {
    let faults: Vec<Fault> = sql_query(FAULTS).load(conn).await?;
    let mut faults: Vec<String> = faults.into_iter().map(|row| row.fault).collect();
    if let Some(superuser) = faults.iter().position(|fault| fault.ends_with(" is a superuser")) {
        faults = vec![faults.swap_remove(superuser)];
    }
    Ok(faults)
}
