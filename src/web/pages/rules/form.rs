//! Adding and changing a rule, with the devices on which it would hold.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    domain::{
        access::{ManageTags, ViewDevices},
        id::{RuleId, TagId},
        rule::{self, Criteria, Field, NewRule, Operator, Rule},
    },
    service::{
        Core,
        rules::{self, Preview, SaveRuleError},
        tags,
    },
    web::{
        complaints::Complaints, error::PageError, flash::Flash, form::Form, href, lists, parts::Choice,
        reply, session::May, shell::Shell, site::Site,
    },
};

/// What a person typed.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleForm {
    name: String,
    description: String,
    tag: String,
    criteria: String,
    enabled: String,
    version: String,
    intent: String,
}

impl RuleForm {
    fn criteria(&self, complaints: &mut Complaints) -> Option<Criteria> {
        rule::parse(&self.criteria).map_err(|error| complaints.add("criteria", error)).ok()
    }

    fn parse(&self) -> Result<NewRule, Complaints> {
        let mut complaints = Complaints::default();
        let (name, description) = (self.name.trim(), self.description.trim());
        if name.is_empty() {
            complaints.add("name", "Give the rule a name.");
        }
        for (field, text, most) in [("name", name, 100), ("description", description, 200)] {
            if text.chars().count() > most {
                complaints.add(field, format!("Use at most {most} characters."));
            } else if text.chars().any(char::is_control) {
                complaints.add(field, "Leave control characters out.");
            }
        }
        let tag = self.tag.parse::<TagId>().ok();
        if tag.is_none() {
            complaints.add("tag", "Choose the tag that the rule assigns.");
        }
        match (self.criteria(&mut complaints), tag) {
            (Some(criteria), Some(tag)) if complaints.is_empty() => Ok(NewRule {
                name: name.to_owned(),
                description: description.to_owned(),
                tag,
                criteria,
                is_enabled: !self.enabled.is_empty(),
            }),
            _ => Err(complaints),
        }
    }

    fn is_preview(&self) -> bool {
        self.intent == "preview"
    }
}

impl From<Rule> for RuleForm {
    fn from(rule: Rule) -> Self {
        Self {
            criteria: rule.criteria.to_string(),
            tag: rule.tag.to_string(),
            enabled: if rule.is_enabled { "on" } else { "" }.to_owned(),
            version: rule.version.to_string(),
            name: rule.name,
            description: rule.description,
            intent: String::new(),
        }
    }
}

/// The devices on which the rule would hold.
struct Matches {
    heading: String,
    rows: Vec<(String, String, String, String)>,
    more: usize,
}

impl From<Preview> for Matches {
    fn from(preview: Preview) -> Self {
        let rows: Vec<_> = preview
            .first
            .into_iter()
            .map(|facts| {
                let (address, platform) = (facts.address().to_owned(), facts.platform().to_owned());
                (href::device(facts.id), facts.shown, address, platform)
            })
            .collect();
        Self {
            heading: format!("{} of {} devices", preview.matches, preview.devices),
            more: preview.matches - rows.len(),
            rows,
        }
    }
}

#[derive(Template)]
#[template(path = "rules/form.html")]
struct RulePage {
    shell: Shell,
    heading: &'static str,
    action: String,
    delete: Option<String>,
    form: RuleForm,
    tags: Vec<Choice>,
    fields: String,
    operators: String,
    matches: Option<Matches>,
    complaints: Complaints,
}

async fn page(
    (core, by): (&Core, &May<ManageTags>),
    shell: Shell,
    id: Option<RuleId>,
    form: RuleForm,
    complaints: Complaints,
) -> Result<HttpResponse, PageError> {
    let view = by.actor().clone().grant::<ViewDevices>()?;
    let known = tags::all(core, &view).await?;
    let words = known.iter().filter(|tag| !tag.is_default).map(|tag| (tag.id.to_string(), tag.name.clone()));
    let words: Vec<(String, String)> = words.collect();
    let matches = match form.criteria(&mut Complaints::default()) {
        None => None,
        Some(criteria) => match rules::preview(core, by, &criteria).await {
            Ok(preview) => Some(Matches::from(preview)),
            Err(SaveRuleError::Fault(fault)) => return Err(fault.into()),
            Err(_) => None,
        },
    };
    let page = RulePage {
        shell,
        heading: if id.is_some() { "Change a tag rule" } else { "Add a tag rule" },
        action: id.map_or_else(|| href::rule_new().to_owned(), href::rule),
        delete: id.map(href::rule_delete),
        tags: lists::choices(
            "Choose a tag",
            &form.tag,
            words.iter().map(|(id, name)| (id.as_str(), name.clone())),
        ),
        fields: Field::ALL.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", "),
        operators: Operator::ALL.iter().map(|operator| operator.as_str()).collect::<Vec<_>>().join(", "),
        matches,
        form,
        complaints,
    };
    reply::form_page(&page, &page.complaints)
}

