//! A company with what stands below it.

use std::collections::HashMap;

use ouvira_common::{context::RequestContext, id::CompanyId};

use crate::{Companies, CompanyError, model::Company, store};

/// How many levels below the company are shown.
pub const TREE_DEPTH: i32 = 5;
/// How many children of one company are shown; all of them are in the list with that parent.
pub const TREE_WIDTH: i64 = 100;
/// How many companies are shown in all.
pub const TREE_SIZE: i64 = 1000;

/// A company and, as far as shown, those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The company.
    pub company: Company,
    /// Those directly below it that the caller may see, by name.
    pub children: Vec<Branch>,
    /// Whether there are more directly below it that are not shown here.
    pub has_more: bool,
}

impl Companies {
    /// The company and what the caller may see below it: five levels, a hundred children each, a thousand in all. What
    /// is beyond is announced by `has_more` and found by asking for the tree, or the list, of that company.
    pub async fn tree(&self, ctx: &RequestContext, id: CompanyId) -> Result<Branch, CompanyError> {
        self.db
            .read(ctx, async |tx| {
                if !self.sees(tx, id).await? {
                    return Err(CompanyError::NotFound);
                }
                let visible = self.visible(tx).await?;
                let found = store::subtree(tx, id, &visible).await?;
                assemble(found, id).ok_or(CompanyError::NotFound)
            })
            .await
    }
}

/// Puts companies, each after its parent, together to a tree; `None` when the root is not among them.
fn assemble(found: Vec<store::Found>, root: CompanyId) -> Option<Branch> {
    let mut below: HashMap<CompanyId, Vec<Branch>> = HashMap::new();
    let shown: HashMap<CompanyId, usize> =
        found.iter().filter_map(|found| found.company.parent).fold(HashMap::new(), |mut shown, parent| {
            *shown.entry(parent).or_default() += 1;
            shown
        });
    // Children come after their parents, so from the end every company finds its children complete.
    for store::Found { company, children } in found.into_iter().rev() {
        let mut branches = below.remove(&company.id).unwrap_or_default();
        branches.reverse();
        let missing = children > shown.get(&company.id).copied().unwrap_or_default();
        let (id, parent) = (company.id, company.parent);
        let branch = Branch { company, children: branches, has_more: missing };
        if id == root {
            return Some(branch);
        }
        below.entry(parent?).or_default().push(branch);
    }
    None
}
