//! How a device is reached beyond its address: on its form, in lists, in files, in the trail.

use netraven::{
    domain::{access::Role, device::Port, jump_host::NewJumpHost},
    service::{
        import::{self, ImportError, undo},
        jump_hosts,
    },
};
use reqwest::StatusCode;

use crate::support::{house::House, program::Program, sql, stock};

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn fields<'a>(version: &'a str, more: &[(&'a str, &'a str)]) -> Fields<'a> {
    let device = [
        ("name", "old-1"),
        ("address", "192.0.2.7"),
        ("port", ""),
        ("platform", "cisco_ios"),
        ("transport", "ssh"),
        ("login", "tags"),
        ("version", version),
    ];
    [device.as_slice(), more].concat()
}

/// What edits of devices changed, the newest first.
async fn changes(house: &House) -> Vec<String> {
    let query = "SELECT changes AS value FROM audit_events WHERE changes IS NOT NULL ORDER BY id DESC";
    sql::texts(&house.core, query).await
}

/// S-61: a choice for each device, off at first, told wherever the device is.
#[tokio::test]
async fn legacy_algorithms_are_chosen_for_a_device_and_told_wherever_it_is() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let operator = house.signed_in(Role::Operator).await;
    let wrong = operator.post("/devices/new", &fields("", &[("algorithms", "all")])).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().await.unwrap().contains("is not one of: modern, legacy"));
    // A form without the field means modern ones.
    assert_eq!(operator.post("/devices/new", &fields("", &[])).await.status(), StatusCode::SEE_OTHER);
    for page in ["/devices", "/devices/1"] {
        assert!(!admin.page(page).await.contains("Legacy algorithms"), "{page}");
    }
    assert!(admin.page("/devices.csv").await.contains(",modern,"));
    let legacy = fields("1", &[("algorithms", "legacy")]);
    assert_eq!(operator.post("/devices/1/edit", &legacy).await.status(), StatusCode::SEE_OTHER);
    for page in ["/devices", "/devices/1"] {
        assert!(admin.page(page).await.contains("Legacy algorithms"), "{page}");
    }
    let told = changes(&house).await.remove(0);
    assert!(told.contains("algorithms") && told.contains("modern") && told.contains("legacy"), "{told}");
    for page in ["/devices/1/edit", "/devices/1/clone"] {
        let form = admin.page(page).await;
        assert!(form.contains("<option value=\"legacy\" selected>"), "{page}: {form}");
    }
    assert!(admin.page("/devices.csv").await.contains(",legacy,"));
    let back = fields("2", &[("algorithms", "modern")]);
    assert_eq!(admin.post("/devices/1/edit", &back).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM reach").await, 0);
}

#[tokio::test]
async fn a_list_changes_the_algorithms_where_it_names_them_and_can_be_undone() {
    let house = House::new().await;
    let kept = async || {
        let query = "SELECT name || ' ' || algorithms AS value FROM reach JOIN devices ON device_id = devices.id ORDER BY name";
        sql::texts(&house.core, query).await
    };
    let header = "hostname,address,platform,algorithms\n";
    stock::import(&house.core, &format!("{header}a,192.0.2.1,frr,legacy\nb,192.0.2.2,frr,\n")).await;
    assert_eq!(kept().await, ["a legacy"]);
    // Blank, or without the column, it stays.
    stock::import(&house.core, &format!("{header}a,192.0.2.9,frr,\n")).await;
    stock::import(&house.core, "hostname,address,platform\na,192.0.2.1,frr\n").await;
    assert_eq!(kept().await, ["a legacy"]);
    let id = stock::import(&house.core, &format!("{header}a,192.0.2.1,frr,modern\nb,192.0.2.2,frr,legacy\n"))
        .await;
    assert_eq!(kept().await, ["b legacy"]);
    assert!(changes(&house).await[0].contains("algorithms"));
    undo::undo(&house.core, &house.grant(), id).await.unwrap();
    assert_eq!(kept().await, ["a legacy"]);
}

