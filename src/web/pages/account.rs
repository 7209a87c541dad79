//! What people see and set of themselves: profile, password, sessions, light or dark.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::users::{detail::SessionRow, form::refused};
use crate::{
    domain::{
        access::Session,
        notice::{NoticeEvent, Rhythm, Wishes},
        user::{PasswordPolicy, Profile, User},
    },
    service::{
        Core,
        account::{self, AccountError},
        notices,
        users::SaveUserError,
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Hidden},
        href, next,
        parts::Choice,
        reply, request,
        session::{self, SignedIn},
        shell::{self, Shell, Theme},
        words,
    },
};

/// The buttons for light and dark.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThemeForm {
    theme: String,
    next: String,
}

/// `POST /account/theme`: remembers light or dark in a cookie and goes back to the page.
pub async fn theme(req: HttpRequest, Form(form): Form<ThemeForm>) -> Result<HttpResponse, PageError> {
    let theme: Theme = form.theme.parse().unwrap_or(Theme::Auto);
    let site = request::site(&req)?;
    Ok(reply::see_other_with(next::safe(&form.next), shell::theme_cookie(&site, theme)))
}

/// What people say of themselves.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileForm {
    full_name: String,
    email: String,
}

/// The old and the new password.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordForm {
    old: Hidden,
    password: Hidden,
    again: Hidden,
    everywhere: String,
}

/// What one is told, and how often.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesForm {
    rhythm: String,
    events: Vec<String>,
}

/// Which sessions end; none is named for all but this one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsForm {
    id: String,
}

#[derive(Template)]
#[template(path = "account/page.html")]
struct AccountPage {
    shell: Shell,
    user: User,
    form: ProfileForm,
    policy: String,
    rhythms: Vec<Choice>,
    events: Vec<Choice>,
    sessions: Vec<SessionRow>,
    has_others: bool,
    complaints: Complaints,
}

async fn page(
    req: &HttpRequest,
    core: &Core,
    session: &Session,
    form: Option<ProfileForm>,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let (user, sessions) = account::find(core, session).await?.ok_or(PageError::NotFound)?;
    let form = form.unwrap_or_else(|| ProfileForm {
        full_name: user.full_name.clone(),
        email: user.email.clone().unwrap_or_default(),
    });
    let sessions: Vec<SessionRow> =
        sessions.into_iter().map(|open| SessionRow::new(open, Some(session.id))).collect();
    let wishes = notices::wishes(core, session).await?.ok_or(PageError::NotFound)?;
    let (rhythms, events) = choices(&wishes);
    let view = AccountPage {
        shell: Shell::around(req)?,
        rhythms,
        events,
        user,
        form,
        policy: PasswordPolicy::of(&core.settings.now()).told(),
        has_others: sessions.len() > 1,
        sessions,
        complaints,
    };
    reply::form_page(&view, &view.complaints)
}

/// What one may be told, and how often; with what is chosen.
fn choices(wishes: &Wishes) -> (Vec<Choice>, Vec<Choice>) {
    let choice = |value: &str, label: &str, chosen| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    };
    let rhythm = |rhythm: &Rhythm| {
        let label = match rhythm {
            Rhythm::AtOnce => "At once",
            Rhythm::Hourly => "Every full hour",
            Rhythm::Daily => "Once a day, at 07:00 UTC",
        };
        choice(rhythm.as_str(), label, wishes.rhythm == *rhythm)
    };
    let event = |event: &NoticeEvent| {
        let label = match event {
            NoticeEvent::FirstFailure => "A device fails that went well before",
            NoticeEvent::StillFailing => "It has been failing for another day",
            NoticeEvent::Recovered => "It goes well again",
            NoticeEvent::Changed => "A configuration has changed",
            NoticeEvent::JobDone => "A backup that you started is over",
            NoticeEvent::CredentialStopped => "A shared credential was stopped",
            NoticeEvent::Damaged => "A kept version is damaged",
            NoticeEvent::Silence => {
                "Something that should happen does not: overdue devices, a planner that stopped"
            }
        };
        choice(event.as_str(), label, wishes.events.contains(event))
    };
    let chosen = NoticeEvent::ALL.iter().filter(|event| !event.is_alarm());
    (Rhythm::ALL.iter().map(rhythm).collect(), chosen.map(event).collect())
}

