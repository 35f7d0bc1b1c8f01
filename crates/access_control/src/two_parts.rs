//! Lists whose first part is in code and whose second is in a table.

use ouvira_common::page::{InvalidCursor, Limit, Page, PageRequest};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Position {
    /// After this one of the system's.
    System(Uuid),
    /// After this one of the tenant's.
    Custom(Uuid),
}

impl Position {
    /// Where the item of that id stands.
    pub(crate) fn of(system: bool, id: Uuid) -> Self {
        if system { Self::System(id) } else { Self::Custom(id) }
    }
}

/// A page being put together: first what the system has, then rows.
pub(crate) struct TwoParts<T> {
    items: Vec<T>,
    limit: Limit,
    /// After which row the second part goes on.
    pub(crate) after: Option<Uuid>,
}

impl<T> TwoParts<T> {
    /// Begins a page with its share of `system`, which `id` identifies.
    pub(crate) fn begin(
        system: Vec<T>,
        page: &PageRequest,
        id: impl Fn(&T) -> Uuid,
    ) -> Result<Self, InvalidCursor> {
        let position: Option<Position> = page.position()?;
        let (skip, after) = match position {
            None => (0, None),
            Some(Position::Custom(after)) => (system.len(), Some(after)),
            Some(Position::System(last)) => {
                let place = system.iter().position(|item| id(item) == last);
                (place.ok_or(InvalidCursor)? + 1, None)
            }
        };
        let items = system.into_iter().skip(skip).take(page.limit.get() + 1).collect();
        Ok(Self { items, limit: page.limit, after })
    }

    /// What of the first part is on the page.
    pub(crate) fn shown(&self) -> &[T] {
        &self.items
    }

    /// The page with its share made into something else.
    pub(crate) fn map<U>(self, of: impl FnMut(T) -> U) -> TwoParts<U> {
        TwoParts { items: self.items.into_iter().map(of).collect(), limit: self.limit, after: self.after }
    }

    /// How many rows are still needed; none when the page is full already.
    pub(crate) fn missing(&self) -> Option<i64> {
        let missing = self.limit.probe() - i64::try_from(self.items.len()).unwrap_or(i64::MAX);
        (missing > 0).then_some(missing)
    }

    /// The page with `rows` as its second part.
    pub(crate) fn end(mut self, rows: Vec<T>, position: impl Fn(&T) -> Position) -> Page<T> {
        self.items.extend(rows);
        Page::from_rows(self.items, self.limit, position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walking_the_pages_meets_everything_once_and_in_order() {
        let id = |number: &u32| Uuid::from_u128(u128::from(*number));
        for (system, custom, limit) in [(0, 7, 3), (7, 0, 3), (4, 5, 3), (3, 3, 3), (6, 4, 2), (2, 2, 10)] {
            let all: Vec<u32> = (0..system + custom).collect();
            let mut request = PageRequest { limit: Limit::new(limit).unwrap(), ..PageRequest::default() };
            let mut met = Vec::new();
            loop {
                let begun = TwoParts::begin((0..system).collect(), &request, id).unwrap();
                let rows = all.iter().skip(system as usize).copied();
                let rows = rows.filter(|number| begun.after.is_none_or(|after| id(number) > after));
                let missing = usize::try_from(begun.missing().unwrap_or(0)).unwrap();
                let rows = rows.take(missing).collect();
                let position = |number: &u32| Position::of(*number < system, id(number));
                let page = begun.end(rows, position);
                assert!(page.items.len() <= limit as usize);
                met.extend(page.items);
                request.after = page.next;
                if request.after.is_none() {
                    break;
                }
            }
            assert_eq!(met, all, "{system} of the system and {custom} others, {limit} a page");
        }
    }
}
