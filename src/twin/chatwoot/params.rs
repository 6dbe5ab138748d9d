//! Parameters as Rails hands them to an action: query, JSON, form and multipart in one map.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use crate::twin::kit::{multipart, request};

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub struct Params {
    values: Map<String, Value>,
    /// The body was a JSON object: `wrap_parameters format: [:json]` puts it under the resource's name.
    json: bool,
    /// Names of uploaded files.
    pub files: Vec<String>,
}

/// The body says that it is JSON and is not.
#[derive(Clone, Copy, Debug)]
pub struct Malformed;

impl Params {
    pub fn read(request: &Request<Bytes>) -> Result<Self, Malformed> {
        let mut params = Self::default();
        for (name, value) in request::query(request) {
            params.add(&name, value);
        }
        let content_type = request::header(request, "content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if request.body().is_empty() {
            return Ok(params);
        }
        match media_type.as_str() {
            "application/json" => {
                let body: Value = serde_json::from_slice(request.body()).map_err(|_| Malformed)?;
                if let Value::Object(members) = body {
                    params.json = true;
                    params.values.extend(members);
                }
            }
            "application/x-www-form-urlencoded" => {
                for (name, value) in url::form_urlencoded::parse(request.body()).into_owned() {
                    params.add(&name, value);
                }
            }
            "multipart/form-data" => params.read_parts(content_type, request.body())?,
            _ => {}
        }
        Ok(params)
    }

    fn read_parts(&mut self, content_type: &str, body: &Bytes) -> Result<(), Malformed> {
        let boundary = multipart::boundary(content_type).ok_or(Malformed)?;
        for part in multipart::parse(boundary, body).ok_or(Malformed)? {
            match part.file_name {
                Some(file) => self.files.push(file),
                None => self.add(&part.name, String::from_utf8_lossy(&part.content).into_owned()),
            }
        }
        Ok(())
    }

    /// Adds a text under a name in Rack's notation: `a`, `a[]`, `a[b]`.
    fn add(&mut self, name: &str, value: String) {
        let value = Value::String(value);
        match name.split_once('[') {
            Some((outer, "]")) => {
                let list = self.values.entry(outer).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = list {
                    items.push(value);
                }
            }
            Some((outer, inner)) if inner.ends_with(']') => {
                let inner = inner.trim_end_matches(']').to_owned();
                let object = self.values.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(members) = object {
                    members.insert(inner, value);
                }
            }
            _ => {
                self.values.insert(name.to_owned(), value);
            }
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A value that Ruby calls present: not null, false, blank or empty.
    pub fn present(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => true,
        })
    }

    /// A scalar as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.present(name).and_then(scalar)
    }

    /// A number, written as a number or as text; what is no number counts as 0, as `to_i` has it.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.text(name).map(|text| text.trim().parse().unwrap_or(0))
    }

    /// A record's id; what cannot be one finds nothing.
    pub fn id(&self, name: &str) -> Option<u64> {
        self.int(name).map(|number| u64::try_from(number).unwrap_or(0))
    }

    /// A flag by `ActiveModel::Type::Boolean`: false for `false`, `0`, `f`, `off` and their like, true for any other.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| !matches!(text.to_lowercase().as_str(), "false" | "0" | "f" | "off" | "no"))
    }

    /// A list of scalars as strong parameters permit it (`labels: []`): None when the value is no list.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.get(name)? {
            Value::Array(items) => items.iter().map(scalar).collect(),
            _ => None,
        }
    }

    /// A list, or the one scalar that stands for it.
    pub fn any_of(&self, name: &str) -> Option<Vec<String>> {
        self.list(name).or_else(|| self.text(name).map(|one| vec![one]))
    }

    pub fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.get(name)?.as_object()
    }

    /// The members of a nested object as parameters of their own; None when it is absent or empty.
    pub fn resource_under(&self, name: &str) -> Option<Self> {
        let members = self.object(name).filter(|members| !members.is_empty())?;
        Some(Self { values: members.clone(), ..Self::default() })
    }

    /// What `params.require(name)` gives: the members under that name, or the whole JSON body that was wrapped under it.
    pub fn resource(&self, name: &str) -> Option<Self> {
        if self.object(name).is_some() {
            return self.resource_under(name);
        }
        (self.json && !self.values.is_empty()).then(|| self.clone())
    }
}

/// A scalar as Ruby's `to_s` writes it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::Params;

    fn read(content_type: &str, body: &'static str) -> Params {
        let request = Request::post("/x?page=2&labels[]=a&labels[]=b").header("content-type", content_type);
        Params::read(&request.body(Bytes::from_static(body.as_bytes())).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_of_body_gives_the_same_parameters() {
        let json = read("application/json", r#"{"private":true,"assignee_id":5,"meta":{"a":"1"}}"#);
        let form = read("application/x-www-form-urlencoded", "private=true&assignee_id=5&meta[a]=1");
        for params in [json, form] {
            assert_eq!(params.int("page"), Some(2));
            assert_eq!(params.list("labels"), Some(vec!["a".to_owned(), "b".to_owned()]));
            assert!(params.flag("private") && !params.flag("absent"));
            assert_eq!(params.id("assignee_id"), Some(5));
            assert_eq!(params.object("meta").unwrap()["a"], "1");
        }
    }

    #[test]
    fn only_json_is_wrapped_under_the_resource() {
        assert!(read("application/json", r#"{"title":"vip"}"#).resource("label").is_some());
        assert!(read("application/json", r#"{"label":{"title":"vip"}}"#).resource("label").is_some());
        assert!(read("application/x-www-form-urlencoded", "title=vip").resource("label").is_none());
        assert!(read("application/x-www-form-urlencoded", "label[title]=vip").resource("label").is_some());
    }

    #[test]
    fn a_scalar_is_no_list() {
        let params = read("application/json", r#"{"labels":"vip","ids":[1,2]}"#);
        assert_eq!(params.list("labels"), None);
        assert_eq!(params.list("ids"), Some(vec!["1".to_owned(), "2".to_owned()]));
    }
}
