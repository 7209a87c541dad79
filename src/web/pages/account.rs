//! What a person sets for themselves.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::web::{
    error::PageError,
    form::Form,
    next, reply, request,
    shell::{self, Theme},
};

/// The buttons for light and dark.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThemeForm {
    theme: String,
    next: String,
}

/// `POST /account/theme`: remembers light or dark in a cookie and goes back to the page.
pub async fn theme(req: HttpRequest, Form(form): Form<ThemeForm>) -> Result<HttpResponse, PageError> {
    let theme: Theme = form.theme.parse().unwrap_or(Theme::Auto);
    let site = request::site(&req)?;
    Ok(reply::see_other_with(next::safe(&form.next), shell::theme_cookie(&site, theme)))
}
