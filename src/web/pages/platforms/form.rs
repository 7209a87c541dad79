//! Changing a platform's file, and adding a platform: looked at first, then saved.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    findings::{EffectsView, ReplayView},
    typed::{PlatformForm, complain, fields},
};
use crate::{
    domain::{
        access::{ManagePlatforms, ReadRaw, ViewDevices},
        device::DeviceFilter,
        page::PageRequest,
        revision::RevisionState,
    },
    service::{
        Core, devices,
        platforms::{
            self,
            looked::{self, Found},
            replayed,
            revisions::{self, Wanted},
        },
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Params},
        href,
        parts::Choice,
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// Where somebody begins who has nothing: what every file must say.
const SKELETON: &str = include_str!("skeleton.toml");

/// What a look at the file found.
#[derive(Default)]
struct Looked {
    summary: String,
    remarks: Option<Vec<String>>,
    effects: Option<EffectsView>,
    replay: Option<ReplayView>,
}

#[derive(Template)]
#[template(path = "platforms/form.html")]
struct PlatformPage {
    shell: Shell,
    heading: String,
    key: Option<String>,
    action: String,
    back: String,
    form: PlatformForm,
    complaints: Complaints,
    devices: String,
    sessions: Vec<Choice>,
    looked: Option<Looked>,
}

/// Who asks, as what.
pub(super) type By = (May<ManagePlatforms>, May<ViewDevices>, May<ReadRaw>);

/// A page with what was typed.
struct Showing {
    key: Option<String>,
    form: PlatformForm,
    complaints: Complaints,
    looked: Option<Looked>,
}

async fn show(
    core: &Core,
    (_, view, read): &By,
    shell: Shell,
    Showing { key, form, complaints, looked }: Showing,
) -> Result<HttpResponse, PageError> {
    let mut sessions = Vec::new();
    let mut devices = String::new();
    if let Some(key) = &key {
        let filter = DeviceFilter { platform: Some(key.clone()), ..DeviceFilter::default() };
        let (found, _) = devices::list(core, view, &filter, PageRequest::first(1)).await?;
        devices = words::count(found.total, "device");
        let none = Choice { value: String::new(), label: "None".to_owned(), chosen: form.job.is_empty() };
        sessions.push(none);
        for job in replayed::recorded(core, read, key).await? {
            let value = job.id.to_string();
            let chosen = value == form.job;
            let why = job.class.map_or("went well", |class| class.as_str());
            sessions.push(Choice {
                label: format!("Job {value}, {}: {why}", job.device_name),
                value,
                chosen,
            });
        }
    }
    let page = PlatformPage {
        shell,
        heading: key.as_ref().map_or_else(|| "Add a platform".to_owned(), |key| format!("Change {key}")),
        action: key
            .as_ref()
            .map_or_else(|| href::platforms_act("new"), |key| href::platform_act(key, "edit")),
        back: key.as_ref().map_or_else(|| href::platforms().to_owned(), |key| href::platform(key)),
        key,
        form,
        complaints,
        devices,
        sessions,
        looked,
    };
    reply::form_page(&page, &page.complaints)
}

/// `GET /platforms/new`.
pub async fn new(core: Data<Core>, by: By, shell: Shell) -> Result<HttpResponse, PageError> {
    let form = PlatformForm { source: SKELETON.to_owned(), seen: "0".to_owned(), ..PlatformForm::default() };
    show(&core, &by, shell, Showing { key: None, form, complaints: Complaints::default(), looked: None })
        .await
}

/// The form of a new platform with what a session made of it, and what to look at.
pub(super) async fn proposed(
    core: &Core,
    by: &By,
    shell: Shell,
    (source, remarks): (String, Vec<String>),
) -> Result<HttpResponse, PageError> {
    let form = PlatformForm { source, seen: "0".to_owned(), ..PlatformForm::default() };
    let looked = Looked { remarks: Some(remarks), ..Looked::default() };
    let showing = Showing { key: None, form, complaints: Complaints::default(), looked: Some(looked) };
    show(core, by, shell, showing).await
}

/// `POST /platforms/new`.
pub async fn create(
    core: Data<Core>,
    site: Data<Site>,
    by: By,
    Form(form): Form<PlatformForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    done(&core, &site, &by, (None, form), shell).await
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    volatile: Vec<String>,
}

/// `GET /platforms/{key}/edit`: what is on trial, else what is in force, with the patterns of the address added.
pub async fn edit(
    core: Data<Core>,
    by: By,
    key: Path<String>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let key = key.into_inner();
    let now = platforms::changeable(&core, &key).ok_or(PageError::NotFound)?;
    let newest = revisions::newest(&core, &by.1, &key).await?;
    let seen = newest.as_ref().map_or(0, |it| it.id.0).to_string();
    // What is on trial is what is being worked on; else what is in force.
    let on_trial = newest.filter(|it| it.state == RevisionState::Trial);
    let source = on_trial.map_or_else(|| now.source().to_owned(), |it| it.source);
    let source = match asked.volatile.as_slice() {
        [] => source,
        patterns => platforms::with_volatile(source, patterns.to_vec()).await?,
    };
    let form = PlatformForm { source, seen, reach: "one".to_owned(), ..PlatformForm::default() };
    let showing = Showing { key: Some(key), form, complaints: Complaints::default(), looked: None };
    show(&core, &by, shell, showing).await
}

/// `POST /platforms/{key}/edit`.
pub async fn update(
    (core, site): (Data<Core>, Data<Site>),
    by: By,
    key: Path<String>,
    Form(form): Form<PlatformForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let key = key.into_inner();
    if platforms::changeable(&core, &key).is_none() {
        return Err(PageError::NotFound);
    }
    done(&core, &site, &by, (Some(key), form), shell).await
}

async fn done(
    core: &Core,
    site: &Site,
    by: &By,
    (key, mut form): (Option<String>, PlatformForm),
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    // Browsers send CR LF.
    form.source = form.source.replace("\r\n", "\n");
    let mut complaints = fields(&form, key.is_none());
    if form.act != "save" {
        let file = (key.as_deref(), form.source.as_str());
        let looked = match looked::look(core, &by.2, file, form.job.parse().ok()).await {
            Ok(found) => Some(found.into()),
            Err(error) => {
                for (field, text) in complain(error)?.lines() {
                    complaints.add(field, text);
                }
                None
            }
        };
        return show(core, by, shell, Showing { key, form, complaints, looked }).await;
    }
    if complaints.is_empty() {
        let device = (key.is_some() && form.reach != "all").then_some(form.device.as_str());
        let seen = form.seen.parse().unwrap_or_default();
        let wanted =
            Wanted { platform: key.as_deref(), source: &form.source, note: &form.note, device, seen };
        match revisions::save(core, &by.0, wanted).await {
            Ok(saved) => {
                let on = saved.device.map_or("in use for all devices", |_| "on trial");
                let flash = Flash::done(format!("Revision {} is saved and {on}.", saved.id));
                return Ok(reply::see_other_saying(&href::platform(&saved.platform), &flash, site));
            }
            Err(error) => complaints = complain(error)?,
        }
    }
    show(core, by, shell, Showing { key, form, complaints, looked: None }).await
}

impl From<Found> for Looked {
    fn from(found: Found) -> Self {
        let Found { title, commands, is_shell, effects, replay } = found;
        Self {
            summary: format!("{title}: asks with {} and can be used.", commands.join(", ")),
            remarks: None,
            effects: (effects.versions > 0).then(|| EffectsView::from(effects)),
            replay: replay.map(|replay| ReplayView::of(replay, is_shell)),
        }
    }
}
