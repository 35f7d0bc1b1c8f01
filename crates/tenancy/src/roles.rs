//! The roles and the database of a deployment, as a superuser makes them once.

/// `deploy/postgres/roles.sql`: for `psql`, or for [`bootstrap_statements`].
pub const ROLES_SQL: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/postgres/roles.sql"));

/// The roles that log in.
pub const LOGIN_ROLES: [&str; 4] = ["ouvira_owner", "ouvira_app", "ouvira_worker", "ouvira_control"];

/// The database that holds the catalog, the shared placement and the tenants' own schemas.
pub const DATABASE: &str = "ouvira";

/// The statements of [`ROLES_SQL`] one by one, for a server that is still without a socket: each is a query of its own,
/// since `CREATE DATABASE` cannot share one.
pub fn bootstrap_statements() -> Vec<String> {
    let sql: Vec<&str> = ROLES_SQL.lines().filter(|line| !line.starts_with("--")).collect();
    sql.join("\n")
        .split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_stands_alone() {
        let statements = bootstrap_statements();
        for statement in &statements {
            let verb = statement.split(' ').next().unwrap();
            assert!(["CREATE", "ALTER", "GRANT", "REVOKE"].contains(&verb), "{statement}");
        }
        for role in LOGIN_ROLES {
            assert!(
                statements
                    .iter()
                    .any(|statement| statement.starts_with(&format!("CREATE ROLE {role} LOGIN")))
            );
        }
        assert!(statements.iter().any(|statement| statement.starts_with("CREATE DATABASE ouvira ")));
    }
}
