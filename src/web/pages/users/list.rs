//! The list of people. Its address holds the filter and the page.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageUsers, Range, Role},
        user::{User, UserFilter},
    },
    service::{Core, users},
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Badge, Choice, Empty, Moment, Pager},
        reply,
        session::May,
        shell::Shell,
    },
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    role: String,
    state: String,
    page: String,
}

impl Asked {
    fn filter(&self) -> UserFilter {
        UserFilter {
            text: self.q.trim().to_lowercase(),
            role: self.role.parse().ok(),
            is_enabled: match self.state.as_str() {
                "enabled" => Some(true),
                "disabled" => Some(false),
                _ => None,
            },
        }
    }
}

/// A row.
#[derive(Debug)]
struct Row {
    name: String,
    full_name: String,
    href: String,
    email: String,
    role: &'static str,
    sees: &'static str,
    badge: Badge,
    last: Option<Moment>,
}

impl From<User> for Row {
    fn from(user: User) -> Self {
        Self {
            href: href::user(user.id),
            badge: super::standing(&user),
            role: user.role.as_str(),
            sees: match user.range {
                Range::All => "all devices",
                Range::Tags => "some tags",
            },
            email: user.email.unwrap_or_default(),
            last: user.last_sign_in_at.map(Moment::relative),
            name: user.username,
            full_name: user.full_name,
        }
    }
}

#[derive(Template)]
#[template(path = "users/list.html")]
struct UsersPage {
    shell: Shell,
    roles: Vec<Choice>,
    states: Vec<Choice>,
    is_filtered: bool,
    rows: Vec<Row>,
    pager: Option<Pager>,
    empty: Empty,
    asked: Asked,
}

/// `GET /users`.
pub async fn page(
    core: Data<Core>,
    by: May<ManageUsers>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = users::list(&core, &by, &asked.filter(), lists::requested(&asked.page)).await?;
    let words = [("q", asked.q.as_str()), ("role", &asked.role), ("state", &asked.state)];
    let pager = lists::pager(&found, |number| {
        href::with(href::users(), &[words[0], words[1], words[2], ("page", number)])
    });
    let roles = Role::ALL.iter().map(|role| (role.as_str(), lists::label(role.as_str())));
    let states = [("enabled", "May sign in".to_owned()), ("disabled", "Disabled".to_owned())];
    reply::html(&UsersPage {
        shell,
        roles: lists::choices("Any role", &asked.role, roles),
        states: lists::choices("Any state", &asked.state, states.into_iter()),
        is_filtered: words.iter().any(|(_, word)| !word.is_empty()),
        rows: found.rows.into_iter().map(Row::from).collect(),
        pager,
        empty: Empty {
            icon: "users",
            title: "Nobody like this",
            text: "Change the filter, or add the person.",
            action: None,
        },
        asked,
    })
}
