//! Tag rules: at work on every change, taking back what only they put, and explained.

use std::{fmt::Write as _, time::Instant};

use netraven::{
    domain::{
        access::{Actor, ManageTags, Role, Scope},
        id::{DeviceId, RuleId, TagId, UserId},
        rule::{self, NewRule},
        tag::NewTag,
    },
    service::{
        Core, devices, import,
        rules::{self, SaveRuleError},
        tags,
    },
};

use crate::support::{house::House, sql, stock};

async fn tag(core: &Core, name: &str) -> TagId {
    let new = NewTag {
        name: name.parse().unwrap(),
        description: String::new(),
        color: netraven::domain::tag::Color::default(),
        most_sessions: None,
    };
    tags::create(core, &stock::grant(), &new).await.unwrap()
}

fn new(name: &str, tag: TagId, text: &str) -> NewRule {
    NewRule {
        name: name.to_owned(),
        description: String::new(),
        tag,
        criteria: rule::parse(text).unwrap(),
        is_enabled: true,
    }
}

async fn rule(core: &Core, name: &str, tag: TagId, text: &str) -> RuleId {
    rules::create(core, &stock::grant(), &new(name, tag, text)).await.unwrap()
}

/// Every device with its tags, with `!` where only rules hold it.
async fn held(core: &Core) -> Vec<String> {
    let sql = "SELECT devices.name || ' ' || tags.name || CASE WHEN by_person THEN '' ELSE '!' END AS value \
               FROM device_tags JOIN devices ON devices.id = device_id JOIN tags ON tags.id = tag_id \
               WHERE NOT tags.is_default ORDER BY 1";
    sql::texts(core, sql).await
}

async fn rename(core: &Core, id: DeviceId, version: i32, name: &str) {
    let edit = stock::new_device(name, &format!("{name}.example.net"), "p");
    devices::update(core, &stock::grant(), (id, version), edit).await.unwrap();
}

#[tokio::test]
async fn a_rule_tags_what_is_there_what_comes_and_what_changes() {
    let house = House::new().await;
    let core = &house.core;
    let a = stock::device(core, "lab-1").await;
    stock::device(core, "core-1").await;
    let lab = tag(core, "lab").await;
    rule(core, "labs", lab, "name starts LAB-").await;
    assert_eq!(held(core).await, ["lab-1 lab!"]);
    stock::device(core, "lab-2").await;
    import::apply(core, &stock::grant(), b"hostname,address,platform\nlab-3,192.0.2.3,frr\n").await.unwrap();
    assert_eq!(held(core).await, ["lab-1 lab!", "lab-2 lab!", "lab-3 lab!"]);
    rename(core, a, 1, "core-9").await;
    assert_eq!(held(core).await, ["lab-2 lab!", "lab-3 lab!"]);
    assert_eq!(sql::number(core, "SELECT count(*) FROM rule_matches").await, 2);
}

#[tokio::test]
async fn what_a_person_put_too_stays_when_the_rule_lets_go() {
    let house = House::new().await;
    let core = &house.core;
    let (a, b) = (stock::device(core, "lab-1").await, stock::device(core, "lab-2").await);
    let lab = tag(core, "lab").await;
    let id = rule(core, "labs", lab, "name starts lab-").await;
    tags::assign(core, &stock::grant(), &[a], &[lab], true).await.unwrap();
    assert_eq!(held(core).await, ["lab-1 lab", "lab-2 lab!"]);
    // What a rule holds cannot be taken by a person; the person's own part can.
    let taken = tags::unassign(core, &stock::grant(), &[a, b], &[lab]).await.unwrap();
    assert_eq!(
        (taken.changed, held(core).await),
        (1, vec!["lab-1 lab!".to_owned(), "lab-2 lab!".to_owned()])
    );
    tags::assign(core, &stock::grant(), &[a], &[lab], true).await.unwrap();
    let off = NewRule { is_enabled: false, ..new("labs", lab, "name starts lab-") };
    rules::update(core, &stock::grant(), (id, 1), &off).await.unwrap();
    assert_eq!(held(core).await, ["lab-1 lab"]);
    rules::update(core, &stock::grant(), (id, 2), &new("labs", lab, "name ends 2")).await.unwrap();
    assert_eq!(held(core).await, ["lab-1 lab", "lab-2 lab!"]);
    assert!(rules::delete(core, &stock::grant(), id).await.unwrap());
    assert_eq!(held(core).await, ["lab-1 lab"]);
}

