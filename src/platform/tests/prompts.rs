use super::platform;
use crate::platform::{LineEnding, Prompt, Screen};

/// `reference/platforms.md` section 7 and the recordings' `#prompt.yaml`, applied after the screen.
pub(super) const VECTORS: &[(&str, bool, &str)] = &[
    ("arista_eos", true, "DCS-7050SX3>"),
    ("arista_eos", true, "leaf1(config-if-Et1)#"),
    ("arista_eos", false, "   description to leaf <> spine"),
    ("aruba_aoscx", true, "LAB-SW1234# "),
    ("aruba_aoscx", true, "\rssh prompt# "),
    ("aruba_aoscx", true, "\rssh prompt> "),
    ("aruba_aosw", true, "AAAA-AP123456# "),
    ("aruba_aosw", true, "(WPP-ArubaVMC) [mynode] #"),
    ("aruba_aosw", true, "(AAAA-WLC42) ^[mynode] #"),
    ("aruba_aosw", true, "(AAAA-WLC42) *[/] #"),
    ("aruba_aosw", true, "(AAAA-WLC42) [mm] #"),
    ("aruba_instant", true, " AP515-1# "),
    ("asyncos", true, "(Machine mx-1.example.com)> "),
    ("asyncos", true, "mail.example.com> "),
    ("asyncos", false, "[1]> "),
    ("checkpoint_gaia", true, "gw-cluster-1> "),
    ("checkpoint_gaia", true, "[Expert@gw1:0]# "),
    ("cisco_aireos", true, "(Cisco Controller) >"),
    ("cisco_aireos", false, "config wlan create 1 Corp"),
    ("cisco_asa", true, "\rLAB-ASA12-Oxidized-IPv6>"),
    ("cisco_asa", true, "\rLAB-ASA12-Oxidized-IPv6#"),
    ("cisco_asa", true, "fw1/ctx-a(config)# "),
    ("cisco_ftd", true, "> "),
    ("cisco_ios", true, "LAB-SW123_9200L#"),
    ("cisco_ios", true, "OXIDIZED-WLC1#"),
    ("cisco_ios", true, "rtr1>"),
    ("cisco_ios", true, "rtr1(config-if)#"),
    ("cisco_ios", true, "\rrtr1# "),
    ("cisco_ios", false, "joo"),
    ("cisco_ios", false, " description link to core#1 via dc2"),
    ("cisco_iosxr", true, "RP/0/RSP0/CPU0:rtr1#"),
    ("cisco_iosxr", true, "\rRP/0/RP0/CPU0:core-1#"),
    ("cisco_like", true, "switch_1/2(config)#"),
    ("cisco_nxos", true, "N9K-C93180YC-FX3J# "),
    ("cisco_nxos", true, "\rnexus-1(config)# "),
    ("cisco_nxos", true, "nexus-1%management# "),
    ("cisco_nxos", true, "nexus-1(maint-mode)(config)# "),
    ("cisco_nxos", false, "interface Ethernet1/1"),
    ("cisco_smb", true, "sg350-1#"),
    ("cisco_ucs", true, "UCS-A# "),
    ("cisco_viptela", true, "vedge1# "),
    ("cumulus", true, "root@spine1-nyc2:~# "),
    ("cumulus", true, "cumulus@cumulus:mgmt:~$ "),
    ("cumulus", true, "username@hostname~$"),
    ("dell_os10", true, "OS10#"),
    ("dell_os9", true, "S4048-1#"),
    ("dell_powerconnect", true, "xxxx-xxx-SWT-02>"),
    ("dell_powerconnect", true, "my switch 1# "),
    ("extreme_exos", true, "* Slot-1 SW.3 # "),
    ("extreme_exos", true, "X460-48t.1 # "),
    ("extreme_slx", true, "SLX# "),
    ("extreme_voss", true, "VSP-7400:1#"),
    ("f5_tmos", true, "admin@(bigip1)(cfg-sync Standalone)(Active)(/Common)(tmos)# "),
    ("fortinet_fortigate", true, "(M) redhat-lb-01 $ "),
    ("fortinet_fortigate", true, "oxidized-Firewall123 # "),
    ("fortinet_fortigate", true, "OXI-FW121 (global) # "),
    ("fortinet_fortigate", true, "hostname(Primary) # "),
    ("fortinet_fortigate", true, "hostname(Primary) (global) # "),
    ("fortinet_fortigate", false, "    set comment \"see ticket #\""),
    ("frr", true, "r1# "),
    ("frr", true, "r1(config-router)# "),
    ("frr", false, " neighbor 10.0.0.1 description to r2#"),
    ("garderos", true, "\x1b[4m\rLAB-R1234_Garderos#\x1b[m "),
    ("garderos", false, "#LAB#"),
    ("hp_comware", true, "<test5130st1>"),
    ("hp_comware", true, "[test5130st1]"),
    ("hp_procurve", true, "\rHP-2920-24G# "),
    ("hp_procurve", true, "sw core 1(vlan-10)# "),
    ("huawei_smartax", true, "MA5800-X7(config)#"),
    ("huawei_vrp", true, "<HUAWEI>"),
    ("huawei_vrp", true, "[~HUAWEI-aaa]"),
    ("huawei_vrp", true, "[*HUAWEI]"),
    ("juniper_junos", true, "oxidized@srx300> "),
    ("juniper_junos", true, "oxidized> "),
    ("juniper_junos", false, "{master:0}"),
    ("juniper_junos", false, "{primary:node0}"),
    ("juniper_screenos", true, "ssg5-serial-> "),
    ("linux", true, "robert@hostname:~$ "),
    ("linux", true, "root@spine1-nyc2:~# "),
    ("linux", true, "cumulus@cumulus:mgmt:~$ "),
    ("linux", true, "username@hostname~$"),
    ("linux", false, "hostname login: "),
    ("linux", false, "Password: "),
    ("mikrotik_routeros", true, "[admin@MikroTik] > "),
    ("mikrotik_routeros", true, "[ox@rb 5009 core] /ip address> "),
    ("mtrlrfs", true, "VX9k-WiNG7*>"),
    ("mtrlrfs", true, "rfs-1(config-profile-x)*#"),
    ("netgear", true, "(GS748Tv4) #"),
    ("netgear", true, "(GS748Tv4)#"),
    ("netgear", true, "10sw011# "),
    ("netgear", true, "19sw011> "),
    ("nokia_sros", true, "A:bng-01# "),
    ("nokia_sros", true, "*A:bng-01>config>router# "),
    ("nvidia_onyx", true, " [standalone: master] > "),
    ("nvidia_onyx", true, "\rhsb2-slf-3-6 [standalone: master] # "),
    ("paloalto_panos", true, "admin@PA-VM> "),
    ("paloalto_panos", true, "admin@fw1(active)> "),
    ("ruckus_icx", true, "SSH@ICX7150-48Z Router#"),
    ("ruckus_icx", true, "SSH@icx-1(config)#"),
    ("siklu", true, "111Cedar-NYArtCenter_(111)>"),
    ("sonicwall", true, "admin@NSA4600-UK> "),
    ("tplink", true, "T2600G-28TS#"),
    ("ubiquiti_edgeos", true, "ubnt@edge1:~$ "),
    ("ubiquiti_edgeswitch", true, "(accswitch7) >"),
    ("ubiquiti_edgeswitch", true, "(UBNT EdgeSwitch) #"),
    ("vsololt", true, "RT_01|192.0.2.4-Site_OLT(config)# "),
    ("vsololt", false, "2026/05/25 17:08:24   ONU Port Los   PON 0/3 ONU 50 LINK DOWN"),
    ("vsololt", false, " --More-- "),
    ("vyos", true, "vyos@r1:~$ "),
    ("vyos", true, "oper@r1> "),
    ("watchguard", true, "[FAULT]WG<managed-by-wsm><master>>"),
    ("watchguard", true, "WG<managed-by-wsm>>"),
    ("watchguard", true, "WG>"),
];