#[test]
fn the_command_line_takes_and_tells_the_algorithms() {
    let program = Program::new();
    let add = |name: &str, address: &str, more: &[&str]| {
        let args = ["device", "add", name, "--address", address, "--platform", "frr"];
        program.run(&[args.as_slice(), more].concat())
    };
    let wrong = add("a", "192.0.2.1", &["--algorithms", "all"]);
    assert!(wrong.code == 2 && wrong.errors.contains("is not one of: modern, legacy"), "{wrong:?}");
    assert_eq!(add("a", "192.0.2.1", &["--algorithms", "legacy"]).code, 0);
    assert_eq!(add("b", "192.0.2.2", &[]).code, 0);
    let said = program.run(&["device", "list", "--json"]);
    let told: Vec<_> =
        said.json().iter().map(|line| line["algorithms"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, ["legacy", "modern"]);
}

#[tokio::test]
async fn further_addresses_are_typed_found_told_and_taken_by_no_other_device() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for (typed, told) in [
        ("192.0.2.300", "&quot;192.0.2.300&quot;: This is neither"),
        ("oob.example.net:0", "A port is a number"),
        ("192.0.2.7:22", "192.0.2.7:22 is among its addresses already"),
        ("oob.example.net oob.example.net:22", "is among its addresses already"),
        ("a b c d e f g h i", "at most 8"),
    ] {
        let again = admin.post("/devices/new", &fields("", &[("further", typed)])).await;
        assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        let text = again.text().await.unwrap().replace("&#34;", "&quot;");
        assert!(text.contains(told) && text.contains(typed), "{typed}: {text}");
    }
    let typed = "oob.example.net:2201\r\n2001:db8::7";
    let added = admin.post("/devices/new", &fields("", &[("further", typed)])).await;
    assert_eq!(added.status(), StatusCode::SEE_OTHER);
    let page = admin.page("/devices/1").await;
    assert!(page.contains("oob.example.net:2201") && page.contains("[2001:db8::7]:22"), "{page}");
    assert!(admin.page("/devices/1/edit").await.contains("oob.example.net:2201\n2001:db8::7</textarea>"));
    assert!(!admin.page("/devices/1/clone").await.contains("oob.example.net"));
    for (piece, is) in [("oob.example", true), ("DB8::7", true), ("oob.example.org", false)] {
        let list = admin.page(&format!("/devices?q={piece}")).await;
        assert_eq!(list.contains(">old-1<"), is, "{piece}");
    }
    assert!(admin.page("/devices.csv").await.contains("oob.example.net:2201;2001:db8::7"));
    // Neither as another's own address nor as another's further one.
    let other = |address: &'static str, port: &'static str, further: &'static str| {
        vec![
            ("name", "new-1"),
            ("address", address),
            ("port", port),
            ("platform", "frr"),
            ("transport", "ssh"),
            ("login", "tags"),
            ("further", further),
        ]
    };
    for taken in [
        other("oob.example.net", "2201", ""),
        other("192.0.2.8", "", "192.0.2.7"),
        other("192.0.2.8", "", "2001:db8::7"),
    ] {
        let again = admin.post("/devices/new", &taken).await;
        assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY, "{taken:?}");
        assert!(again.text().await.unwrap().contains("old-1 is at "), "{taken:?}");
    }
    assert_eq!(
        admin.post("/devices/new", &other("oob.example.net", "2202", "")).await.status(),
        StatusCode::SEE_OTHER
    );
    let fewer = fields("1", &[("further", "2001:db8::7")]);
    assert_eq!(admin.post("/devices/1/edit", &fewer).await.status(), StatusCode::SEE_OTHER);
    let told = changes(&house).await.remove(0);
    assert!(told.contains("oob.example.net:2201 2001:db8::7"), "{told}");
}

