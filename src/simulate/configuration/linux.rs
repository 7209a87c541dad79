//! A Linux host: the files that make it a router, one after the other.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let name = wanted.hostname;
    let shadow = format!("$6${}${}", dice.base64(16), dice.base64(86));
    let wireguard = dice.base64(43);
    let community = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let room = wanted.bytes.saturating_sub(1100);
    let Chapters([interfaces, hosts, rules, peers]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let about = purpose(dice, number);
        let interfaces = format!(
            "# {about}\nauto eth0.{id}\niface eth0.{id} inet static\n    address 10.{high}.{low}.1/24\n    mtu 1500\n\n",
            id = number.rem_euclid(3900).saturating_add(100),
        );
        let hosts = format!("10.{high}.{low}.2\tnode{number}.example.net node{number}\n");
        let rules = format!(
            "-A FORWARD -s 10.{high}.{low}.0/24 -p tcp -m tcp --dport {port} -m comment --comment \"{about}\" -j ACCEPT\n",
            port = dice.pick(&["22", "443", "53", "179", "8443"]),
        );
        let peers = format!(
            "[Peer]\nPublicKey = {public}=\nPresharedKey = {shared}=\nAllowedIPs = 10.{high}.{low}.0/24\n\n",
            public = dice.base64(43),
            shared = dice.base64(43),
        );
        [interfaces, hosts, rules, peers]
    });
    format!(
        "### /etc/hostname\n{name}\n\n### /etc/shadow\nroot:{shadow}:19700:0:99999:7:::\ndaemon:*:19700:0:99999:7:::\n\n\
         ### /etc/sysctl.conf\nnet.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\n\n\
         ### /etc/resolv.conf\nsearch example.net\nnameserver 192.0.2.53\n\n\
         ### /etc/network/interfaces\nauto lo\niface lo inet loopback\n\n{interfaces}\
         ### /etc/hosts\n127.0.0.1\tlocalhost\n127.0.1.1\t{name}\n{hosts}\n\
         ### /etc/snmp/snmpd.conf\nrocommunity {community} 192.0.2.0/24\n\n\
         ### /etc/wireguard/wg0.conf\n[Interface]\nPrivateKey = {wireguard}=\nListenPort = 51820\n\n{peers}\
         ### /etc/iptables/rules.v4\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n{rules}COMMIT\n\n### end\n"
    )
}
