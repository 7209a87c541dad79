//! A platform's file from a pasted terminal session. What is pasted is not kept.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::form::{self, By};
use crate::{
    domain::access::ManagePlatforms,
    service::{Core, platforms},
    web::{complaints::Complaints, error::PageError, form::Form, reply, session::May, shell::Shell},
};

/// What was pasted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionForm {
    session: String,
}

#[derive(Template)]
#[template(path = "platforms/propose.html")]
struct ProposePage {
    shell: Shell,
    session: String,
    complaints: Complaints,
}

/// `GET /platforms/propose`.
pub async fn ask(_by: May<ManagePlatforms>, shell: Shell) -> Result<HttpResponse, PageError> {
    reply::html(&ProposePage { shell, session: String::new(), complaints: Complaints::default() })
}

/// `POST /platforms/propose`: the form of a new platform with what was made out.
pub async fn propose(
    core: Data<Core>,
    by: By,
    Form(form): Form<SessionForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    match platforms::propose(&core, form.session.clone()).await? {
        Ok(proposed) => form::proposed(&core, &by, shell, (proposed.source, proposed.remarks)).await,
        Err(why) => {
            let page = ProposePage {
                shell,
                session: form.session,
                complaints: Complaints::on_field("session", why),
            };
            reply::form_page(&page, &page.complaints)
        }
    }
}