#[tokio::test]
async fn a_list_brings_further_addresses_and_none_that_another_device_has() {
    let house = House::new().await;
    let kept =
        async || sql::texts(&house.core, "SELECT further AS value FROM reach ORDER BY device_id").await;
    let header = "hostname,address,platform,further_addresses\n";
    stock::import(&house.core, &format!("{header}a,192.0.2.1,frr,192.0.2.2;oob:2201\n")).await;
    assert_eq!(kept().await, ["192.0.2.2\noob:2201"]);
    for (row, told) in [
        ("b,192.0.2.2,frr,", "a is at this address and port already"),
        ("b,192.0.2.3,frr,192.0.2.1", "further_addresses \"192.0.2.1:22\": a is at this address"),
        ("b,192.0.2.3,frr,192.0.2.3", "This is among its addresses already"),
        ("b,192.0.2.3,frr,oob:x", "\"oob:x\": A port is"),
        ("b,192.0.2.3,frr,c1\nc,c1,frr,", "Line 2 has this address and port already"),
    ] {
        let told_now =
            import::apply(&house.core, &house.grant(), format!("{header}{row}\n").as_bytes()).await;
        let ImportError::Rows(rows) = told_now.unwrap_err() else { panic!("{row}") };
        let all: String = rows.iter().map(|row| format!("{row}\n")).collect();
        assert!(all.contains(told), "{row}: {all}");
    }
    let id = stock::import(&house.core, &format!("{header}a,192.0.2.1,frr,192.0.2.9\n")).await;
    assert_eq!(kept().await, ["192.0.2.9"]);
    let silent = "hostname,address,platform\na,192.0.2.1,frr\n";
    import::apply(&house.core, &house.grant(), silent.as_bytes()).await.unwrap();
    assert_eq!(kept().await, ["192.0.2.9"]);
    undo::undo(&house.core, &house.grant(), id).await.unwrap();
    assert_eq!(kept().await, ["192.0.2.2\noob:2201"]);
}

async fn jump_host(house: &House, name: &str) {
    let new = NewJumpHost {
        name: name.parse().unwrap(),
        address: "192.0.2.250".parse().unwrap(),
        port: Port::SSH,
        credential: stock::shared(&house.core, &format!("{name} account")).await,
        via: None,
    };
    jump_hosts::create(&house.core, &stock::grant(), &new).await.unwrap();
}

/// The name of the jump host of each device, empty for none.
async fn through(house: &House) -> Vec<String> {
    let query = "SELECT coalesce(h.name, '') AS value FROM devices d LEFT JOIN reach r ON r.device_id = d.id
                 LEFT JOIN jump_hosts h ON h.id = r.jump_host_id ORDER BY d.id";
    sql::texts(&house.core, query).await
}

#[tokio::test]
async fn a_list_names_jump_hosts_and_undoing_it_gives_the_old_ones_back() {
    let house = House::new().await;
    let header = "hostname,address,platform,jump_host\n";
    let import = async |rows: &str| {
        import::apply(&house.core, &house.grant(), format!("{header}{rows}\n").as_bytes()).await
    };
    let told = async |rows: &str| {
        let ImportError::Rows(rows) = import(rows).await.unwrap_err() else { panic!("{rows}") };
        rows.iter().map(|row| format!("{row}\n")).collect::<String>()
    };
    let none = told("a,192.0.2.1,frr,edge").await;
    assert!(none.contains("jump_host \"edge\": There is no jump host yet."), "{none}");
    jump_host(&house, "Edge").await;
    jump_host(&house, "inner").await;
    let unknown = told("a,192.0.2.1,frr,egde").await;
    assert!(
        unknown.contains("jump_host \"egde\": There is no such jump host. There are: Edge, inner."),
        "{unknown}"
    );
    import("a,192.0.2.1,frr,edge\nb,192.0.2.2,frr,").await.unwrap();
    assert_eq!(through(&house).await, ["Edge", ""]);
    // What is left blank stays, and what is the same is no change.
    assert_eq!(import("a,192.0.2.1,frr,").await.unwrap().unchanged, 1);
    assert_eq!(import("a,192.0.2.1,frr,EDGE").await.unwrap().unchanged, 1);
    let id =
        stock::import(&house.core, &format!("{header}a,192.0.2.1,frr,inner\nb,192.0.2.2,frr,inner\n")).await;
    assert_eq!(through(&house).await, ["inner", "inner"]);
    let told = changes(&house).await.concat();
    assert!(told.contains("jump_host") && told.contains("Edge") && told.contains("inner"), "{told}");
    undo::undo(&house.core, &house.grant(), id).await.unwrap();
    assert_eq!(through(&house).await, ["Edge", ""]);
    let admin = house.signed_in(Role::Admin).await;
    let table = admin.page("/devices.csv").await;
    assert!(table.lines().next().unwrap().ends_with(",further_addresses,jump_host"), "{table}");
    assert!(table.lines().any(|line| line.starts_with("a,") && line.ends_with(",Edge")), "{table}");
}

