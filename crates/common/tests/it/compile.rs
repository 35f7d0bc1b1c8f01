/// What must not compile: a query without a scoped transaction, a secret in a log.
#[test]
fn what_must_not_compile_does_not() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
