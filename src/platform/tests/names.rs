use std::collections::BTreeMap;

use super::{super::shipped_key, Platforms};

/// Oxidized's models (0.36) of our platforms, `reference/platforms.md`; RANCID's types, Netmiko's and NAPALM's names of some.
const ELSEWHERE: &[(&str, &str)] = &[
    ("ios", "cisco_ios"),
    ("iosxe", "cisco_ios"),
    ("cisco", "cisco_ios"),
    ("cisco_xe", "cisco_ios"),
    ("Cisco IOS-XE", "cisco_ios"),
    ("nxos", "cisco_nxos"),
    ("nxos_ssh", "cisco_nxos"),
    ("cisco-nx", "cisco_nxos"),
    ("iosxr", "cisco_iosxr"),
    ("cisco_xr", "cisco_iosxr"),
    ("ios-exr", "cisco_iosxr"),
    ("asa", "cisco_asa"),
    ("firelinuxos", "cisco_ftd"),
    ("aireos", "cisco_aireos"),
    ("cisco-wlc8", "cisco_aireos"),
    ("ciscosmb", "cisco_smb"),
    ("cisco_s300", "cisco_smb"),
    ("ucs", "cisco_ucs"),
    ("viptela", "cisco_viptela"),
    ("junos", "juniper_junos"),
    ("juniper-srx", "juniper_junos"),
    ("screenos", "juniper_screenos"),
    ("netscreen", "juniper_screenos"),
    ("eos", "arista_eos"),
    ("procurve", "hp_procurve"),
    ("hp", "hp_procurve"),
    ("aruba_osswitch", "hp_procurve"),
    ("aoscx", "aruba_aoscx"),
    ("aosw", "aruba_aosw"),
    ("arubainstant", "aruba_instant"),
    ("comware", "hp_comware"),
    ("h3c", "hp_comware"),
    ("vrp", "huawei_vrp"),
    ("huawei", "huawei_vrp"),
    ("smartax", "huawei_smartax"),
    ("fortigate", "fortinet_fortigate"),
    ("fortinet", "fortinet_fortigate"),
    ("fortios", "fortinet_fortios"),
    ("panos", "paloalto_panos"),
    ("panos_api", "paloalto_panos_api"),
    ("paloaltoxml", "paloalto_panos_api"),
    ("routeros", "mikrotik_routeros"),
    ("edgeos", "ubiquiti_edgeos"),
    ("edgeswitch", "ubiquiti_edgeswitch"),
    ("airos", "ubiquiti_airos"),
    ("unifiap", "ubiquiti_airos"),
    ("vyos", "vyos"),
    ("vyatta", "vyos"),
    ("tmos", "f5_tmos"),
    ("bigip13", "f5_tmos"),
    ("gaiaos", "checkpoint_gaia"),
    ("os10", "dell_os10"),
    ("dnos", "dell_os9"),
    ("ftos", "dell_os9"),
    ("os6", "dell_os6"),
    ("powerconnect", "dell_powerconnect"),
    ("xos", "extreme_exos"),
    ("voss", "extreme_voss"),
    ("fastiron", "ruckus_icx"),
    ("ironware", "ruckus_icx"),
    ("slxos", "extreme_slx"),
    ("nos", "extreme_slx"),
    ("sros", "nokia_sros"),
    ("srosmd", "nokia_sros_md"),
    ("sros-md", "nokia_sros_md"),
    ("mlnxos", "nvidia_onyx"),
    ("netgear", "netgear"),
    ("tplink", "tplink"),
    ("sonicos", "sonicwall"),
    ("pfsense", "pfsense"),
    ("opnsense", "opnsense"),
    ("cumulus", "cumulus"),
    ("enterprise_sonic", "sonic_enterprise"),
    ("netscaler", "citrix_netscaler"),
    ("acos", "a10_acos"),
    ("firewareos", "watchguard"),
    ("stoneos", "hillstone"),
    ("awplus", "allied_awplus"),
    ("hios", "hirschmann_hios"),
    ("aos7", "alcatel_aos7"),
    ("aos", "alcatel_aos6"),
    ("isam", "nokia_isam"),
    ("zteolt", "zte_olt"),
    ("dlink", "dlink"),
    ("dlinknextgen", "dlink_ng"),
    ("zynosgs", "zyxel_gs"),
    ("fsos", "fs_fsos"),
    ("rgos", "ruijie_rgos"),
    ("saos", "ciena_saos"),
    ("fabricos", "brocade_fabricos"),
    ("boss", "avaya_ers"),
    ("defacto", "cisco_like"),
    ("linuxgeneric", "linux_generic"),
];

#[test]
fn a_platform_is_known_by_what_other_programs_call_it() {
    let platforms = Platforms::shipped().unwrap();
    for (word, key) in ELSEWHERE {
        assert_eq!(shipped_key(word), Some(*key), "{word}");
        assert_eq!(platforms.named(word).as_deref(), Some(*key), "{word}");
    }
    for word in ["", "-", "no such", "ci", "роутер"] {
        assert_eq!((shipped_key(word), platforms.named(word)), (None, None), "{word:?}");
    }
}

#[test]
fn no_name_means_two_platforms() {
    let plain = |word: &str| word.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let mut meant: BTreeMap<String, String> = BTreeMap::new();
    for head in Platforms::shipped().unwrap().heads() {
        let mut names: Vec<String> =
            [&head.key].into_iter().chain(&head.known_as).map(|word| plain(word)).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{}: a name stands twice", head.key);
        names.extend(Some(plain(&head.title)).filter(|title| !names.contains(title)));
        for name in names {
            let other = meant.insert(name.clone(), head.key.clone());
            assert_eq!(other, None, "{name} means {} as well", head.key);
        }
    }
}