#[tokio::test]
async fn many_devices_are_put_behind_a_jump_host_at_once() {
    let house = House::new().await;
    jump_host(&house, "edge").await;
    let rows = "hostname,address,platform,algorithms\na,192.0.2.1,frr,legacy\nb,192.0.2.2,frr,\n";
    import::apply(&house.core, &house.grant(), rows.as_bytes()).await.unwrap();
    let admin = house.signed_in(Role::Admin).await;
    let list = admin.page("/devices").await;
    assert!(list.contains("Reach them through it") && list.contains(">edge</option>"), "{list}");
    let both = [("act", "jump_host"), ("devices", "1"), ("devices", "2"), ("jump_host", "1")];
    assert_eq!(admin.post("/devices/bulk", &both).await.status(), StatusCode::SEE_OTHER);
    assert!(admin.page("/devices").await.contains("2 devices reached through the jump host."));
    assert_eq!(through(&house).await, ["edge", "edge"]);
    // What else is said of how it is reached stays.
    let algorithms = "SELECT algorithms AS value FROM reach ORDER BY device_id";
    assert_eq!(sql::texts(&house.core, algorithms).await, ["legacy", "modern"]);
    for (typed, told) in [("", "choose a jump host"), ("9", "this jump host has been deleted")] {
        let wrong = [("act", "jump_host"), ("devices", "1"), ("jump_host", typed)];
        admin.post("/devices/bulk", &wrong).await;
        assert!(admin.page("/devices").await.contains(told), "{typed}");
    }
    let off = [("act", "jump_host"), ("which", "all"), ("jump_host", "none")];
    admin.post("/devices/bulk", &off).await;
    assert_eq!(through(&house).await, ["", ""]);
    // Which SSH algorithms they may use is chosen for many the same way.
    assert!(list.contains("Allow them those"));
    let old = [("act", "algorithms"), ("which", "all"), ("algorithms", "legacy")];
    admin.post("/devices/bulk", &old).await;
    assert!(admin.page("/devices").await.contains("1 device changed: old SSH algorithms, too."));
    assert_eq!(sql::texts(&house.core, algorithms).await, ["legacy", "legacy"]);
    admin.post("/devices/bulk", &[("act", "algorithms"), ("devices", "1")]).await;
    assert!(admin.page("/devices").await.contains("choose which SSH algorithms"));
}

#[tokio::test]
async fn the_pages_of_jump_hosts_lie_under_credentials_in_the_menu() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for path in ["/jump-hosts", "/jump-hosts/new"] {
        let page = admin.page(path).await;
        let current = page.split("aria-current=\"page\"").count() - 1;
        let at = page.find("aria-current=\"page\"").map(|at| &page[at.saturating_sub(120)..at]);
        assert!(current == 1 && at.is_some_and(|at| at.contains("/credentials")), "{path}: {current} {at:?}");
    }
}
