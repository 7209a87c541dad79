//! A person: role, scope, devices, where signed in.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::{
        access::{Actor, ManageUsers, Range, ViewDevices},
        id::UserId,
        user::{OpenSession, User},
    },
    service::{
        Core, tags,
        users::{self, SaveUserError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href,
        parts::{Badge, Moment},
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// A browser in which somebody is signed in.
#[derive(Debug)]
pub struct SessionRow {
    /// The session.
    pub id: String,
    /// Where from.
    pub address: String,
    /// In what.
    pub browser: String,
    /// Since when.
    pub since: Moment,
    /// When it was last used.
    pub seen: Moment,
    /// Whether the page was asked for in it.
    pub is_this: bool,
}

impl SessionRow {
    /// A row for a session; `current` is the one that the page was asked for in.
    pub fn new(session: OpenSession, current: Option<crate::domain::id::SessionId>) -> Self {
        Self {
            is_this: current == Some(session.id),
            id: session.id.to_string(),
            address: session.address.unwrap_or_else(|| "unknown".to_owned()),
            browser: session.user_agent.map_or_else(|| "unknown".to_owned(), |agent| browser(&agent)),
            since: Moment::relative(session.created_at),
            seen: Moment::relative(session.seen_at),
        }
    }
}

/// The name in what a browser calls itself.
fn browser(agent: &str) -> String {
    let known = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(piece, _)| agent.contains(piece)).map(|(_, name)| *name)
    };
    match (find(&known), find(&systems)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => agent.chars().take(40).collect(),
    }
}

#[derive(Template)]
#[template(path = "users/detail.html")]
struct UserPage {
    shell: Shell,
    badge: Badge,
    role: &'static str,
    tags: Option<Vec<String>>,
    devices: String,
    devices_href: String,
    last: Option<Moment>,
    since: Moment,
    sessions: Vec<SessionRow>,
    link: Option<(Moment, String)>,
    is_oneself: bool,
    links: Links,
    user: User,
}

/// Where the page's buttons lead.
#[derive(Debug)]
struct Links {
    edit: String,
    toggle: String,
    link: String,
    sessions: String,
    delete: String,
    audit: String,
}

impl Links {
    fn of(id: UserId) -> Self {
        Self {
            edit: href::user_edit(id),
            toggle: href::user_toggle(id),
            link: href::user_link(id),
            sessions: href::user_sessions(id),
            delete: href::user_delete(id),
            audit: href::with(href::audit(), &[("kind", "user"), ("id", &id.to_string())]),
        }
    }
}

/// `GET /users/{id}`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let found = users::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let tags = match found.user.range {
        Range::All => None,
        Range::Tags => {
            let view = Actor::console().grant::<ViewDevices>()?;
            let named = tags::named(&core, &view).await?;
            Some(named.into_iter().filter(|(id, _)| found.tags.contains(id)).map(|(_, name)| name).collect())
        }
    };
    let user = found.user;
    reply::html(&UserPage {
        shell,
        badge: super::standing(&user),
        role: super::told(user.role),
        tags,
        devices: words::count(found.devices, "device"),
        devices_href: href::with(href::devices(), &[("owner", &user.username)]),
        last: user.last_sign_in_at.map(Moment::relative),
        since: Moment::relative(user.created_at),
        sessions: found.sessions.into_iter().map(|session| SessionRow::new(session, None)).collect(),
        link: found.link.map(|(until, by)| (Moment::exact(until), by)),
        is_oneself: by.actor().user == Some(id),
        links: Links::of(id),
        user,
    })
}

/// `POST /users/{id}/toggle`.
pub async fn toggle(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageUsers>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let found = users::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let flash = match users::set_enabled(&core, &by, id, !found.user.is_enabled).await {
        Ok(user) if user.is_enabled => Flash::done(format!("{} can sign in again.", user.username)),
        Ok(user) => Flash::done(format!("{} can no longer sign in; all sessions have ended.", user.username)),
        Err(SaveUserError::Fault(fault)) => return Err(fault.into()),
        Err(SaveUserError::Gone) => return Err(PageError::NotFound),
        Err(other) => Flash::problem(format!("Nothing was changed: {other}.")),
    };
    Ok(reply::see_other_saying(&href::user(id), &flash, &site))
}

/// `POST /users/{id}/sessions`: signs the person out everywhere.
pub async fn end_sessions(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageUsers>,
    id: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let flash = match users::end_sessions(&core, &by, id).await {
        Ok(count) => {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            Flash::done(format!("{} ended.", words::count(count, "session")))
        }
        Err(SaveUserError::Fault(fault)) => return Err(fault.into()),
        Err(SaveUserError::Gone) => return Err(PageError::NotFound),
        Err(other) => Flash::problem(format!("Nothing was changed: {other}.")),
    };
    Ok(reply::see_other_saying(&href::user(id), &flash, &site))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_name() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser("curl/8.1"), "curl/8.1");
    }
}
