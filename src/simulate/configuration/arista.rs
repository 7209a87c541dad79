//! Arista EOS.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let head = head(wanted.hostname, dice);
    let tail = "   !\n   address-family evpn\n      neighbor SPINES activate\n!\nrouter multicast\n   ipv4\n      software-forwarding kernel\n!\nend\n";
    let room = wanted.bytes.saturating_sub(head.len() + tail.len() + 200);
    let Chapters([vlans, interfaces, gateways, lists, neighbors]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let vlan = number.rem_euclid(3900).saturating_add(100);
        let about = purpose(dice, number);
        let vlans = format!("vlan {vlan}\n   name {}\n!\n", about.replace(' ', "_"));
        let interfaces = format!(
            "interface Ethernet{number}\n   description {about}\n   mtu 9214\n   switchport access vlan {vlan}\n   \
             spanning-tree portfast\n   storm-control broadcast level {level}\n!\n",
            level = dice.below(50).saturating_add(1),
        );
        let gateways = format!(
            "interface Vlan{vlan}\n   description {about}\n   ip address virtual 10.{high}.{low}.1/24\n!\n"
        );
        let lists = format!(
            "   {line} permit tcp 10.{high}.{low}.0/24 host 192.0.2.{host} eq https\n",
            line = number.saturating_mul(10),
            host = dice.below(250).saturating_add(1),
        );
        let neighbors = format!(
            "   neighbor 10.{high}.{low}.2 remote-as {asn}\n   neighbor 10.{high}.{low}.2 password 7 {secret}\n",
            asn = dice.below(500).saturating_add(65_000),
            secret = dice.base64(24),
        );
        [vlans, interfaces, gateways, lists, neighbors]
    });
    format!(
        "{head}{vlans}{interfaces}{gateways}ip access-list SERVERS\n{lists}!\nip routing\n!\n\
         router bgp 65001\n   router-id 10.255.0.1\n   neighbor SPINES peer group\n{neighbors}{tail}"
    )
}

fn head(hostname: &str, dice: &mut Dice) -> String {
    let admin = format!("$6${}${}", dice.base64(16), dice.base64(86));
    let enable = format!("$6${}${}", dice.base64(16), dice.base64(86));
    let community = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let radius = dice.base64(22);
    format!(
        "! device: {hostname} (DCS-7050SX3-48YC8, EOS-4.29.2F)\n!\n! boot system flash:/EOS-4.29.2F.swi\n!\n\
         no aaa root\n!\nenable password sha512 {enable}\n!\nusername admin privilege 15 role network-admin secret sha512 {admin}\n!\n\
         transceiver qsfp default-mode 4x10G\n!\nservice routing protocols model multi-agent\n!\n\
         logging host 192.0.2.30\n!\nhostname {hostname}\nip name-server vrf default 192.0.2.53\n!\n\
         spanning-tree mode mstp\n!\nsnmp-server community {community} ro\n\
         snmp-server host 192.0.2.31 version 2c {community}\n!\nradius-server host 192.0.2.21 key 7 {radius}\n!\n\
         interface Loopback0\n   ip address 10.255.0.1/32\n!\n\
         interface Management1\n   description out of band\n   ip address 192.0.2.11/24\n!\n\
         interface Vxlan1\n   vxlan source-interface Loopback0\n   vxlan udp-port 4789\n!\n\
         management ssh\n   idle-timeout 60\n!\n"
    )
}
