//! Adding and changing a jump host, with what is known of its host key.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::ManageCredentials,
        device::Port,
        id::{CredentialId, JumpHostId},
        jump_host::{JumpHost, NewJumpHost},
    },
    service::{
        Core, credentials,
        jump_hosts::{self, SaveJumpHostError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::Form,
        href, lists,
        parts::{Choice, Moment},
        reply, request,
        session::May,
        shell::Shell,
    },
};

/// What a person typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JumpHostForm {
    name: String,
    address: String,
    port: String,
    credential: String,
    via: String,
    version: String,
}

impl JumpHostForm {
    fn of(host: &JumpHost) -> Self {
        Self {
            name: host.name.clone(),
            address: host.address.clone(),
            port: host.port.to_string(),
            credential: host.credential.to_string(),
            via: host.via.map(|id| id.to_string()).unwrap_or_default(),
            version: host.version.to_string(),
        }
    }

    fn parse(&self) -> Result<NewJumpHost, Complaints> {
        let mut complaints = Complaints::default();
        let name = complaints.parse("name", &self.name);
        let address = complaints.parse("address", &self.address);
        let port = complaints.parse_optional("port", &self.port);
        let credential = self.credential.parse::<CredentialId>().ok();
        if credential.is_none() {
            complaints.add("credential", "Choose the shared credential that it is shown.");
        }
        let via = match self.via.as_str() {
            "" => None,
            id => id.parse().map_err(|_| complaints.add("via", "Choose a jump host.")).ok(),
        };
        match (name, address, port, credential) {
            (Some(name), Some(address), Some(port), Some(credential)) if complaints.is_empty() => {
                Ok(NewJumpHost { name, address, port: port.unwrap_or(Port::SSH), credential, via })
            }
            _ => Err(complaints),
        }
    }
}

/// What is known of the host key.
struct Key {
    pinned: String,
    at: Moment,
    by: String,
    refused: Option<(String, String, Moment)>,
}

impl Key {
    fn of(host: &JumpHost) -> Option<Self> {
        let pin = host.pin.as_ref()?;
        let refused = pin.refused.as_ref().map(|(key, at)| {
            let told = format!("{} {}", key.algorithm, key.fingerprint);
            (told, key.fingerprint.clone(), Moment::relative(*at))
        });
        Some(Self {
            pinned: format!("{} {}", pin.key.algorithm, pin.key.fingerprint),
            at: Moment::relative(pin.pinned_at),
            by: pin.pinned_by.clone(),
            refused,
        })
    }
}

#[derive(Template)]
#[template(path = "jump_hosts/form.html")]
struct FormPage {
    shell: Shell,
    heading: String,
    is_new: bool,
    action: String,
    delete: String,
    accept: String,
    refused: Option<Moment>,
    key: Option<Key>,
    credentials: Vec<Choice>,
    hosts: Vec<Choice>,
    form: JumpHostForm,
    complaints: Complaints,
}

