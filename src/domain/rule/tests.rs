use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::domain::{device::Standing, id::DeviceId};

fn facts(name: &str, address: &str, tags: &[&str]) -> Facts {
    Facts::from(Known {
        id: DeviceId(1),
        name: name.to_owned(),
        address: address.to_owned(),
        platform: "cisco_ios".to_owned(),
        description: "In the Cellar".to_owned(),
        port: 22,
        serial_number: "FOC1".to_owned(),
        is_enabled: true,
        is_reachable: None,
        standing: Standing::Good,
        owner: Some("Olga".to_owned()),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    })
}

fn holds(rule: &str, facts: &Facts) -> bool {
    parse(rule).unwrap().compile().unwrap().holds(facts)
}

#[test]
fn every_operator_compares_without_case() {
    let core = facts("Core-1.BER", "10.1.2.3", &["berlin"]);
    for yes in [
        "name equals CORE-1.ber",
        "name contains ORE-1",
        "name starts core-",
        "name ends .ber",
        "name matches ^CORE-[0-9]+",
        "address in_network 10.0.0.0/8",
        "address in_network 10.1.2.3",
        "platform equals cisco_ios and port equals 22",
        "description contains \"THE cellar\"",
        "serial_number starts foc",
        "enabled equals yes and reachable equals unknown and standing equals good",
        "owner equals olga",
        "tag equals Berlin",
        "not tag equals hamburg",
        "NOT (name starts lab- OR address in_network 192.168.0.0/16)",
    ] {
        assert!(holds(yes, &core), "{yes}");
    }
    for no in ["name equals core", "address in_network 11.0.0.0/8", "owner equals \"\"", "tag contains x"] {
        assert!(!holds(no, &core), "{no}");
    }
}

#[test]
fn host_names_are_in_no_network() {
    let named = facts("a", "core.example.net", &[]);
    for network in ["0.0.0.0/0", "::/0"] {
        assert!(!holds(&format!("address in_network {network}"), &named));
    }
    assert!(holds("address in_network 2001:db8::/32", &facts("a", "2001:db8::1", &[])));
    assert!(!holds("address in_network 0.0.0.0/0", &facts("a", "2001:db8::1", &[])));
}

#[test]
fn and_binds_tighter_than_or() {
    let rule = parse("name equals a or name equals b and port equals 22").unwrap();
    assert_eq!(rule.to_string(), "name equals a or (name equals b and port equals 22)");
}

#[test]
fn mistakes_are_told_with_their_place_and_what_is_expected() {
    for (text, told) in [
        ("", "At character 1: the rule ends here; expected a field (name, address,"),
        ("nam equals a", "At character 1: \"nam\"; expected a field (name,"),
        (
            "name is a",
            "At character 6: \"is\"; expected equals, contains, starts, ends, matches, in_network.",
        ),
        ("name equals", "At character 12: the rule ends here; expected a value."),
        ("name equals a b", "At character 15: \"b\"; expected and, or, or the end."),
        ("(name equals a", "At character 15: the rule ends here; expected \")\"."),
        ("name equals a)", "At character 14: \")\"; expected and, or, or the end."),
        ("name equals (a)", "At character 13: \"(\"; expected a value; put it in quotation marks"),
        ("name equals \"a", "At character 13: the quotation mark is never closed"),
        ("password equals a", "At character 1: \"password\"; expected a field"),
        ("()", "At character 2: \")\"; expected a field"),
        ("name matches a(", "At character 15: \"(\"; expected and, or, or the end."),
        ("name matches \"a(\"", "This is not a regular expression: unclosed group."),
        ("name matches \"(?=x)\"", "This is not a regular expression: look-around"),
        ("address in_network 10.0.0.0/33", "This is not a network"),
        ("name in_network 10.0.0.0/8", "Only the address can be in a network."),
        ("standing equals bad", "Use one of: good, failing, suspect, never."),
        ("name contains \"\"", "Give a value"),
        ("not not not not not not name equals a", "Groups may be nested 5 deep"),
    ] {
        let said = parse(text).unwrap_err().to_string();
        assert!(said.contains(told), "{text}\n{said}");
    }
    let many = vec!["name equals a"; 51].join(" or ");
    assert_eq!(parse(&many), Err(InvalidCriteria::Many.into()));
    assert!(matches!(parse(&"(".repeat(10_000)), Err(ParseError::Nested(31))));
    assert!(parse(&format!("name matches {}", "a".repeat(201))).is_err());
}

