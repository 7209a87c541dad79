//! Palo Alto PAN-OS, as its XML API exports it.

use super::{Chapters, Wanted, octets, purpose};
use crate::simulate::dice::Dice;

pub(super) fn generate(wanted: &Wanted<'_>, dice: &mut Dice) -> String {
    let name = wanted.hostname;
    let (salt, hash) = (dice.base64(8), dice.base64(43));
    let community = dice.word(b"abcdefghijkmnpqrstuvwxyz23456789", 12);
    let shared = dice.base64(24);
    let room = wanted.bytes.saturating_sub(1500);
    let Chapters([addresses, rules]) = Chapters::grown(room, |number| {
        let (high, low) = octets(number);
        let about = purpose(dice, number);
        let address = format!(
            "          <entry name=\"net-{number}\">\n            <ip-netmask>10.{high}.{low}.0/24</ip-netmask>\n            \
             <description>{about}</description>\n          </entry>\n"
        );
        let rule = format!(
            "              <entry name=\"rule-{number}\">\n                <source>\n                  <member>net-{number}</member>\n                \
             </source>\n                <service>\n                  <member>{service}</member>\n                </service>\n                \
             <action>allow</action>\n              </entry>\n",
            service = dice.pick(&["service-https", "service-http", "application-default", "any"]),
        );
        [address, rule]
    });
    format!(
        "<?xml version=\"1.0\"?>\n<config version=\"10.2.0\" urldb=\"paloaltonetworks\" detail-version=\"10.2.9\">\n  <mgt-config>\n    \
         <users>\n      <entry name=\"admin\">\n        <phash>$5${salt}${hash}</phash>\n      </entry>\n    </users>\n  </mgt-config>\n  \
         <devices>\n    <entry name=\"localhost.localdomain\">\n      <deviceconfig>\n        <system>\n          \
         <hostname>{name}</hostname>\n          <snmp-setting>\n            <access-setting>\n              <version>\n                \
         <v2c>\n                  <snmp-community-string>{community}</snmp-community-string>\n                </v2c>\n              \
         </version>\n            </access-setting>\n          </snmp-setting>\n        </system>\n      </deviceconfig>\n      <network>\n        \
         <ike>\n          <gateway>\n            <entry name=\"hub\">\n              <authentication>\n                <pre-shared-key>\n                  \
         <key>-AQ=={shared}==</key>\n                </pre-shared-key>\n              </authentication>\n            </entry>\n          \
         </gateway>\n        </ike>\n      </network>\n      <vsys>\n        <entry name=\"vsys1\">\n        <address>\n{addresses}        \
         </address>\n          <rulebase>\n            <security>\n              <rules>\n{rules}              </rules>\n            \
         </security>\n          </rulebase>\n        </entry>\n      </vsys>\n    </entry>\n  </devices>\n</config>\n"
    )
}