// The form sends all tags of a device; what rules put there stays the rules'.
#[tokio::test]
async fn saving_a_device_does_not_make_a_rules_tag_a_persons() {
    let house = House::new().await;
    let core = &house.core;
    let a = stock::device(core, "lab-1").await;
    let lab = tag(core, "lab").await;
    rule(core, "labs", lab, "name starts lab-").await;
    let mut edit = stock::new_device("lab-1", "lab-1.example.net", "p");
    edit.tags = vec!["lab".parse().unwrap(), "mine".parse().unwrap()];
    devices::update(core, &stock::grant(), (a, 1), edit).await.unwrap();
    assert_eq!(held(core).await, ["lab-1 lab!", "lab-1 mine"]);
    rename(core, a, 2, "core-1").await;
    assert_eq!(held(core).await, Vec::<String>::new());
}

#[tokio::test]
async fn another_tag_of_a_rule_moves_and_two_rules_hold_one_tag() {
    let house = House::new().await;
    let core = &house.core;
    stock::device(core, "lab-1").await;
    let (x, y) = (tag(core, "x").await, tag(core, "y").await);
    let first = rule(core, "first", x, "name starts lab-").await;
    let second = rule(core, "second", x, "platform equals cisco_ios").await;
    rules::update(core, &stock::grant(), (first, 1), &new("first", y, "name starts lab-")).await.unwrap();
    assert_eq!(held(core).await, ["lab-1 x!", "lab-1 y!"]);
    rules::delete(core, &stock::grant(), second).await.unwrap();
    assert_eq!(held(core).await, ["lab-1 y!"]);
    tags::delete(core, &stock::grant(), y).await.unwrap();
    assert_eq!((held(core).await, sql::number(core, "SELECT count(*) FROM tag_rules").await), (vec![], 0));
}

// No cycles: a condition on tags sees what people put, not what rules put.
#[tokio::test]
async fn a_condition_on_tags_sees_those_of_people_only() {
    let house = House::new().await;
    let core = &house.core;
    let a = stock::device(core, "a").await;
    let (x, y) = (tag(core, "x").await, tag(core, "y").await);
    rule(core, "x to y", y, "tag equals x").await;
    rule(core, "y to x", x, "tag equals y").await;
    assert_eq!(held(core).await, Vec::<String>::new());
    tags::assign(core, &stock::grant(), &[a], &[x], true).await.unwrap();
    assert_eq!(held(core).await, ["a x", "a y!"]);
    for (criteria, matches) in [
        ("tag equals x", 1),
        ("name equals b or tag equals x", 1),
        ("not (name equals b or tag equals x)", 0),
    ] {
        let seen = rules::preview(core, &stock::grant(), &new("seen", y, criteria).criteria).await.unwrap();
        assert_eq!(seen.matches, matches, "{criteria}");
    }
    tags::unassign(core, &stock::grant(), &[a], &[x]).await.unwrap();
    assert_eq!(held(core).await, Vec::<String>::new());
    // A tag's new name is seen at once.
    tags::assign(core, &stock::grant(), &[a], &[x], true).await.unwrap();
    let renamed = NewTag {
        name: "z".parse().unwrap(),
        description: String::new(),
        color: netraven::domain::tag::Color::default(),
        most_sessions: None,
    };
    tags::update(core, &stock::grant(), x, &renamed).await.unwrap();
    assert_eq!(held(core).await, ["a z"]);
}

#[tokio::test]
async fn a_job_that_changes_the_standing_changes_the_tags() {
    let house = House::new().await;
    let core = &house.core;
    let a = stock::device(core, "a").await;
    let fresh = tag(core, "fresh").await;
    rule(core, "never", fresh, "standing equals never").await;
    assert_eq!(held(core).await, ["a fresh!"]);
    stock::version(core, a, "hostname a\nend\n").await;
    assert_eq!(held(core).await, Vec::<String>::new());
}

#[tokio::test]
async fn edits_from_an_old_version_and_bad_rules_are_refused() {
    let house = House::new().await;
    let core = &house.core;
    let x = tag(core, "x").await;
    let id = rule(core, "one", x, "name equals a").await;
    let save = async |new: &NewRule| rules::create(core, &stock::grant(), new).await;
    assert!(matches!(save(&new("one", x, "name equals b")).await, Err(SaveRuleError::NameTaken)));
    assert!(matches!(save(&new("two", TagId(999), "name equals b")).await, Err(SaveRuleError::NoTag)));
    assert!(matches!(save(&new("two", TagId(1), "name equals b")).await, Err(SaveRuleError::DefaultTag)));
    let empty = NewRule { criteria: rule::Criteria::And(vec![]), ..new("two", x, "name equals a") };
    assert!(matches!(save(&empty).await, Err(SaveRuleError::Criteria(_))));
    rules::update(core, &stock::grant(), (id, 1), &new("one", x, "name equals b")).await.unwrap();
    let stale = rules::update(core, &stock::grant(), (id, 1), &new("one", x, "name equals c")).await;
    assert!(matches!(stale, Err(SaveRuleError::Stale)));
    assert_eq!(
        rules::find(core, &stock::grant(), id).await.unwrap().unwrap().criteria.to_string(),
        "name equals b"
    );
}

