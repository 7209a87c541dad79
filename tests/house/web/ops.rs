//! What programs that watch are told: readiness with its reasons, and numbers (R-48, R-49).

use std::collections::{BTreeMap, BTreeSet};

use netraven::{
    config::Config,
    domain::{access::Role, secret::Secret},
};
use regex::Regex;
use reqwest::{Response, StatusCode};

use super::sign_in;
use crate::support::{house::House, sql, stock};

const TOKEN: &str = "a-token-of-a-watcher";

async fn told(reply: Response) -> (StatusCode, String) {
    (reply.status(), reply.text().await.unwrap())
}

/// Asks as a program on the same machine does.
async fn ready(house: &House) -> (StatusCode, String) {
    told(house.visitor().get("/readyz").await).await
}

// R-48: each fault by itself.
#[tokio::test]
async fn readiness_names_what_is_wrong() {
    let house = House::new().await;
    let (status, body) = ready(&house).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, "ready\nrunning: ok\ndatabase: ok\nschema: ok\nkey: ok\nstorage: ok\nplanner: ok\n");
    let asks = house.visitor();
    let asked = asks.client().get(house.url("/readyz")).header("x-forwarded-for", "192.0.2.7");
    assert_eq!(told(asked.send().await.unwrap()).await.1, "ready\n", "others are told no more");

    let fails = async |what: &str| {
        let (status, body) = ready(&house).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert!(body.starts_with("not ready\n") && body.contains(what), "{what}: {body}");
        let wrong: Vec<&str> = body.lines().skip(1).filter(|line| !line.ends_with(": ok")).collect();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
    };
    let steps = "__diesel_schema_migrations";
    sql::run(&house.core, &format!("ALTER TABLE {steps} RENAME TO lost")).await;
    fails("database: it does not answer").await;
    sql::run(&house.core, &format!("ALTER TABLE lost RENAME TO {steps}")).await;
    sql::run(&house.core, &format!("CREATE TABLE lost AS SELECT * FROM {steps}")).await;
    sql::run(&house.core, &format!("DELETE FROM {steps} WHERE version = (SELECT max(version) FROM {steps})"))
        .await;
    fails("schema: the database lacks steps").await;
    sql::run(&house.core, &format!("DELETE FROM {steps}")).await;
    sql::run(&house.core, &format!("INSERT INTO {steps} SELECT * FROM lost")).await;
    let aside = house.places.data_dir.with_extension("aside");
    std::fs::rename(&house.places.data_dir, &aside).unwrap();
    let (_, body) = ready(&house).await;
    std::fs::rename(&aside, &house.places.data_dir).unwrap();
    assert!(body.contains("storage: the data folder takes no files"), "{body}");
    assert_eq!(ready(&house).await.0, StatusCode::OK, "all is well again");
    house.core.stopping.cancel();
    fails("running: NetRaven has been told to stop").await;
    let alive = told(house.visitor().get("/healthz").await).await;
    assert_eq!(alive, (StatusCode::OK, "ok\n".to_owned()), "it is alive all the same");
}

/// The exposition, taken apart: each number by its name and labels.
fn parse(text: &str) -> BTreeMap<String, String> {
    let sample = Regex::new(r#"^([a-z_]+)(\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? (\S+)$"#).unwrap();
    let (mut samples, mut kinds) = (BTreeMap::new(), BTreeMap::<String, String>::new());
    let mut helped = BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(help.ends_with('.') && helped.insert(name.to_owned()), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["gauge", "counter", "histogram"].contains(&kind), "{line}");
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} twice");
        } else {
            let found = sample.captures(line).unwrap_or_else(|| panic!("no sample: {line:?}"));
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| found[1].strip_suffix(end).filter(|name| kinds.contains_key(*name)))
                .unwrap_or(&found[1]);
            assert!(kinds.contains_key(family) && helped.contains(family), "{line} has no family");
            assert!(kinds[family] != "counter" || family.ends_with("_total"), "{family}");
            let labels = found.get(2).map_or("", |labels| labels.as_str());
            let value: f64 = found[3].parse().unwrap();
            assert!(value.is_finite() && value >= 0.0, "{line}");
            assert!(
                samples.insert(format!("{}{labels}", &found[1]), found[3].to_owned()).is_none(),
                "{line} twice"
            );
        }
    }
    samples
}

