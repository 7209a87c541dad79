//! `netraven self-backup` and `netraven restore`, from one data folder to another.

use crate::support::program::Program;

#[test]
fn a_house_moves_to_another_machine_with_its_key_and_its_copy() {
    let (here, there) = (Program::new(), Program::new());
    let add = ["device", "add", "core-1", "--address", "192.0.2.1", "--platform", "cisco_ios"];
    here.well(&add);
    let copy = here.file("all.netraven");
    let copy = copy.to_str().unwrap();
    let told = here.well(&["self-backup", copy]);
    assert!(told.contains("rows and 0 files") || told.contains("rows and 1 files"), "{told}");
    // Without the key nothing happens, and none is made.
    there.run(&["restore", copy]).tells(2, &["master key file", "is not there"]);
    assert!(!there.data().exists());
    std::fs::create_dir(there.data()).unwrap();
    std::fs::copy(here.data().join("master.key"), there.data().join("master.key")).unwrap();
    assert!(there.well(&["restore", copy, "--check"]).contains("opens and is whole"));
    assert!(!there.data().join("netraven.db").exists());
    let told = there.well(&["restore", copy]);
    assert!(told.contains("Restored: made ") && told.contains("audit trail is as it was written"), "{told}");
    assert_eq!(there.well(&["device", "list", "--json"]), here.well(&["device", "list", "--json"]));
    assert!(there.run(&["audit", "verify"]).code == 0);
    // A second time there is something in the way.
    there.run(&["restore", copy]).tells(1, &["the database is not empty"]);
    here.run(&["restore", "none.netraven"]).tells(1, &["none.netraven", "cannot be read"]);
    here.run(&["self-backup", "/nowhere/x"]).tells(1, &["/nowhere/x", "cannot be written"]);
}