#[test]
fn json_keeps_criteria_and_refuses_what_it_does_not_know() {
    let rule = parse("platform equals frr and not (name starts lab- or tag equals x)").unwrap();
    let json = serde_json::to_string(&rule).unwrap();
    assert_eq!(serde_json::from_str::<Criteria>(&json).unwrap(), rule);
    for bad in [
        r#"{"condition":{"field":"password","operator":"equals","value":"x"}}"#,
        r#"{"condition":{"field":"name","operator":"equals","value":"x","more":1}}"#,
        r#"{"xor":[]}"#,
    ] {
        assert!(serde_json::from_str::<Criteria>(bad).is_err(), "{bad}");
    }
    for empty in [r#"{"and":[]}"#, r#"{"or":[]}"#, r#"{"not":{"or":[]}}"#] {
        let empty: Criteria = serde_json::from_str(empty).unwrap();
        assert_eq!(empty.compile().unwrap_err(), InvalidCriteria::EmptyGroup);
    }
}

// S-70
#[test]
fn no_pattern_takes_long() {
    let mut long = facts("a", "a.example.net", &[]);
    long = Facts::from(Known { description: "a".repeat(1_000), ..known_of(&long) });
    for pattern in [
        "(a+)+$x",
        "(a|a)*b",
        "(a*)*(a*)*(a*)*b",
        "(?:a{1,50}){1,50}b",
        "(((a{10}){10}){10}){10}",
        "(x+x+)+y",
        ".*.*.*.*.*.*.*.*=.*",
        "[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[0-9]",
        "\\w+\\d+\\s",
    ] {
        let began = Instant::now();
        if let Ok(rule) = parse(&format!("description matches \"{}\"", pattern.replace('\\', "\\\\"))) {
            rule.compile().unwrap().holds(&long);
        }
        assert!(began.elapsed() < Duration::from_millis(50), "{pattern}: {:?}", began.elapsed());
    }
}

fn known_of(facts: &Facts) -> Known {
    Known {
        id: facts.id,
        name: facts.shown.clone(),
        address: facts.address().to_owned(),
        platform: facts.platform().to_owned(),
        description: String::new(),
        port: 22,
        serial_number: String::new(),
        is_enabled: true,
        is_reachable: None,
        standing: Standing::Never,
        owner: None,
        tags: Vec::new(),
    }
}

fn condition() -> impl Strategy<Value = Criteria> {
    let fields = proptest::sample::select(vec![Field::Name, Field::Description, Field::Tag, Field::Owner]);
    let operators = proptest::sample::select(vec![Operator::Equals, Operator::Contains, Operator::Ends]);
    (fields, operators, "[ -~äß]{1,8}")
        .prop_map(|(field, operator, value)| Criteria::Condition(Condition { field, operator, value }))
}

fn criteria() -> impl Strategy<Value = Criteria> {
    condition().prop_recursive(3, 12, 3, |inside| {
        prop_oneof![
            proptest::collection::vec(inside.clone(), 2..4).prop_map(Criteria::And),
            proptest::collection::vec(inside.clone(), 2..4).prop_map(Criteria::Or),
            inside.prop_map(|inside| Criteria::Not(Box::new(inside))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(rule in criteria()) {
        prop_assert_eq!(parse(&rule.to_string()), Ok(rule));
    }

    #[test]
    fn reading_never_panics(text in "[ -~\\n\"()\\\\ä]{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn groups_follow_the_laws_of_logic(a in criteria(), b in criteria(), name in "[a-c]{0,3}") {
        let device = facts(&name, "10.0.0.1", &["x"]);
        let says = |rule: &Criteria| Matcher::new(rule).unwrap().holds(&device);
        let not = |rule: &Criteria| Criteria::Not(Box::new(rule.clone()));
        prop_assert_eq!(says(&not(&a)), !says(&a));
        prop_assert_eq!(says(&Criteria::And(vec![a.clone(), b.clone()])), says(&a) && says(&b));
        let or = Criteria::Or(vec![a.clone(), b.clone()]);
        prop_assert_eq!(says(&or), says(&not(&Criteria::And(vec![not(&a), not(&b)]))));
    }
}
