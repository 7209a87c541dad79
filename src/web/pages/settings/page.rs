//! The settings of a tab, to be looked at and changed together.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::{
    Shown,
    field::{self, Control, Field, Pairs, REMOVE, sent},
    title,
};
use crate::{
    domain::{
        access::{Grant, ManageSettings},
        setting::{Category, ChangedSetting, Setting, Spec, Wanted, spec},
    },
    service::{
        Core,
        settings::{self, SaveSettingsError},
        upkeep,
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Params},
        href,
        parts::{Action, Empty},
        reply,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    category: String,
    q: String,
}

struct Tab {
    title: &'static str,
    href: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "settings/page.html")]
struct SettingsPage {
    shell: Shell,
    shown: Shown,
    tabs: Vec<Tab>,
    fields: Vec<Field>,
    complaints: Complaints,
    seen: String,
    reset_tab: Option<(String, &'static str)>,
    may_reset_all: bool,
    empty: Empty,
}

fn tabs(shown: &Shown) -> Vec<Tab> {
    let tab = |category: &Category| Tab {
        title: title(*category),
        href: href::with(href::settings(), &[("category", category.as_str())]),
        is_current: shown.q.is_empty() && shown.category == *category,
    };
    Category::ALL.iter().map(tab).collect()
}

fn empty() -> Empty {
    Empty {
        icon: "search",
        title: "No setting matches",
        text: "Look for another word, such as password, mail or backup.",
        action: Some(Action { label: "Show all settings", href: href::settings().to_owned() }),
    }
}

/// The retention's dry run: what the value that is in force would take now.
async fn note(
    core: &Core,
    by: &Grant<ManageSettings>,
    setting: &Setting,
) -> Result<Option<String>, PageError> {
    if setting.spec.key != "system.backup.retention_days" {
        return Ok(None);
    }
    let days = core.settings.now().backup_days;
    let versions = words::count(upkeep::preview(core, by, days).await?, "version");
    Ok(Some(format!("With {} kept, {versions} would go at the next clean-up.", words::count(days, "day"))))
}

/// What is shown besides the settings themselves.
struct Typed<'a> {
    pairs: Option<&'a Pairs>,
    complaints: Complaints,
}

async fn page(
    core: &Core,
    by: &Grant<ManageSettings>,
    shell: Shell,
    shown: Shown,
    typed: Typed<'_>,
) -> Result<HttpResponse, PageError> {
    let found = settings::list(core, by, &shown.filter()).await?;
    let mut fields = Vec::with_capacity(found.len());
    for setting in &found {
        let note = note(core, by, setting).await?;
        fields.push(Field { note, ..Field::new(setting, typed.pairs, &typed.complaints) });
    }
    let is_tab = shown.q.is_empty();
    let has_changed = found.iter().any(|setting| !setting.is_default());
    let tab = href::with(href::settings_reset(), &[("category", shown.category.as_str())]);
    let view = SettingsPage {
        shell,
        tabs: tabs(&shown),
        seen: settings::mark(&found),
        fields,
        complaints: typed.complaints,
        reset_tab: (is_tab && has_changed).then(|| (tab, title(shown.category))),
        may_reset_all: is_tab,
        empty: empty(),
        shown,
    };
    reply::form_page(&view, &view.complaints)
}

/// `GET /settings`.
pub async fn show(
    core: Data<Core>,
    by: May<ManageSettings>,
    Params(asked): Params<Asked>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let shown = Shown::new(&asked.category, &asked.q);
    page(&core, &by, shell, shown, Typed { pairs: None, complaints: Complaints::default() }).await
}

/// Whether a field of this name belongs to the form (S-38).
fn is_known(name: &str, specs: &[&Spec]) -> bool {
    let of_setting = |name: &str| specs.iter().any(|spec| spec.key == name);
    let removes = |key: &str| specs.iter().any(|spec| spec.key == key && spec.is_sensitive());
    matches!(name, "category" | "q" | "seen")
        || of_setting(name)
        || name.strip_prefix(REMOVE).is_some_and(removes)
}

/// `POST /settings`: changes what differs, all of it or nothing.
pub async fn save(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageSettings>,
    Form(pairs): Form<Vec<(String, String)>>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let text = |name| sent(&pairs, name).unwrap_or_default();
    let shown = Shown::new(text("category"), text("q"));
    let specs: Vec<&'static Spec> = shown.filter().specs().collect();
    let Some(seen) = sent(&pairs, "seen") else {
        return Err(PageError::Malformed("a form of settings says what it was made from".to_owned()));
    };
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !is_known(name, &specs)) {
        return Err(PageError::Malformed(format!("no setting of this form is named {name:?}")));
    }
    let wanted: Vec<(String, Wanted)> =
        specs.iter().filter_map(|spec| Some((spec.key.to_owned(), field::wanted(spec, &pairs)?))).collect();
    match settings::set_many(&core, &by, &wanted, Some(seen)).await {
        Ok(changed) => Ok(reply::see_other_saying(&shown.href(), &saved(&changed), &site)),
        Err(error) => {
            let complaints = refused(error)?;
            page(&core, &by, shell, shown, Typed { pairs: Some(&pairs), complaints }).await
        }
    }
}

/// The changes in words.
pub(super) fn told(changed: &[ChangedSetting]) -> String {
    let one = |one: &ChangedSetting| {
        if spec(one.key).is_some_and(Spec::is_sensitive) {
            let done = if one.after == "changed" { "changed" } else { "removed" };
            return format!("{} {done}", one.label);
        }
        format!("{}: {} → {}", one.label, field::told(&one.before), field::told(&one.after))
    };
    changed.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn saved(changed: &[ChangedSetting]) -> Flash {
    if changed.is_empty() {
        return Flash::done("Nothing was different, so nothing was changed.");
    }
    Flash::done(format!("Saved and in force. {}.", told(changed)))
}

fn refused(error: SaveSettingsError) -> Result<Complaints, PageError> {
    match error {
        SaveSettingsError::Invalid(bad) => {
            let mut complaints = Complaints::default();
            for (key, why) in bad {
                match spec(&key) {
                    Some(spec) => complaints.add(spec.key, format!("{}: {why}", spec.label)),
                    None => complaints.add("", why),
                }
            }
            Ok(complaints)
        }
        SaveSettingsError::Stale => Ok(Complaints::on_form(
            "Somebody else has changed these settings since you opened the page. What you typed is still here; save again to go over their changes, or reload the page to see them.",
        )),
        SaveSettingsError::Fault(fault) => Err(fault.into()),
    }
}
