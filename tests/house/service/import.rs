//! Import from CSV: judged as a whole, taken whole or not at all (issue: bad input, and what it gets).

use std::fmt::Write as _;

use netraven::service::import::{self, ImportError};

use crate::support::{house::House, sql, stock};

/// What an import says: how many devices, or every complaint as one text.
async fn import(house: &House, csv: &[u8]) -> Result<usize, String> {
    let done = import::apply(&house.core, &stock::grant(), csv).await;
    done.map(|counts| counts.good()).map_err(|error| match error {
        ImportError::Rows(rows) => rows.iter().map(|row| format!("{row}\n")).collect(),
        ImportError::Fault(fault) => panic!("{fault}"),
    })
}

async fn devices(house: &House) -> Vec<String> {
    sql::texts(&house.core, "SELECT name AS value FROM devices ORDER BY id").await
}

const HEADER: &str =
    "hostname,address,port,platform,transport,username,password,enable_password,tags,description\n";

#[tokio::test]
async fn a_good_file_is_taken_with_all_its_columns() {
    let house = House::new().await;
    let csv = format!(
        "{HEADER}core-1,192.0.2.1,2222,cisco_ios,ssh,backup,\"pass, \"\"word\"\"\",enable,core;berlin,\"In the\ncellar\"\n\
         edge-1,2001:db8::1,,FRR,,,,,,\n"
    );
    assert_eq!(import(&house, csv.as_bytes()).await, Ok(2));
    let rows = sql::texts(
        &house.core,
        "SELECT name || ' ' || address || ' ' || CAST(port AS TEXT) || ' ' || platform AS value FROM devices ORDER BY id",
    )
    .await;
    assert_eq!(rows, ["core-1 192.0.2.1 2222 cisco_ios", "edge-1 2001:db8::1 22 frr"]);
    assert_eq!(
        sql::texts(&house.core, "SELECT name AS value FROM tags ORDER BY name").await,
        ["berlin", "core", "default"]
    );
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM credentials").await, 1);
}

#[tokio::test]
async fn platforms_are_those_that_other_programs_mean() {
    let house = House::new().await;
    let csv =
        "hostname,address,platform\na,192.0.2.1,procurve\nb,192.0.2.2,Cisco IOS-XE\nc,192.0.2.3,panos_api\n";
    assert_eq!(import(&house, csv.as_bytes()).await, Ok(3));
    let rows = sql::texts(
        &house.core,
        "SELECT name || ' ' || platform || ' ' || transport || ' ' || CAST(port AS TEXT) AS value FROM devices ORDER BY id",
    )
    .await;
    // What is reached in one way only is reached in that way.
    assert_eq!(rows, ["a hp_procurve ssh 22", "b cisco_ios ssh 22", "c paloalto_panos_api https 443"]);
}

#[tokio::test]
async fn byte_order_marks_crlf_order_and_case_of_the_header_do_not_matter() {
    let plain = "hostname,address,platform\nA,192.0.2.1,linux\nB,192.0.2.2,linux\n";
    for csv in [
        plain.to_owned(),
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
        plain.trim_end().to_owned(),
        plain.replace("hostname,address", "HostName , ADDRESS"),
        "platform,address,hostname\nlinux,192.0.2.1,A\n\n\nlinux,192.0.2.2,B\n".to_owned(),
        "\"hostname\",\"address\",\"platform\"\n\"A\",\"192.0.2.1\",\"linux\"\nB, 192.0.2.2 ,linux\n"
            .to_owned(),
    ] {
        let house = House::new().await;
        assert_eq!(import(&house, csv.as_bytes()).await, Ok(2), "{csv:?}");
        assert_eq!(devices(&house).await, ["A", "B"], "{csv:?}");
    }
}

