use crate::platform::Platforms;

#[test]
fn the_shipped_files_load() {
    let platforms = Platforms::shipped().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        platforms.keys(),
        ["arista_eos", "cisco_ios", "frr", "juniper_junos", "linux", "mikrotik_routeros"]
    );
}
