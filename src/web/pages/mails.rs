//! The mails that were written, and a mail to see whether the settings are right.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{access::ManageSettings, notice::Mail, user::Email},
    service::{
        Core,
        notices::{self, MailError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Params},
        href, lists,
        parts::{Action, Badge, Empty, Moment, Pager, Tone},
        reply, request,
        session::May,
        shell::Shell,
    },
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    page: String,
}

/// Where the test mail goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TestForm {
    to: String,
}

/// A row.
#[derive(Debug)]
struct Row {
    recipient: String,
    subject: String,
    written: Moment,
    badge: Badge,
    error: String,
}

impl From<Mail> for Row {
    fn from(mail: Mail) -> Self {
        let badge = if mail.sent_at.is_some() {
            Badge::new(Tone::Ok, "circle-check", "Sent")
        } else if mail.given_up_at.is_some() {
            Badge::new(Tone::Bad, "circle-x", "Given up")
        } else if mail.attempts > 0 {
            Badge::new(Tone::Warn, "refresh", format!("Tried {} times", mail.attempts))
        } else {
            Badge::new(Tone::Idle, "clock", "Waits")
        };
        Self {
            written: Moment::relative(mail.created_at),
            recipient: mail.recipient,
            subject: mail.subject,
            error: mail.error.unwrap_or_default(),
            badge,
        }
    }
}

#[derive(Template)]
#[template(path = "mails/list.html")]
struct MailsPage {
    shell: Shell,
    is_on: bool,
    rows: Vec<Row>,
    pager: Option<Pager>,
    empty: Empty,
}

/// `GET /mails`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageSettings>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = notices::list(&core, &by, lists::requested(&asked.page)).await?;
    let pager = lists::pager(&found, |number| href::with(href::mails(), &[("page", number)]));
    reply::html(&MailsPage {
        shell,
        is_on: core.settings.now().mail_enabled,
        rows: found.rows.into_iter().map(Row::from).collect(),
        pager,
        empty: Empty {
            icon: "file-text",
            title: "No mail yet",
            text: "People choose on their account's page what they are told. Mails stay here for 30 days.",
            action: Some(Action {
                label: "Mail settings",
                href: href::with(href::settings(), &[("category", "notification")]),
            }),
        },
    })
}

/// `POST /mails/test`: sends a mail at once and says what the mail server said.
pub async fn test(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageSettings>,
    Form(form): Form<TestForm>,
) -> Result<HttpResponse, PageError> {
    let flash = match form.to.parse::<Email>() {
        Err(error) => Flash::problem(format!("Nothing was sent to \"{}\": {error}", form.to.trim())),
        Ok(to) => match notices::test(&core, &by, &to).await {
            Ok(()) => Flash::done(format!("The mail server took the mail to {}.", to.as_str())),
            Err(MailError::Fault(fault)) => return Err(fault.into()),
            Err(error) => Flash::problem(format!("Nothing was sent: {error}.")),
        },
    };
    Ok(reply::see_other_saying(href::mails(), &flash, &*request::site(&req)?))
}