// S-37: a tag can be what lets somebody see a device, so who sees only some makes no rules.
#[tokio::test]
async fn who_sees_some_devices_looks_ahead_on_those_and_makes_no_rule() {
    let house = House::new().await;
    let core = &house.core;
    let (a, _) = (stock::device(core, "a").await, stock::device(core, "b").await);
    let x = tag(core, "x").await;
    tags::assign(core, &stock::grant(), &[a], &[x], true).await.unwrap();
    house.person(Role::Operator).await;
    sql::run(core, &format!("INSERT INTO user_tags (user_id, tag_id) VALUES (1, {x})")).await;
    let actor = Actor { role: Role::Operator, scope: Scope::TagsOf(UserId(1)), ..Actor::console() };
    let by = actor.clone().grant::<ManageTags>().unwrap();
    let everything = new("all", x, "platform equals cisco_ios");
    assert!(matches!(rules::create(core, &by, &everything).await, Err(SaveRuleError::Scope)));
    let seen = rules::preview(core, &by, &everything.criteria).await.unwrap();
    assert_eq!((seen.matches, seen.devices, seen.first[0].shown.as_str()), (1, 1, "a"));
    let all = rules::preview(core, &stock::grant(), &everything.criteria).await.unwrap();
    assert_eq!((all.matches, all.devices), (2, 2));
}

#[tokio::test]
async fn a_device_tells_which_rule_and_which_conditions_tagged_it() {
    let house = House::new().await;
    let core = &house.core;
    let a = stock::device(core, "lab-1").await;
    let b = stock::device(core, "b").await;
    let x = tag(core, "x").await;
    rule(core, "labs", x, "name starts lab- and (port equals 22 or owner equals olga)").await;
    let told = rules::explain(core, &stock::grant(), a).await.unwrap();
    let reasons: Vec<_> = told[0].reasons.iter().map(|r| (r.condition.as_str(), r.holds)).collect();
    assert_eq!(told[0].rule.tag_name, "x");
    assert_eq!(reasons, [("name starts lab-", true), ("port equals 22", true), ("owner equals olga", false)]);
    assert!(rules::explain(core, &stock::grant(), b).await.unwrap().is_empty());
}

#[tokio::test]
async fn ten_thousand_devices_are_brought_in_line_with_twenty_rules() {
    let house = House::new().await;
    let core = &house.core;
    let mut csv = "hostname,address,platform\n".to_owned();
    for i in 0..10_000 {
        writeln!(csv, "sw-{i},10.{}.{}.{},cisco_ios", i / 65_536, i / 256 % 256, i % 256).unwrap();
    }
    import::apply(core, &stock::grant(), csv.as_bytes()).await.unwrap();
    for i in 0..20 {
        let tag = tag(core, &format!("t{i}")).await;
        let text = format!("name ends {i} or (address in_network 10.0.{i}.0/24 and not name matches \"7$\")");
        let off = NewRule { is_enabled: false, ..new(&format!("r{i}"), tag, &text) };
        rules::create(core, &stock::grant(), &off).await.unwrap();
    }
    sql::run(
        core,
        if sql::is_sqlite(core).await {
            "UPDATE tag_rules SET is_enabled = 1"
        } else {
            "UPDATE tag_rules SET is_enabled = TRUE"
        },
    )
    .await;
    let ids: Vec<DeviceId> = sql::texts(core, "SELECT CAST(id AS TEXT) AS value FROM devices ORDER BY id")
        .await
        .iter()
        .map(|id| id.parse().unwrap())
        .collect();
    let began = Instant::now();
    let mut tx = core.db.begin().await.unwrap();
    rules::reconcile_devices(core, &mut tx, &ids).await.unwrap();
    tx.commit().await.unwrap();
    println!("10,000 devices, 20 rules: {:?}", began.elapsed());
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    let held = sql::number(core, "SELECT count(*) FROM device_tags WHERE NOT by_person").await;
    assert_eq!(held, sql::number(core, "SELECT count(*) FROM rule_matches").await);
    assert!(held > 10_000, "{held}");
}
