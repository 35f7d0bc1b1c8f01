//! What the activity log is told of users.

use ouvira_common::ports::Activity;

use crate::model::User;

/// `action` on the user who was `before` and is `after`; at least one of them is there.
pub(crate) fn activity(action: &'static str, before: Option<&User>, after: Option<&User>) -> Activity {
    let user = after.or(before).expect("an activity is about somebody");
    about(action, user).changes(User::changes(before, after))
}

/// `action` on `user` that changes nothing.
pub(crate) fn about(action: &'static str, user: &User) -> Activity {
    Activity::new(action, "user", user.id.0).label(user.to_person().label())
}
