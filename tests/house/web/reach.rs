//! How a device is reached beyond its address: on its form, in lists, in files, in the trail.

use netraven::{domain::access::Role, service::import::undo};
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
    assert!(admin.page("/devices.csv").await.contains(",modern\n"));
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
    assert!(admin.page("/devices.csv").await.contains(",legacy\n"));
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
