//! `MikroTik` `RouterOS` 7: what `/export` prints below its comment lines.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let host = wanted.hostname;
    let community = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let radius = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 14);
    let wireguard = dice.base64(43);
    let room = wanted.bytes.saturating_sub(1200);
    let Chapters([ports, vlans, addresses, pools, filters, people]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let about = purpose(dice, number);
        let ports = format!("set [ find default-name=ether{number} ] comment=\"{about}\"\n");
        let vlans = format!(
            "add interface=bridge1 name=vlan{number} vlan-id={id}\n",
            id = number.rem_euclid(3900).saturating_add(100)
        );
        let addresses = format!(
            "add address=10.{high}.{low}.1/24 comment=\"{about}\" interface=vlan{number} network=10.{high}.{low}.0\n"
        );
        let pools = format!("add name=pool{number} ranges=10.{high}.{low}.100-10.{high}.{low}.199\n");
        let filters = format!(
            "add action=accept chain=forward comment=\"{about}\" dst-port={port} protocol=tcp \\\n    src-address=10.{high}.{low}.0/24\n",
            port = dice.pick(&["22", "443", "8291", "53", "1812"]),
        );
        let people = format!(
            "add name=user{number} password={secret} profile=default service=l2tp\n",
            secret = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 10),
        );
        [ports, vlans, addresses, pools, filters, people]
    });
    format!(
        "/interface bridge\nadd name=bridge1 vlan-filtering=yes\n/interface ethernet\n{ports}\
         /interface wireguard\nadd listen-port=13231 mtu=1420 name=wg1 private-key=\"{wireguard}=\"\n\
         /interface vlan\n{vlans}/ip pool\n{pools}/snmp community\nset [ find default=yes ] name={community}\n\
         /ip address\n{addresses}/ip dns\nset servers=192.0.2.53\n/ip firewall filter\n\
         add action=accept chain=input connection-state=established,related\n{filters}\
         add action=drop chain=forward comment=\"everything else\"\n/ip service\nset telnet disabled=yes\n\
         set ftp disabled=yes\nset api disabled=yes\n/ppp secret\n{people}/radius\n\
         add address=192.0.2.21 secret={radius} service=login\n/system clock\nset time-zone-name=Europe/Berlin\n\
         /system identity\nset name={host}\n/system ntp client\nset enabled=yes\n/system ntp client servers\n\
         add address=192.0.2.123\n/tool romon\nset enabled=no\n"
    )
}