// Every complaint names line, field, value and the way out; one bad row keeps all others out.
#[tokio::test]
async fn each_mistake_is_told_with_line_field_value_and_remedy() {
    let house = House::new().await;
    let good = "good,192.0.2.99,22,linux,ssh,a,b,c,t,d\n";
    for (row, told) in [
        ("x,192.0.2.1,70000,linux,,,,,,", "line 3, port \"70000\": A port is a number from 1 to 65535."),
        ("x,192.0.2.1,0,linux,,,,,,", "line 3, port \"0\": A port is a number"),
        ("x,192.0.2.1,ssh,linux,,,,,,", "line 3, port \"ssh\": A port is a number"),
        (
            "x,192.0.2.1,22,cisco_iso,,,,,,",
            "line 3, platform \"cisco_iso\": This is not a platform; alike are: cisco_aireos,",
        ),
        ("x,192.0.2.300,22,linux,,,,,,", "line 3, address \"192.0.2.300\": This is neither an IP address"),
        (",192.0.2.1,22,linux,,,,,,", "line 3, hostname: Give the device a name."),
        ("<b>,192.0.2.1,22,linux,,,,,,", "line 3, hostname \"<b>\": Use letters, digits"),
        ("x,192.0.2.1,22,linux,telnot,,,,,", "line 3, transport \"telnot\": \"telnot\" is not one of: ssh"),
        ("x,192.0.2.1,22,linux,,,,,a!b,", "line 3, tags \"a!b\": A tag is made of letters"),
        ("x,192.0.2.1,22,linux,,,secret-canary,,,", "line 3, username: A password needs a username."),
        (
            "x,192.0.2.1,22",
            "line 3, line: The line has 3 fields, the header 10; check its commas and quotes.",
        ),
        ("GOOD,192.0.2.1,22,linux,,,,,,", "line 3, hostname \"GOOD\": Line 2 names this device already."),
        (
            "x,192.0.2.99,22,linux,,,,,,",
            "line 3, address \"192.0.2.99:22\": Line 2 has this address and port already.",
        ),
    ] {
        let said = import(&house, format!("{HEADER}{good}{row}\n").as_bytes()).await.unwrap_err();
        assert!(said.starts_with(told), "{row}\n{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
    let many = import(&house, format!("{HEADER}<,,x,y,z,,p,,!,\n").as_bytes()).await.unwrap_err();
    assert_eq!(many.lines().count(), 7, "everything wrong with a line at once: {many}");
    assert_eq!(devices(&house).await, Vec::<String>::new(), "nothing was imported");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM credentials").await, 0);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM audit_events").await, 0);
}

#[tokio::test]
async fn a_wrong_header_is_told_before_any_row() {
    let house = House::new().await;
    for (header, told) in [
        (
            "hostname,adress,platform",
            "line 1, header \"adress\": This column is not known; use hostname, address,",
        ),
        ("hostname,address,platform,address", "line 1, header \"address\": This column stands twice."),
        (
            "hostname,platform",
            "line 1, header: The column address is missing; the first line must name the columns.",
        ),
    ] {
        let said = import(&house, format!("{header}\nx,y,z,w\n").as_bytes()).await.unwrap_err();
        assert!(said.starts_with(told), "{header}\n{said}");
    }
    for empty in ["", "\n", "\u{feff}"] {
        assert!(
            import(&house, empty.as_bytes()).await.unwrap_err().contains("must name the columns"),
            "{empty:?}"
        );
    }
    // S-47: a file without a header has a password in its first line.
    let said = import(&house, b"core-1,192.0.2.1,cisco_ios,admin,canary-1\n").await.unwrap_err();
    assert!(!said.contains("canary"), "{said}");
    assert!(said.contains("The first line must name the columns"), "{said}");
}

