//! The tables as they are made, against `src/store/schema.rs` and against themselves (R-42, DESIGN 3.10). Here and
//! not among the laws, because it comes again on `PostgreSQL`.

use std::{collections::BTreeMap, sync::Arc};

use netraven::{
    app::{self, Places, StartError},
    config::Config,
    crypt::password::Passwords,
    service::Core,
};
use regex::Regex;

use crate::support::{
    house::{House, TestClock},
    postgres, source, sql,
};

/// Every column as `table.column`, with its type as Diesel names it.
fn declared() -> BTreeMap<String, String> {
    let text = source::text("src/store/schema.rs");
    let table = Regex::new(r"(?s)table! \{\s*(\w+) \([\w, ]+\) \{(.*?)\n    \}").unwrap();
    let column = Regex::new(r"(\w+) -> ([\w<>]+),").unwrap();
    let mut all = BTreeMap::new();
    for found in table.captures_iter(&text) {
        for line in column.captures_iter(&found[2]) {
            all.insert(format!("{}.{}", &found[1], &line[1]), line[2].to_owned());
        }
    }
    all
}

async fn made(core: &Core) -> BTreeMap<String, String> {
    let query = if sql::is_sqlite(core).await {
        "SELECT m.name || '.' || c.name || ' ' || (c.\"notnull\" = 0) || ' ' || lower(c.type) || (CASE WHEN c.pk AND c.type = 'INTEGER' THEN ' key' ELSE '' END) AS value \
         FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
    } else {
        "SELECT table_name || '.' || column_name || ' ' || (CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END) || ' ' || data_type AS value \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
    };
    let mut all = BTreeMap::new();
    for line in sql::texts(core, query).await {
        let mut parts = line.splitn(3, ' ');
        let (name, nullable, kind) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let kind = match kind {
            "integer key" | "bigint" => "BigInt",
            "integer" => "Integer",
            "text" => "Text",
            "boolean" => "Bool",
            "timestamp" | "timestamp without time zone" => "Timestamp",
            "blob" | "bytea" => "Binary",
            other => panic!("{name} is {other}"),
        };
        let kind = if nullable == "1" { format!("Nullable<{kind}>") } else { kind.to_owned() };
        all.insert(name.to_owned(), kind);
    }
    all
}

#[tokio::test]
async fn the_tables_are_those_that_the_queries_are_checked_against() {
    let house = House::new().await;
    let (declared, made) = (declared(), made(&house.core).await);
    assert!(declared.len() > 100, "{}", declared.len());
    assert_eq!(made, declared);
}

// Both databases have the same indexes: a unique one that is missing in one would break a promise there only.
#[tokio::test]
async fn the_unique_indexes_that_promises_rest_on_are_there() {
    let house = House::new().await;
    let query = if sql::is_sqlite(&house.core).await {
        "SELECT name AS value FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    } else {
        "SELECT CAST(indexname AS TEXT) AS value FROM pg_indexes WHERE schemaname = 'public' \
         AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' ORDER BY indexname"
    };
    let names = sql::texts(&house.core, query).await;
    let sqlite: String =
        source::files("migrations/sqlite", "up.sql").into_iter().map(|(_, text)| text).collect();
    let index = Regex::new(r"CREATE (?:UNIQUE )?INDEX (\w+)").unwrap();
    let mut wanted: Vec<String> = index.captures_iter(&sqlite).map(|found| found[1].to_owned()).collect();
    wanted.sort();
    // A later step makes an index anew.
    wanted.dedup();
    assert_eq!(names, wanted);
    for promise in ["jobs_one_active", "batches_slot", "devices_place"] {
        assert!(names.iter().any(|name| name == promise), "{promise}");
    }
}

async fn open(places: &Places) -> Result<Core, StartError> {
    let clock = TestClock::noon();
    app::open_with(places, Arc::new(move || clock.now()), Passwords::cheap()).await
}

// R-42: five nodes that start together run each step once.
#[tokio::test(flavor = "multi_thread")]
async fn five_that_start_at_once_bring_the_database_up_once() {
    for _ in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { database_url: postgres::database_url().await, ..Config::default() };
        let mut places = Places::new(folder.path(), &config);
        // The key is made by whoever starts first alone; here it is there already.
        places.master_key = folder.path().join("key");
        netraven::crypt::master::create(&places.master_key).unwrap();
        let opened = futures_util::future::join_all((0..5).map(|_| {
            let places = places.clone();
            tokio::spawn(async move { open(&places).await.map_err(|error| error.to_string()) })
        }))
        .await;
        let cores: Vec<Core> = opened.into_iter().map(|core| core.unwrap().unwrap()).collect();
        assert_eq!(sql::number(&cores[0], "SELECT count(*) FROM data_keys").await, 1);
        assert!(cores.iter().all(|core| core.keyring.why_sealed().is_none()));
    }
}

// R-42
#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_in_words() {
    let house = House::new().await;
    let insert = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('29991231000000', '2026-03-01 12:00:00')";
    sql::run(&house.core, insert).await;
    let refused = open(&house.places).await.err().unwrap().to_string();
    assert!(refused.contains("made by a newer version") && refused.contains("29991231000000"), "{refused}");
    assert_eq!(refused.lines().count(), 1);
}
