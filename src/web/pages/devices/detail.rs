//! A device: how it stands, its versions, how it is reached.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;

use super::{
    TagLink, found,
    proposal::Unconfirmed,
    view::{Access, ChangedKey, ContextLink, Failure, KeyLine, RuleLine, SuspectRow, VersionRow},
};
use crate::{
    domain::{
        access::{AcceptHostKeys, Grant, ManageDevices, RunBackups, ViewCredentials, ViewDevices},
        backup::{Backup, Suspect},
        device::{Algorithms, Transport},
        id::{DeviceId, JobId},
        job::Job,
        page::{Page, PageRequest},
        time_limit::TimeLimit,
    },
    service::{
        Core, backups,
        credentials::{self, Explained},
        devices::DeviceDetail,
        jobs, jump_hosts, rules,
    },
    web::{
        complaints::Complaints,
        error::PageError,
        href,
        parts::{Badge, Moment},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// Address and port as one text: `192.0.2.1:22`, `[2001:db8::1]:22`.
pub fn place(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// Where the device is reached, in the order of trying.
fn places(detail: &DeviceDetail) -> Vec<(String, u16)> {
    let device = &detail.device;
    let own = (device.address.clone(), device.port);
    [vec![own], detail.reach.further_places(device.port)].concat()
}

/// The further addresses as texts.
fn further(detail: &DeviceDetail) -> Vec<String> {
    let places = detail.reach.further_places(detail.device.port);
    places.iter().map(|(address, port)| place(address, *port)).collect()
}

/// Everything that the page is made of.
struct Known {
    detail: DeviceDetail,
    versions: Page<Backup>,
    suspects: Vec<Suspect>,
    last_job: Option<Job>,
    under_way: Option<JobId>,
    lacks_secrets: bool,
    contexts: Vec<ContextLink>,
}

impl Known {
    async fn find(core: &Core, by: &Grant<ViewDevices>, id: DeviceId) -> Result<Self, PageError> {
        let detail = found(core, by, id).await?;
        let last_job = match &detail.device.last_job {
            Some(job) => jobs::find(core, by, job.id).await?,
            None => None,
        };
        let versions = backups::list(core, by, id, PageRequest::first(10)).await?;
        let lacks_secrets = match versions.rows.first() {
            Some(newest) => backups::lacks_secrets(core, by, newest).await.unwrap_or_else(|error| {
                // A text that does not read back is told of elsewhere, and is no reason to show no page.
                tracing::warn!(device.id = %id, %error, "the current version cannot be looked at");
                false
            }),
            None => false,
        };
        Ok(Self {
            contexts: match versions.rows.first() {
                Some(newest) => ContextLink::all(core, by, newest).await,
                None => Vec::new(),
            },
            versions,
            lacks_secrets,
            suspects: backups::suspects(core, by, id).await?,
            under_way: jobs::under_way(core, by, &[id]).await?.remove(&id),
            last_job,
            detail,
        })
    }
}

/// The header: what the device is.
struct Header {
    id: DeviceId,
    name: String,
    place: String,
    transport: Transport,
    algorithms: Algorithms,
    further: Vec<String>,
    way: String,
    platform: String,
    description: String,
    tags: Vec<TagLink>,
    badge: Badge,
    is_enabled: bool,
    job: Option<String>,
    last_good: Option<Moment>,
    last_change: Option<Moment>,
    edit: String,
    clone: String,
    delete: String,
    versions: String,
    noise: String,
    jobs: String,
    accept: String,
    owner: Option<String>,
    serial_number: String,
    time_limit: Option<TimeLimit>,
    reachability: Option<(bool, Moment, String)>,
}

impl Header {
    fn new(detail: &mut DeviceDetail, under_way: Option<JobId>) -> Self {
        let device = &detail.device;
        Self {
            id: device.id,
            name: device.name.clone(),
            place: place(&device.address, device.port),
            transport: device.transport,
            algorithms: detail.reach.algorithms,
            further: further(detail),
            way: String::new(),
            platform: detail.platform_title.clone(),
            description: device.description.clone(),
            tags: TagLink::all(std::mem::take(&mut detail.tags)),
            badge: words::standing_badge(device.standing()),
            is_enabled: device.is_enabled,
            job: under_way.map(href::job),
            last_good: device.last_good_at.map(Moment::relative),
            last_change: device.last_changed_at.map(Moment::relative),
            edit: href::edit_device(device.id),
            clone: href::clone_device(device.id),
            delete: href::delete_device(device.id),
            versions: href::versions(device.id),
            noise: href::device_noise(device.id),
            jobs: href::jobs_of(device.id),
            accept: href::host_key(device.id),
            owner: detail.owner.take(),
            serial_number: device.serial_number.clone(),
            time_limit: device.time_limit,
            reachability: device
                .reachability
                .as_ref()
                .map(|found| (found.is_reachable, Moment::relative(found.at), found.note.clone())),
        }
    }
}

/// What the device says of itself.
struct Told {
    at: Moment,
    facts: Vec<(&'static str, String)>,
    changes: Vec<ToldChange>,
}

/// Something that became another.
struct ToldChange {
    at: Moment,
    name: &'static str,
    before: String,
    after: String,
}

impl Told {
    fn of(detail: &mut DeviceDetail) -> Option<Self> {
        let (facts, at) = detail.told.take()?;
        let changes = std::mem::take(&mut detail.told_changes).into_iter().map(|seen| ToldChange {
            at: Moment::relative(seen.at),
            name: words::fact(seen.change.name),
            before: seen.change.before.unwrap_or_default(),
            after: seen.change.after,
        });
        Some(Self {
            at: Moment::relative(at),
            facts: facts.into_iter().map(|(name, value)| (words::fact(name), value)).collect(),
            changes: changes.collect(),
        })
    }
}

/// What is said of a current version without its secrets.
const LACKS_SECRETS: &str = "The current version cannot be restored from: the device left secrets out.";

#[derive(Template)]
#[template(path = "devices/detail.html")]
struct DetailPage {
    shell: Shell,
    header: Header,
    failure: Option<Failure>,
    told: Option<Told>,
    lack: Option<&'static str>,
    unconfirmed: Option<Unconfirmed>,
    versions: Vec<VersionRow>,
    contexts: Vec<ContextLink>,
    total: String,
    suspects: Vec<SuspectRow>,
    access: Option<Access>,
    ways_in: Vec<Explained>,
    keys: Vec<KeyLine>,
    changed_key: Option<ChangedKey>,
    rules: Vec<RuleLine>,
    may_run: bool,
    may_manage: bool,
    may_accept: bool,
    complaints: Complaints,
}

/// The page, and what is wrong with the form on it.
pub(super) async fn show(
    core: &Core,
    by: &Grant<ViewDevices>,
    id: DeviceId,
    (shell, complaints): (Shell, Complaints),
) -> Result<HttpResponse, PageError> {
    let mut known = Known::find(core, by, id).await?;
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let pins = std::mem::take(&mut known.detail.pins);
    let changed_key = pins.iter().find_map(ChangedKey::of);
    let here = places(&known.detail);
    let way = match known.detail.reach.jump_host {
        Some(id) => jump_hosts::names_on_way(core, by, id).await?.join(", then "),
        None => String::new(),
    };
    let page = DetailPage {
        shell,
        failure: known.last_job.and_then(Failure::of).map(|failure| failure.beside(changed_key.is_some())),
        access: known.detail.credential.take().map(Access::from),
        ways_in: if by.actor().may::<ViewCredentials>() {
            credentials::explain(core, by, id).await?
        } else {
            Vec::new()
        },
        told: Told::of(&mut known.detail),
        lack: known.lacks_secrets.then_some(LACKS_SECRETS),
        unconfirmed: Unconfirmed::of(core, &mut known.detail),
        header: Header { way, ..Header::new(&mut known.detail, known.under_way) },
        total: words::count(known.versions.total, "version"),
        versions: VersionRow::all(known.versions),
        contexts: known.contexts,
        suspects: known.suspects.into_iter().map(SuspectRow::from).collect(),
        keys: pins.iter().map(|pin| KeyLine::new(pin, &here)).collect(),
        changed_key,
        rules: rules::explain(core, by, id).await?.into_iter().map(RuleLine::from).collect(),
        may_run: by.actor().may::<RunBackups>(),
        may_manage: by.actor().may::<ManageDevices>(),
        may_accept: by.actor().may::<AcceptHostKeys>(),
        complaints,
    };
    reply::with_status(status, &page)
}

/// `GET /devices/{id}`: the device.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    path: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    show(&core, &by, DeviceId(*path), (shell, Complaints::default())).await
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn ports_are_told_apart_from_addresses() {
        assert_eq!(place("192.0.2.1", 22), "192.0.2.1:22");
        assert_eq!(place("2001:db8::1", 830), "[2001:db8::1]:830");
    }
}
