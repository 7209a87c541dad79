//! Bringing a list: a file, or text pasted from a spreadsheet.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use crate::{
    domain::access::ManageDevices,
    service::{
        Core,
        import::{
            columns,
            staged::{self, StagedError},
        },
    },
    web::{
        complaints::Complaints, error::PageError, href, reply, session::May, shell::Shell, upload::Upload,
    },
};

#[derive(Template)]
#[template(path = "imports/new.html")]
struct NewPage {
    shell: Shell,
    text: String,
    columns: String,
    complaints: Complaints,
}

impl NewPage {
    fn new(shell: Shell, text: String, complaints: Complaints) -> Self {
        Self { shell, text, columns: columns().join(","), complaints }
    }
}

/// `GET /imports/new`.
pub async fn show(_by: May<ManageDevices>, shell: Shell) -> Result<HttpResponse, PageError> {
    reply::html(&NewPage::new(shell, String::new(), Complaints::default()))
}

/// `POST /imports/new`: keeps the list, sealed, and shows what it would do.
pub async fn stage(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    upload: Upload,
) -> Result<HttpResponse, PageError> {
    let (file, text) = (upload.field("file"), upload.field("text"));
    let (field, bytes) = if file.is_empty() { ("text", text) } else { ("file", file) };
    match staged::stage(&core, &by, bytes).await {
        Ok(id) => Ok(reply::see_other(&href::import(id))),
        Err(StagedError::Fault(fault)) => Err(fault.into()),
        Err(refusal) => {
            let typed = String::from_utf8_lossy(text).into_owned();
            let complaints = Complaints::on_field(field, refusal);
            let page = NewPage::new(Shell::around(&req)?, typed, complaints);
            reply::form_page(&page, &page.complaints)
        }
    }
}
