//! A real Open vSwitch database on the other side.

use netraven::{domain::job::Outcome, service::backups};

use crate::support::{
    fleet::{password, patient},
    house::House,
    openvswitch::OpenVSwitch,
    recorded::SHIPPED,
};

#[tokio::test(flavor = "multi_thread")]
async fn open_vswitch_is_kept_as_ovs_vsctl_shows_it_and_a_change_is_exactly_the_difference() {
    let switch = OpenVSwitch::start().await;
    switch.set("add-br br0 -- set bridge br0 fail-mode=secure datapath_type=netdev");
    switch.set(
        "add-port br0 gre0 -- set interface gre0 type=gre options:remote_ip=192.0.2.9 options:psk=tunnel-psk-secret",
    );
    let server = switch.sshd().await;
    let house = House::new().await;
    let login = password(server.account().name(), server.account().password());
    let id = house.add("sw1", ("127.0.0.1", server.port()), "openvswitch", Some(login)).await;
    let back_up = async || house.back_up_with(&[id], patient()).await.remove(0);
    let job = back_up().await;
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{}", server.log());
    let rules = SHIPPED.get("openvswitch").unwrap();
    let shown = switch.run(&rules.commands().config);
    let first = house.versions(id).await.remove(0);
    assert_eq!(String::from_utf8(house.raw(&first).await).unwrap(), shown);
    let masked = house.masked(&first).await;
    assert!(shown.contains("tunnel-psk-secret") && !masked.contains("tunnel-psk-secret"), "{masked}");
    assert!(masked.contains("remote_ip="), "{masked}");
    assert_eq!(back_up().await.outcome, Some(Outcome::Unchanged));

    switch.set("add-port br0 eth9 tag=42");
    assert_eq!(back_up().await.outcome, Some(Outcome::Stored));
    let versions = house.versions(id).await;
    let patch = backups::patch(&house.core, &house.grant(), (&versions[1], &versions[0])).await.unwrap();
    let changed: Vec<&str> = patch.lines().skip(2).filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(changed, ["+eth9,42,[],[],[],[],[],{},{}", r#"+eth9,"""""",{},[],[],0,{},{}"#], "{patch}");
    house.close().await;
}
