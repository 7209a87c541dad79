//! Juniper Junos.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let head = head(wanted.hostname, dice);
    let room = wanted.bytes.saturating_sub(head.len() + 500);
    let Chapters([interfaces, neighbors, prefixes, vlans]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let about = purpose(dice, number);
        let interfaces = format!(
            "    ge-{slot}/0/{port} {{\n        description \"{about}\";\n        unit 0 {{\n            family inet {{\n                \
             address 10.{high}.{low}.1/30;\n            }}\n        }}\n    }}\n",
            slot = number.div_euclid(48),
            port = number.rem_euclid(48),
        );
        let neighbors = format!(
            "            neighbor 10.{high}.{low}.2 {{\n                description \"{about}\";\n                \
             authentication-key \"$9${secret}\"; ## SECRET-DATA\n                peer-as {asn};\n            }}\n",
            secret = dice.base64(26),
            asn = dice.below(500).saturating_add(64_700),
        );
        let prefixes = format!("        10.{high}.{low}.0/24;\n");
        let vlans = format!(
            "    v{number} {{\n        vlan-id {id};\n    }}\n",
            id = number.rem_euclid(3900).saturating_add(100)
        );
        [interfaces, neighbors, prefixes, vlans]
    });
    format!(
        "{head}interfaces {{\n{interfaces}    lo0 {{\n        unit 0 {{\n            family inet {{\n                \
         address 10.255.2.1/32;\n            }}\n        }}\n    }}\n}}\n\
         policy-options {{\n    prefix-list CUSTOMERS {{\n{prefixes}    }}\n    policy-statement EXPORT {{\n        \
         from {{\n            prefix-list CUSTOMERS;\n        }}\n        then accept;\n    }}\n}}\n\
         routing-options {{\n    router-id 10.255.2.1;\n    autonomous-system 64700;\n}}\n\
         protocols {{\n    bgp {{\n        group CUSTOMERS {{\n            type external;\n            export EXPORT;\n\
         {neighbors}        }}\n    }}\n    lldp {{\n        interface all;\n    }}\n}}\nvlans {{\n{vlans}}}\n"
    )
}

fn head(hostname: &str, dice: &mut Dice) -> String {
    let root = format!("$6${}${}", dice.base64(8), dice.base64(86));
    let admin = format!("$6${}${}", dice.base64(8), dice.base64(86));
    let community = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let radius = dice.base64(26);
    let key = dice.base64(60);
    format!(
        "version 22.4R3-S2.11;\nsystem {{\n    host-name {hostname};\n    root-authentication {{\n        \
         encrypted-password \"{root}\"; ## SECRET-DATA\n    }}\n    login {{\n        \
         message \"Authorised access only {{really}}\";\n        user admin {{\n            uid 2000;\n            \
         class super-user;\n            authentication {{\n                encrypted-password \"{admin}\"; ## SECRET-DATA\n                \
         ssh-ed25519 \"ssh-ed25519 AAAA{key} admin@desk\"; ## SECRET-DATA\n            }}\n        }}\n    }}\n    \
         services {{\n        ssh {{\n            protocol-version v2;\n        }}\n        netconf {{\n            ssh;\n        }}\n    }}\n    \
         radius-server {{\n        192.0.2.21 {{\n            secret \"$9${radius}\"; ## SECRET-DATA\n        }}\n    }}\n    \
         syslog {{\n        host 192.0.2.30 {{\n            any notice;\n        }}\n    }}\n    ntp {{\n        server 192.0.2.123;\n    }}\n}}\n\
         snmp {{\n    location \"Hall B, rack 12\";\n    community {community} {{\n        authorization read-only;\n    }}\n}}\n"
    )
}
