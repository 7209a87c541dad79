//! `FRRouting`.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let host = wanted.hostname;
    let password = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 10);
    let ospf = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 10);
    let head = format!(
        "frr version 8.5.2\nfrr defaults traditional\nhostname {host}\nlog syslog informational\n\
         service integrated-vtysh-config\npassword {password}\n!\nip forwarding\nipv6 forwarding\n!\n\
         interface lo\n ip address 10.255.1.1/32\nexit\n!\n"
    );
    let tail = format!(
        "router ospf\n ospf router-id 10.255.1.1\n area 0 authentication message-digest\n passive-interface default\n\
         exit\n!\ninterface eth0\n ip ospf message-digest-key 1 md5 {ospf}\nexit\n!\nline vty\n!\nend\n"
    );
    let room = wanted.bytes.saturating_sub(head.len() + tail.len() + 300);
    let Chapters([interfaces, routes, neighbors, active, lists]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let peer = format!("10.{high}.{low}.2");
        let about = purpose(dice, number);
        let interfaces = format!(
            "interface eth{number}\n description {about}\n ip address 10.{high}.{low}.1/30\nexit\n!\n"
        );
        let routes = format!("ip route 172.21.{low}.0/24 {peer}\n");
        let neighbors = format!(
            " neighbor {peer} remote-as {asn}\n neighbor {peer} description {about}\n neighbor {peer} password {secret}\n",
            asn = dice.below(500).saturating_add(64_600),
            secret = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12),
        );
        let active = format!("  neighbor {peer} prefix-list CUSTOMERS in\n");
        let lists = format!(
            "ip prefix-list CUSTOMERS seq {seq} permit 10.{high}.{low}.0/24 le 28\n",
            seq = number.saturating_mul(5),
        );
        [interfaces, routes, neighbors, active, lists]
    });
    format!(
        "{head}{interfaces}{routes}!\nrouter bgp 64600\n bgp router-id 10.255.1.1\n{neighbors} !\n \
         address-family ipv4 unicast\n  redistribute connected\n{active} exit-address-family\nexit\n!\n\
         {lists}!\nroute-map EXPORT permit 10\n match ip address prefix-list CUSTOMERS\nexit\n!\n{tail}"
    )
}
