//! What the README says of platforms is what their files say.

use netraven::platform::Platforms;

#[test]
fn the_readme_names_every_platform_where_its_proof_is() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for (proof, begins) in [
        ("capture", "| a recorded session of a real device ("),
        ("transcript", "| a session written by hand after the vendor's manual ("),
        ("untested", "| nothing yet: marked *untested* wherever it is offered ("),
    ] {
        let row = readme.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("{begins}"));
        let mut named: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        named.sort_unstable();
        let platforms = Platforms::shipped().unwrap();
        let proven: Vec<String> =
            platforms.all().filter(|it| it.proof() == proof).map(|it| it.key().to_owned()).collect();
        assert_eq!(named, proven, "{proof}");
        assert!(row.starts_with(&format!("{begins}{})", proven.len())), "{row}");
    }
}
