//! Lists: pages without repeats, and signs of SQL taken as text.

use std::collections::BTreeSet;

use netraven::{
    domain::{audit::AuditFilter, device::DeviceFilter, page::PageRequest},
    service::{audit, devices},
};

use crate::support::{house::House, stock};

async fn named(house: &House, text: &str) -> Vec<String> {
    let filter = DeviceFilter { text: Some(text.to_owned()), ..DeviceFilter::default() };
    let (page, _) =
        devices::list(&house.core, &stock::grant(), &filter, PageRequest::first(500)).await.unwrap();
    page.rows.into_iter().map(|device| device.name).collect()
}

#[tokio::test]
async fn percent_and_underscore_in_a_search_are_themselves() {
    let house = House::new().await;
    for (name, description) in [
        ("sw_1", "100% in use"),
        ("swx1", "plain"),
        ("sw-1", "back\\slash"),
        ("Core", "o'clock \"; DROP TABLE users"),
    ] {
        let mut new = stock::new_device(name, &format!("{}.example.net", name.replace('_', "u")), "p");
        new.description = description.to_owned();
        devices::create(&house.core, &stock::grant(), new).await.unwrap();
    }
    for (text, found) in [
        ("w_1", &["sw_1"][..]),
        ("0%", &["sw_1"]),
        ("%", &["sw_1"]),
        ("_", &["sw_1"]),
        ("k\\s", &["sw-1"]),
        ("o'clock", &["Core"]),
        ("'; DROP", &[]),
        ("CORE", &["Core"]),
        ("nothing", &[]),
    ] {
        assert_eq!(named(&house, text).await, found, "{text}");
    }
    assert_eq!(named(&house, "").await.len(), 4);
}

#[tokio::test]
async fn pages_together_are_the_whole_list_each_row_once() {
    let house = House::new().await;
    for i in 0..123 {
        stock::device(&house.core, &format!("d{i:03}")).await;
    }
    let (mut seen, filter) = (Vec::new(), DeviceFilter::default());
    for number in 1..=3 {
        let request = PageRequest::number(number);
        let (page, _) = devices::list(&house.core, &stock::grant(), &filter, request).await.unwrap();
        assert_eq!((page.total, page.last(), page.rows.len()), (123, 3, if number == 3 { 23 } else { 50 }));
        seen.extend(page.rows.into_iter().map(|device| device.name));
    }
    assert!(seen.is_sorted());
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 123);
    for number in [4, i64::MAX] {
        let request = PageRequest::number(number);
        let (page, _) = devices::list(&house.core, &stock::grant(), &filter, request).await.unwrap();
        assert!(page.rows.is_empty());
    }
    let trail = audit::list(&house.core, &stock::grant(), &AuditFilter::default(), PageRequest::number(-7))
        .await
        .unwrap();
    assert_eq!((trail.total, trail.rows[0].object.as_str()), (123, "d122"), "the newest line comes first");
}
