//! The pages of the audit trail: searched, looked into, verified, taken out (S-72, S-77, S-78).

use netraven::domain::access::Role;
use reqwest::StatusCode;

use crate::support::{house::House, sql, stock};

#[tokio::test]
async fn lines_are_found_by_what_the_address_says_and_looked_into() {
    let house = House::new().await;
    let auditor = house.signed_in(Role::Auditor).await;
    stock::schedule(&house.core, "nightly", "60").await;
    stock::device(&house.core, "core-1").await;
    let page = auditor.page("/audit?event=group%3Aschedules").await;
    assert!(page.contains("nightly") && !page.contains("core-1"), "{page}");
    let page = auditor.page("/audit?object=CORE&from=2026-03-01&to=2026-03-01").await;
    assert!(page.contains("core-1") && !page.contains("nightly"));
    let page = auditor.page("/audit?actor=nobody-has-this-name").await;
    assert!(page.contains("No line matches") && page.contains("Show all lines"));
    let line = auditor.page("/audit/1").await;
    assert!(line.contains("Added a person") && line.contains("Seal") && line.contains("Number"));
    assert_eq!(auditor.get("/audit/999").await.status(), StatusCode::NOT_FOUND);
    let viewer = house.signed_in(Role::Viewer).await;
    for path in ["/audit", "/audit/1"] {
        assert_eq!(viewer.get(path).await.status(), StatusCode::FORBIDDEN);
    }
}

// S-78: every line says in which session somebody did it.
#[tokio::test]
async fn a_line_names_the_session_of_the_act() {
    let house = House::new().await;
    let auditor = house.signed_in(Role::Auditor).await;
    let session = sql::number(&house.core, "SELECT max(id) FROM sessions").await;
    auditor.post("/audit/verify", &[]).await;
    let reply = auditor.post("/audit/export", &[("format", "jsonl")]).await;
    let text = reply.text().await.unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| &lines.iter().find(|line| line["event"] == event).unwrap()["session"];
    assert_eq!((of("signed_in"), of("exported")), (&session.into(), &session.into()), "{text}");
    assert!(of("user_created").is_null(), "{text}");
    let id = sql::number(&house.core, "SELECT id FROM audit_events WHERE event = 'exported'").await;
    let page = auditor.page(&format!("/audit/{id}")).await;
    assert!(page.contains("Session") && page.contains(&format!(">{session}<")), "{page}");
    let verdict = netraven::service::audit::verify(&house.core, &stock::grant()).await.unwrap();
    assert_eq!(verdict.first_bad, None);
}

// S-78: what somebody types as a name cannot move the cursor of whoever reads it.
#[tokio::test]
async fn control_characters_in_names_are_made_visible() {
    let house = House::new().await;
    let auditor = house.signed_in(Role::Auditor).await;
    let hostile = "x\r\nadmin signed in\u{1b}[2J\u{202e}";
    house.visitor().post("/login", &[("username", hostile), ("password", "wrong wrong wrong")]).await;
    let page = auditor.page("/audit?event=sign_in_refused").await;
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("␛[2j"), "{page}");
    for format in ["csv", "jsonl"] {
        let reply = auditor.post("/audit/export", &[("format", format), ("event", "sign_in_refused")]).await;
        let text = reply.text().await.unwrap();
        assert!(!text.contains('\u{1b}'), "{format}: {text:?}");
        assert_eq!(text.lines().count(), if format == "csv" { 2 } else { 1 }, "{text:?}");
    }
}

// S-72, S-75, S-77
#[tokio::test]
async fn an_export_is_written_down_first_and_holds_no_formula() {
    let house = House::new().await;
    let auditor = house.signed_in(Role::Auditor).await;
    stock::schedule(&house.core, "=HYPERLINK(1)", "60").await;
    // More than one piece.
    let many = "INSERT INTO audit_events (at, actor, event, object) VALUES ('2026-02-01 00:00:00', 'olga', 'signed_in', 'bulk')";
    sql::run(&house.core, &vec![many; 1_100].join(";")).await;
    let reply = auditor.post("/audit/export", &[("format", "csv")]).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
    assert!(
        header("content-disposition")
            .starts_with("attachment; filename=\"netraven-audit-20260301-120000.csv\"")
    );
    assert!(header("content-security-policy").starts_with("sandbox"));
    let text = reply.text().await.unwrap();
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let total = sql::number(&house.core, "SELECT count(*) FROM audit_events").await;
    assert_eq!(i64::try_from(rows.len()).unwrap(), total);
    assert!(rows.iter().any(|row| &row[5] == "'=HYPERLINK(1)"), "{:?}", rows.first());
    assert_eq!((&rows[0][4], &rows[0][9]), ("exported", "CSV, all lines"), "its own line comes first");
    let reply = auditor.post("/audit/export", &[("format", "jsonl"), ("actor", "olga")]).await;
    let text = reply.text().await.unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1_100);
    assert_eq!(lines[0]["object"], "bulk");
    let told = sql::texts(
        &house.core,
        "SELECT detail AS value FROM audit_events WHERE event = 'exported' ORDER BY id",
    )
    .await;
    assert_eq!(told, ["CSV, all lines", "JSON lines, lines with actor olga"]);
    assert_eq!(auditor.post("/audit/export", &[("role", "admin")]).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_button_verifies_the_trail() {
    let house = House::new().await;
    let auditor = house.signed_in(Role::Auditor).await;
    let reply = auditor.post("/audit/verify", &[]).await;
    assert_eq!(reply.status(), StatusCode::OK);
    assert!(reply.text().await.unwrap().contains("The trail is as it was written"));
    let drop = if sql::is_sqlite(&house.core).await {
        "DROP TRIGGER audit_events_no_update"
    } else {
        "ALTER TABLE audit_events DISABLE TRIGGER ALL"
    };
    sql::run(&house.core, drop).await;
    sql::run(&house.core, "UPDATE audit_events SET actor = 'x' WHERE seq = 1").await;
    let page = auditor.post("/audit/verify", &[]).await.text().await.unwrap();
    assert!(page.contains("not as it was written") && page.contains("line 1 was changed"), "{page}");
}
