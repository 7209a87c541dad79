//! Pages that go on by themselves: the numbers of a batch, and what a restart looks like (U-17).

use std::time::{Duration, Instant};

use netraven::{
    config::Config,
    domain::batch::Counts,
    engine::Options,
    service::{
        batches,
        jobs::{self, Which},
    },
    simulate::{Device, Fault, Platform},
};

use super::{as_admin, shows};
use crate::support::{chromium::Browser, fleet::patient, house::House, process::until};

/// The numbers that the page shows: finished, failed, running, waiting.
const NUMBERS: &str = "const number = name => Number(document.querySelector(`[data-number=${name}] strong`)?.textContent ?? 0);
return [document.querySelector('#batch progress')?.value ?? -1, number('failed'), number('running'), number('waiting')]";

fn numbers(counts: &Counts) -> [i64; 4] {
    [counts.over(), counts.failed, counts.running, counts.waiting]
}

// what the page shows is what the database said at most two seconds ago, without a reload.
#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_of_a_running_batch_are_true_within_two_seconds() {
    let options = Options { concurrency: Some(3), ..patient() };
    let house = House::with(Config::default(), Some(options)).await;
    let wanted = (0..24).map(|number| {
        let mut device = Device::new(Platform::CiscoIos, &format!("core-{number}"));
        device.latency = Duration::from_millis(90);
        if number % 6 == 0 { device.with_faults(Fault::WrongPassword) } else { device }
    });
    let (ids, _fleet) = house.fleet(wanted).await;
    let browser = Browser::start().await;
    as_admin(&browser, &house).await;
    let started = jobs::back_up(&house.core, &house.grant(), Which::These(ids)).await.unwrap().unwrap();
    let truth = async || {
        let progress = batches::find(&house.core, &house.grant(), started.batch).await.unwrap().unwrap().1;
        numbers(&progress.counts)
    };
    // What is shown first was true at some time while the page was loaded.
    let before = truth().await;
    browser.goto(&house.url(&format!("/batches/{}", started.batch))).await;
    let (mut true_ones, mut shown) = (vec![(Instant::now(), before)], Vec::new());
    let mut looked = Instant::now();
    let watch = async || {
        true_ones.push((Instant::now(), truth().await));
        if looked.elapsed() > Duration::from_millis(150) {
            looked = Instant::now();
            let told = browser.execute(NUMBERS).await;
            let told: Vec<i64> =
                told.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect();
            shown.push((looked, <[i64; 4]>::try_from(told).unwrap()));
        }
        let is_shown = shown.last().is_some_and(|(_, numbers)| numbers[0] == 24);
        is_shown.then_some(())
    };
    until(60, watch, || "the page never showed the end".to_owned()).await;
    let steps: std::collections::BTreeSet<i64> = shown.iter().map(|(_, numbers)| numbers[0]).collect();
    assert!(steps.len() > 4, "the page moved by itself: {steps:?}");
    for (at, told) in &shown {
        let lately = |(when, _): &&(Instant, [i64; 4])| {
            *when <= *at + Duration::from_millis(300) && *when + Duration::from_secs(2) >= *at
        };
        let known: Vec<[i64; 4]> = true_ones.iter().filter(lately).map(|(_, numbers)| *numbers).collect();
        let is_within = |place: usize| {
            let (least, most) =
                (known.iter().map(|it| it[place]).min(), known.iter().map(|it| it[place]).max());
            least.is_none_or(|least| told[place] >= least) && most.is_none_or(|most| told[place] <= most)
        };
        assert!((0..4).all(is_within), "{told:?} was shown, true were {known:?}");
        assert!(told[0] + told[2] + told[3] == 24, "the numbers add up: {told:?}");
    }
    let text = shows(&browser, "#batch", "24 of 24 finished", false).await;
    assert!(text.contains("The device refused the credential") && text.contains("Try these again"), "{text}");
    browser.click("#batch form[action$='/again'] button").await;
    shows(&browser, "body", "4 jobs queued again", false).await;
    house.close().await;
}

// U-17
#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_that_the_server_restarts_and_goes_on_when_it_is_back() {
    let options = || Options { grace: Duration::from_millis(100), ..patient() };
    let house = House::with(Config::default(), Some(options())).await;
    let device =
        Device::new(Platform::CiscoIos, "hung-1").with_faults("stall=command".parse::<Fault>().unwrap());
    let (ids, _fleet) = house.fleet([device]).await;
    let browser = Browser::start().await;
    as_admin(&browser, &house).await;
    let job = super::world::start(&house, ids[0]).await;
    browser.goto(&house.url(&format!("/jobs/{}", job.id))).await;
    let lines = "return document.querySelectorAll('.log li').length";
    let before = browser.execute(lines).await.as_u64().unwrap();
    let told = async {
        shows(&browser, "#away", "goes on by itself", false).await;
    };
    let house = house.reopened(Some(options()), told).await;
    let back = async || {
        let is_gone = browser.execute("return !document.querySelector('#away')").await == true;
        // The job was given back and is worked on again: its log goes on where it was.
        let more = browser.execute(lines).await.as_u64().unwrap() > before;
        (is_gone && more).then_some(())
    };
    until(40, back, || "the page does not go on".to_owned()).await;
    let repeated = "const ids = [...document.querySelectorAll('.log li')].map(one => one.id); return ids.length - new Set(ids).size";
    assert_eq!(browser.execute(repeated).await, 0);
    let problems = browser.console_problems().await;
    assert!(problems.len() < 15, "a storm on the console: {problems:#?}");
    house.close().await;
}
