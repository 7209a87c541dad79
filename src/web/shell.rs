//! What surrounds every page: navigation, the person, the theme, the message, the form token.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite},
    dev::Payload,
    http::{Method, header},
    web::Data,
};

use super::{csrf::Seed, error::PageError, flash::Flash, href, next, request, session, site::Site};
use crate::{
    domain::{
        access::{Actor, ManageKeys, ManageSettings, ManageUsers, ViewAudit, ViewCredentials},
        text_enum,
    },
    service::{Core, storage},
};

text_enum! {
    /// Light or dark.
    pub enum Theme {
        /// As the system says.
        Auto = "auto",
        /// Always light.
        Light = "light",
        /// Always dark.
        Dark = "dark",
    }
}

/// One of the buttons that choose a theme.
#[derive(Debug)]
pub struct ThemeChoice {
    /// What the button sends.
    pub value: Theme,
    /// What it says.
    pub label: &'static str,
    /// Its picture.
    pub icon: &'static str,
    /// Whether it is the one in force.
    pub chosen: bool,
}

/// An entry of the navigation.
#[derive(Debug)]
pub struct NavItem {
    /// What it says.
    pub label: &'static str,
    /// Its picture.
    pub icon: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page shown belongs to it.
    pub active: bool,
}

/// Who is signed in, as pages show it.
#[derive(Debug)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The role, as a word.
    pub role: &'static str,
}

/// What `base.html` and its children need, as the field `shell` of every page. Take it after `May<P>`.
#[derive(Debug)]
pub struct Shell {
    /// Light, dark or as the system says.
    pub theme: Theme,
    /// The token for this browser's forms; empty on the page after a crash.
    pub csrf: String,
    /// The page shown, to come back to.
    pub here: String,
    /// A message from the page before.
    pub flash: Option<Flash>,
    /// Who is signed in; `None` on pages for everybody.
    pub person: Option<Person>,
    /// The navigation.
    pub nav: Vec<NavItem>,
    /// Whether to warn of plain HTTP.
    pub insecure: bool,
    /// Why NetRaven is degraded, and what to do; `None` when it is not.
    pub alarm: Option<String>,
    /// Whether the database is away or takes no writes, as far as was noticed.
    pub is_out: bool,
    /// The name of this installation.
    pub name: String,
    /// The version of the program.
    pub version: &'static str,
    /// The zone that times are shown in.
    pub zone: &'static str,
}

impl FromRequest for Shell {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::around(req))
    }
}

impl Shell {
    /// The shell of the page that answers `req`.
    pub fn around(req: &HttpRequest) -> Result<Self, PageError> {
        let site = request::site(req)?;
        let actor = session::known(req).map(|session| session.actor);
        let flash = Flash::of(req, &site);
        if flash.is_some() {
            request::send_cookie(req, Flash::gone(&site));
        }
        Ok(Self {
            theme: theme(req, &site),
            csrf: token(req, &site)?,
            here: here(req),
            flash,
            nav: actor.as_ref().map(|actor| nav(req.path(), actor)).unwrap_or_default(),
            person: actor.map(|actor| Person { name: actor.name, role: actor.role.as_str() }),
            insecure: site.warns(),
            alarm: alarm(req),
            is_out: is_out(req),
            name: name(req),
            ..Self::bare()
        })
    }

    /// The shell of a page that nothing is known about.
    pub fn bare() -> Self {
        Self {
            theme: Theme::Auto,
            csrf: String::new(),
            here: href::dashboard().to_owned(),
            flash: None,
            person: None,
            nav: Vec::new(),
            insecure: false,
            alarm: None,
            is_out: false,
            name: "NetRaven".to_owned(),
            version: env!("CARGO_PKG_VERSION"),
            zone: "UTC",
        }
    }

    /// The buttons that choose a theme.
    pub fn themes(&self) -> [ThemeChoice; 3] {
        let choice = |value, label, icon| ThemeChoice { value, label, icon, chosen: self.theme == value };
        [
            choice(Theme::Auto, "As the system", "device-desktop"),
            choice(Theme::Light, "Light", "sun"),
            choice(Theme::Dark, "Dark", "moon"),
        ]
    }
}

