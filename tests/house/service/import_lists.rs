//! Lists as other programs write them, and lists that are taken apart in the wrong way.

use netraven::{
    domain::{
        access::{Grant, ManageDevices},
        id::ImportId,
        import::Verdict,
        page::PageRequest,
    },
    service::import::{self, preview, rejected, staged, undo},
};

use crate::support::{house::House, sql, stock};

async fn stage(house: &House, list: &str) -> ImportId {
    staged::stage(&house.core, &stock::grant(), list.as_bytes()).await.unwrap()
}

async fn verdicts(house: &House, by: &Grant<ManageDevices>, id: ImportId) -> Vec<(String, Verdict)> {
    let import = import::by_id(&house.core, by, id).await.unwrap().unwrap();
    let preview = preview::preview(&house.core, by, &import, (None, PageRequest::all())).await.unwrap();
    preview.rows.rows.into_iter().map(|row| (row.name, row.verdict)).collect()
}

// S-47: what is taken apart in the wrong way may hold a password anywhere.
#[tokio::test]
async fn a_line_that_is_taken_for_a_name_is_not_shown() {
    let house = House::new().await;
    let id = stage(&house, "10.0.0.1;x\ng1:10.0.0.1:ios:berlin:oxi:canary:enable;y\n").await;
    let grant = stock::grant();
    let told = format!("{:?}", verdicts(&house, &grant, id).await);
    assert!(told.contains("g1…") && !told.contains("canary"), "{told}");
    let import = import::by_id(&house.core, &grant, id).await.unwrap().unwrap();
    let preview = preview::preview(&house.core, &grant, &import, (None, PageRequest::all())).await.unwrap();
    let samples = format!("{:?}", preview.columns);
    assert!(samples.contains("10.0.0.1") && !samples.contains("canary"), "{samples}");
    let file = String::from_utf8(rejected::find_csv(&house.core, &grant, id).await.unwrap()).unwrap();
    assert!(file.contains("g1…") && !file.contains("canary"), "{file}");
}

#[tokio::test]
async fn lists_of_other_programs_are_taken_as_they_are() {
    let house = House::new().await;
    let grant = stock::grant();
    let rancid = "# routers\nr1.example.net;cisco;up\n\n# old ones\nr2;juniper;down;on the shelf\n";
    let netbox = "name,device_type,platform,primary_ip4,site,tags,status\n\
                  sw1,C9500,cisco-ios-xe,10.1.0.1/24,berlin,core,active\nsw2,C9500,ios,10.1.0.2/24,berlin,,decommissioning\n";
    let oxidized =
        "# name:model:username:password\no1:procurve\no2:vrp:oxi:p:with:colons\no3:vrp:oxi:secret\n";
    for (list, wrong) in [(rancid, 0), (netbox, 0), (oxidized, 1)] {
        let id = stage(&house, list).await;
        let all = verdicts(&house, &grant, id).await;
        let errors: Vec<_> = all.iter().filter(|(_, verdict)| !verdict.complaints().is_empty()).collect();
        assert_eq!(errors.len(), wrong, "{list}: {all:#?}");
        staged::apply(&house.core, &grant, id, (None, true)).await.unwrap();
    }
    let rows = sql::texts(
        &house.core,
        "SELECT name || ' ' || address || ' ' || platform || ' ' || CASE WHEN is_enabled THEN 'on' ELSE 'off' END AS value \
         FROM devices ORDER BY name",
    )
    .await;
    assert_eq!(
        rows,
        [
            "o1 o1 hp_procurve on",
            "o3 o3 huawei_vrp on",
            "r1.example.net r1.example.net cisco_ios on",
            "r2 r2 juniper_junos off",
            "sw1 10.1.0.1 cisco_ios on",
            "sw2 10.1.0.2 cisco_ios off",
        ]
    );
    // What nobody touched since is as it was, switched on again, too.
    let id = stage(&house, "hostname,enabled\nsw1,no\n").await;
    assert_eq!(
        verdicts(&house, &grant, id).await[0].1,
        Verdict::Update(vec![("enabled", "yes".to_owned(), "no".to_owned())])
    );
    staged::apply(&house.core, &grant, id, (None, false)).await.unwrap();
    let is_on = "SELECT count(*) FROM devices WHERE name = 'sw1' AND is_enabled";
    assert_eq!(sql::number(&house.core, is_on).await, 0);
    undo::undo(&house.core, &grant, id).await.unwrap();
    assert_eq!(sql::number(&house.core, is_on).await, 1);
}