async fn scrape(house: &House) -> BTreeMap<String, String> {
    let reply = house.visitor().get("/metrics").await;
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    parse(&reply.text().await.unwrap())
}

// R-49
#[tokio::test]
async fn the_numbers_are_those_of_the_house_and_do_not_grow_with_it() {
    let house = House::new().await;
    let empty = scrape(&house).await;
    let device = stock::device(&house.core, "canary-1").await;
    stock::version(&house.core, device, "hostname canary-1\nend\n").await;
    stock::suspect(&house.core, device, "hostname\n").await;
    for number in 2..30 {
        stock::device(&house.core, &format!("canary-{number}")).await;
        stock::schedule(&house.core, &format!("canary-{number}"), "60").await;
    }
    netraven::service::jobs::back_up(&house.core, &stock::grant(), netraven::service::jobs::Which::All)
        .await
        .unwrap();
    house.clock.advance(std::time::Duration::from_secs(90));
    let full = scrape(&house).await;
    let value = |name: &str| full.get(name).unwrap_or_else(|| panic!("{name}: {full:#?}")).as_str();
    for (name, wanted) in [
        ("netraven_jobs{state=\"queued\"}", "29"),
        ("netraven_oldest_ready_job_seconds", "90"),
        ("netraven_job_ends_total{outcome=\"stored\",class=\"\"}", "1"),
        ("netraven_job_ends_total{outcome=\"suspect\",class=\"\"}", "1"),
        ("netraven_job_duration_seconds_bucket{le=\"0.1\"}", "2"),
        ("netraven_job_duration_seconds_bucket{le=\"+Inf\"}", "2"),
        ("netraven_job_duration_seconds_sum", "0.002"),
        ("netraven_job_duration_seconds_count", "2"),
        ("netraven_recent_success_ratio", "0.5"),
        ("netraven_devices{standing=\"never\"}", "28"),
        ("netraven_devices_overdue", "0"),
        ("netraven_planner_lag_seconds", "0"),
    ] {
        assert_eq!(value(name), wanted, "{name}");
    }
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!(number(value("process_resident_memory_bytes")) > 1e6);
    assert!(number(value("process_open_fds")) > 5.0);
    house.clock.advance(std::time::Duration::from_hours(3));
    let late = scrape(&house).await;
    assert_eq!(late["netraven_devices_overdue"], "29");
    assert!(number(&late["netraven_planner_lag_seconds"]) > 7_200.0);
    // Whatever the house holds, there are as many numbers, and none of its names is among them.
    assert_eq!(empty.keys().collect::<Vec<_>>(), full.keys().collect::<Vec<_>>());
    assert!(!full.keys().any(|name| name.contains("canary")), "{full:#?}");
    assert!(full.len() < 120, "{}", full.len());
}

#[tokio::test]
async fn numbers_are_for_those_who_may_watch() {
    let config = Config { watch_token: Some(Secret::new(TOKEN)), ..Config::default() };
    let house = House::with(config, None).await;
    let bearing = async |token: &str| {
        let visitor = house.visitor();
        let asked = visitor.client().get(house.url("/metrics")).header("authorization", token);
        let reply = asked.send().await.unwrap();
        (reply.status(), reply.headers().contains_key("www-authenticate"))
    };
    assert_eq!(
        house.visitor().get("/metrics").await.status(),
        StatusCode::UNAUTHORIZED,
        "a token is asked for"
    );
    assert_eq!(bearing(&format!("Bearer {TOKEN}")).await, (StatusCode::OK, false));
    for wrong in
        [format!("Bearer {TOKEN}x"), "Bearer ".to_owned(), TOKEN.to_owned(), format!("Basic {TOKEN}")]
    {
        assert_eq!(bearing(&wrong).await, (StatusCode::UNAUTHORIZED, true), "{wrong}");
    }
    for (role, wanted) in [
        (Role::Admin, StatusCode::OK),
        (Role::Operator, StatusCode::UNAUTHORIZED),
        (Role::Auditor, StatusCode::UNAUTHORIZED),
    ] {
        let name = house.person(role).await;
        let visitor = sign_in(&house, &name).await;
        assert_eq!(visitor.get("/metrics").await.status(), wanted, "{role:?}");
    }
    let (_, body) = ready(&house).await;
    assert_eq!(body, "ready\n");
}