#[tokio::test]
async fn broken_bytes_and_quotes_are_told_and_no_fault() {
    let house = House::new().await;
    let said = import(&house, b"hostname,address,platform\na,192.0.2.1,linux\nb\xff,192.0.2.2,linux\n").await;
    let said = said.unwrap_err();
    assert!(said.contains("line 3") && said.contains("UTF-8"), "{said}");
    for csv in [
        &b"hostname,address,platform\n\"a,192.0.2.1,linux\nb,192.0.2.2,linux\n"[..],
        b"\xff\xfe\0h\0",
        b"\0\0\0",
    ] {
        assert!(import(&house, csv).await.is_err(), "{csv:?}");
    }
    assert_eq!(devices(&house).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_inventory_has_already_is_not_imported_twice() {
    let house = House::new().await;
    let first = "hostname,address,platform\nCore-1,192.0.2.1,linux\n";
    assert_eq!(import(&house, first.as_bytes()).await, Ok(1));
    assert_eq!(import(&house, first.as_bytes()).await, Ok(0), "it is so already");
    let csv = "hostname,address,platform\nnew,192.0.2.7,linux\nother,192.0.2.1,linux\n";
    let said = import(&house, csv.as_bytes()).await.unwrap_err();
    let told = "line 3, address \"192.0.2.1:22\": Core-1 is at this address and port already.";
    assert!(said.starts_with(told), "{said}");
    assert_eq!(devices(&house).await, ["Core-1"], "half a file was imported");
    let again = "hostname,address,port,platform\nother,192.0.2.1,2222,linux\n";
    assert_eq!(import(&house, again.as_bytes()).await, Ok(1), "another port is another place");
}

// A check says what an import would do, and does nothing.
#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let house = House::new().await;
    let before = sql::everything(&house.core).await;
    let csv = b"hostname,address,platform,username,password\na,192.0.2.1,linux,u,p\n";
    let counts = import::check(&house.core, &stock::grant(), csv).await.unwrap();
    assert_eq!((counts.new, counts.update, counts.bad()), (1, 0, 0));
    assert_eq!(sql::everything(&house.core).await, before);
}

#[tokio::test]
async fn ten_thousand_devices_come_in_one_transaction() {
    let house = House::new().await;
    let mut csv = HEADER.to_owned();
    for i in 0..10_000 {
        writeln!(
            csv,
            "sw-{i},10.{}.{}.{},22,cisco_ios,ssh,backup,pw{i},en,core;site-{},",
            i / 65_536,
            i / 256 % 256,
            i % 256,
            i % 20
        )
        .unwrap();
    }
    let broken = format!("{csv}sw-1,192.0.2.1,22,cisco_ios,,,,,,\n");
    let said = import(&house, broken.as_bytes()).await.unwrap_err();
    assert_eq!(said, "line 10002, hostname \"sw-1\": Line 3 names this device already.\n");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 0);
    let began = std::time::Instant::now();
    assert_eq!(import(&house, csv.as_bytes()).await, Ok(10_000));
    println!("10,000 devices with credentials and tags: {:?}", began.elapsed());
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 10_000);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM credentials").await, 10_000);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM device_tags").await, 30_000);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM audit_events").await, 1);
}

/// S-62, and the port that belongs to a transport.
#[tokio::test]
async fn a_list_brings_telnet_where_it_is_allowed() {
    let house = House::new().await;
    stock::device(&house.core, "known").await;
    let csv = "hostname,address,platform,transport\nold-1,192.0.2.1,cisco_ios,telnet\nknown,,,telnet\n";
    let refused = import(&house, csv.as_bytes()).await.unwrap_err();
    assert!(refused.contains("transport") && refused.contains("Telnet is off"), "{refused}");
    stock::set(&house.core, "security.devices.allow_telnet", "true").await;
    let exec = csv.replacen("cisco_ios", "linux", 1);
    assert!(import(&house, exec.as_bytes()).await.unwrap_err().contains("reached by ssh only"));
    assert_eq!(import(&house, csv.as_bytes()).await, Ok(2));
    let places =
        "SELECT name || ' ' || transport || ' ' || CAST(port AS TEXT) AS value FROM devices ORDER BY id";
    assert_eq!(sql::texts(&house.core, places).await, ["known telnet 23", "old-1 telnet 23"]);
    // Brought once more, it is so already, whatever is allowed by now.
    stock::set(&house.core, "security.devices.allow_telnet", "false").await;
    assert_eq!(import(&house, csv.as_bytes()).await, Ok(0));
}
