//! Cisco IOS.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let head = head(wanted.hostname, dice);
    let tail = tail(dice);
    let room = wanted.bytes.saturating_sub(head.len() + tail.len() + 200);
    let Chapters([vlans, interfaces, neighbors, routes, lists]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let vlan = number.rem_euclid(3900).saturating_add(100);
        let about = purpose(dice, number);
        let vlans = format!("vlan {vlan}\n name V{vlan}-{}\n!\n", about.replace(' ', "-"));
        let interfaces = format!(
            "interface GigabitEthernet{slot}/0/{port}\n description {about}\n switchport access vlan {vlan}\n \
             switchport mode access\n switchport port-security maximum {max}\n spanning-tree portfast\n!\n",
            slot = number.div_euclid(48).saturating_add(1),
            port = number.rem_euclid(48).saturating_add(1),
            max = dice.below(4).saturating_add(1),
        );
        let neighbors = format!(
            " neighbor 10.{high}.{low}.2 remote-as {asn}\n neighbor 10.{high}.{low}.2 description {about}\n \
             neighbor 10.{high}.{low}.2 password 7 {secret}\n",
            asn = dice.below(500).saturating_add(64_512),
            secret = dice.word(b"0123456789ABCDEF", 18),
        );
        let routes = format!("ip route 172.20.{low}.0 255.255.255.0 10.{high}.{low}.2 name r{number}\n");
        let lists = format!(
            " {line} permit tcp 10.{high}.{low}.0 0.0.0.255 host 192.0.2.{host} eq {service}\n",
            line = number.saturating_mul(10),
            host = dice.below(250).saturating_add(1),
            service = dice.pick(&["443", "22", "smtp", "domain", "8443", "www"]),
        );
        [vlans, interfaces, neighbors, routes, lists]
    });
    format!(
        "{head}{vlans}{interfaces}router bgp 64512\n bgp log-neighbor-changes\n{neighbors}!\n{routes}!\n\
         ip access-list extended SERVERS\n{lists} 999990 deny   ip any any log\n!\n{tail}"
    )
}

fn head(hostname: &str, dice: &mut Dice) -> String {
    let enable = format!("$9${}${}", dice.base64(14), dice.base64(43));
    let admin = format!("$9${}${}", dice.base64(14), dice.base64(43));
    let guest = dice.word(b"0123456789ABCDEF", 16);
    let tacacs = dice.word(b"0123456789ABCDEF", 20);
    format!(
        "version 17.9\nservice timestamps debug datetime msec\nservice timestamps log datetime msec\n\
         service password-encryption\n!\nhostname {hostname}\n!\nboot-start-marker\nboot-end-marker\n!\n\
         vrf definition Mgmt-vrf\n !\n address-family ipv4\n exit-address-family\n!\n\
         enable secret 9 {enable}\n!\naaa new-model\naaa authentication login default group tacacs+ local\n\
         aaa authorization exec default group tacacs+ local\n!\nip domain name example.net\n!\n\
         username admin privilege 15 secret 9 {admin}\nusername guest privilege 1 password 7 {guest}\n!\n\
         tacacs server AAA-1\n address ipv4 192.0.2.20\n key 7 {tacacs}\n!\n\
         spanning-tree mode rapid-pvst\nspanning-tree extend system-id\n!\n\
         interface Loopback0\n ip address 10.255.0.1 255.255.255.255\n!\n\
         interface GigabitEthernet0/0\n vrf forwarding Mgmt-vrf\n ip address 192.0.2.10 255.255.255.0\n \
         negotiation auto\n!\n"
    )
}

fn tail(dice: &mut Dice) -> String {
    let read = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let write = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let ntp = dice.word(b"0123456789ABCDEF", 14);
    let line = dice.word(b"0123456789ABCDEF", 14);
    format!(
        "logging host 192.0.2.30\nsnmp-server community {read} RO 10\nsnmp-server community {write} RW 10\n\
         snmp-server location Hall B, rack 12\nsnmp-server host 192.0.2.31 version 2c {read}\n!\n\
         banner login ^C\nAuthorised access only. Call the desk #4711 before you change anything.\n^C\n!\n\
         line con 0\n logging synchronous\nline vty 0 4\n password 7 {line}\n transport input ssh\n\
         line vty 5 15\n transport input ssh\n!\nntp authentication-key 1 md5 {ntp} 7\nntp server 192.0.2.123\n!\nend\n"
    )
}
