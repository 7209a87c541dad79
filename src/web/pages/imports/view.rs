//! How imports, their rows and their columns are shown.

use crate::{
    domain::{
        import::{Column, Complaint, ImportState, Mapping, Verdict, VerdictKind},
        page::PageRequest,
    },
    service::import::preview::{ColumnView, RowView},
    web::{
        lists,
        parts::{Badge, Choice, Tone},
        words,
    },
};

/// How far an import is.
pub fn state(state: ImportState) -> Badge {
    match state {
        ImportState::Staged => Badge::new(Tone::Warn, "hourglass", "Waiting"),
        ImportState::Applied => Badge::new(Tone::Ok, "circle-check", "Carried out"),
        ImportState::Undone => Badge::new(Tone::Idle, "rotate-clockwise", "Undone"),
    }
}

/// A verdict for people.
pub fn verdict(kind: VerdictKind) -> Badge {
    match kind {
        VerdictKind::New => Badge::new(Tone::Ok, "plus", "New"),
        VerdictKind::Update => Badge::new(Tone::Run, "pencil", "Update"),
        VerdictKind::Unchanged => Badge::new(Tone::Idle, "equal", "Unchanged"),
        VerdictKind::Duplicate => Badge::new(Tone::Warn, "copy", "Duplicate"),
        VerdictKind::Error => Badge::new(Tone::Bad, "circle-x", "Error"),
    }
}

/// A column's meaning for people.
pub fn meaning(column: Column) -> &'static str {
    match column {
        Column::Hostname => "Name",
        Column::Address => "Address",
        Column::Port => "Port",
        Column::Platform => "Platform",
        Column::Transport => "Transport",
        Column::Username => "Username",
        Column::Password => "Password",
        Column::EnablePassword => "Enable password",
        Column::Tags => "Tags",
        Column::Description => "Description",
        Column::SerialNumber => "Serial number",
        Column::Algorithms => "SSH algorithms",
        Column::FurtherAddresses => "Further addresses",
        Column::JumpHost => "Jump host",
        Column::Enabled => "Enabled",
        Column::Ignored => "Not brought in",
    }
}

/// A row of the preview.
pub struct Row {
    /// The line of the file.
    pub line: String,
    /// The device's name; "no name" where there is none.
    pub name: String,
    /// Its address and port.
    pub place: String,
    /// Its platform.
    pub platform: String,
    /// What becomes of it.
    pub badge: Badge,
    /// What changes, field by field: before and after.
    pub changes: Vec<(String, String, String)>,
    /// What is wrong.
    pub complaints: Vec<String>,
}

impl From<RowView> for Row {
    fn from(row: RowView) -> Self {
        let (place, platform) = row.place.unwrap_or_default();
        let complaints = row.verdict.complaints().iter().map(told).collect();
        let changes = match &row.verdict {
            Verdict::Update(changes) => changes.as_slice(),
            Verdict::New | Verdict::Unchanged | Verdict::Duplicate(_) | Verdict::Error(_) => &[],
        };
        let change = |(field, before, after): &(&'static str, String, String)| {
            (lists::label(field), before.clone(), after.clone())
        };
        Self {
            line: row.line.to_string(),
            name: if row.name.is_empty() { "no name".to_owned() } else { row.name },
            place,
            platform,
            badge: verdict(row.verdict.kind()),
            changes: changes.iter().map(change).collect(),
            complaints,
        }
    }
}

/// A complaint in the words of this page: a column's meaning instead of its name.
fn told(complaint: &Complaint) -> String {
    let column = complaint.column.parse().map_or("Line", meaning);
    if complaint.value.is_empty() {
        format!("{column}: {}", complaint.message)
    } else {
        format!("{column} “{}”: {}", complaint.value, complaint.message)
    }
}

/// A column of the file with the choice of what it means.
pub struct ColumnRow {
    /// Its number, from 1.
    pub number: usize,
    /// What the header calls it.
    pub header: String,
    /// The first cells, or why they are not shown.
    pub sample: String,
    /// The meanings.
    pub choices: Vec<Choice>,
}

/// The columns of a file, to be corrected.
pub fn columns(columns: Vec<ColumnView>) -> Vec<ColumnRow> {
    let choice = |column: &Column, chosen: Column| Choice {
        value: column.as_str().to_owned(),
        label: meaning(*column).to_owned(),
        chosen: *column == chosen,
    };
    let row = |(at, view): (usize, ColumnView)| ColumnRow {
        number: at + 1,
        sample: if view.column.is_secret() || view.column == Column::Ignored {
            String::new()
        } else {
            view.sample.join(", ")
        },
        choices: Column::ALL.iter().map(|column| choice(column, view.column)).collect(),
        header: view.header,
    };
    columns.into_iter().enumerate().map(row).collect()
}

/// The separators that a file may have, with the one that is used.
pub fn separators(mapping: &Mapping) -> Vec<Choice> {
    let all = [(',', "Comma ,"), (';', "Semicolon ;"), ('\t', "Tab"), ('|', "Bar |"), (':', "Colon :")];
    let choice = |(separator, label): (char, &str)| Choice {
        value: word(separator).to_owned(),
        label: label.to_owned(),
        chosen: separator == mapping.separator,
    };
    all.into_iter().map(choice).collect()
}

/// The word by which a form names a separator.
fn word(separator: char) -> &'static str {
    match separator {
        ';' => "semicolon",
        '\t' => "tab",
        '|' => "bar",
        ':' => "colon",
        _ => "comma",
    }
}

/// The separator that a form names.
pub fn separator(word: &str) -> Option<char> {
    Some(match word {
        "comma" => ',',
        "semicolon" => ';',
        "tab" => '\t',
        "bar" => '|',
        "colon" => ':',
        _ => return None,
    })
}

/// "12 rows", for a verdict's tab.
pub fn counted(count: usize) -> String {
    words::grouped(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A page of rows: more than usual, because people scroll through what they brought.
pub fn requested(page: &str) -> PageRequest {
    PageRequest { size: 100, ..lists::requested(page) }
}
