-- When what is done by the clock is done next, and by whom. A worker takes a schedule that is due by moving its lease
-- ahead, and moves it on while it works: one runner at a time, and another once a runner has died.
CREATE TABLE ouvira_catalog.schedules (
    name        text        NOT NULL,
    cron        text        NOT NULL,
    due_at      timestamptz NOT NULL,
    -- Host, process and a random part.
    runner      text,
    lease_until timestamptz,
    started_at  timestamptz,
    finished_at timestamptz,
    outcome     text,
    -- What was done, or why it failed.
    report      text,
    -- The last tenant of a walk over all of them: whoever takes over goes on after it.
    position    uuid,
    CONSTRAINT schedules_pkey PRIMARY KEY (name),
    CONSTRAINT schedules_name_check CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT schedules_runner_check CHECK ((runner IS NULL) = (lease_until IS NULL)),
    CONSTRAINT schedules_outcome_check CHECK (outcome IN ('succeeded', 'failed'))
);

GRANT USAGE ON SCHEMA ouvira_catalog TO ouvira_worker;
GRANT SELECT, INSERT, UPDATE ON ouvira_catalog.schedules TO ouvira_worker;
-- Which tenants there are and in which databases; nothing else of them.
GRANT SELECT (id, mode, database) ON ouvira_catalog.tenant_directory TO ouvira_worker;
