//! A list that waits: how it is read, what it would do, and carrying it out.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{
    detail::Asked,
    view::{self, ColumnRow, Row},
};
use crate::{
    domain::{
        access::ManageDevices,
        id::ImportId,
        import::{Column, Counts, Import, VerdictKind},
        tag::TagName,
    },
    service::{
        Core,
        import::{
            self, preview, rejected as left_out,
            staged::{self, Reading, StagedError},
        },
        platforms,
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Nothing},
        href, lists,
        parts::{Choice, Moment, Pager},
        reply, request,
        session::May,
        shell::Shell,
        site::Site,
        words,
    },
};

/// How the list is to be carried out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplyForm {
    tag: String,
    leave_out: String,
}

impl ApplyForm {
    /// What is proposed: a tag that names the import.
    pub(super) fn usual(import: &Import) -> Self {
        Self { tag: format!("import-{}", import.id), leave_out: String::new() }
    }
}

/// A verdict with the number of its rows and the address that shows them.
struct Tab {
    label: String,
    count: String,
    href: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "imports/waiting.html")]
struct WaitingPage {
    shell: Shell,
    title: String,
    by: String,
    brought: Moment,
    until: Moment,
    action: String,
    apply: String,
    discard: String,
    rejected: Option<String>,
    form: ApplyForm,
    leave_out_label: String,
    button: String,
    may_apply: bool,
    has_header: bool,
    separators: Vec<Choice>,
    platforms: Vec<Choice>,
    columns: Vec<ColumnRow>,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    pager: Option<Pager>,
    unreadable: Option<String>,
    complaints: Complaints,
}

fn tabs(import: &Import, counts: &Counts, only: Option<VerdictKind>) -> Vec<Tab> {
    let all = counts.good() + counts.unchanged + counts.bad();
    let tab = |kind: Option<VerdictKind>, count: usize| Tab {
        label: kind.map_or_else(|| "All".to_owned(), |kind| lists::label(kind.as_str())),
        count: view::counted(count),
        href: href::with(&href::import(import.id), &[("show", kind.map_or("", VerdictKind::as_str))]),
        is_current: kind == only,
    };
    let each = VerdictKind::ALL.iter().map(|kind| {
        let count = match kind {
            VerdictKind::New => counts.new,
            VerdictKind::Update => counts.update,
            VerdictKind::Unchanged => counts.unchanged,
            VerdictKind::Duplicate => counts.duplicate,
            VerdictKind::Error => counts.error,
        };
        (Some(*kind), count)
    });
    std::iter::once((None, all))
        .chain(each.filter(|(_, count)| *count > 0))
        .map(|(kind, count)| tab(kind, count))
        .collect()
}

fn devices(count: usize) -> String {
    words::count(i64::try_from(count).unwrap_or(i64::MAX), "device")
}

/// The page of a list that waits.
pub(super) async fn show(
    core: &Core,
    by: &May<ManageDevices>,
    (import, asked): (&Import, Asked),
    (form, complaints): (ApplyForm, Complaints),
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let only: Option<VerdictKind> = asked.show.parse().ok();
    let (preview, unreadable) =
        match preview::preview(core, by, import, (only, view::requested(&asked.page))).await {
            Ok(preview) => (Some(preview), None),
            Err(StagedError::Gone) => return Err(PageError::NotFound),
            Err(StagedError::Fault(fault)) => return Err(fault.into()),
            Err(refusal) => (None, Some(refusal.to_string())),
        };
    let counts = preview.as_ref().map(|preview| preview.counts).unwrap_or_default();
    let id = import.id;
    let address =
        |number: &str| href::with(&href::import(id), &[("show", asked.show.as_str()), ("page", number)]);
    let (columns, rows) = preview.map(|preview| (preview.columns, preview.rows)).unzip();
    let known = platforms::by_title(core);
    let page = WaitingPage {
        shell,
        title: format!("Import {id}"),
        by: import.created_by.clone(),
        brought: Moment::relative(import.created_at),
        until: Moment::relative(import.created_at + crate::domain::import::STAGED_FOR),
        action: href::import(id),
        apply: href::import_apply(id),
        discard: href::import_discard(id),
        rejected: (counts.bad() > 0).then(|| href::import_rejected(id)),
        leave_out_label: match counts.bad() {
            0 => String::new(),
            1 => "Leave out the row with faults".to_owned(),
            many => format!("Leave out the {} rows with faults", view::counted(many)),
        },
        button: match (counts.new, counts.update) {
            (new, 0) => format!("Add {}", devices(new)),
            (0, changed) => format!("Change {}", devices(changed)),
            (new, changed) => format!("Add {}, change {}", devices(new), view::counted(changed)),
        },
        may_apply: counts.good() > 0,
        has_header: import.mapping.has_header,
        separators: view::separators(&import.mapping),
        platforms: lists::choices(
            "None: each row must name one",
            &import.mapping.platform,
            known.iter().map(|(key, title)| (key.as_str(), title.clone())),
        ),
        columns: columns.map(view::columns).unwrap_or_default(),
        tabs: tabs(import, &counts, only),
        pager: rows.as_ref().and_then(|rows| lists::pager(rows, address)),
        rows: rows.map(|rows| rows.rows.into_iter().map(Row::from).collect()).unwrap_or_default(),
        unreadable,
        form,
        complaints,
    };
    reply::form_page(&page, &page.complaints)
}

