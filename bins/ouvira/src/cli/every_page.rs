//! Lists as commands print them: whole.

use ouvira_common::page::{Limit, Page, PageRequest};

/// Every item of a list, which is read a hundred at a time.
pub(super) async fn every_page<T, E>(
    mut read: impl AsyncFnMut(&PageRequest) -> Result<Page<T>, E>,
) -> Result<Vec<T>, E> {
    let mut all = Vec::new();
    let mut request = PageRequest { limit: Limit::new(100).unwrap_or_default(), ..PageRequest::default() };
    loop {
        let page = read(&request).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(all),
        }
    }
}
