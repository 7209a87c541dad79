//! Pages of devices: both versions of an edit, many at once, deleted ones.

use netraven::{domain::access::Role, service::import};
use reqwest::StatusCode;

use super::location;
use crate::support::{house::House, sql, stock};

fn edit<'a>(name: &'a str, version: &'a str, description: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", name),
        ("address", "core-1.example.net"),
        ("port", "22"),
        ("platform", "cisco_ios"),
        ("transport", "ssh"),
        ("is_enabled", "on"),
        ("username", "backup"),
        ("description", description),
        ("version", version),
    ]
}

#[tokio::test]
async fn an_edit_on_top_of_another_shows_both_and_can_be_saved_over_it() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    stock::device(&house.core, "core-1").await;
    let theirs = admin.post("/devices/1/edit", &edit("core-1", "1", "theirs")).await;
    assert_eq!(theirs.status(), StatusCode::SEE_OTHER);
    let mine = admin.post("/devices/1/edit", &edit("core-1", "1", "mine")).await;
    assert_eq!(mine.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = mine.text().await.unwrap();
    assert!(text.contains("Somebody else has changed") && text.contains("Yours and theirs"), "{text}");
    assert!(text.contains(">mine<") && text.contains(">theirs<"), "{text}");
    assert!(text.contains("name=\"version\" value=\"2\""), "{text}");
    let over = admin.post("/devices/1/edit", &edit("core-1", "2", "mine")).await;
    assert_eq!(over.status(), StatusCode::SEE_OTHER);
    let kept = sql::texts(&house.core, "SELECT description AS value FROM devices").await;
    assert_eq!(kept, ["mine"]);
}

#[tokio::test]
async fn a_device_may_have_a_time_limit_of_its_own_which_is_told_and_kept() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    stock::device(&house.core, "core-1").await;
    let save = async |version: &str, limit: &str| {
        let fields = [edit("core-1", version, ""), vec![("time_limit", limit)]].concat();
        admin.post("/devices/1/edit", &fields).await
    };
    let wrong = save("1", "soon").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().await.unwrap().contains("seconds from 1 to 86400"));
    assert_eq!(save("1", "900").await.status(), StatusCode::SEE_OTHER);
    assert!(admin.page("/devices/1").await.contains("900 s for a job"));
    assert!(admin.page("/devices/1/edit").await.contains("name=\"time_limit\" type=\"text\" value=\"900\""));
    // A list that knows nothing of limits leaves it alone.
    let csv = "hostname,address,platform,description\ncore-1,core-1.example.net,cisco_ios,new\n";
    import::apply(&house.core, &house.grant(), csv.as_bytes()).await.unwrap();
    let kept = "SELECT description || ' ' || CAST(time_limit AS TEXT) AS value FROM devices";
    assert_eq!(sql::texts(&house.core, kept).await, ["new 900"]);
    assert_eq!(save("3", "").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices WHERE time_limit IS NULL").await, 1);
    assert!(!admin.page("/devices/1").await.contains("for a job"));
    let changes =
        sql::texts(&house.core, "SELECT changes AS value FROM audit_events WHERE changes IS NOT NULL").await;
    assert_eq!(changes.iter().filter(|told| told.contains("time_limit")).count(), 2, "{changes:?}");
}

#[tokio::test]
async fn the_list_acts_on_those_ticked_or_on_all_that_match() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for name in ["core-1", "core-2", "edge-1"] {
        stock::device(&house.core, name).await;
    }
    let enabled = async || sql::number(&house.core, "SELECT count(*) FROM devices WHERE is_enabled").await;
    admin.post("/devices/bulk", &[("act", "disable"), ("devices", "1")]).await;
    assert_eq!(enabled().await, 2);
    admin.post("/devices/bulk", &[("act", "disable"), ("which", "all"), ("q", "core")]).await;
    assert_eq!(enabled().await, 1, "core-2 matched");
    let tag = stock::tag(&house.core, "site-a").await.to_string();
    admin.post("/devices/bulk", &[("act", "tag"), ("which", "all"), ("tag_id", &tag)]).await;
    let tagged = format!("SELECT count(*) FROM device_tags WHERE tag_id = {tag}");
    assert_eq!(sql::number(&house.core, &tagged).await, 3);
    admin.post("/devices/bulk", &[("act", "untag"), ("devices", "2"), ("tag_id", &tag)]).await;
    assert_eq!(sql::number(&house.core, &tagged).await, 2);
    let started = admin.post("/devices/bulk", &[("act", "backup"), ("devices", "1"), ("devices", "3")]).await;
    assert!(location(&started).starts_with("/batches/"), "{}", location(&started));
    for nothing in [vec![("act", "disable")], vec![("act", "paint"), ("devices", "1")], vec![]] {
        assert_eq!(location(&admin.post("/devices/bulk", &nothing).await), "/devices");
    }
    assert_eq!(enabled().await, 1);
}

