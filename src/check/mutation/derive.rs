//! Every mutation of one answer, worked out from the answer and from what is looked at in it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::check::mutation::apply::{Change, Edit};
use crate::check::mutation::place::{below, is_within, parent};
use crate::check::mutation::value::{UNKNOWN_MEMBER, UNKNOWN_WORD, edits, other_case};
use crate::check::mutation::{head, place};
use crate::domain::exchange::{Exchange, Response};
use crate::domain::json;
use crate::domain::mutation::{Kind, Mutation, Spot};

/// Elements of one list that are looked through: elements are alike, and what only a later one has is found there.
const MOST_ELEMENTS: usize = 60;

/// What is known of an answer beside itself: what a contract says of it. All of it may be empty.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Pointers that are looked at: where a list holds one of these, that element is mutated.
    pub looked_at: Vec<String>,
    /// Places (general) whose values a schema enumerates.
    pub enumerated: BTreeSet<String>,
    /// Headers that are looked at, by lower-case name, there or not.
    pub headers: BTreeSet<String>,
    /// Members that must not be there: the pointer of the object, and the name.
    pub absent: Vec<(String, String)>,
    /// Texts that must not be there.
    pub unmentioned: Vec<String>,
    /// The time within which it was promised, and how long the client waits.
    pub latency: Option<(Duration, Duration)>,
    /// Pointers of live data, and the mock's in their place.
    pub mock: Vec<(String, Value)>,
    /// An earlier answer to the same request.
    pub earlier: Option<Arc<Response>>,
    /// The text itself is looked at, not only the document that it holds.
    pub text: bool,
}

/// A mutation, and how it is done.
#[derive(Clone, Debug)]
pub struct Derived {
    pub mutation: Mutation,
    pub change: Change,
}

/// Everything that can be wrong with an answer. No two are the same mutation, and each changes the answer.
pub fn derive(exchange: &Exchange, hints: &Hints) -> Vec<Derived> {
    let mut out = Vec::new();
    if let Some((limit, timeout)) = hints.latency {
        let after = limit + Duration::from_millis(1).max(limit / 10);
        out.push((Mutation::new(Kind::Delay, Spot::Time), Change::Late { after, timeout }));
    }
    match &exchange.outcome {
        Err(_) => out.push((Mutation::new(Kind::Answered, Spot::Status), Change::Answer)),
        Ok(response) => {
            head::statuses(response, &mut out);
            of_response(response, hints, &mut out);
        }
    }
    each_once(out)
}

/// The same for a webhook, which has no status: `delivery` is its head and body.
pub fn of_delivery(delivery: &Response, hints: &Hints) -> Vec<Derived> {
    let mut out = vec![(Mutation::new(Kind::Gone, Spot::Webhook), Change::Gone)];
    of_response(delivery, hints, &mut out);
    each_once(out)
}

fn each_once(mut out: Vec<(Mutation, Change)>) -> Vec<Derived> {
    let mut known = BTreeSet::new();
    out.retain(|(mutation, _)| known.insert(mutation.clone()));
    out.into_iter().map(|(mutation, change)| Derived { mutation, change }).collect()
}

/// The headers that no promise is about, gone and changed.
pub fn of_other_headers(response: &Response, looked_at: &BTreeSet<String>) -> Vec<Derived> {
    let mut out = Vec::new();
    for name in head::telling(response).filter(|name| !looked_at.contains(*name)) {
        head::header(name, response, &mut out);
    }
    out.into_iter().map(|(mutation, change)| Derived { mutation, change }).collect()
}

