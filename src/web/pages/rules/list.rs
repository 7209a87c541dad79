//! The list of rules.

use actix_web::{HttpResponse, web::Data};
use askama::Template;

use crate::{
    domain::{
        access::{ManageTags, ViewDevices},
        rule::Rule,
    },
    service::{Core, rules},
    web::{
        error::PageError,
        href,
        pages::tags::detail::at_work,
        parts::{Action, Badge, Empty},
        reply,
        session::May,
        shell::Shell,
        words,
    },
};

/// A row.
#[derive(Debug)]
struct Line {
    name: String,
    description: String,
    href: String,
    tag: String,
    tag_href: String,
    criteria: String,
    devices: String,
    badge: Badge,
}

impl Line {
    fn new((rule, devices): (Rule, i64)) -> Self {
        Self {
            href: href::rule(rule.id),
            tag_href: href::tag(rule.tag),
            criteria: rule.criteria.to_string(),
            devices: words::grouped(devices),
            badge: at_work(rule.is_enabled),
            name: rule.name,
            description: rule.description,
            tag: rule.tag_name,
        }
    }
}

#[derive(Template)]
#[template(path = "rules/list.html")]
struct RulesPage {
    shell: Shell,
    may_edit: bool,
    rows: Vec<Line>,
    empty: Empty,
}

/// `GET /rules`.
pub async fn page(core: Data<Core>, by: May<ViewDevices>, shell: Shell) -> Result<HttpResponse, PageError> {
    let found = rules::list(&core, &by).await?;
    let may_edit = by.actor().may::<ManageTags>();
    reply::html(&RulesPage {
        shell,
        may_edit,
        rows: found.into_iter().map(Line::new).collect(),
        empty: Empty {
            icon: "bolt",
            title: "No rule yet",
            text: "A rule puts a tag on every device that meets its conditions, and takes it off when one no longer does.",
            action: may_edit.then(|| Action { label: "Add a rule", href: href::rule_new().to_owned() }),
        },
    })
}
