//! Versions as one archive: first what it would hold, then its bytes.

use actix_web::{
    HttpResponse,
    web::{Bytes, Data},
};
use askama::Template;
use futures_util::stream;
use serde::Deserialize;

use super::browse::BackupQuery;
use crate::{
    domain::{
        access::{Grant, ReadRaw, ViewDevices},
        id::BackupId,
    },
    service::{
        Core, Fault,
        backups::export::{self, Export, ExportError, Which},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        form::{Form, Params},
        href, reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// Versions by number, or else the filters of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportQuery {
    version: Vec<String>,
    device: String,
    tag: String,
    platform: String,
    from: String,
    until: String,
    changed: String,
    by: String,
    pinned: String,
    state: String,
    text: String,
}

impl ExportQuery {
    /// These versions.
    pub fn of(versions: &[BackupId]) -> Self {
        Self { version: versions.iter().map(ToString::to_string).collect(), ..Self::default() }
    }

    fn filters(&self) -> BackupQuery {
        BackupQuery {
            device: self.device.clone(),
            tag: self.tag.clone(),
            platform: self.platform.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            changed: self.changed.clone(),
            by: self.by.clone(),
            pinned: self.pinned.clone(),
            state: self.state.clone(),
            text: self.text.clone(),
            ..BackupQuery::default()
        }
    }

    /// A number that is none stands for a version that is not there.
    fn which(&self) -> Which {
        let filters = self.filters();
        if self.version.is_empty() {
            Which::Matching(Box::new(filters.filter()), filters.text().map(str::to_owned))
        } else {
            Which::These(self.version.iter().filter_map(|id| id.parse().ok().map(BackupId)).collect())
        }
    }

    /// The same choice as fields of a form or an address.
    fn fields(&self) -> Vec<(&'static str, String)> {
        if self.version.is_empty() {
            let filters = self.filters();
            let said = filters.fields().into_iter().filter(|(_, value)| !value.is_empty());
            said.map(|(name, value)| (name, value.to_owned())).collect()
        } else {
            self.version.iter().map(|id| ("version", id.clone())).collect()
        }
    }
}

#[derive(Template)]
#[template(path = "backups/export.html")]
struct ExportPage {
    shell: Shell,
    is_raw: bool,
    action: &'static str,
    raw: Option<String>,
    fields: Vec<(&'static str, String)>,
    told: String,
    devices: Vec<String>,
    more: usize,
    complaints: Complaints,
}

/// Devices that the page names.
const NAMED: usize = 20;

/// The page that says what the archive would hold.
pub async fn ask(
    core: &Core,
    view: &Grant<ViewDevices>,
    query: &ExportQuery,
    (shell, is_raw, may_raw): (Shell, bool, bool),
) -> Result<HttpResponse, PageError> {
    let (versions, complaints) = match export::chosen(core, view, &query.which()).await {
        Ok(versions) => (versions, Complaints::default()),
        Err(ExportError::Fault(fault)) => return Err(fault.into()),
        Err(error) => (Vec::new(), Complaints::on_form(error)),
    };
    let mut devices: Vec<String> = versions.iter().map(|version| version.device_name.clone()).collect();
    devices.sort_unstable();
    devices.dedup();
    let count = i64::try_from(versions.len()).unwrap_or(i64::MAX);
    let of = words::count(i64::try_from(devices.len()).unwrap_or(i64::MAX), "device");
    let bytes = versions.iter().map(|version| version.bytes).sum();
    let fields = query.fields();
    let address: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = ExportPage {
        shell,
        is_raw,
        action: if is_raw { href::export_raw() } else { href::export() },
        raw: (may_raw && !is_raw).then(|| href::with(href::export_raw(), &address)),
        told: format!(
            "{} of {of}, {} before compression",
            words::count(count, "version"),
            words::size(bytes)
        ),
        more: devices.len().saturating_sub(NAMED),
        devices: devices.into_iter().take(NAMED).collect(),
        fields,
        complaints: complaints.clone(),
    };
    reply::form_page(&page, &complaints)
}

/// `GET /backups/export`: what the archive would hold.
pub async fn page(
    core: Data<Core>,
    view: May<ViewDevices>,
    Params(query): Params<ExportQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let may_raw = view.actor().may::<ReadRaw>();
    ask(&core, &view, &query, (shell, false, may_raw)).await
}

/// `GET /backups/export/raw`: the same with secrets.
pub async fn ask_raw(
    core: Data<Core>,
    _by: May<ReadRaw>,
    view: May<ViewDevices>,
    Params(query): Params<ExportQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    ask(&core, &view, &query, (shell, true, true)).await
}

/// `POST /backups/export`: masked texts.
pub async fn masked(
    core: Data<Core>,
    view: May<ViewDevices>,
    Form(query): Form<ExportQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    match export::masked(&core, &view, &query.which()).await {
        Ok(archive) => Ok(send(archive, "netraven-masked")),
        Err(ExportError::Fault(fault)) => Err(fault.into()),
        // The page says again what is wrong.
        Err(_) => {
            let may_raw = view.actor().may::<ReadRaw>();
            ask(&core, &view, &query, (shell, false, may_raw)).await
        }
    }
}

/// `POST /backups/export/raw`: raw texts.
pub async fn raw(
    core: Data<Core>,
    by: May<ReadRaw>,
    view: May<ViewDevices>,
    Form(query): Form<ExportQuery>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    match export::raw(&core, &by, &query.which()).await {
        Ok(archive) => Ok(send(archive, "netraven-raw")),
        Err(ExportError::Fault(fault)) => Err(fault.into()),
        Err(_) => ask(&core, &view, &query, (shell, true, true)).await,
    }
}

/// The archive as it is made. A fault cuts the connection, so that no browser takes half an archive for a whole one.
fn send(archive: Export, name: &str) -> HttpResponse {
    let bytes = stream::unfold(Some(archive), |archive| async {
        let mut archive = archive?;
        match archive.next().await {
            Ok(Some(bytes)) => Some((Ok(Bytes::from(bytes)), Some(archive))),
            Ok(None) => None,
            Err(fault) => {
                tracing::error!(error = %fault, "an export was cut");
                Some((Err::<Bytes, Fault>(fault), None))
            }
        }
    });
    reply::archive(&format!("{name}.zip"), bytes)
}
