//! Jump hosts.

use netraven::{
    domain::{
        credential::Accepted,
        device::Algorithms,
        host_key::HostKey,
        id::{CredentialId, DeviceId},
        jump_host::NewJumpHost,
    },
    service::{devices, jump_hosts},
};

use super::Table;
use crate::support::{house::House, stock};

fn new(name: &str, credential: CredentialId) -> NewJumpHost {
    NewJumpHost {
        name: name.parse().unwrap(),
        address: "jump.example.net".parse().unwrap(),
        port: netraven::domain::device::Port::SSH,
        credential,
        via: None,
    }
}

#[tokio::test]
async fn jump_hosts_and_what_they_show() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let credential = stock::shared(core, "tacacs").await;
    let name = "SELECT name FROM jump_hosts";
    let create = async || jump_hosts::create(core, &stock::grant(), &new("outer", credential)).await;
    let id = table.act("jump_hosts::create", (name, "outer"), create).await;
    let update = async || jump_hosts::update(core, &stock::grant(), (id, 1), &new("edge", credential)).await;
    table.act("jump_hosts::update", (name, "edge"), update).await;

    let key = |number: u8| HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: format!("SHA256:{number}"),
        public_key: format!("ssh-ed25519 AAAA{number}"),
    };
    let place = || ("jump.example.net".to_owned(), 22);
    let pinned = "SELECT fingerprint FROM jump_hosts";
    let judge = async || jump_hosts::judge(core, id, (place(), key(1))).await;
    table.act("jump_hosts/on_the_way::judge", (pinned, "SHA256:1"), judge).await;
    jump_hosts::judge(core, id, (place(), key(2))).await.unwrap();
    let accept = async || jump_hosts::accept(core, &stock::grant(), id, "SHA256:2").await;
    table.act("jump_hosts/on_the_way::accept", (pinned, "SHA256:2"), accept).await;

    let host = jump_hosts::list(core, &stock::grant()).await.unwrap().remove(0);
    let hop = jump_hosts::Hop {
        host,
        secrets: std::sync::Arc::new(netraven::domain::credential::Unsealed {
            username: "x".to_owned(),
            password: None,
            enable: None,
            private_key: None,
            passphrase: None,
        }),
        credential: Accepted {
            row: credential,
            credential,
            name: "tacacs".to_owned(),
            tag: None,
            revision: 7,
            is_known: true,
        },
    };
    let refused = "SELECT turned_away_revision FROM jump_hosts";
    let away = async || jump_hosts::turned_away(core, &hop).await;
    table.act("jump_hosts/on_the_way::turned_away", (refused, "7"), away).await;

    stock::import(core, "hostname,address,platform\nr1,192.0.2.1,frr\n").await;
    let set = async |through| devices::set_jump_host(core, &stock::grant(), &[DeviceId(1)], through).await;
    let reached = format!("SELECT count(*) FROM reach WHERE jump_host_id = {id}");
    table.act("devices/bulk_reach::set_jump_host", (&reached, "1"), async || set(Some(id)).await).await;
    let old =
        async || devices::set_algorithms(core, &stock::grant(), &[DeviceId(1)], Algorithms::Legacy).await;
    let allowed = "SELECT count(*) FROM reach WHERE algorithms = 'legacy'";
    table.act("devices/bulk_reach::set_algorithms", (allowed, "1"), old).await;
    set(None).await.unwrap();

    let left = "SELECT count(*) FROM jump_hosts";
    let delete = async || jump_hosts::delete(core, &stock::grant(), id).await;
    table.act("jump_hosts::delete", (left, "0"), delete).await;
}
