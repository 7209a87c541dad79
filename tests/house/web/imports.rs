//! Bringing a list of devices over the pages: as a file or pasted, looked at, carried out, undone.

use netraven::{domain::access::Role, web::guard};
use reqwest::{Response, StatusCode, header};

use super::location;
use crate::support::{
    house::{House, Visitor},
    sql,
};

/// Sends the form as browsers do that send a file.
pub(super) async fn bring(visitor: &Visitor, token: &str, (file, text): (&[u8], &str)) -> Response {
    let mut body = Vec::new();
    for (name, more, bytes) in [
        ("csrf", "", token.as_bytes()),
        ("file", "; filename=\"list.csv\"\r\nContent-Type: text/csv", file),
        ("text", "", text.as_bytes()),
    ] {
        body.extend_from_slice(
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--XX--\r\n");
    let request = visitor.client().post(visitor.address("/imports/new"));
    request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX").body(body).send().await.unwrap()
}

const LIST: &str = "Name;IP;Type;User;Pass;Rack\n\
    core-1;192.0.2.1;ios;backup;canary-pw;canary-rack\n\
    core-2;192.0.2.2;wrong;backup;canary-pw;canary-rack\n\
    core-1;192.0.2.3;ios;;;\n";

#[tokio::test]
async fn a_list_is_looked_at_carried_out_and_undone() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Operator).await;
    let token = admin.token().await;
    let reply = bring(&admin, &token, (LIST.as_bytes(), "")).await;
    assert_eq!((reply.status(), location(&reply)), (StatusCode::SEE_OTHER, "/imports/1"));
    let page = admin.page("/imports/1").await;
    for told in [
        "Add 1 device",
        "Leave out the 2 rows with faults",
        "192.0.2.1:22 · cisco_ios",
        "Platform “wrong”: This is not a platform",
        "Line 2 names this device already.",
        "value=\"import-1\"",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    // S-47: neither passwords nor columns that nobody understands.
    assert!(!page.contains("canary"), "{page}");
    let only = admin.page("/imports/1?show=error").await;
    assert!(only.contains("core-2") && !only.contains("192.0.2.1:22"), "{only}");

    let reply = admin.post("/imports/1/apply", &[("tag", "b!d")]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let again = reply.text().await.unwrap();
    assert!(again.contains("A tag is made of letters") && again.contains("value=\"b!d\""), "{again}");
    let reply = admin.post("/imports/1/apply", &[("tag", "batch")]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("2 rows have faults. Correct them, or leave them out."));
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 0);

    let csv = admin.page("/imports/1/rejected").await;
    assert!(csv.starts_with("hostname,address,platform,username,password,line,problem\n"), "{csv}");
    assert!(csv.contains("core-2,192.0.2.2,wrong,backup,,3,") && !csv.contains("canary"), "{csv}");
    let reply = admin.post("/imports/1/apply", &[("tag", "batch"), ("leave_out", "on")]).await;
    assert_eq!(location(&reply), "/imports/1");
    let page = admin.page("/imports/1").await;
    assert!(page.contains("Carried out") && page.contains("core-1") && page.contains("batch"), "{page}");
    assert!(admin.page("/imports").await.contains("Import 1"));

    assert!(admin.page("/imports/1/undo").await.contains("1 device that it added are deleted"));
    let reply = admin.post("/imports/1/undo", &[]).await;
    assert_eq!(location(&reply), "/imports/1");
    assert!(admin.page("/imports/1").await.contains("Undone"));
    assert!(!admin.page("/devices").await.contains("core-1"));
}

#[tokio::test]
async fn pasted_text_is_kept_when_it_is_wrong_and_read_another_way_when_asked() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let token = admin.token().await;
    for (file, text, told) in [
        (&b""[..], "", "There is nothing in it."),
        (b"PK\x03\x04", "kept words", "a spreadsheet&#39;s own format"),
        (b"", "a\0b", "This is not a text file."),
    ] {
        let reply = bring(&admin, &token, (file, text)).await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = reply.text().await.unwrap();
        assert!(page.contains(told), "{told}: {page}");
        assert!(text != "kept words" || page.contains(text), "{page}");
    }
    let reply = bring(&admin, &token, (b"", "r1,192.0.2.1\nr2,192.0.2.2\n")).await;
    assert_eq!(location(&reply), "/imports/1");
    assert!(admin.page("/imports/1").await.contains("No row would add or change a device."));
    let reading =
        [("separator", "comma"), ("platform", "frr"), ("columns", "hostname"), ("columns", "address")];
    let reply = admin.post("/imports/1", &reading).await;
    assert_eq!(location(&reply), "/imports/1");
    assert!(admin.page("/imports/1").await.contains("Add 2 devices"));
    assert_eq!(admin.post("/imports/1", &[("separator", "x")]).await.status(), StatusCode::BAD_REQUEST);
    let reply = admin.post("/imports/1/discard", &[]).await;
    assert_eq!(location(&reply), "/imports");
    assert_eq!(admin.get("/imports/1").await.status(), StatusCode::NOT_FOUND);
}

// S-33 holds for forms with files, and a body is bounded whoever sends it.
#[tokio::test]
async fn a_form_with_a_file_needs_its_token_and_has_a_bound() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let token = admin.token().await;
    assert_eq!(bring(&admin, "", (b"a,b", "")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(bring(&admin, "wrong", (b"a,b", "")).await.status(), StatusCode::FORBIDDEN);
    let two_megabytes = vec![b'x'; 2 << 20];
    assert_eq!(
        bring(&house.visitor(), "", (&two_megabytes, "")).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let reply = bring(&admin, &token, (&two_megabytes, "")).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER, "a file of two megabytes is fine");
    let too_much = vec![b'x'; guard::UPLOAD_LIMIT + 1];
    assert_eq!(bring(&admin, &token, (&too_much, "")).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let viewer = house.signed_in(Role::Viewer).await;
    let token = viewer.token().await;
    assert_eq!(bring(&viewer, &token, (b"a,b", "")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM imports").await, 1);
}
