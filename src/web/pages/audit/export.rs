//! The audit trail taken out, as a table for people or as lines for programs.

use actix_web::{
    HttpResponse,
    web::{Bytes, Data},
};
use futures_util::stream;
use serde::Deserialize;

use super::Asked;
use crate::{
    domain::{access::ViewAudit, audit::AuditLine},
    service::{Core, Fault, audit},
    web::{error::PageError, form::Form, reply, session::May, words::audit::visible},
};

/// The filter of the list, and the form in which the lines are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportForm {
    format: String,
    event: String,
    actor: String,
    object: String,
    kind: String,
    id: String,
    outcome: String,
    address: String,
    from: String,
    to: String,
}

impl From<ExportForm> for Asked {
    fn from(form: ExportForm) -> Self {
        Self {
            event: form.event,
            actor: form.actor,
            object: form.object,
            kind: form.kind,
            id: form.id,
            outcome: form.outcome,
            address: form.address,
            from: form.from,
            to: form.to,
            page: String::new(),
        }
    }
}

/// The columns of the table.
const COLUMNS: [&str; 13] = [
    "number", "time", "actor", "address", "event", "object", "kind", "id", "outcome", "details", "changes",
    "request", "session",
];

/// A cell that no spreadsheet takes for a formula (S-72), on one line.
fn cell(text: &str) -> String {
    let text = visible(text);
    let is_formula = text.starts_with(['=', '+', '-', '@', '␉', '␍', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text }
}

fn changes(line: &AuditLine) -> String {
    let told = line.changes.0.iter().map(|change| {
        let said = |side: &Option<String>| side.clone().unwrap_or_default();
        format!("{}: {} → {}", change.field, said(&change.before), said(&change.after))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn table(lines: &[AuditLine], with_head: bool) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if with_head {
        table.write_record(COLUMNS)?;
    }
    for line in lines {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (kind, id) =
            line.target.map_or_else(Default::default, |(kind, id)| (kind.as_str(), id.to_string()));
        table.write_record(
            [
                line.seq.map(|seq| seq.to_string()).unwrap_or_default(),
                line.at.to_rfc3339(),
                line.actor.clone(),
                text(&line.address),
                line.event.to_string(),
                line.object.clone(),
                kind.to_owned(),
                id,
                line.outcome.to_string(),
                text(&line.detail),
                changes(line),
                text(&line.request),
                line.session.map(|id| id.to_string()).unwrap_or_default(),
            ]
            .map(|text| cell(&text)),
        )?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

/// One JSON object per line; control characters are escaped by JSON itself (S-78).
fn json_lines(lines: &[AuditLine]) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.to_json().to_string());
        text.push('\n');
    }
    text.into_bytes()
}

/// `POST /audit/export`: the lines that match, written down before they are given (S-77).
pub async fn export(
    core: Data<Core>,
    by: May<ViewAudit>,
    Form(form): Form<ExportForm>,
) -> Result<HttpResponse, PageError> {
    let is_json = form.format == "jsonl";
    let (kind, ending) = if is_json { ("JSON lines", "jsonl") } else { ("CSV", "csv") };
    let name = format!("netraven-audit-{}.{ending}", core.now().format("%Y%m%d-%H%M%S"));
    let asked = Asked::from(form);
    let told = format!("{kind}, {}", asked.told());
    let export = audit::export(&core, &by, asked.filter(), &told).await?;
    let pieces = stream::try_unfold(Some((export, true)), move |state| async move {
        let Some((mut export, is_first)) = state else { return Ok(None) };
        let lines = export.next().await?;
        let piece = if is_json {
            json_lines(&lines)
        } else {
            table(&lines, is_first).map_err(|error| Fault::Broken(error.into()))?
        };
        let more = (!lines.is_empty()).then_some((export, false));
        Ok::<_, Fault>(Some((Bytes::from(piece), more)))
    });
    Ok(reply::download_in_pieces(&name, pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_line() {
        for (raw, safe) in [
            ("=1+1", "'=1+1"),
            ("＝cmd", "'＝cmd"),
            ("\t=1", "'␉=1"),
            ("\r\n@x", "'␍␊@x"),
            ("-1", "'-1"),
            ("core-1", "core-1"),
            ("", ""),
        ] {
            assert_eq!(cell(raw), safe, "{raw:?}");
        }
    }
}