/// How a person wants the file to be read.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadingForm {
    separator: String,
    has_header: String,
    platform: String,
    columns: Vec<String>,
}

/// `POST /imports/{id}`: reads the list another way, and shows what it would do then.
pub async fn read_as(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(form): Form<ReadingForm>,
) -> Result<HttpResponse, PageError> {
    let id = ImportId(*path);
    let columns = form.columns.iter().map(|word| word.parse().unwrap_or(Column::Ignored)).collect();
    let Some(separator) = view::separator(&form.separator) else {
        return Err(PageError::Malformed("no such separator".to_owned()));
    };
    let known = core.platforms.get(&form.platform).is_some();
    let platform = if known { form.platform } else { String::new() };
    let reading = Reading { separator, has_header: form.has_header == "on", columns, platform };
    let flash = match staged::read_as(&core, &by, id, reading).await {
        Ok(()) => Flash::done("The list is read this way now."),
        Err(StagedError::Gone) => return Err(PageError::NotFound),
        Err(StagedError::Fault(fault)) => return Err(fault.into()),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok(reply::see_other_saying(&href::import(id), &flash, &site))
}

/// `POST /imports/{id}/apply`: carries the list out, all at once or nothing.
pub async fn apply(
    req: HttpRequest,
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(form): Form<ApplyForm>,
) -> Result<HttpResponse, PageError> {
    let id = ImportId(*path);
    let mut complaints = Complaints::default();
    let tag = complaints.parse_optional::<TagName>("tag", &form.tag);
    if let Some(tag) = tag {
        let leave_out = form.leave_out == "on";
        match staged::apply(&core, &by, id, (tag.as_ref(), leave_out)).await {
            Ok(done) => {
                let text = format!("{} added, {} changed.", devices(done.added), view::counted(done.changed));
                let site = request::site(&req)?;
                return Ok(reply::see_other_saying(&href::import(id), &Flash::done(text), &site));
            }
            Err(StagedError::Gone) => return Err(PageError::NotFound),
            Err(StagedError::Fault(fault)) => return Err(fault.into()),
            Err(refusal @ StagedError::Rows(_)) => complaints.add("leave_out", refusal),
            Err(refusal) => complaints.add("", refusal),
        }
    }
    let import = import::by_id(&core, &by, id).await?.ok_or(PageError::NotFound)?;
    show(&core, &by, (&import, Asked::default()), (form, complaints), Shell::around(&req)?).await
}

/// `POST /imports/{id}/discard`: throws the list away.
pub async fn discard(
    core: Data<Core>,
    site: Data<Site>,
    by: May<ManageDevices>,
    path: Path<i64>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<HttpResponse, PageError> {
    match staged::discard(&core, &by, ImportId(*path)).await {
        Ok(true) => {
            let flash = Flash::done("The list is thrown away; nothing was imported.");
            Ok(reply::see_other_saying(href::imports(), &flash, &site))
        }
        Ok(false) | Err(StagedError::Gone) => Err(PageError::NotFound),
        Err(StagedError::Fault(fault)) => Err(fault.into()),
        Err(refusal) => {
            Ok(reply::see_other_saying(href::imports(), &Flash::problem(refusal.to_string()), &site))
        }
    }
}

/// `GET /imports/{id}/rejected`: the rows with faults, to be corrected and brought again; without passwords.
pub async fn rejected(
    core: Data<Core>,
    by: May<ManageDevices>,
    path: Path<i64>,
) -> Result<HttpResponse, PageError> {
    let id = ImportId(*path);
    match left_out::find_csv(&core, &by, id).await {
        Ok(csv) => Ok(reply::download(&format!("import-{id}-rejected.csv"), csv)),
        Err(StagedError::Fault(fault)) => Err(fault.into()),
        Err(_) => Err(PageError::NotFound),
    }
}
