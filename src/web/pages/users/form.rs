//! Adding and changing a person, by an administrator.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{Actor, ManageUsers, Range, Role, ViewDevices},
        id::{TagId, UserId},
        user::{NewUser, PasswordPolicy, User, UserEdit, Username},
    },
    service::{
        Core, Fault, tags,
        users::{self, SaveUserError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Hidden},
        href,
        parts::Choice,
        reply, request,
        session::May,
        shell::Shell,
    },
};

/// What a person typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserForm {
    username: String,
    full_name: String,
    email: String,
    role: String,
    scope: String,
    tags: Vec<String>,
    password: Hidden,
    version: String,
}

impl UserForm {
    fn fresh() -> Self {
        Self {
            role: Role::Viewer.as_str().to_owned(),
            scope: Range::All.as_str().to_owned(),
            ..Self::default()
        }
    }

    fn of(user: User, tags: &[TagId]) -> Self {
        Self {
            username: user.username,
            full_name: user.full_name,
            email: user.email.unwrap_or_default(),
            role: user.role.as_str().to_owned(),
            scope: user.range.as_str().to_owned(),
            tags: tags.iter().map(TagId::to_string).collect(),
            password: Hidden::default(),
            version: user.version.to_string(),
        }
    }

    fn parse(&self) -> Result<UserEdit, Complaints> {
        let mut complaints = Complaints::default();
        let username: Option<Username> = complaints.parse("username", &self.username);
        let full_name = complaints.parse("full_name", &self.full_name);
        let email = complaints.parse_optional("email", &self.email);
        let role: Option<Role> = self.role.parse().ok();
        let range: Option<Range> = self.scope.parse().ok();
        if role.is_none() {
            complaints.add("role", "Choose one of the roles.");
        }
        if range.is_none() {
            complaints.add("scope", "Choose which devices the person sees.");
        }
        let tags: Vec<TagId> = self.tags.iter().filter_map(|tag| tag.parse().ok()).collect();
        if range == Some(Range::Tags) && tags.is_empty() {
            complaints.add("tags", "Choose at least one tag, or let the person see all devices.");
        }
        match (username, full_name, email, role, range) {
            (Some(username), Some(full_name), Some(email), Some(role), Some(range))
                if complaints.is_empty() =>
            {
                let tags = if range == Range::Tags { tags } else { Vec::new() };
                Ok(UserEdit { username, full_name, email, role, range, tags })
            }
            _ => Err(complaints),
        }
    }
}

#[derive(Template)]
#[template(path = "users/form.html")]
struct UserPage {
    shell: Shell,
    is_new: bool,
    heading: String,
    action: String,
    back: String,
    policy: String,
    roles: Vec<Choice>,
    scopes: Vec<Choice>,
    tags: Vec<Choice>,
    form: UserForm,
    complaints: Complaints,
}