/// The name that the settings give this installation.
fn is_out(req: &HttpRequest) -> bool {
    req.app_data::<Data<Core>>().is_some_and(|core| core.outage.why().is_some())
}

fn name(req: &HttpRequest) -> String {
    let core = req.app_data::<Data<Core>>();
    core.map_or_else(|| "NetRaven".to_owned(), |core| core.settings.now().application_name.clone())
}

/// Why NetRaven is degraded, and what to do; `None` when it is not.
fn alarm(req: &HttpRequest) -> Option<String> {
    req.app_data::<Data<Core>>().and_then(|core| storage::standing(core).why())
}

/// Where pages of devices are that do not lie under the devices.
const OF_DEVICES: [&str; 1] = ["/suspects/"];

fn nav(path: &str, actor: &Actor) -> Vec<NavItem> {
    let item = |label, icon, href: &'static str| NavItem {
        label,
        icon,
        href,
        active: path == href
            || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
            || (href == href::backups() && path.starts_with(href::compare()))
            || (href == href::jobs() && path.starts_with(href::batches()))
            || (href == href::credentials() && path.starts_with(href::jump_hosts()))
            || (href == href::devices() && OF_DEVICES.iter().any(|under| path.starts_with(under))),
    };
    let mut items = vec![
        item("Dashboard", "layout-dashboard", href::dashboard()),
        item("Devices", "router", href::devices()),
        item("Backups", "archive", href::backups()),
        item("Jobs", "list-check", href::jobs()),
        item("Schedules", "calendar-time", href::schedules()),
        item("Tags", "tag", href::tags()),
        item("Platforms", "server-2", href::platforms()),
    ];
    if actor.may::<ViewCredentials>() {
        items.push(item("Credentials", "key", href::credentials()));
    }
    if actor.may::<ManageUsers>() {
        items.push(item("People", "users", href::users()));
    }
    if actor.may::<ManageSettings>() {
        items.push(item("Settings", "settings", href::settings()));
        items.push(item("Nodes", "server-2", href::nodes()));
    }
    if actor.may::<ManageKeys>() {
        items.push(item("Keys", "shield-lock", href::keys()));
    }
    if actor.may::<ViewAudit>() {
        items.push(item("Audit", "history", href::audit()));
    }
    items
}

fn theme(req: &HttpRequest, site: &Site) -> Theme {
    req.cookie(site.cookies().theme).and_then(|cookie| cookie.value().parse().ok()).unwrap_or(Theme::Auto)
}

/// The cookie that remembers a theme for a year. The script writes the same one, so it is open to scripts.
pub fn theme_cookie(site: &Site, theme: Theme) -> Cookie<'static> {
    Cookie::build(site.cookies().theme, theme.as_str())
        .path("/")
        .secure(site.is_secure())
        .same_site(SameSite::Lax)
        .max_age(actix_web::cookie::time::Duration::days(365))
        .finish()
}

/// The token for this browser; a visitor without cookies gets one to bind it to.
fn token(req: &HttpRequest, site: &Site) -> Result<String, PageError> {
    let names = site.cookies();
    if let Some(cookie) = req.cookie(names.session) {
        return Ok(site.key().token(Seed::Session(cookie.value())));
    }
    if let Some(cookie) = req.cookie(names.visitor) {
        return Ok(site.key().token(Seed::Visitor(cookie.value())));
    }
    let seed = request::random_text()?;
    let token = site.key().token(Seed::Visitor(&seed));
    let cookie = Cookie::build(names.visitor, seed)
        .path("/")
        .http_only(true)
        .secure(site.is_secure())
        .same_site(SameSite::Lax)
        .finish();
    request::send_cookie(req, cookie);
    Ok(token)
}

/// The page to come back to: this one, or for an answered form the page it was on.
fn here(req: &HttpRequest) -> String {
    if matches!(*req.method(), Method::GET | Method::HEAD) {
        let full = req.uri().path_and_query().map_or(req.path(), |full| full.as_str());
        return next::safe(full).to_owned();
    }
    let text = |name| req.headers().get(name).and_then(|value| value.to_str().ok());
    let path = text(header::REFERER)
        .zip(text(header::HOST))
        .and_then(|(page, host)| page.split_once("://")?.1.strip_prefix(host));
    next::safe(path.unwrap_or("/")).to_owned()
}
