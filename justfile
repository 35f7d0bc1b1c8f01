# The shortest way to each of the project's commands. `just` alone lists them.

default:
    @just --list

# The whole service on a private Postgres, with a demo tenant.
run *arguments:
    cargo run -- {{arguments}}

# All tests, on a real Postgres of their own.
test *arguments:
    cargo test --workspace --all-features {{arguments}}

# One crate's tests: just test-crate company
test-crate name *arguments:
    cargo test -p ouvira-{{replace(name, "_", "-")}} --all-features {{arguments}}

# Lints and format, as CI asks for them.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    cargo deny check bans licenses sources

# What CI runs on every change.
ci:
    .ci/run

# And what takes longer: the figures, and the tour against an optimised build.
ci-full: ci
    .ci/pooler
    .ci/positive-controls
    cargo build --release
    OUVIRA=target/release/ouvira .ci/tour
    OUVIRA=target/release/ouvira .ci/fuzz-api
    cargo run --release -p ouvira-bench

# The README's tour against the real binary, in every placement.
tour:
    cargo build
    .ci/tour

# The figures of docs/performance.md: just bench --only P1,P3
bench *arguments:
    cargo run --release -p ouvira-bench -- {{arguments}}

# docs/openapi.json from the code.
openapi:
    cargo run --quiet -- openapi > docs/openapi.json

# docs/problems.md from the code: every code that an error can have.
problems:
    cargo run --quiet -- problems > docs/problems.md

# src/schema.rs of a domain from a scratch database migrated into `public`: just schema company
schema domain:
    .ci/print-schema {{domain}}

# Whether the fuzz targets build: just fuzz-check
fuzz-check:
    cargo check --manifest-path crates/auth/fuzz/Cargo.toml

# Ten minutes of one of the targets in crates/auth/fuzz: just fuzz phone (needs `cargo install cargo-fuzz`)
fuzz target seconds="600":
    mkdir -p crates/auth/fuzz/corpus/{{target}}
    cd crates/auth && cargo fuzz run --sanitizer none {{target}} fuzz/corpus/{{target}} fuzz/seeds/{{target}} -- -max_total_time={{seconds}} -timeout=10

# The document under public linters, and a typed TypeScript client made from it and compiled: docs/client.
client:
    .ci/client

# schemathesis against the real binary; EXAMPLES=200 just fuzz-api for a long run.
fuzz-api:
    cargo build
    .ci/fuzz-api

# The recovery of docs/operations.md on a Postgres of its own: accidents, and everything back.
rehearse-recovery:
    cargo build
    .ci/rehearse-recovery

# Takes protections out one by one, in a copy, and has the tests that guard them find it: just controls rollback rls
controls *names:
    .ci/positive-controls {{names}}

# Tenants by turns on one connection behind pgbouncer in transaction mode.
pooler:
    .ci/pooler

# Which lines the tests run, of the real binary too: just coverage -p ouvira-company (docs/coverage.md)
coverage *arguments:
    .ci/coverage {{arguments}}