/// `GET /rules/new`.
pub async fn new(core: Data<Core>, by: May<ManageTags>, shell: Shell) -> Result<HttpResponse, PageError> {
    let form = RuleForm { enabled: "on".to_owned(), ..RuleForm::default() };
    page((&core, &by), shell, None, form, Complaints::default()).await
}

/// `POST /rules/new`: adds it, or shows on which devices it would hold.
pub async fn create(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageTags>,
    Form(form): Form<RuleForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let new = match form.parse() {
        Ok(new) if !form.is_preview() => new,
        given => return look(&core, &by, (shell, None), form, given.err()).await,
    };
    match rules::create(&core, &by, &new).await {
        Ok(_) => Ok(saved("added", &new, &site)),
        Err(error) => page((&core, &by), shell, None, form, refused(error)?).await,
    }
}

/// The page again: with what is wrong, or, for a look ahead, only with what is wrong about the conditions.
async fn look(
    core: &Core,
    by: &May<ManageTags>,
    (shell, id): (Shell, Option<RuleId>),
    form: RuleForm,
    complaints: Option<Complaints>,
) -> Result<HttpResponse, PageError> {
    let mut told = complaints.unwrap_or_default();
    if form.is_preview() {
        told = Complaints::default();
        form.criteria(&mut told);
    }
    page((core, by), shell, id, form, told).await
}

/// `GET /rules/{id}`.
pub async fn edit(
    core: Data<Core>,
    by: May<ManageTags>,
    view: May<ViewDevices>,
    id: Path<i64>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = RuleId(*id);
    let found = rules::find(&core, &view, id).await?.ok_or(PageError::NotFound)?;
    page((&core, &by), shell, Some(id), found.into(), Complaints::default()).await
}

/// `POST /rules/{id}`: changes it, or shows on which devices it would hold.
pub async fn update(
    (core, site): (Data<Core>, Data<Site>),
    by: May<ManageTags>,
    id: Path<i64>,
    Form(form): Form<RuleForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let id = RuleId(*id);
    let new = match form.parse() {
        Ok(new) if !form.is_preview() => new,
        given => return look(&core, &by, (shell, Some(id)), form, given.err()).await,
    };
    let version = form.version.parse().unwrap_or_default();
    match rules::update(&core, &by, (id, version), &new).await {
        Ok(()) => Ok(saved("saved", &new, &site)),
        Err(error) => page((&core, &by), shell, Some(id), form, refused(error)?).await,
    }
}

fn saved(done: &str, new: &NewRule, site: &Site) -> HttpResponse {
    let flash = Flash::done(format!("The rule {} is {done}; its devices are tagged.", new.name));
    reply::see_other_saying(href::rules(), &flash, site)
}

fn refused(error: SaveRuleError) -> Result<Complaints, PageError> {
    match error {
        SaveRuleError::NameTaken => {
            Ok(Complaints::on_field("name", "Another rule has this name already. Choose a different one."))
        }
        SaveRuleError::NoTag => {
            Ok(Complaints::on_field("tag", "This tag has been deleted. Choose another one."))
        }
        SaveRuleError::DefaultTag => {
            Ok(Complaints::on_field("tag", "Every device has the default tag anyway. Choose another one."))
        }
        SaveRuleError::Criteria(error) => Ok(Complaints::on_field("criteria", error)),
        SaveRuleError::Scope => Ok(Complaints::on_form(
            "Rules tag all devices, and your account sees only some. Ask an administrator to add the rule.",
        )),
        SaveRuleError::Stale => Ok(Complaints::on_form(
            "Somebody else has changed or deleted this rule since you opened it. Open it again and repeat your change.",
        )),
        SaveRuleError::Fault(fault) => Err(fault.into()),
    }
}