fn of_response(response: &Response, hints: &Hints, out: &mut Vec<(Mutation, Change)>) {
    head::content_type(response, out);
    for name in &hints.headers {
        head::header(name, response, out);
    }
    if let Some(earlier) = hints.earlier.as_ref().filter(|it| it.body != response.body || it.status != response.status)
    {
        out.push((Mutation::new(Kind::StaleCache, Spot::Body), Change::Instead(Arc::clone(earlier))));
    }
    if response.body.is_empty() {
        let body = Bytes::from_static(b"{}");
        out.push((Mutation::new(Kind::ExtraMember, Spot::Body), Change::Body(body)));
        return;
    }
    if response.body.len() > 1 {
        out.push((Mutation::new(Kind::Truncated, Spot::Body), Change::Half));
    }
    out.push((Mutation::new(Kind::Encoding, Spot::Body), Change::Utf16));
    let document = json::parse(&response.body).ok();
    for text in &hints.unmentioned {
        out.push((
            Mutation::new(Kind::ExtraMember, Spot::Body).to("a mention"),
            mention(text, document.as_ref(), response),
        ));
    }
    let Some(document) = document else { return };
    // Written anew it must be the same text, where the text is what is looked at.
    if hints.text && serde_json::to_vec(&document).is_ok_and(|text| text != response.body) {
        return;
    }
    let mut walk = Walk { document: &document, hints, out, known: BTreeSet::new() };
    walk.place("", "", &document);
    walk.promised_absent();
    for (pointer, value) in &hints.mock {
        if document.pointer(pointer).is_some_and(|here| here != value) {
            let at = Spot::Member(place::general(&document, pointer));
            out.push((Mutation::new(Kind::Mock, at), Change::Member(pointer.clone(), Edit::Put(value.clone()))));
        }
    }
}

fn mention(text: &str, document: Option<&Value>, response: &Response) -> Change {
    if document.is_some_and(Value::is_object) {
        return Change::Member(String::new(), Edit::Add(UNKNOWN_MEMBER.to_owned(), json!(text)));
    }
    Change::Body([&response.body[..], b" ", text.as_bytes()].concat().into())
}

struct Walk<'a> {
    document: &'a Value,
    hints: &'a Hints,
    out: &'a mut Vec<(Mutation, Change)>,
    known: BTreeSet<(Kind, String)>,
}

