//! Waiting for what becomes so, and no longer.

use std::time::{Duration, Instant};

/// How long a question rests.
const REST: Duration = Duration::from_millis(20);

/// Asks until there is an answer; none once `limit` is over.
pub async fn within<T>(limit: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        let answer = ask().await;
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        tokio::time::sleep(REST).await;
    }
}

/// Asks until it is so; `false` when it still is not once `limit` is over.
pub async fn becomes_so(limit: Duration, mut ask: impl AsyncFnMut() -> bool) -> bool {
    within(limit, async || ask().await.then_some(())).await.is_some()
}
