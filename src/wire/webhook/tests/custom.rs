//! Descriptions that users write.

use super::{Delivery, at, keys};
use crate::wire::webhook::scheme::Scheme;

fn read(text: &str) -> Result<Scheme, String> {
    serde_yaml::from_str(text).map_err(|error| error.to_string())
}

const ACME: &str = "
name: acme
signature: {header: X-Acme-Signature, prefix: 's=', separator: ';'}
signed: 'v2:{timestamp}:{id}:{body}'
timestamp: {entry: 'at=', format: unix-milliseconds, past: 60, future: 5}
delivery_id: X-Acme-Id
algorithm: hmac-sha512
encoding: base64-url
key: hex
";

#[test]
fn a_users_own_scheme_signs_and_verifies() {
    let scheme = read(ACME).unwrap();
    assert_eq!(scheme.faults(), []);
    let (secret, public) = keys(&scheme);
    let delivery = Delivery::signed(&scheme, &secret, at(1_767_225_600), b"{}");
    let value = delivery.headers["x-acme-signature"].to_str().unwrap();
    assert!(value.starts_with("at=1767225600000;s="), "{value}");
    assert_eq!(scheme.verify(&public, &delivery.received(), at(1_767_225_660)), Ok(()));
    assert_eq!(scheme.verify(&public, &delivery.received(), at(1_767_225_661)).unwrap_err().word(), "stale");
    assert_eq!(scheme.verify(&public, &delivery.received(), at(1_767_225_594)).unwrap_err().word(), "future");
}

#[test]
fn a_description_is_written_as_it_was_read() {
    let scheme = read(ACME).unwrap();
    let text = serde_yaml::to_string(&scheme).unwrap();
    assert_eq!(serde_yaml::to_string(&read(&text).unwrap()).unwrap(), text);
    for known in crate::wire::webhook::schemes::SCHEMES {
        let text = serde_yaml::to_string(known).unwrap();
        let again = read(&text).unwrap_or_else(|error| panic!("{}: {error}", known.name));
        assert_eq!(serde_yaml::to_string(&again).unwrap(), text);
    }
}

#[test]
fn what_contradicts_itself_is_named_with_its_key() {
    let head = "name: acme\nsignature: {header: X-Sig}\n";
    let table = [
        (format!("{head}signed: '{{timestamp}}.{{body}}'\n"), "signed", "nothing says where it stands"),
        (format!("{head}signed: '{{id}}.{{body}}'\n"), "signed", "the delivery's id is signed"),
        (format!("{head}signed: '{{body}}'\ntimestamp: {{header: X-T}}\n"), "timestamp", "is not signed"),
        (format!("{head}signed: '{{timestamp}}{{body}}'\ntimestamp: {{}}\n"), "timestamp", "in one place"),
        (
            format!("{head}signed: '{{timestamp}}{{body}}'\ntimestamp: {{entry: 't='}}\n"),
            "timestamp.entry",
            "one entry",
        ),
        (format!("{head}signed: '{{id}}{{body}}'\ndelivery_id: X-Id\n"), "signed", "without a joint"),
        (format!("{head}signed: '{{body}}'\ntopic: {{}}\n"), "topic", "in a header or in the body"),
        (format!("{head}signed: ['@method']\n"), "encoding", "base64"),
        (format!("{head}signed: []\nencoding: base64\n"), "signed", "no component"),
        ("name: A B\nsignature: {header: X-Sig}\nsigned: '{body}'\n".to_owned(), "name", "is no name"),
        ("name: stripe\nsignature: {header: X-Sig}\nsigned: '{body}'\n".to_owned(), "name", "known already"),
        (
            "name: acme\nsignature: {header: X Sig}\nsigned: '{body}'\n".to_owned(),
            "signature.header",
            "no header's name",
        ),
        (
            "name: acme\nsignature: {header: X-Sig, separator: a}\nsigned: '{body}'\n".to_owned(),
            "signature.separator",
            "letters",
        ),
    ];
    for (text, keys, message) in table {
        let faults = read(&text).unwrap().faults();
        let found = faults.iter().any(|fault| fault.keys.join(".") == keys && fault.message.contains(message));
        assert!(found, "{text}{faults:?}");
    }
    assert!(read(&format!("{head}signed: '{{boddy}}'\n")).unwrap_err().contains("did you mean {body}?"));
}
