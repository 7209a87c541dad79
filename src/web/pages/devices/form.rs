//! The form for a device, new or known. Its secrets are written and never shown (S-48).

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    choices::{Choices, algorithms, jump_hosts_of, logins},
    fields::DeviceForm,
    found, looking,
};
use crate::{
    domain::{access::ManageDevices, credential::Credential, device::NewDevice, id::DeviceId},
    service::{
        Core,
        devices::{self, DeviceDetail, SaveDeviceError},
        platforms,
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, lists, parts::Choice,
        reply, request, session::May, shell::Shell,
    },
};

/// The device that is edited: where its form goes, and what it is called whatever was typed.
#[derive(Debug)]
struct Known {
    name: String,
    href: String,
}

/// What stands below the secret fields.
#[derive(Debug, Default)]
struct Hints {
    password: &'static str,
    enable: &'static str,
    private_key: &'static str,
    passphrase: &'static str,
}

const KEEP: &str = "Set. Leave blank to keep it.";

impl Hints {
    fn of(kept: Option<&Credential>) -> Self {
        let Some(kept) = kept else {
            return Self {
                enable: "Only where the device asks for one.",
                private_key: "In OpenSSH or PEM form; instead of a password or beside it.",
                ..Self::default()
            };
        };
        let hint = |is_set: bool| if is_set { KEEP } else { "Not set." };
        Self {
            password: hint(kept.has_password),
            enable: hint(kept.has_enable),
            private_key: hint(kept.has_private_key),
            passphrase: if kept.has_private_key { "Leave blank to keep what is there." } else { "" },
        }
    }
}

#[derive(Template)]
#[template(path = "devices/form.html")]
struct FormPage<'a> {
    shell: Shell,
    known: Option<Known>,
    form: &'a DeviceForm,
    action: String,
    back: String,
    platforms: Vec<Choice>,
    transports: Vec<Choice>,
    algorithms: Vec<Choice>,
    jump_hosts: Vec<Choice>,
    /// Whether one of them sends passwords in clear text.
    is_clear_text: bool,
    hints: Hints,
    owners: Vec<Choice>,
    logins: Vec<Choice>,
    /// The version to save over: the one that the form began with, or the newest where both were shown.
    version: String,
    is_stale: bool,
    differences: Vec<(&'static str, String, String)>,
    complaints: Complaints,
}

impl<'a> FormPage<'a> {
    fn new(
        shell: Shell,
        core: &Core,
        form: &'a DeviceForm,
        known: Option<&DeviceDetail>,
        (lists, complaints): (Choices, Complaints),
    ) -> Self {
        let Choices { owners, credentials, jump_hosts, transports } = lists;
        let owners: Vec<(String, String)> =
            owners.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        let platforms = platforms::by_title(core);
        let id = known.map(|known| known.device.id);
        Self {
            shell,
            action: id.map_or_else(|| href::new_device().to_owned(), href::edit_device),
            back: id.map_or_else(|| href::devices().to_owned(), href::device),
            platforms: lists::choices(
                "Choose a platform",
                &form.platform,
                platforms.iter().map(|(key, title)| (key.as_str(), title.clone())),
            ),
            transports: transports.offered(&form.transport),
            algorithms: algorithms(&form.algorithms),
            jump_hosts: jump_hosts_of(&jump_hosts, &form.jump_host),
            is_clear_text: transports.has_clear_text(&form.transport),
            hints: Hints::of(
                known.and_then(|known| known.credential.as_ref()).filter(|known| known.name.is_none()),
            ),
            logins: logins(&form.login, &credentials),
            owners: lists::choices(
                "Nobody",
                &form.owner,
                owners.iter().map(|(id, name)| (id.as_str(), name.clone())),
            ),
            version: form.version.clone(),
            is_stale: false,
            differences: Vec::new(),
            known: known
                .map(|known| Known { name: known.device.name.clone(), href: href::device(known.device.id) }),
            form,
            complaints,
        }
    }
}

/// `GET /devices/{id}/clone`: a new device with everything that the other has but its address and its own secrets.
pub async fn clone(
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let known = found(&core, &looking(&by)?, DeviceId(*path)).await?;
    let mut form = DeviceForm::of(&known);
    form.name = format!("{}-copy", form.name);
    form.address = String::new();
    form.further = String::new();
    form.serial_number = String::new();
    form.version = String::new();
    let choices = Choices::load(&core, &by).await?;
    reply::html(&FormPage::new(shell, &core, &form, None, (choices, Complaints::default())))
}

/// `GET /devices/new`: an empty form.
pub async fn new(core: Data<Core>, by: May<ManageDevices>, shell: Shell) -> Result<HttpResponse, PageError> {
    let mut form = DeviceForm::empty();
    form.owner = by.actor().user.map(|id| id.to_string()).unwrap_or_default();
    let choices = Choices::load(&core, &by).await?;
    reply::html(&FormPage::new(shell, &core, &form, None, (choices, Complaints::default())))
}

