//! Access control over HTTP. The app data must have a `web::Data<AccessControl>`, and what `ouvira_common::http` asks for.

mod accept;
mod check;
mod invitations;
mod member_roles;
mod members;
mod object_grants;
mod permissions;
mod role_permissions;
mod roles;
mod short;
mod user_roles;
mod view;

use apistos::web::{ServiceConfig, delete, get, patch, post, put, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    permission_routes(config);
    role_routes(config);
    member_routes(config);
    invitation_routes(config);
    question_routes(config);
}

fn permission_routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/access-control/permissions")
                .route(get().to(permissions::list))
                .route(post().to(permissions::create)),
        )
        .service(
            resource("/access-control/permissions/{id}")
                .route(get().to(permissions::read))
                .route(put().to(permissions::replace))
                .route(patch().to(permissions::patch))
                .route(delete().to(permissions::delete)),
        );
}

fn role_routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/access-control/roles").route(get().to(roles::list)).route(post().to(roles::create)),
        )
        .service(
            resource("/access-control/roles/{id}")
                .route(get().to(roles::read))
                .route(put().to(roles::replace))
                .route(patch().to(roles::patch))
                .route(delete().to(roles::delete)),
        )
        .service(
            resource("/access-control/role-permissions")
                .route(get().to(role_permissions::list))
                .route(post().to(role_permissions::create)),
        )
        .service(
            resource("/access-control/role-permissions/{id}")
                .route(get().to(role_permissions::read))
                .route(delete().to(role_permissions::delete)),
        )
        .service(resource("/roles/assign").route(post().to(short::assign_role)));
}

fn member_routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/access-control/user-companies")
                .route(get().to(members::list))
                .route(post().to(members::create)),
        )
        .service(
            resource("/access-control/user-companies/{id}")
                .route(get().to(members::read))
                .route(put().to(members::replace))
                .route(delete().to(members::delete)),
        )
        .service(
            resource("/access-control/user-company-roles")
                .route(get().to(member_roles::list))
                .route(post().to(member_roles::give)),
        )
        .service(
            resource("/access-control/user-company-roles/{id}")
                .route(get().to(member_roles::read))
                .route(delete().to(member_roles::take)),
        )
        .service(resource("/user-roles").route(get().to(user_roles::list)).route(post().to(user_roles::give)))
        .service(
            resource("/user-roles/{id}")
                .route(get().to(user_roles::read))
                .route(delete().to(user_roles::take)),
        );
}

fn invitation_routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/access-control/invitations")
                .route(get().to(invitations::list))
                .route(post().to(invitations::create)),
        )
        .service(resource("/access-control/invitations/accept").route(post().to(accept::accept)))
        .service(
            resource("/access-control/invitations/{id}")
                .route(get().to(invitations::read))
                .route(put().to(invitations::replace))
                .route(delete().to(invitations::delete)),
        )
        .service(resource("/access-control/invitations/{id}/revoke").route(post().to(invitations::revoke)))
        .service(resource("/access-control/invitations/{id}/resend").route(post().to(invitations::resend)))
        .service(resource("/tenants/{id}/invite").route(post().to(short::invite_to_tenant)))
        .service(resource("/users/invite").route(post().to(short::invite)))
        .service(resource("/users/accept-invite").route(post().to(accept::accept_as_new_user)));
}

fn question_routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/access-control/object-grants")
                .route(get().to(object_grants::list))
                .route(post().to(object_grants::create)),
        )
        .service(
            resource("/access-control/object-grants/{id}")
                .route(get().to(object_grants::read))
                .route(delete().to(object_grants::delete)),
        )
        .service(resource("/access-control/check").route(post().to(check::check)));
}
