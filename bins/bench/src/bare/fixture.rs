//! What is in the tables of the bare handlers before anything is measured.

use uuid::Uuid;

use crate::{error::BenchError, postgres};

const SCHEMA: &str = include_str!("schema.sql");

/// People, each with a session.
const PEOPLE: &str = "\
    WITH person AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $1) n), \
    users AS (INSERT INTO bench.users (id, email, email_folded, email_verified, phone_verified, first_name, last_name, \
                                       locale, timezone, active, two_factor_enabled, last_login_at, version) \
        SELECT id, 'person-' || n || '@bench.example', 'person-' || n || '@bench.example', true, false, 'Person', n::text, \
               'en', 'UTC', true, false, now(), 1 FROM person), \
    sessions AS (INSERT INTO bench.sessions (id, user_id, authenticated_at, expires_at) \
        SELECT id, id, now(), now() + interval '30 days' FROM person), \
    refreshed AS (INSERT INTO bench.refreshed_sessions (id, user_id, scope, amr, auth_time, secret_sealed, n, rotated_at, \
                                                        user_agent, last_used_at, expires_at, absolute_expires_at) \
        SELECT id, id, 'full', 'pwd', now(), decode(repeat('07', 60), 'hex'), 1, now(), 'bench', now(), \
               now() + interval '30 days', now() + interval '90 days' FROM person), \
    gate AS (INSERT INTO bench.gate_sessions (session_id, user_id, scope, expires_at) \
        SELECT id, id, 'full', now() + interval '30 days' FROM person) \
    SELECT id FROM person";

/// Companies of one person.
const COMPANIES: &str = "\
    WITH company AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $2) n), \
    companies AS (INSERT INTO bench.companies (id, name, name_folded, status, version) \
        SELECT id, 'Company ' || n || ' of ' || $1::uuid, 'company ' || n || ' of ' || $1::uuid, 'active', 1 FROM company) \
    INSERT INTO bench.memberships (id, user_id, company_id, status, joined_at) \
        SELECT gen_random_uuid(), $1, id, 'active', now() FROM company";

/// Makes tables in the empty database at `url`, `people` with a session each, and for the first `owners` of them
/// `companies` each. Gives the people's ids, which are those of their sessions too.
pub(crate) async fn fill(
    url: &str,
    people: u32,
    owners: u32,
    companies: u32,
) -> Result<Vec<Uuid>, BenchError> {
    let client = postgres::connect(url).await?;
    client.batch_execute(SCHEMA).await?;
    let rows = client.query(PEOPLE, &[&people.cast_signed()]).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.get(0)).collect();
    for owner in ids.iter().take(owners as usize) {
        client.execute(COMPANIES, &[owner, &companies.cast_signed()]).await?;
    }
    client.batch_execute("ANALYZE").await?;
    Ok(ids)
}