impl Walk<'_> {
    fn add(&mut self, kind: Kind, pointer: &str, general: &str, edit: Edit) {
        if self.known.insert((kind, general.to_owned())) {
            let mut mutation = Mutation::new(kind, Spot::Member(general.to_owned()));
            if let Edit::Rename(to) = &edit {
                mutation = mutation.to(to.clone());
            }
            self.out.push((mutation, Change::Member(pointer.to_owned(), edit)));
        }
    }

    fn place(&mut self, pointer: &str, general: &str, value: &Value) {
        let name = parent(pointer).map(|(_, name)| name).unwrap_or_default();
        let mut all = Vec::new();
        edits(&name, value, &mut all);
        let enumerated = || self.hints.enumerated.contains(general);
        if value.is_string() && !all.iter().any(|(kind, _)| *kind == Kind::Enum) && enumerated() {
            all.push((Kind::Enum, Edit::Put(json!(UNKNOWN_WORD))));
        }
        for (kind, edit) in all {
            self.add(kind, pointer, general, edit);
        }
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let (pointer, general) = (below(pointer, name), below(general, name));
                    self.add(Kind::Removed, &pointer, &general, Edit::Remove);
                    if let Some(other) = other_case(name).filter(|other| !members.contains_key(other)) {
                        self.add(Kind::Case, &pointer, &general, Edit::Rename(other));
                    }
                    self.place(&pointer, &general, value);
                }
            }
            Value::Array(items) => {
                let element = format!("{general}/*");
                for index in self.order(pointer, items.len()) {
                    self.place(&format!("{pointer}/{index}"), &element, &items[index]);
                }
                self.duplicate_id(pointer, general, items);
            }
            _ => {}
        }
    }

    /// Those elements first that are looked at.
    fn order(&self, pointer: &str, length: usize) -> Vec<usize> {
        let looked_at = |index: usize| {
            let element = format!("{pointer}/{index}");
            self.hints.looked_at.iter().any(|looked| is_within(looked, &element))
        };
        let mut order: Vec<usize> = (0..length.min(MOST_ELEMENTS)).collect();
        if !self.hints.looked_at.is_empty() {
            order.sort_by_key(|index| !looked_at(*index));
        }
        order
    }

    fn duplicate_id(&mut self, pointer: &str, general: &str, items: &[Value]) {
        let id = |item: &Value| item.get("id").filter(|id| !id.is_null()).cloned();
        if let [first, second, ..] = items
            && let (Some(first), Some(second)) = (id(first), id(second))
            && first != second
        {
            let (second, shared) = (format!("{pointer}/1/id"), format!("{general}/*/id"));
            self.add(Kind::DuplicateId, &second, &shared, Edit::Put(first));
        }
    }

    fn promised_absent(&mut self) {
        for (object, name) in &self.hints.absent {
            if let Some(Value::Object(members)) = self.document.pointer(object)
                && !members.contains_key(name)
            {
                let at = Spot::Member(place::general(self.document, object));
                let edit = Edit::Add(name.clone(), json!(UNKNOWN_WORD));
                let mutation = Mutation::new(Kind::ExtraMember, at).to(name.clone());
                self.out.push((mutation, Change::Member(object.clone(), edit)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, Method, StatusCode};
    use jiff::Timestamp;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};
    use serde_json::{Map, Value, json};

    use super::{Hints, derive, of_other_headers};
    use crate::domain::exchange::{Exchange, NoAnswer, Request, Response};
    use crate::domain::mutation::{Kind, Spot};

    fn exchange(outcome: Result<Response, NoAnswer>) -> Exchange {
        let url = "http://shop.example/".parse().unwrap();
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() };
        Exchange { request, outcome, started: Timestamp::UNIX_EPOCH, duration: Duration::ZERO, approval: None }
    }

    fn response(status: u16, body: impl Into<Bytes>) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("link", "</a>; rel=\"next\"".parse().unwrap());
        headers.insert("x-limit", "10".parse().unwrap());
        Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() }
    }

    fn told(response: Response, hints: &Hints) -> Vec<String> {
        derive(&exchange(Ok(response)), hints).iter().map(|derived| derived.mutation.to_string()).collect()
    }

    fn is_other(one: &Exchange, other: &Exchange) -> bool {
        let told = |exchange: &Exchange| match &exchange.outcome {
            Ok(answer) => (Some((answer.status, answer.headers.clone(), answer.body.clone())), None),
            Err(reason) => (None, Some(reason.clone())),
        };
        told(one) != told(other) || one.duration != other.duration
    }

    fn everything() -> Hints {
        Hints {
            headers: ["link", "x-limit", "retry-after"].map(str::to_owned).into(),
            absent: vec![(String::new(), "error".to_owned())],
            unmentioned: vec!["stack".to_owned()],
            latency: Some((Duration::from_millis(300), Duration::from_millis(300))),
            mock: vec![("/id".to_owned(), json!("of the mock"))],
            earlier: Some(Arc::new(response(200, "{\"id\": \"earlier\"}"))),
            ..Hints::default()
        }
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            prop_oneof![Just("2026-01-01"), Just("2024-02-29T23:59:59Z"), Just("open"), Just("é")]
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let name =
                prop_oneof![Just("id"), Just("a/b"), Just("created_at"), Just("~"), Just("source"), Just("fooBar")];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..5).prop_map(|members| {
                    Value::Object(
                        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
                    )
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_mutation_of_any_document_changes_the_answer_and_none_panics(document in document(), status in 200_u16..600) {
            let exchange = exchange(Ok(response(status, document.to_string())));
            for derived in derive(&exchange, &everything()) {
                let mut changed = exchange.clone();
                prop_assert!(derived.change.apply(&mut changed), "{} of {document}", derived.mutation);
                prop_assert!(is_other(&exchange, &changed), "{} of {document}", derived.mutation);
            }
        }

        #[test]
        fn bytes_that_are_no_document_are_mutated_as_bytes(body in prop::collection::vec(any::<u8>(), 0..60)) {
            let exchange = exchange(Ok(response(200, body)));
            for derived in derive(&exchange, &everything()) {
                let mut changed = exchange.clone();
                prop_assert!(derived.change.apply(&mut changed) && is_other(&exchange, &changed), "{}", derived.mutation);
            }
        }
    }

    #[test]
    fn a_change_that_finds_its_place_gone_says_that_it_changed_nothing() {
        let full = exchange(Ok(response(200, "{\"a\": [{\"b\": 1}, {\"b\": 2}]}")));
        for derived in derive(&full, &everything()).iter().filter(|it| matches!(it.mutation.at, Spot::Member(_))) {
            let mut other = exchange(Ok(response(200, "7")));
            let changed = derived.change.apply(&mut other);
            assert!(!changed || !derived.mutation.at.to_string().contains('/'), "{}", derived.mutation);
            let mut none = exchange(Err(NoAnswer::Reset));
            assert!(!derived.change.apply(&mut none));
        }
    }

    #[test]
    fn elements_share_their_place_and_what_only_a_later_one_has_is_found() {
        let body = json!([{"id": 1}, {"id": 2, "note": "x"}]).to_string();
        let all = told(response(200, body), &Hints::default());
        let of = |text: &str| all.iter().filter(|told| *told == text).count();
        assert_eq!((of("removed /*/id"), of("removed /*/note"), of("duplicate-id /*/id")), (1, 1, 1));
    }

    #[test]
    fn the_element_that_is_looked_at_is_the_one_that_is_mutated() {
        let body = json!([{"id": 1}, {"id": 2}]).to_string();
        let hints = Hints { looked_at: vec!["/1/id".to_owned()], ..Hints::default() };
        let exchange = exchange(Ok(response(200, body)));
        let derived = derive(&exchange, &hints);
        let removed = derived.iter().find(|it| it.mutation.kind == Kind::Removed).unwrap();
        let mut changed = exchange.clone();
        removed.change.apply(&mut changed);
        assert_eq!(changed.outcome.unwrap().body, "[{\"id\":1},{}]");
    }

    #[test]
    fn a_document_that_cannot_be_written_as_it_was_is_left_where_its_text_is_looked_at() {
        let hints = Hints { text: true, ..Hints::default() };
        let spaced = told(response(200, "{ \"a\": 1 }"), &hints);
        assert!(spaced.iter().all(|told| !told.contains("/a")), "{spaced:?}");
        assert!(told(response(200, "{\"a\":1}"), &hints).contains(&"removed /a".to_owned()));
    }

    #[test]
    fn the_whole_answer_is_wrong_in_its_own_ways() {
        assert_eq!(
            told(response(204, ""), &Hints::default()),
            ["status 200", "status-class 404", "status-class 500", "extra-member body"]
        );
        let none = derive(&exchange(Err(NoAnswer::Reset)), &Hints::default());
        assert_eq!(none.len(), 1);
        assert_eq!(none[0].mutation.kind, Kind::Answered);
        let others = of_other_headers(&response(200, "{}"), &BTreeSet::from(["link".to_owned()]));
        let others: Vec<String> = others.iter().map(|derived| derived.mutation.to_string()).collect();
        assert_eq!(others, ["header-removed header x-limit", "header-changed header x-limit"]);
    }

    #[test]
    fn an_enumerated_text_that_is_no_word_has_an_unknown_one() {
        let body = json!({"code": "22P02"}).to_string();
        assert!(!told(response(200, body.clone()), &Hints::default()).contains(&"enum /code".to_owned()));
        let hints = Hints { enumerated: BTreeSet::from(["/code".to_owned()]), ..Hints::default() };
        assert!(told(response(200, body), &hints).contains(&"enum /code".to_owned()));
    }
}
