//! Adding and changing a tag.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageTags, ViewDevices},
        cap::Cap,
        id::TagId,
        tag::{Color, NewTag, Tag},
    },
    service::{
        Core,
        tags::{self, SaveTagError},
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, reply, session::May,
        shell::Shell, site::Site,
    },
};

/// What a person typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagForm {
    name: String,
    description: String,
    color: String,
    most_sessions: String,
}

impl TagForm {
    fn fresh() -> Self {
        Self { color: Color::default().as_str().to_owned(), ..Self::default() }
    }

    fn parse(&self) -> Result<NewTag, Complaints> {
        let mut complaints = Complaints::default();
        let name = complaints.parse("name", &self.name);
        let color = complaints.parse("color", &self.color);
        let description = self.description.trim();
        if description.chars().count() > 200 {
            complaints.add("description", "Use at most 200 characters.");
        } else if description.chars().any(char::is_control) {
            complaints.add("description", "Leave control characters out of the description.");
        }
        let most_sessions = complaints.parse_optional("most_sessions", &self.most_sessions);
        match (name, color, most_sessions) {
            (Some(name), Some(color), Some(most_sessions)) if complaints.is_empty() => {
                Ok(NewTag { name, color, description: description.to_owned(), most_sessions })
            }
            _ => Err(complaints),
        }
    }
}

impl From<Tag> for TagForm {
    fn from(tag: Tag) -> Self {
        let most_sessions = Cap::told(tag.most_sessions);
        Self { name: tag.name, description: tag.description, color: tag.color, most_sessions }
    }
}

#[derive(Template)]
#[template(path = "tags/form.html")]
struct TagPage {
    shell: Shell,
    heading: &'static str,
    action: String,
    back: String,
    form: TagForm,
    complaints: Complaints,
    palette: &'static [(&'static str, &'static str)],
}

fn page(
    shell: Shell,
    id: Option<TagId>,
    form: TagForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let view = TagPage {
        shell,
        heading: if id.is_some() { "Change a tag" } else { "Add a tag" },
        action: id.map_or_else(|| href::tag_new().to_owned(), href::tag_edit),
        back: id.map_or_else(|| href::tags().to_owned(), href::tag),
        form,
        complaints,
        palette: &Color::PALETTE,
    };
    reply::form_page(&view, &view.complaints)
}

/// `GET /tags/new`.
pub async fn new(_by: May<ManageTags>, shell: Shell) -> Result<HttpResponse, PageError> {
    page(shell, None, TagForm::fresh(), Complaints::default())
}

/// `POST /tags/new`.
pub async fn create(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageTags>,
    Form(form): Form<TagForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let new = match form.parse() {
        Ok(new) => new,
        Err(complaints) => return page(shell, None, form, complaints),
    };
    match tags::create(&core, &by, &new).await {
        Ok(id) => Ok(saved(id, "added", &new, &site)),
        Err(error) => page(shell, None, form, refused(error)?),
    }
}

/// `GET /tags/{id}/edit`.
pub async fn edit(
    core: Data<Core>,
    _by: May<ManageTags>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    let found = tags::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    page(shell, Some(id), found.tag.into(), Complaints::default())
}

/// `POST /tags/{id}/edit`.
pub async fn update(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageTags>,
    id: Path<i64>,
    Form(form): Form<TagForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = TagId(*id);
    let new = match form.parse() {
        Ok(new) => new,
        Err(complaints) => return page(shell, Some(id), form, complaints),
    };
    match tags::update(&core, &by, id, &new).await {
        Ok(()) => Ok(saved(id, "saved", &new, &site)),
        Err(error) => page(shell, Some(id), form, refused(error)?),
    }
}

fn saved(id: TagId, done: &str, new: &NewTag, site: &Site) -> HttpResponse {
    let flash = Flash::done(format!("The tag {} is {done}.", new.name.as_str()));
    reply::see_other_saying(&href::tag(id), &flash, site)
}

fn refused(error: SaveTagError) -> Result<Complaints, PageError> {
    match error {
        SaveTagError::NameTaken => {
            Ok(Complaints::on_field("name", "Another tag has this name already. Choose a different one."))
        }
        SaveTagError::Gone => {
            Ok(Complaints::on_form("Somebody has deleted this tag in the meantime. Add a new one instead."))
        }
        other @ (SaveTagError::Default | SaveTagError::Scope) => Ok(Complaints::on_form(other)),
        SaveTagError::Fault(fault) => Err(fault.into()),
    }
}
