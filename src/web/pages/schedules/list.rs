//! The list of schedules. Its address holds filter, order and page.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::state;
use crate::{
    domain::{
        access::{ManageSchedules, ViewDevices},
        schedule::{Kind, ScheduleFilter, ScheduleOrder},
    },
    service::{
        Core,
        schedules::{self, Listed},
    },
    web::{
        error::PageError,
        form::Params,
        href, lists,
        parts::{Action, Badge, Choice, Empty, Moment, Pager},
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
    kind: String,
    enabled: String,
    tag: String,
    owner: String,
    device: String,
    sort: String,
    page: String,
}

impl Asked {
    fn filter(&self) -> ScheduleFilter {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        ScheduleFilter {
            text: given(&self.q),
            kind: self.kind.parse().ok(),
            is_enabled: match self.enabled.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            device: self.device.parse().ok(),
            tag: given(&self.tag),
            owner: given(&self.owner),
            order: self.sort.parse().ok(),
        }
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.kind, &self.enabled, &self.tag, &self.owner, &self.device]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    fn href(&self, page: &str) -> String {
        let fields = [
            ("q", self.q.as_str()),
            ("kind", &self.kind),
            ("enabled", &self.enabled),
            ("tag", &self.tag),
            ("owner", &self.owner),
            ("device", &self.device),
            ("sort", &self.sort),
            ("page", page),
        ];
        href::with(href::schedules(), &fields)
    }
}

/// A row.
#[derive(Debug)]
pub struct ScheduleLine {
    href: String,
    name: String,
    description: String,
    words: String,
    badge: Badge,
    matching: i64,
    next: Option<(Moment, String)>,
    last: Option<Moment>,
}

impl From<Listed> for ScheduleLine {
    fn from(Listed { schedule, matching }: Listed) -> Self {
        Self {
            href: href::schedule(schedule.id),
            words: schedule.recurrence.in_words(),
            badge: state(schedule.is_enabled),
            matching,
            next: schedule.next_run_at.map(|at| (Moment::exact(at), schedule.recurrence.local(at))),
            last: schedule.last_run_at.map(Moment::relative),
            name: schedule.name,
            description: schedule.description,
        }
    }
}

/// A select field of the filter.
#[derive(Debug)]
struct Filter {
    name: &'static str,
    label: &'static str,
    choices: Vec<Choice>,
}

fn filters(asked: &Asked, tags: &[String]) -> Vec<Filter> {
    let words = |words: &'static [(&'static str, &'static str)]| {
        words.iter().map(|(value, label)| (*value, (*label).to_owned()))
    };
    let kinds = Kind::ALL.iter().map(|kind| (kind.as_str(), lists::label(kind.as_str())));
    let orders = ScheduleOrder::ALL.iter().skip(1).map(|order| {
        let label = match order {
            ScheduleOrder::Name => "By name",
            ScheduleOrder::Next => "By next run",
            ScheduleOrder::Last => "By last run",
            ScheduleOrder::Newest => "Newest first",
        };
        (order.as_str(), label.to_owned())
    });
    let tags = tags.iter().map(|tag| (tag.as_str(), tag.clone()));
    vec![
        Filter { name: "kind", label: "Kind", choices: lists::choices("All kinds", &asked.kind, kinds) },
        Filter {
            name: "enabled",
            label: "State",
            choices: lists::choices("On and off", &asked.enabled, words(&[("yes", "On"), ("no", "Off")])),
        },
        Filter { name: "tag", label: "Tag", choices: lists::choices("All tags", &asked.tag, tags) },
        Filter { name: "sort", label: "Order", choices: lists::choices("By name", &asked.sort, orders) },
    ]
}

#[derive(Template)]
#[template(path = "schedules/list.html")]
struct SchedulesPage {
    shell: Shell,
    may_edit: bool,
    is_filtered: bool,
    asked: Asked,
    filters: Vec<Filter>,
    rows: Vec<ScheduleLine>,
    pager: Option<Pager>,
    empty: Empty,
}

fn empty(is_filtered: bool, may_edit: bool) -> Empty {
    if is_filtered {
        return Empty {
            icon: "filter",
            title: "No schedule matches",
            text: "Take something away from the filter to see more.",
            action: Some(Action { label: "Show all schedules", href: href::schedules().to_owned() }),
        };
    }
    Empty {
        icon: "calendar-time",
        title: "No schedule yet",
        text: "A schedule backs up devices by itself: all of them, those with a tag, or chosen ones. Until there is one, NetRaven backs up each device as often as the settings say.",
        action: may_edit.then(|| Action { label: "Add a schedule", href: href::schedule_new().to_owned() }),
    }
}

/// `GET /schedules`: the schedules that match.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = schedules::list(&core, &by, &asked.filter(), lists::requested(&asked.page)).await?;
    let tags: Vec<String> = schedules::tags(&core, &by).await?.into_iter().map(|(_, name)| name).collect();
    let may_edit = by.actor().may::<ManageSchedules>();
    let is_filtered = asked.is_filtered();
    reply::html(&SchedulesPage {
        shell,
        may_edit,
        is_filtered,
        filters: filters(&asked, &tags),
        pager: lists::pager(&found, |number| asked.href(number)),
        rows: found.rows.into_iter().map(ScheduleLine::from).collect(),
        empty: empty(is_filtered, may_edit),
        asked,
    })
}
