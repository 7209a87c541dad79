//! Putting settings back to what was declared, after a question.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{field, page::told, title};
use crate::{
    domain::{
        access::ManageSettings,
        setting::{Setting, SettingFilter, spec},
    },
    service::{
        Core,
        settings::{self, Reset, SaveSettingsError},
    },
    web::{
        error::PageError,
        flash::Flash,
        form::{Form, Nothing, Params},
        href,
        parts::Confirm,
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// Which settings; nothing said means all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    key: String,
    category: String,
}

impl Asked {
    fn which(&self) -> Result<Reset, PageError> {
        match (self.key.as_str(), self.category.as_str()) {
            ("", "") => Ok(Reset::All),
            ("", category) => category.parse().map(Reset::Category).map_err(|_| PageError::NotFound),
            (key, _) => spec(key).map(|spec| Reset::Key(spec.key)).ok_or(PageError::NotFound),
        }
    }

    fn href(&self) -> String {
        href::with(href::settings_reset(), &[("key", &self.key), ("category", &self.category)])
    }
}

/// The tab to go back to.
fn back(which: Reset) -> String {
    let category = match which {
        Reset::Key(key) => spec(key).map(|spec| spec.category),
        Reset::Category(category) => Some(category),
        Reset::All => None,
    };
    href::with(href::settings(), &[("category", category.map_or("", |category| category.as_str()))])
}

fn named(which: Reset) -> String {
    match which {
        Reset::Key(key) => spec(key).map_or_else(String::new, |spec| format!("\"{}\"", spec.label)),
        Reset::Category(category) => format!("the settings under {}", title(category)),
        Reset::All => "all settings".to_owned(),
    }
}

fn touched(setting: &Setting) -> String {
    let spec = setting.spec;
    if spec.is_sensitive() {
        return format!("{} is removed.", spec.label);
    }
    let now = field::told(setting.value.as_deref().unwrap_or_default());
    format!("{}: {now} becomes {}", spec.label, field::default(spec))
}

#[derive(Template)]
#[template(path = "settings/reset.html")]
struct ResetPage<'a> {
    shell: &'a Shell,
    confirm: Confirm<'a>,
}

/// `GET /settings/reset`: asks first, and names every value that changes.
pub async fn ask(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSettings>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let which = asked.which()?;
    let keys: Vec<&str> = which.specs().iter().map(|spec| spec.key).collect();
    let all = settings::list(&core, &by, &SettingFilter::default()).await?;
    let changed: Vec<String> =
        all.iter().filter(|one| keys.contains(&one.spec.key) && !one.is_default()).map(touched).collect();
    if changed.is_empty() {
        let flash = Flash::done("Everything there is at its default already.");
        return Ok(reply::see_other_saying(&back(which), &flash, &site));
    }
    reply::html(&ResetPage {
        shell: &shell,
        confirm: Confirm {
            question: format!("Put {} back to the defaults?", named(which)),
            touched: changed,
            consequence: "The values of now are kept in the audit trail only; removed secrets nowhere.",
            verb: "Put back",
            action: asked.href(),
            back: back(which),
            csrf: &shell.csrf,
        },
    })
}

/// `POST /settings/reset`.
pub async fn reset(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSettings>,
    Params(asked): Params<Asked>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    let which = asked.which()?;
    let changed = settings::reset(&core, &by, which).await.map_err(|error| match error {
        SaveSettingsError::Fault(fault) => PageError::from(fault),
        other @ (SaveSettingsError::Invalid(_) | SaveSettingsError::Stale) => {
            PageError::Internal(other.into())
        }
    })?;
    let count = i64::try_from(changed.len()).unwrap_or(0);
    let flash = match count {
        0 => Flash::done("Everything there is at its default already."),
        _ => Flash::done(format!("{} put back. {}.", words::count(count, "setting"), told(&changed))),
    };
    Ok(reply::see_other_saying(&back(which), &flash, &site))
}