#[tokio::test]
async fn deleting_many_asks_with_their_names_and_they_can_be_brought_back() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    stock::device(&house.core, "core-1").await;
    stock::device(&house.core, "core-2").await;
    let left =
        async || sql::number(&house.core, "SELECT count(*) FROM devices WHERE deleted_at IS NULL").await;
    let chosen = [("act", "delete"), ("devices", "1"), ("devices", "2")];
    let asks = admin.post("/devices/bulk", &chosen).await.text().await.unwrap();
    assert!(asks.contains("core-1") && asks.contains("core-2") && asks.contains("30 days"), "{asks}");
    assert_eq!(left().await, 2);
    admin.post("/devices/bulk", &[chosen.as_slice(), &[("sure", "yes")]].concat()).await;
    assert_eq!(left().await, 0);
    let page = admin.get("/devices/deleted").await.text().await.unwrap();
    assert!(page.contains("core-1") && page.contains("2 deleted devices"), "{page}");
    assert_eq!(location(&admin.post("/devices/1/restore", &[]).await), "/devices/1");
    assert_eq!(left().await, 1);
    assert_eq!(admin.post("/devices/1/restore", &[]).await.status(), StatusCode::NOT_FOUND);
    admin.confirm().await;
    let asks = admin.get("/devices/2/purge").await.text().await.unwrap();
    assert!(asks.contains("cannot be undone"), "{asks}");
    admin.post("/devices/2/purge", &[]).await;
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 1);
}

#[tokio::test]
async fn the_list_filters_by_serial_owner_and_reach_and_has_pages_of_the_size_asked_for() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for number in 0..60 {
        stock::device(&house.core, &format!("sw-{number:02}")).await;
    }
    sql::run(
        &house.core,
        "UPDATE devices SET serial_number = 'FOC-77' WHERE name = 'sw-01';
         UPDATE devices SET owner_id = (SELECT id FROM users WHERE username = 'admin') WHERE name = 'sw-02';
         UPDATE devices SET is_reachable = FALSE, reachability_at = created_at WHERE name = 'sw-03';",
    )
    .await;
    let shown = async |query: &str| {
        let text = admin.get(&format!("/devices?{query}")).await.text().await.unwrap();
        let names: Vec<String> = (0..60)
            .map(|n| format!("sw-{n:02}"))
            .filter(|name| text.contains(&format!(">{name}<")))
            .collect();
        names
    };
    assert_eq!(shown("q=foc-77").await, ["sw-01"]);
    assert_eq!(shown("owner=ADMIN").await, ["sw-02"]);
    assert_eq!(shown("reached=no").await, ["sw-03"]);
    assert_eq!(shown("reached=never&size=200").await.len(), 59);
    assert_eq!(
        (shown("").await.len(), shown("size=25").await.len(), shown("size=7").await.len()),
        (50, 25, 50)
    );
    assert_eq!(shown("size=25&page=3").await.len(), 10);
    let csv = admin.get("/devices.csv?q=sw-0").await.text().await.unwrap();
    assert_eq!(csv.lines().count(), 11, "{csv}");
}

/// S-62: off at first, then an admin's to choose for each device, with a warning and a badge.
#[tokio::test]
async fn telnet_is_offered_where_it_is_allowed_and_told_wherever_it_is_used() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let operator = house.signed_in(Role::Operator).await;
    let (option, warning) = ("Telnet (clear text)", "whoever is on the way reads them");
    let form = admin.page("/devices/new").await;
    assert!(!form.contains(option) && !form.contains(warning), "{form}");
    let fields = |name: &'static str| {
        vec![
            ("name", name),
            ("address", "192.0.2.7"),
            ("port", ""),
            ("platform", "cisco_ios"),
            ("transport", "telnet"),
            ("login", "tags"),
        ]
    };
    let refused = admin.post("/devices/new", &fields("old-1")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("Telnet is off"));

    stock::set(&house.core, "security.devices.allow_telnet", "true").await;
    assert!(!operator.page("/devices/new").await.contains(option));
    let refused = operator.post("/devices/new", &fields("old-1")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().await.unwrap().contains("only an admin may choose it"));

    let form = admin.page("/devices/new").await;
    assert!(form.contains(option) && form.contains(warning), "{form}");
    let added = admin.post("/devices/new", &fields("old-1")).await;
    assert_eq!(added.status(), StatusCode::SEE_OTHER);
    for page in ["/devices", "/devices/1"] {
        let text = operator.page(page).await;
        assert!(text.contains("Telnet: clear text") && text.contains("192.0.2.7:23"), "{text}");
    }
    assert!(operator.page("/devices/1/edit").await.contains(warning));
    assert!(operator.page("/devices.csv").await.contains("192.0.2.7,23,cisco_ios,telnet"));
}