#[test]
fn prompt_shapes_match_the_vectors() {
    for &(key, expected, sample) in VECTORS {
        let mut screen = Screen::new(LineEnding::Lf);
        screen.feed(sample.as_bytes());
        let matched = platform(key).prompt().is_match(screen.last_line());
        assert_eq!(matched, expected, "{key}: {sample:?}");
    }
}

#[test]
fn a_learned_prompt_is_its_letters_in_any_mode() {
    let prompt = Prompt::learned(b"rtr1# ");
    assert!(prompt.is(b"rtr1#"));
    assert!(!prompt.is(b"rtr1(config)#") && prompt.is_in_any_mode(b"rtr1(config)#"));
    assert!(prompt.is_in_any_mode(b"rtr1> "));
    assert!(!prompt.is_in_any_mode(b"rtr10#") && !prompt.is_in_any_mode(b"rtr2#"));
    assert!(!prompt.is_in_any_mode(b" description rtr1#"));

    let junos = Prompt::learned(b"oxidized@srx300> ");
    assert!(junos.is_in_any_mode(b"oxidized@srx300# ") && !junos.is_in_any_mode(b"oxidized>"));
}

#[test]
fn a_name_in_parentheses_is_no_mode() {
    let before = Prompt::learned(b"(Aruba3600) >");
    assert!(before.is_in_any_mode(b"(Aruba3600) #") && before.is_in_any_mode(b"(Aruba3600) (config) #"));
    assert!(!before.is_in_any_mode(b"(Aruba3601) #") && !before.is_in_any_mode(b"#"));
    assert_eq!(before.literal(), b"(Aruba3600) >");
}

#[test]
fn what_varies_in_a_prompt_is_no_part_of_it() {
    let varies = regex::bytes::Regex::new(r"^[*!] ?|[.:]\d+").unwrap();
    let prompt = Prompt::varying(b"* X460.1 # ", Some(&varies));
    assert!(prompt.is(b"X460.27 #") && prompt.is(b"* X460.3 # ") && !prompt.is(b"X461.3 #"));
    assert_eq!(prompt.behind(b"* X460.2 # show configuration"), b"show configuration");
    assert_eq!(prompt.behind(b"description X460"), b"description X460");
    let steady = Prompt::learned(b"r1#");
    assert_eq!(
        (steady.behind(b"r1# show run"), steady.behind(b" show run ")),
        (&b"show run"[..], &b"show run"[..])
    );
}
