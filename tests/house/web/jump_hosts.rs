//! Pages of jump hosts: added, changed, chosen on devices, deleted only when nothing is behind them.

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::location;
use crate::support::{house::House, sql, stock};

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn fields<'a>(name: &'a str, via: &'a str, version: &'a str) -> Fields<'a> {
    let port = if name.ends_with('1') { "" } else { "2222" };
    vec![
        ("name", name),
        ("address", "192.0.2.1"),
        ("port", port),
        ("credential", "1"),
        ("via", via),
        ("version", version),
    ]
}

#[tokio::test]
async fn a_jump_host_is_added_chosen_on_a_device_and_kept_while_it_is() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let operator = house.signed_in(Role::Operator).await;
    stock::shared(&house.core, "tacacs").await;
    assert!(admin.page("/jump-hosts").await.contains("No jump host yet"));
    assert!(admin.page("/credentials").await.contains("href=\"/jump-hosts\""));
    let again = admin.post("/jump-hosts/new", &[("name", "a b"), ("address", "1.2"), ("port", "x")]).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = again.text().await.unwrap();
    for told in
        ["Use letters", "neither an IP address", "A port is", "Choose the shared credential", "value=\"a b\""]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(location(&admin.post("/jump-hosts/new", &fields("jump-1", "", "")).await), "/jump-hosts");
    assert_eq!(location(&admin.post("/jump-hosts/new", &fields("jump-2", "1", "")).await), "/jump-hosts");
    let list = operator.page("/jump-hosts").await;
    assert!(
        list.contains("192.0.2.1:22") && list.contains("192.0.2.1:2222") && list.contains("tacacs"),
        "{list}"
    );
    assert_eq!(operator.get("/jump-hosts/1").await.status(), StatusCode::FORBIDDEN);
    // A way that comes back to itself, and a name that is taken.
    let round = admin.post("/jump-hosts/1", &fields("jump-1", "2", "1")).await;
    assert!(round.text().await.unwrap().contains("round in circles"));
    let taken = admin.post("/jump-hosts/1", &fields("JUMP-2", "", "1")).await;
    assert!(taken.text().await.unwrap().contains("There is a jump host named jump-2 already"));

    let device = |host| {
        [
            ("name", "edge-1"),
            ("address", "10.0.0.1"),
            ("port", ""),
            ("platform", "frr"),
            ("transport", "ssh"),
            ("login", "tags"),
            ("jump_host", host),
        ]
    };
    let gone = operator.post("/devices/new", &device("9")).await;
    assert!(gone.text().await.unwrap().contains("This jump host has been deleted"));
    assert_eq!(location(&operator.post("/devices/new", &device("2")).await), "/devices/1");
    assert!(operator.page("/devices/1").await.contains("Reached through jump-1, then jump-2"));
    assert!(operator.page("/devices/1/edit").await.contains("<option value=\"2\" selected>jump-2</option>"));
    // A list that knows nothing of jump hosts leaves it alone.
    stock::import(&house.core, "hostname,address,platform,description\nedge-1,10.0.0.1,frr,new\n").await;
    assert_eq!(sql::number(&house.core, "SELECT jump_host_id FROM reach").await, 2);

    for (host, told) in [("1", "1 jump hosts are reached"), ("2", "1 devices")] {
        assert!(
            admin.page(&format!("/jump-hosts/{host}/delete")).await.contains("Delete the jump host jump-")
        );
        let path = format!("/jump-hosts/{host}/delete");
        assert_eq!(location(&admin.post(&path, &[]).await), format!("/jump-hosts/{host}"));
        assert!(admin.page(&format!("/jump-hosts/{host}")).await.contains(told), "{told}");
    }
    assert_eq!(location(&admin.post("/credentials/1/delete", &[]).await), "/credentials/1");
    assert!(admin.page("/credentials/1").await.contains("2 jump hosts are shown it"));
    sql::run(&house.core, "DELETE FROM reach").await;
    for host in ["2", "1"] {
        assert_eq!(location(&admin.post(&format!("/jump-hosts/{host}/delete"), &[]).await), "/jump-hosts");
    }
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM jump_hosts").await, 0);
}