/// `POST /devices/new`: adds a device and shows it.
pub async fn create(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    Form(form): Form<DeviceForm>,
) -> Result<HttpResponse, PageError> {
    let saved = match form.parse(None) {
        Ok(new) => devices::create(&core, &by, new).await,
        Err(complaints) => return again((&req, &core, &by), &form, None, Mistake::Typed(complaints)).await,
    };
    match saved {
        Ok(id) => saying(&req, id, format!("{} has been added.", form.name())),
        Err(SaveDeviceError::Fault(fault)) => Err(fault.into()),
        Err(refusal) => again((&req, &core, &by), &form, None, Mistake::of(&refusal)).await,
    }
}

/// `GET /devices/{id}/edit`: the form with what is known.
pub async fn edit(
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let known = found(&core, &looking(&by)?, DeviceId(*path)).await?;
    let form = DeviceForm::of(&known);
    let choices = Choices::load(&core, &by).await?;
    reply::html(&FormPage::new(shell, &core, &form, Some(&known), (choices, Complaints::default())))
}

/// `POST /devices/{id}/edit`: writes the edit, unless somebody else was faster.
pub async fn update(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(form): Form<DeviceForm>,
) -> Result<HttpResponse, PageError> {
    let known = found(&core, &looking(&by)?, DeviceId(*path)).await?;
    let saved = match form.parse(known.credential.as_ref()) {
        Ok(new) => save(&core, &by, &known, (form.version(), new)).await,
        Err(complaints) => {
            return again((&req, &core, &by), &form, Some(&known), Mistake::Typed(complaints)).await;
        }
    };
    match saved {
        Ok(()) => saying(&req, known.device.id, format!("{} has been saved.", form.name())),
        Err(SaveDeviceError::Fault(fault)) => Err(fault.into()),
        Err(refusal) => again((&req, &core, &by), &form, Some(&known), Mistake::of(&refusal)).await,
    }
}

async fn save(
    core: &Core,
    by: &May<ManageDevices>,
    known: &DeviceDetail,
    (version, new): (Option<i32>, NewDevice),
) -> Result<(), SaveDeviceError> {
    let version = version.ok_or(SaveDeviceError::Stale)?;
    devices::update(core, by, (known.device.id, version), new).await
}

fn saying(req: &HttpRequest, id: DeviceId, text: String) -> Result<HttpResponse, PageError> {
    let site = request::site(req)?;
    Ok(reply::see_other_saying(&href::device(id), &Flash::done(text), &site))
}

/// Why a form comes back.
#[derive(Debug, PartialEq, Eq)]
enum Mistake {
    /// Something typed is wrong.
    Typed(Complaints),
    /// Somebody else has changed the device in the meantime.
    Stale,
}

impl Mistake {
    fn of(refusal: &SaveDeviceError) -> Self {
        let (field, message) = match refusal {
            SaveDeviceError::Stale | SaveDeviceError::Fault(_) => return Self::Stale,
            SaveDeviceError::NameTaken(name) => ("name", format!("There is a device named {name} already.")),
            SaveDeviceError::PlaceTaken(name) => {
                ("address", format!("{name} is at this address and port already."))
            }
            SaveDeviceError::FurtherTaken { name, place } => {
                ("further", format!("{name} is at {place} already."))
            }
            SaveDeviceError::PlaceRepeated(place) => {
                ("further", format!("{place} is among its addresses already."))
            }
            SaveDeviceError::UnknownJumpHost => {
                ("jump_host", "This jump host has been deleted. Choose another.".to_owned())
            }
            SaveDeviceError::UnknownCredential => {
                ("login", "This credential has been deleted. Choose another.".to_owned())
            }
            SaveDeviceError::Transport(refused) => ("transport", refused.to_string()),
            SaveDeviceError::UnknownPlatform { .. } => ("platform", "Choose a platform.".to_owned()),
        };
        Self::Typed(Complaints::on_field(field, message))
    }
}

/// The form once more with what was typed, but for the secrets.
async fn again(
    (req, core, by): (&HttpRequest, &Core, &May<ManageDevices>),
    form: &DeviceForm,
    known: Option<&DeviceDetail>,
    mistake: Mistake,
) -> Result<HttpResponse, PageError> {
    let is_stale = mistake == Mistake::Stale;
    let complaints = match mistake {
        Mistake::Typed(complaints) => complaints,
        Mistake::Stale => Complaints::on_form(
            "Somebody else has changed this device since you opened the form. Nothing was saved.",
        ),
    };
    let choices = Choices::load(core, by).await?;
    let mut page = FormPage::new(Shell::around(req)?, core, form, known, (choices, complaints));
    if let Some(known) = known.filter(|_| is_stale) {
        page.is_stale = true;
        page.differences = form.differences(&DeviceForm::of(known));
        // Both are on the page now: who saves from here on knows what is overwritten.
        page.version = known.device.version.to_string();
    }
    reply::form_page(&page, &page.complaints)
}
