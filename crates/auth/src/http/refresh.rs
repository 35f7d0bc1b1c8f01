use actix_web::{HttpRequest, web::Data};
use apistos::api_operation;
use ouvira_common::http::{
    Anonymous, Json, Problem,
    cookies::{SessionKind, TokenAnswer, TokenAnswerView, WithCookies},
};

use super::cookies::{ShownRefreshToken, check};
use crate::{Auth, model::RefreshToken};

#[api_operation(
    operation_id = "refresh_token",
    summary = "Trade a refresh token for the next pair",
    description = "The last token traded gets the same successor for ten seconds; any older one ends the session: 401 \
                   `refresh_token_reused`. A session in cookies has no body and shows its `X-CSRF-Token`.",
    tag = "auth"
)]
pub(super) async fn refresh(
    caller: Anonymous,
    auth: Data<Auth>,
    shown: ShownRefreshToken,
    request: HttpRequest,
) -> Result<WithCookies<Json<TokenAnswerView>>, Problem> {
    let ShownRefreshToken { token, kind } = shown;
    if kind == SessionKind::Cookie {
        check(&request, RefreshToken::parse(&token).map(|token| token.session)).await?;
    }
    let tokens = auth.refresh(&caller, &token).await?;
    Ok(TokenAnswer::of(&caller, &tokens, kind, Json))
}
