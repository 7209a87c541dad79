use super::*;

fn kept() -> Credential {
    Credential {
        id: CredentialId(1),
        name: None,
        username: "backup".into(),
        has_password: true,
        has_enable: false,
        has_private_key: false,
    }
}

fn typed(extra: &str) -> DeviceForm {
    let base = "name=core-1&address=192.0.2.1&port=22&platform=frr&transport=ssh&tags=core,ber&is_enabled=on";
    serde_html_form::from_str(&format!("{base}&{extra}")).unwrap()
}

#[test]
fn everything_wrong_is_told_at_once() {
    let form: DeviceForm =
        serde_html_form::from_str("name=a+b&address=1.2.3&port=abc&transport=ssh&tags=x!&password=x")
            .unwrap();
    let complaints = form.parse(None).unwrap_err();
    for field in ["name", "address", "port", "platform", "tags", "username"] {
        assert!(complaints.on(field).is_some(), "{field}");
    }
    assert_eq!(complaints.lines().len(), 6);
}

#[test]
fn a_device_may_have_no_credential_yet() {
    let new = typed("").parse(None).unwrap();
    assert!(new.credential.is_none() && new.is_enabled && new.tags.len() == 2);
}

#[test]
fn a_new_credential_needs_a_name_and_a_proof() {
    assert!(typed("username=olga").parse(None).unwrap_err().on("password").is_some());
    assert!(typed("password=x").parse(None).unwrap_err().on("username").is_some());
    let lonely = typed("username=olga&password=x&passphrase=y").parse(None);
    assert!(lonely.unwrap_err().on("passphrase").is_some());
    let new = typed("username=olga&private_key=-----A%0D%0AB-----").parse(None).unwrap();
    let key = new.credential.unwrap().private_key.unwrap();
    assert_eq!(key.expose(), "-----A\nB-----\n");
}

#[test]
fn blank_secrets_of_an_edit_stay_as_they_are() {
    assert!(typed("username=backup").parse(Some(&kept())).unwrap().credential.is_none());
    let renamed = typed("username=other").parse(Some(&kept())).unwrap().credential.unwrap();
    assert!(renamed.username == "other" && renamed.password.is_none());
    assert!(typed("username=").parse(Some(&kept())).is_err());
}

#[test]
fn secrets_do_not_show() {
    let form = typed("username=olga&password=hunter2&enable=hunter3");
    assert!(!format!("{form:?}").contains("hunter"));
}
