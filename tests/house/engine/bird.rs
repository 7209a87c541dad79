//! A real BIRD on the other side.

use netraven::{domain::job::Outcome, service::backups};

use crate::support::{
    bird::Bird,
    fleet::{password, patient},
    house::House,
    recorded::SHIPPED,
};

#[tokio::test(flavor = "multi_thread")]
async fn bird_is_kept_as_its_file_says_and_a_change_that_it_accepts_is_exactly_the_difference() {
    let bird = Bird::start().await;
    let server = bird.sshd().await;
    let house = House::new().await;
    let login = password(server.account().name(), server.account().password());
    let id = house.add("edge", ("127.0.0.1", server.port()), "bird", Some(login)).await;
    let back_up = async || house.back_up_with(&[id], patient()).await.remove(0);
    let job = back_up().await;
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{}", server.log());
    let log: String = house.log(job.id).await.into_iter().map(|line| line.text + "\n").collect();
    assert!(log.contains("version 2."), "birdc told what it is: {log}");
    let rules = SHIPPED.get("bird").unwrap();
    let first = house.versions(id).await.remove(0);
    let raw = String::from_utf8(house.raw(&first).await).unwrap();
    assert_eq!(raw, bird.run(&rules.commands().config));
    let file = std::fs::read_to_string(bird.file()).unwrap();
    assert!(raw.contains(&file) && bird.accepts(&bird.file()), "{raw}");
    let masked = house.masked(&first).await;
    assert!(raw.contains("bgp-session-secret") && !masked.contains("bgp-session-secret"), "{masked}");
    assert_eq!(back_up().await.outcome, Some(Outcome::Unchanged));

    std::fs::write(bird.file(), file.replace("description \"transit\"", "description \"peering\"")).unwrap();
    assert!(bird.accepts(&bird.file()));
    assert_eq!(back_up().await.outcome, Some(Outcome::Stored));
    let versions = house.versions(id).await;
    let patch = backups::patch(&house.core, &house.grant(), (&versions[1], &versions[0])).await.unwrap();
    let changed: Vec<&str> = patch.lines().skip(2).filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(changed, ["-  description \"transit\";", "+  description \"peering\";"], "{patch}");
    house.close().await;
}