/// `POST /account/notices`: what one is told by mail, and how often.
pub async fn notices(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
    Form(form): Form<NoticesForm>,
) -> Result<HttpResponse, PageError> {
    let rhythm: Option<Rhythm> = form.rhythm.parse().ok();
    let events: Result<Vec<NoticeEvent>, _> = form.events.iter().map(|event| event.parse()).collect();
    let (Some(rhythm), Ok(events)) = (rhythm, events) else {
        let complaints = Complaints::on_form("Nothing was saved: choose from what the page offers.");
        return page(&req, &core, &session, None, complaints).await;
    };
    notices::set_wishes(&core, &session, &Wishes { rhythm, events }).await?;
    said(&req, &Flash::done("What you are told is saved."))
}

/// `GET /account`.
pub async fn show(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
) -> Result<HttpResponse, PageError> {
    page(&req, &core, &session, None, Complaints::default()).await
}

/// `POST /account`: the own name and mail address; no more can be set here (S-38).
pub async fn save(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
    Form(form): Form<ProfileForm>,
) -> Result<HttpResponse, PageError> {
    let mut complaints = Complaints::default();
    let full_name = complaints.parse("full_name", &form.full_name);
    let email = complaints.parse_optional("email", &form.email);
    let (Some(full_name), Some(email)) = (full_name, email) else {
        return page(&req, &core, &session, Some(form), complaints).await;
    };
    match account::update(&core, &session, &Profile { full_name, email }).await {
        Ok(()) => said(&req, &Flash::done("Your profile is saved.")),
        Err(error) => {
            let complaints = told(error)?;
            page(&req, &core, &session, Some(form), complaints).await
        }
    }
}

fn said(req: &HttpRequest, flash: &Flash) -> Result<HttpResponse, PageError> {
    Ok(reply::see_other_saying(href::account(), flash, &*request::site(req)?))
}

fn told(error: AccountError) -> Result<Complaints, PageError> {
    Ok(match error {
        AccountError::WrongPassword => Complaints::on_field("old", "This is not your password."),
        AccountError::Refused(SaveUserError::Gone) => return Err(PageError::SignInRequired),
        AccountError::Refused(refusal) => refused(refusal)?,
        AccountError::Fault(fault) => return Err(fault.into()),
    })
}

/// `POST /account/password`.
pub async fn password(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
    Form(form): Form<PasswordForm>,
) -> Result<HttpResponse, PageError> {
    if form.password.secret().expose() != form.again.secret().expose() {
        let complaints = Complaints::on_field("again", "The two passwords differ.");
        return page(&req, &core, &session, None, complaints).await;
    }
    let pair = (form.old.secret(), form.password.secret());
    match account::change_password(&core, &session, pair, form.everywhere == "on").await {
        Ok(token) => {
            let cookie = session::cookie(&*request::site(&req)?, token.expose().to_owned());
            request::send_cookie(&req, cookie);
            said(&req, &Flash::done("Your password is changed."))
        }
        Err(error) => {
            let complaints = told(error)?;
            page(&req, &core, &session, None, complaints).await
        }
    }
}

/// `POST /account/sessions`: ends one session, or all but this one.
pub async fn end_sessions(
    req: HttpRequest,
    core: Data<Core>,
    SignedIn(session): SignedIn,
    Form(form): Form<SessionsForm>,
) -> Result<HttpResponse, PageError> {
    let one = if form.id.is_empty() { None } else { Some(form.id.parse().map_err(|_| PageError::NotFound)?) };
    let count = account::end_sessions(&core, &session, one).await?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    said(&req, &Flash::done(format!("{} ended.", words::count(count, "session"))))
}
