//! Adding and changing a shared credential. Its secrets are written and never shown (S-48).

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::super::devices::fields::unix_lines;
use crate::{
    domain::{
        access::ManageCredentials,
        cap::Cap,
        credential::{CredentialName, NewCredential, Shared, SharedEdit},
        id::CredentialId,
        page::PageRequest,
    },
    service::{
        Core,
        credentials::{self, SaveCredentialError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Hidden},
        href, reply, request,
        session::May,
        shell::Shell,
    },
};

/// What a person typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CredentialForm {
    name: String,
    description: String,
    username: String,
    password: Hidden,
    enable: Hidden,
    private_key: Hidden,
    passphrase: Hidden,
    most_sessions: String,
    /// `on` to keep the secrets before until every device has accepted the new ones.
    keeps_old: String,
    version: String,
}

impl CredentialForm {
    fn of(shared: &Shared) -> Self {
        Self {
            name: shared.credential.name.clone().unwrap_or_default(),
            description: shared.description.clone(),
            username: shared.credential.username.clone(),
            most_sessions: Cap::told(shared.most_sessions),
            keeps_old: "on".to_owned(),
            version: shared.version.to_string(),
            ..Self::default()
        }
    }

    fn parse(&self, kept: Option<&Shared>) -> Result<SharedEdit, Complaints> {
        let mut complaints = Complaints::default();
        let name: Option<CredentialName> = complaints.parse("name", &self.name);
        let description = self.description.trim();
        if description.chars().count() > 200 || description.chars().any(char::is_control) {
            complaints.add("description", "Use at most 200 characters on one line.");
        }
        let username = self.username.trim();
        if username.is_empty() {
            complaints.add("username", "Enter the name of the account on the devices.");
        } else if username.chars().count() > 255 || username.chars().any(char::is_control) {
            complaints.add("username", "Use at most 255 characters on one line.");
        }
        let secrets = NewCredential {
            username: username.to_owned(),
            password: self.password.given(),
            enable: self.enable.given(),
            private_key: self.private_key.given().map(|key| unix_lines(&key)),
            passphrase: self.passphrase.given(),
        };
        let kept = kept.map(|kept| &kept.credential);
        let has_key = secrets.private_key.is_some() || kept.is_some_and(|kept| kept.has_private_key);
        if !has_key && secrets.password.is_none() && !kept.is_some_and(|kept| kept.has_password) {
            complaints.add("password", "Enter a password or a private key.");
        }
        if secrets.passphrase.is_some() && !has_key {
            complaints.add("passphrase", "There is no private key that this passphrase could open.");
        }
        let most_sessions = complaints.parse_optional("most_sessions", &self.most_sessions);
        match (name, most_sessions) {
            (Some(name), Some(most_sessions)) if complaints.is_empty() => Ok(SharedEdit {
                name,
                description: description.to_owned(),
                most_sessions,
                secrets,
                keeps_old: self.keeps_old == "on",
            }),
            _ => Err(complaints),
        }
    }
}

#[derive(Template)]
#[template(path = "credentials/form.html")]
struct FormPage {
    shell: Shell,
    heading: String,
    is_new: bool,
    action: String,
    back: String,
    hint: &'static str,
    form: CredentialForm,
    complaints: Complaints,
}

fn page(
    req: &HttpRequest,
    known: Option<&Shared>,
    form: CredentialForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let id = known.map(|known| known.credential.id);
    let name = known.and_then(|known| known.credential.name.clone());
    let view = FormPage {
        shell: Shell::around(req)?,
        heading: name.map_or_else(|| "Add a credential".to_owned(), |name| format!("Change {name}")),
        is_new: id.is_none(),
        action: id.map_or_else(|| href::credential_new().to_owned(), |id| href::credential_act(id, "edit")),
        back: id.map_or_else(|| href::credentials().to_owned(), href::credential),
        hint: if id.is_some() { "Leave blank to keep what is there." } else { "" },
        form,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

async fn found(core: &Core, by: &May<ManageCredentials>, id: CredentialId) -> Result<Shared, PageError> {
    let by = by.actor().clone().grant()?;
    let found = credentials::find(core, &by, id, PageRequest::first(1)).await?;
    Ok(found.ok_or(PageError::NotFound)?.shared)
}

/// `GET /credentials/new`.
pub async fn new(req: HttpRequest, _by: May<ManageCredentials>) -> Result<HttpResponse, PageError> {
    page(&req, None, CredentialForm::default(), Complaints::default())
}

/// `POST /credentials/new`.
pub async fn create(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
    Form(form): Form<CredentialForm>,
) -> Result<HttpResponse, PageError> {
    let edit = match form.parse(None) {
        Ok(edit) => edit,
        Err(complaints) => return page(&req, None, form, complaints),
    };
    match credentials::create(&core, &by, &edit).await {
        Ok(id) => {
            let flash = Flash::done(format!("{} is added. Say below for which devices.", edit.name.as_str()));
            Ok(reply::see_other_saying(&href::credential(id), &flash, &*request::site(&req)?))
        }
        Err(error) => page(&req, None, form, refused(error)?),
    }
}

/// `GET /credentials/{id}/edit`.
pub async fn edit(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
    id: Path<i64>,
) -> Result<HttpResponse, PageError> {
    let shared = found(&core, &by, CredentialId(*id)).await?;
    page(&req, Some(&shared), CredentialForm::of(&shared), Complaints::default())
}

/// `POST /credentials/{id}/edit`.
pub async fn update(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(mut form): Form<CredentialForm>,
) -> Result<HttpResponse, PageError> {
    let id = CredentialId(*id);
    let shared = found(&core, &by, id).await?;
    let edit = match form.parse(Some(&shared)) {
        Ok(edit) => edit,
        Err(complaints) => return page(&req, Some(&shared), form, complaints),
    };
    let version = form.version.parse().unwrap_or_default();
    match credentials::update(&core, &by, (id, version), &edit).await {
        Ok(()) => {
            let flash = Flash::done(format!("{} is saved.", edit.name.as_str()));
            Ok(reply::see_other_saying(&href::credential(id), &flash, &*request::site(&req)?))
        }
        Err(error) => {
            if matches!(error, SaveCredentialError::Changed) {
                form.version = shared.version.to_string();
            }
            let complaints = refused(error)?;
            page(&req, Some(&shared), form, complaints)
        }
    }
}

fn refused(error: SaveCredentialError) -> Result<Complaints, PageError> {
    Ok(match error {
        SaveCredentialError::NameTaken => {
            Complaints::on_field("name", "Another credential has this name already. Choose a different one.")
        }
        SaveCredentialError::Changed => Complaints::on_form(
            "Somebody else has saved this credential in the meantime. Nothing was saved; saving again overwrites it.",
        ),
        SaveCredentialError::Fault(fault) => return Err(fault.into()),
        other @ (SaveCredentialError::Gone
        | SaveCredentialError::InUse(_)
        | SaveCredentialError::ShownTo(_)
        | SaveCredentialError::Scope) => Complaints::on_form(format!("Nothing was saved: {other}.")),
    })
}
