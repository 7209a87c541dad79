//! The first admin, made by whoever holds the token that the console shows (S-16).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::Role,
        secret::Secret,
        user::{NewUser, PasswordPolicy, Username},
    },
    service::{
        Core,
        setup::{self, SetUpError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        form::{Form, Hidden, Params},
        href, reply, request, session,
        shell::Shell,
    },
};

/// A token that came with the link from the console.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    token: Hidden,
}

/// Who the first admin is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SetUpForm {
    token: Hidden,
    username: String,
    email: String,
    password: Hidden,
    again: Hidden,
}

impl SetUpForm {
    fn parse(&self, policy: PasswordPolicy) -> Result<NewUser, Complaints> {
        let mut complaints = Complaints::default();
        if self.token.secret().expose().trim().is_empty() {
            complaints.add("token", "Paste the token that the console shows.");
        }
        let username: Option<Username> = complaints.parse("username", &self.username);
        let email = complaints.parse_optional("email", &self.email);
        let password = self.password.secret();
        if let Some(Err(weak)) = username.as_ref().map(|name| policy.judge(password, name)) {
            complaints.add("password", weak);
        }
        if password.expose() != self.again.secret().expose() {
            complaints.add("again", "The two passwords differ.");
        }
        match (username, email) {
            (Some(username), Some(email)) if complaints.is_empty() => {
                let mut new = NewUser::new(username, Role::Admin, password.clone());
                new.edit.email = email;
                Ok(new)
            }
            _ => Err(complaints),
        }
    }
}

#[derive(Template)]
#[template(path = "sign_in/setup.html")]
struct SetUpPage<'a> {
    shell: Shell,
    form: &'a SetUpForm,
    token: &'a str,
    policy: String,
    complaints: Complaints,
}

impl<'a> SetUpPage<'a> {
    fn new(
        req: &HttpRequest,
        core: &Core,
        form: &'a SetUpForm,
        complaints: Complaints,
    ) -> Result<Self, PageError> {
        Ok(Self {
            shell: Shell::around(req)?,
            form,
            // the one hidden field that comes back: it is worth nothing without this page
            token: form.token.secret().expose(),
            policy: policy(core).told(),
            complaints,
        })
    }
}

fn policy(core: &Core) -> PasswordPolicy {
    PasswordPolicy::of(&core.settings.now())
}

/// `GET /setup`: the form, as long as there is no admin.
pub async fn show(
    req: HttpRequest,
    core: Data<Core>,
    Params(link): Params<Link>,
) -> Result<HttpResponse, PageError> {
    if !setup::is_open(&core).await? {
        return Err(PageError::NotFound);
    }
    let form = SetUpForm { token: link.token, ..SetUpForm::default() };
    reply::html(&SetUpPage::new(&req, &core, &form, Complaints::default())?)
}

/// `POST /setup`: makes the first admin and signs that person in.
pub async fn claim(
    req: HttpRequest,
    core: Data<Core>,
    Form(form): Form<SetUpForm>,
) -> Result<HttpResponse, PageError> {
    if !setup::is_open(&core).await? {
        return Err(PageError::NotFound);
    }
    let claimed = match form.parse(policy(&core)) {
        Ok(new) => {
            let token = form.token.secret().expose().trim();
            setup::claim(&core, &Secret::new(token), new, request::browser(&req)).await
        }
        Err(complaints) => return refuse(&req, &core, &form, complaints),
    };
    match claimed {
        Ok(token) => {
            let cookie = session::cookie(&*request::site(&req)?, token.expose().to_owned());
            Ok(reply::see_other_with(href::dashboard(), cookie))
        }
        Err(SetUpError::Done) => Err(PageError::NotFound),
        Err(SetUpError::Fault(fault)) => Err(fault.into()),
        Err(told) => refuse(&req, &core, &form, complaint(&told)),
    }
}

fn complaint(told: &SetUpError) -> Complaints {
    match told {
        SetUpError::WrongToken => Complaints::on_field(
            "token",
            "This token is wrong or has expired. Restart NetRaven for a new one.",
        ),
        SetUpError::Password(weak) => Complaints::on_field("password", weak),
        SetUpError::NameTaken => Complaints::on_field("username", "Somebody has this name already."),
        SetUpError::Busy | SetUpError::Done | SetUpError::Fault(_) => {
            Complaints::on_form("Too much is going on at once. Wait a few seconds, then try again.")
        }
    }
}

fn refuse(
    req: &HttpRequest,
    core: &Core,
    form: &SetUpForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let page = SetUpPage::new(req, core, form, complaints)?;
    reply::form_page(&page, &page.complaints)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy::of(&crate::domain::setting::Settings::defaults().unwrap())
    }

    fn form(username: &str, password: &str, again: &str) -> SetUpForm {
        SetUpForm {
            token: "t".to_owned().into(),
            username: username.into(),
            password: password.to_owned().into(),
            again: again.to_owned().into(),
            ..SetUpForm::default()
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let complaints = SetUpForm { email: "nobody".into(), ..form("o", "short", "shorter") }
            .parse(policy())
            .unwrap_err();
        for field in ["username", "email", "again"] {
            assert!(complaints.on(field).is_some(), "{field}");
        }
        assert!(SetUpForm::default().parse(policy()).unwrap_err().on("token").is_some());
    }

    #[test]
    fn a_good_form_makes_an_admin() {
        let new = form("olga", "correct horse battery", "correct horse battery").parse(policy()).unwrap();
        assert_eq!((new.edit.username.as_str(), new.edit.role), ("olga", Role::Admin));
    }
}
