//! Deleting a rule, after a question.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{
        access::{ManageTags, ViewDevices},
        id::RuleId,
    },
    service::{
        Core,
        rules::{self, SaveRuleError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::Confirm,
        reply,
        session::May,
        shell::Shell,
        site::Site,
    },
};

#[derive(Template)]
#[template(path = "rules/delete.html")]
struct DeletePage<'a> {
    shell: &'a Shell,
    name: String,
    confirm: Confirm<'a>,
}

/// `GET /rules/{id}/delete`: asks first.
pub async fn ask(
    core: Data<Core>,
    _by: May<ManageTags>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = RuleId(*id);
    let found = rules::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    reply::html(&DeletePage {
        shell: &shell,
        confirm: Confirm {
            question: format!("Delete the rule {}?", found.name),
            touched: vec![format!(
                "The tag {} goes from the devices on which only this rule put it.",
                found.tag_name
            )],
            consequence: "This cannot be undone. Where a person or another rule put the tag, it stays.",
            verb: "Delete the rule",
            action: href::rule_delete(id),
            back: href::rule(id),
            csrf: &shell.csrf,
        },
        name: found.name,
    })
}

/// `POST /rules/{id}/delete`.
pub async fn delete(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageTags>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = RuleId(*id);
    match rules::delete(&core, &by, id).await {
        Ok(true) => Ok(reply::see_other_saying(href::rules(), &Flash::done("The rule is deleted."), &site)),
        Ok(false) => Err(PageError::NotFound),
        Err(SaveRuleError::Fault(fault)) => Err(fault.into()),
        Err(other) => {
            let flash = Flash::problem(format!("Nothing was deleted: {other}."));
            Ok(reply::see_other_saying(&href::rule(id), &flash, &site))
        }
    }
}