async fn page(
    (req, core, by): (&HttpRequest, &Core, &May<ManageCredentials>),
    known: Option<&JumpHost>,
    form: JumpHostForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let looking = by.actor().clone().grant()?;
    let named = credentials::names(core, &looking).await?;
    let named: Vec<(String, String)> = named.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let hosts = jump_hosts::names(core, &looking).await?.into_iter();
    let hosts = hosts.filter(|(id, _)| known.is_none_or(|known| known.id != *id));
    let hosts: Vec<(String, String)> = hosts.map(|(id, name)| (id.to_string(), name)).collect();
    let offered = |nothing, chosen: &str, all: &[(String, String)]| {
        lists::choices(nothing, chosen, all.iter().map(|(id, name)| (id.as_str(), name.clone())))
    };
    let id = known.map(|known| known.id);
    let view = FormPage {
        shell: Shell::around(req)?,
        heading: known.map_or_else(|| "Add a jump host".to_owned(), |known| format!("Change {}", known.name)),
        is_new: id.is_none(),
        action: id.map_or_else(|| href::jump_host_new().to_owned(), href::jump_host),
        delete: id.map(|id| href::jump_host_act(id, "delete")).unwrap_or_default(),
        accept: id.map(|id| href::jump_host_act(id, "host-key")).unwrap_or_default(),
        refused: known.and_then(|known| known.refused).map(|(_, at)| Moment::relative(at)),
        key: known.and_then(Key::of),
        credentials: offered("Choose a credential", &form.credential, &named),
        hosts: offered("None, straight from here", &form.via, &hosts),
        form,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

/// The jump host with this id.
pub(super) async fn found(
    core: &Core,
    by: &May<ManageCredentials>,
    id: JumpHostId,
) -> Result<JumpHost, PageError> {
    let all = jump_hosts::list(core, &by.actor().clone().grant()?).await?;
    all.into_iter().find(|host| host.id == id).ok_or(PageError::NotFound)
}

/// `GET /jump-hosts/new`.
pub async fn new(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
) -> Result<HttpResponse, PageError> {
    page((&req, &core, &by), None, JumpHostForm::default(), Complaints::default()).await
}

/// `POST /jump-hosts/new`.
pub async fn create(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
    Form(form): Form<JumpHostForm>,
) -> Result<HttpResponse, PageError> {
    let new = match form.parse() {
        Ok(new) => new,
        Err(complaints) => return page((&req, &core, &by), None, form, complaints).await,
    };
    match jump_hosts::create(&core, &by, &new).await {
        Ok(_) => {
            let name = new.name.as_str();
            let flash = Flash::done(format!("{name} is added. Choose it on the devices that are behind it."));
            Ok(reply::see_other_saying(href::jump_hosts(), &flash, &*request::site(&req)?))
        }
        Err(error) => page((&req, &core, &by), None, form, refused(error)?).await,
    }
}

/// `GET /jump-hosts/{id}`.
pub async fn edit(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
    id: Path<i64>,
) -> Result<HttpResponse, PageError> {
    let host = found(&core, &by, JumpHostId(*id)).await?;
    page((&req, &core, &by), Some(&host), JumpHostForm::of(&host), Complaints::default()).await
}

/// `POST /jump-hosts/{id}`.
pub async fn update(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageCredentials>,
    id: Path<i64>,
    Form(mut form): Form<JumpHostForm>,
) -> Result<HttpResponse, PageError> {
    let host = found(&core, &by, JumpHostId(*id)).await?;
    let new = match form.parse() {
        Ok(new) => new,
        Err(complaints) => return page((&req, &core, &by), Some(&host), form, complaints).await,
    };
    let version = form.version.parse().unwrap_or_default();
    match jump_hosts::update(&core, &by, (host.id, version), &new).await {
        Ok(()) => {
            let flash = Flash::done(format!("{} is saved.", new.name.as_str()));
            Ok(reply::see_other_saying(href::jump_hosts(), &flash, &*request::site(&req)?))
        }
        Err(error) => {
            if matches!(error, SaveJumpHostError::Changed) {
                form.version = host.version.to_string();
            }
            let complaints = refused(error)?;
            page((&req, &core, &by), Some(&host), form, complaints).await
        }
    }
}

fn refused(error: SaveJumpHostError) -> Result<Complaints, PageError> {
    Ok(match error {
        SaveJumpHostError::NameTaken(name) => {
            Complaints::on_field("name", format!("There is a jump host named {name} already."))
        }
        SaveJumpHostError::UnknownCredential => {
            Complaints::on_field("credential", "This credential has been deleted. Choose another.")
        }
        SaveJumpHostError::Way => {
            Complaints::on_field("via", format!("Choose another: {}.", SaveJumpHostError::Way))
        }
        SaveJumpHostError::Changed => Complaints::on_form(
            "Somebody else has saved this jump host in the meantime. Nothing was saved; saving again overwrites it.",
        ),
        SaveJumpHostError::Gone => return Err(PageError::NotFound),
        SaveJumpHostError::Fault(fault) => return Err(fault.into()),
        other @ (SaveJumpHostError::InUse { .. } | SaveJumpHostError::Scope) => {
            Complaints::on_form(format!("Nothing was saved: {other}."))
        }
    })
}
