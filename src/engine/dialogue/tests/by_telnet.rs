use super::*;

fn by_telnet() -> Target {
    Target { transport: Transport::Telnet, ..target() }
}

/// What a device says before it asks, and its answers to a name and a password, before those of everybody.
async fn sign_in_to(greeting: &str, answers: &[(&'static str, &str)], target: &Target) -> Told {
    let answers: Vec<(&'static str, &str)> = answers.iter().copied().chain(usual()).collect();
    let platform = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    hold(&platform, Script::new(greeting, &answers), target).await
}

const ASKS: &str = "\nUser Access Verification\n\nUsername: ";
const NAME: (&str, &str) = ("nr", "nr\nPassword: ");

#[tokio::test]
async fn each_question_has_its_answer_whatever_the_packets_are() {
    let platform = Platforms::shipped().unwrap().get("cisco_ios").unwrap();
    for piece in [1, 2, 7, 1000] {
        let answers: Vec<_> = [NAME, ("login-secret", "\nr1#")].into_iter().chain(usual()).collect();
        let target = by_telnet();
        let told = hold(&platform, Script::new(ASKS, &answers).in_pieces(piece), &target).await;
        assert_eq!(String::from_utf8(told.result.unwrap().raw).unwrap(), RAW);
        assert_eq!(told.sent[..2], ["nr\n", "login-secret\n"]);
        assert!(told.log.contains("let in by password in"), "{}", told.log);
        assert!(target.let_in.is_cancelled());
    }
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_told() {
    let password_only = sign_in_to("\nPassword: ", &[("login-secret", "\nr1#")], &by_telnet()).await;
    assert!(password_only.result.is_ok() && password_only.sent[0] == "login-secret\n");
    let open = sign_in_to("\nWelcome\nr1#", &[], &by_telnet()).await;
    assert!(open.result.is_ok() && open.sent.iter().all(|sent| sent != "nr\n" && !sent.contains("secret")));
    assert!(open.log.contains("let in by nothing at all"), "{}", open.log);
}

#[tokio::test]
async fn a_greeting_that_says_password_gets_nothing() {
    let greeting = "\nPassword:|\nis your badge number\nLogin: |is for staff\nrtr1>|\nUsername: ";
    let told = sign_in_to(greeting, &[NAME, ("login-secret", "\nr1#")], &by_telnet()).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
    assert_eq!(told.sent[..2], ["nr\n", "login-secret\n"]);
}

#[tokio::test]
async fn the_first_no_is_the_last_try() {
    for no in [
        "\n% Login invalid\n\nUsername: ",
        "\n% Authentication failed\n",
        "\n% Authentication failed\nPassword: ",
        "\nLogin incorrect\nlogin: ",
        "\nAccess denied",
        "\n% Bad passwords\n",
        "\nlogin-secret\nLogin failed, incorrect username or password\n\nLogin: ",
        "\nUsername: ",
        "\nPassword: ",
        "\nYour password has expired.\nNew password: ",
    ] {
        let told = sign_in_to(ASKS, &[NAME, ("login-secret", no)], &by_telnet()).await;
        assert_eq!(failed(&told), (FailureClass::AuthFailed, Stage::Auth), "{no:?}");
        assert_eq!(told.sent, ["nr\n", "login-secret\n"], "{no:?}");
        let failure = told.result.unwrap_err();
        assert!(failure.message.starts_with("nr was refused: the device "), "{failure}");
        assert!(!format!("{failure:?}").contains("login-secret"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_name_that_is_refused_costs_no_password() {
    let told = sign_in_to(ASKS, &[("nr", "nr\nUsername: ")], &by_telnet()).await;
    assert_eq!(failed(&told), (FailureClass::AuthFailed, Stage::Auth));
    assert_eq!(told.sent, ["nr\n"]);
}

#[tokio::test]
async fn a_greeting_behind_the_password_is_no_refusal() {
    let motd = "\nAccess denied to whoever has no business here.\nLast login: today\nr1#";
    let told = sign_in_to(ASKS, &[NAME, ("login-secret", motd)], &by_telnet()).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
}

#[tokio::test]
async fn what_there_is_not_and_what_cannot_be_typed_is_not_sent() {
    for (password, said) in [(None, "there is none"), (Some("two\nlines"), "cannot be typed")] {
        let target = Target { password: password.map(Secret::new), ..by_telnet() };
        let told = sign_in_to(ASKS, &[NAME], &target).await;
        assert_eq!(failed(&told), (FailureClass::NoCredential, Stage::Auth));
        assert_eq!(told.sent, ["nr\n"]);
        assert!(told.result.unwrap_err().message.contains(said));
    }
}

#[tokio::test]
async fn silence_has_the_stage_in_which_it_fell() {
    let told = sign_in_to("", &[], &by_telnet()).await;
    assert_eq!(failed(&told), (FailureClass::Timeout, Stage::Banner));
    let told = sign_in_to(ASKS, &[("nr", "nr\n")], &by_telnet()).await;
    assert_eq!(failed(&told), (FailureClass::Timeout, Stage::Auth));
    let told = sign_in_to(ASKS, &[NAME, ("login-secret", "\nWelcome")], &by_telnet()).await;
    assert_eq!(failed(&told), (FailureClass::Timeout, Stage::Auth));
    assert!(told.result.unwrap_err().message.contains("the last line is `Welcome`"));
}