async fn page(
    req: &HttpRequest,
    core: &Core,
    known: Option<(UserId, String)>,
    form: UserForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let view = Actor::console().grant::<ViewDevices>()?;
    let tags = tags::named(core, &view).await?;
    let choice = |value: &str, label: &str, chosen: bool| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    };
    let scopes = [(Range::All, "All devices"), (Range::Tags, "Devices with the tags below, and their own")];
    let id = known.as_ref().map(|(id, _)| *id);
    let view = UserPage {
        shell: Shell::around(req)?,
        is_new: known.is_none(),
        action: id.map_or_else(|| href::user_new().to_owned(), href::user_edit),
        back: id.map_or_else(|| href::users().to_owned(), href::user),
        heading: known.map_or_else(|| "Add a person".to_owned(), |(_, name)| format!("Change {name}")),
        policy: PasswordPolicy::of(&core.settings.now()).told(),
        roles: Role::ALL
            .iter()
            .map(|role| choice(role.as_str(), super::told(*role), form.role == role.as_str()))
            .collect(),
        scopes: scopes
            .iter()
            .map(|(range, label)| choice(range.as_str(), label, form.scope == range.as_str()))
            .collect(),
        tags: tags
            .iter()
            .map(|(id, name)| choice(&id.to_string(), name, form.tags.contains(&id.to_string())))
            .collect(),
        form,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

/// `GET /users/new`.
pub async fn new(
    req: HttpRequest,
    core: Data<Core>,
    _by: May<ManageUsers>,
) -> Result<HttpResponse, PageError> {
    page(&req, &core, None, UserForm::fresh(), Complaints::default()).await
}

/// `POST /users/new`: with a password the person can sign in at once, without one the next page makes a link.
pub async fn create(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageUsers>,
    Form(form): Form<UserForm>,
) -> Result<HttpResponse, PageError> {
    let edit = match form.parse() {
        Ok(edit) => edit,
        Err(complaints) => return page(&req, &core, None, form, complaints).await,
    };
    let password = form.password.given();
    let needs_link = password.is_none();
    match users::create(&core, &by, NewUser { edit, password }).await {
        Ok(user) if needs_link => Ok(reply::see_other(&href::user_link(user.id))),
        Ok(user) => {
            let flash = Flash::done(format!("{} is added and can sign in.", user.username));
            Ok(reply::see_other_saying(&href::user(user.id), &flash, &*request::site(&req)?))
        }
        Err(error) => {
            let complaints = refused(error)?;
            page(&req, &core, None, form, complaints).await
        }
    }
}

/// `GET /users/{id}/edit`.
pub async fn edit(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let found = users::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let name = found.user.username.clone();
    let form = UserForm::of(found.user, &found.tags);
    page(&req, &core, Some((id, name)), form, Complaints::default()).await
}

/// `POST /users/{id}/edit`.
pub async fn update(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageUsers>,
    id: Path<i64>,
    Form(mut form): Form<UserForm>,
) -> Result<HttpResponse, PageError> {
    let id = UserId(*id);
    let found = users::find(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    let name = found.user.username.clone();
    let edit = match form.parse() {
        Ok(edit) => edit,
        Err(complaints) => return page(&req, &core, Some((id, name)), form, complaints).await,
    };
    let version = form.version.parse().unwrap_or_default();
    match users::update(&core, &by, (id, version), &edit).await {
        Ok(()) => {
            let flash = Flash::done(format!("{} is saved.", edit.username.as_str()));
            Ok(reply::see_other_saying(&href::user(id), &flash, &*request::site(&req)?))
        }
        Err(error) => {
            if matches!(error, SaveUserError::Changed) {
                // What was typed stays; saving once more overwrites what the other has saved.
                form.version = found.user.version.to_string();
            }
            let complaints = refused(error)?;
            page(&req, &core, Some((id, name)), form, complaints).await
        }
    }
}

/// What a refusal says, and at which field.
pub fn refused(error: SaveUserError) -> Result<Complaints, Fault> {
    let text = format!("Nothing was saved: {error}.");
    Ok(match error {
        SaveUserError::NameTaken(_) => {
            Complaints::on_field("username", "Somebody has this name already. Choose a different one.")
        }
        SaveUserError::EmailTaken(_) => {
            Complaints::on_field("email", "Somebody has this mail address already.")
        }
        SaveUserError::Password(weak) => Complaints::on_field("password", weak),
        SaveUserError::LastAdmin(_) => Complaints::on_field(
            "role",
            "This is the last enabled admin who sees everything. Make another one first.",
        ),
        SaveUserError::Changed => Complaints::on_form(
            "Somebody else has saved this person in the meantime. Look at what they changed; saving again overwrites it.",
        ),
        SaveUserError::Busy => {
            Complaints::on_form("Too much is going on at once. Wait a few seconds, then try again.")
        }
        SaveUserError::Unknown(_)
        | SaveUserError::Gone
        | SaveUserError::Oneself
        | SaveUserError::Scope
        | SaveUserError::OwnsDevices(_)
        | SaveUserError::WrongLink => Complaints::on_form(text),
        SaveUserError::Fault(fault) => return Err(fault),
    })
}
