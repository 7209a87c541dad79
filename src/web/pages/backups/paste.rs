//! The choice of two texts to compare: versions of any devices, or pasted ones. Works without script.

use actix_web::{HttpResponse, web::Data};
use askama::Template;
use serde::Deserialize;

use super::view;
use crate::{
    domain::{
        access::ViewDevices,
        backup::{Backup, BackupFilter},
        id::BackupId,
        page::PageRequest,
    },
    service::{
        Core,
        backups::{
            self,
            compare::{Side, compare_any},
            search,
        },
    },
    web::{
        complaints::Complaints, diff::DiffView, error::PageError, form::Form, lists, parts::Choice, reply,
        session::May, shell::Shell,
    },
};

/// Versions that one picker offers, the newest first.
const OFFERED: i64 = 200;

/// The two sides as they were chosen.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasteForm {
    device_old: String,
    device_new: String,
    old: String,
    new: String,
    text_old: String,
    text_new: String,
    mode: String,
}

impl PasteForm {
    /// The devices whose versions are to be offered.
    pub(super) fn of_devices(device_old: &str, device_new: &str) -> Self {
        Self { device_old: device_old.to_owned(), device_new: device_new.to_owned(), ..Self::default() }
    }
}

/// One side of the form.
#[derive(Debug)]
pub struct Picker {
    title: &'static str,
    device_name: &'static str,
    device: String,
    name: &'static str,
    versions: Vec<Choice>,
    text_name: &'static str,
    text: String,
    complaint: Option<String>,
}

#[derive(Template)]
#[template(path = "backups/choose.html")]
struct ChoosePage {
    shell: Shell,
    sides: [Picker; 2],
    is_split: bool,
    complaints: Complaints,
    is_equal: bool,
    diff: Option<DiffView>,
}

/// The versions of devices whose name holds the piece.
async fn offered(
    core: &Core,
    by: &May<ViewDevices>,
    device: &str,
    chosen: &str,
) -> Result<Vec<Choice>, PageError> {
    if device.trim().is_empty() && chosen.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    if !device.trim().is_empty() {
        let filter = BackupFilter { device: Some(device.trim().to_owned()), ..BackupFilter::default() };
        rows = search::search(core, by, (&filter, None), PageRequest::first(OFFERED)).await?.page.rows;
    }
    if let Ok(id) = chosen.parse::<BackupId>()
        && !rows.iter().any(|version| version.id == id)
    {
        rows.extend(backups::find(core, by, id).await?);
    }
    let label = |version: &Backup| {
        format!(
            "{}, {}, version {}",
            version.device_name,
            version.taken_at.format("%-d %b %Y, %H:%M"),
            version.id
        )
    };
    let words: Vec<(String, String)> =
        rows.iter().map(|version| (version.id.to_string(), label(version))).collect();
    Ok(lists::choices("No version", chosen, words.iter().map(|(id, label)| (id.as_str(), label.clone()))))
}

/// The form, with the comparison below it where there is one.
pub(super) async fn show(
    core: &Core,
    by: &May<ViewDevices>,
    form: PasteForm,
    (shell, complaints, diff): (Shell, Complaints, Option<DiffView>),
) -> Result<HttpResponse, PageError> {
    let said = |field: &str| complaints.on(field).map(str::to_owned);
    let page = ChoosePage {
        shell,
        sides: [
            Picker {
                title: "Old",
                device_name: "device_old",
                versions: offered(core, by, &form.device_old, &form.old).await?,
                device: form.device_old,
                name: "old",
                text_name: "text_old",
                text: form.text_old,
                complaint: said("old"),
            },
            Picker {
                title: "New",
                device_name: "device_new",
                versions: offered(core, by, &form.device_new, &form.new).await?,
                device: form.device_new,
                name: "new",
                text_name: "text_new",
                text: form.text_new,
                complaint: said("new"),
            },
        ],
        is_split: form.mode == "split",
        is_equal: diff.as_ref().is_some_and(|diff| diff.added == 0 && diff.removed == 0),
        diff,
        complaints: complaints.clone(),
    };
    reply::form_page(&page, &complaints)
}

enum Chosen {
    Version(Box<Backup>),
    Pasted(String),
}

impl Chosen {
    fn side(&self) -> Side<'_> {
        match self {
            Self::Version(version) => Side::Version(version),
            Self::Pasted(text) => Side::Pasted(text),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Version(version) => format!("{} version {}", version.device_name, version.id),
            Self::Pasted(_) => "the pasted text".to_owned(),
        }
    }
}

async fn chosen(
    core: &Core,
    by: &May<ViewDevices>,
    (field, id, text): (&'static str, &str, &str),
    complaints: &mut Complaints,
) -> Result<Option<Chosen>, PageError> {
    Ok(match (id.trim(), text.trim().is_empty()) {
        ("", true) => {
            complaints.add(field, "Choose a version or paste a text.");
            None
        }
        ("", false) => Some(Chosen::Pasted(text.to_owned())),
        (_, false) => {
            complaints.add(field, "Choose a version or paste a text, not both: empty one of them.");
            None
        }
        (id, true) => {
            let found = match id.parse::<BackupId>() {
                Ok(id) => backups::find(core, by, id).await?,
                Err(_) => None,
            };
            if found.is_none() {
                complaints.add(field, "There is no such version. Choose another one.");
            }
            found.map(|version| Chosen::Version(Box::new(version)))
        }
    })
}

/// `POST /compare`: two texts, of which any may be pasted; nothing of it is kept.
pub async fn compare(
    core: Data<Core>,
    by: May<ViewDevices>,
    Form(form): Form<PasteForm>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let mut complaints = Complaints::default();
    let old = chosen(&core, &by, ("old", &form.old, &form.text_old), &mut complaints).await?;
    let new = chosen(&core, &by, ("new", &form.new, &form.text_new), &mut complaints).await?;
    let (Some(old), Some(new)) = (old, new) else {
        return show(&core, &by, form, (shell, complaints, None)).await;
    };
    let diff = compare_any(&core, &by, (old.side(), new.side()), Some(3)).await?;
    let split = form.mode == "split";
    let shown = DiffView {
        caption: format!("{} compared with {}", old.name(), new.name()),
        added: diff.added,
        removed: diff.removed,
        split,
        unified_href: String::new(),
        split_href: String::new(),
        unified: if split { Vec::new() } else { view::unified(&diff, "") },
        sides: if split { view::sides(&diff, "") } else { Vec::new() },
    };
    show(&core, &by, form, (shell, complaints, Some(shown))).await
}
