//! The paths of the live page.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{Response, StatusCode, Uri};
use axum::routing::{get, post};

use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::adapter::page::access::{Access, Tried};
use crate::adapter::page::ask::{Acknowledged, Answer, Api, Ask, File, Pages, Viewer};
use crate::adapter::page::door::{Guest, plain, wait};
use crate::adapter::page::stream;

/// Bytes of a form, and the time in which it has to be there.
const MOST_FORM: usize = 8 * 1024;
const FORM: Duration = Duration::from_secs(5);
/// Characters of the name of who has seen an incident.
const MOST_NAME: usize = 60;

#[derive(Clone)]
struct House {
    access: Arc<Access>,
    pages: Arc<dyn Pages>,
    halt: Halt,
}

type Answered = Response<Body>;

pub fn router(access: Arc<Access>, pages: Arc<dyn Pages>, halt: Halt) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/services/{name}", get(page))
        .route("/incidents", get(page))
        .route("/incidents/{id}", get(page))
        .route("/incidents/{id}/acknowledge", post(acknowledge))
        .route("/readiness", get(page))
        .route("/events", get(events))
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/api/v1/overview", get(document))
        .route("/api/v1/services/{name}", get(document))
        .route("/api/v1/incidents", get(document))
        .route("/api/v1/incidents/{id}", get(document))
        .route("/api/v1/incidents/{id}/acknowledge", post(acknowledge))
        .route("/api/v1/readiness", get(document))
        .route("/api/openapi.json", get(document))
        .route("/metrics", get(document))
        .route("/healthz", get(document))
        .route("/badges/{file}", get(document))
        .route("/live.css", get(document))
        .route("/live.js", get(document))
        .route("/icon.svg", get(document))
        .fallback(nothing)
        .with_state(House { access, pages, halt })
}

impl House {
    /// Who asks; the door has refused who brought a wrong token.
    fn viewer(&self, request: &Request) -> Viewer {
        let from = request.extensions().get::<Guest>().map(|guest| guest.from);
        let known = from.and_then(|from| self.access.viewer(request.headers(), from, clock::now()).ok());
        known.unwrap_or_default()
    }

    async fn answer(&self, ask: Ask, viewer: Viewer) -> Answered {
        written(self.pages.answer(ask, viewer).await)
    }

    async fn said(&self, status: StatusCode, title: &'static str, text: &str, viewer: Viewer) -> Answered {
        self.answer(Ask::Said(status, title, text.to_owned()), viewer).await
    }
}

fn written(answer: Answer) -> Answered {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    response
}

async fn page(State(house): State<House>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    match Ask::page(&decoded(request.uri())) {
        Some(ask) => house.answer(ask, viewer).await,
        None => nothing(State(house), request).await,
    }
}

/// The path, as far as it is a text; names of services and incidents need no escapes.
fn decoded(uri: &Uri) -> String {
    uri.path().to_owned()
}

async fn nothing(State(house): State<House>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    house.said(StatusCode::NOT_FOUND, "Nothing is here", "This page has no such part.", viewer).await
}

async fn document(State(house): State<House>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    let path = decoded(request.uri());
    let file = match path.as_str() {
        "/live.css" => Some(File::Style),
        "/live.js" => Some(File::Script),
        "/icon.svg" => Some(File::Icon),
        "/api/openapi.json" => Some(File::OpenApi),
        _ => None,
    };
    if let Some(file) = file {
        let mut response = house.answer(Ask::File(file), viewer).await;
        // They change with the program alone, and a page that was left open asks for none again.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return response;
    }
    let ask = match path.as_str() {
        "/metrics" => Some(Ask::Metrics),
        "/healthz" => Some(Ask::Healthz),
        "/api/v1/overview" => Some(Ask::Api(Api::Overview)),
        "/api/v1/incidents" => Some(Ask::Api(Api::Incidents)),
        "/api/v1/readiness" => Some(Ask::Api(Api::Readiness)),
        path => behind(path),
    };
    match ask {
        Some(ask) => house.answer(ask, viewer).await,
        None => nothing(State(house), request).await,
    }
}

fn behind(path: &str) -> Option<Ask> {
    if let Some(name) = path.strip_prefix("/api/v1/services/") {
        return Some(Ask::Api(Api::Service(name.to_owned())));
    }
    if let Some(id) = path.strip_prefix("/api/v1/incidents/") {
        return Some(Ask::Api(Api::Incident(id.to_owned())));
    }
    let (service, kind) = path.strip_prefix("/badges/")?.rsplit_once('.')?;
    let svg = match kind {
        "svg" => true,
        "json" => false,
        _ => return None,
    };
    Some(Ask::Badge { service: service.to_owned(), svg })
}

async fn events(State(house): State<House>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    let Some(ask) = parameter(request.uri(), "of").and_then(|path| Ask::page(&path)) else {
        return plain(StatusCode::NOT_FOUND, "no page of that path changes by itself");
    };
    let guest = request.extensions().get::<Guest>();
    let Some(room) = guest.and_then(|guest| guest.seats.stream(&guest.seat)) else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many pages are open");
    };
    stream::of(house.pages, ask, viewer, house.halt, room)
}

async fn form(State(house): State<House>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    if !viewer.can_sign_in {
        let told = "This monitor was started without a token (--token-env), or for reading alone.";
        return house.said(StatusCode::NOT_FOUND, "There is nothing to sign in to", told, viewer).await;
    }
    let next = own(parameter(request.uri(), "next"));
    house.answer(Ask::SignIn { told: None, next }, viewer).await
}

async fn sign_in(State(house): State<House>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    if !viewer.can_sign_in || !is_own(request.headers()) {
        return plain(StatusCode::FORBIDDEN, "this form belongs to another page");
    }
    let Some(from) = request.extensions().get::<Guest>().map(|guest| guest.from) else {
        return plain(StatusCode::FORBIDDEN, "nobody is known to ask");
    };
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let next = own(field(&fields, "next"));
    let now = clock::now();
    match house.access.try_token(&field(&fields, "token").unwrap_or_default(), from, now) {
        Tried::Right => match house.access.open(now) {
            Ok(cookie) => see(&next, Some(&cookie)),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the system gives no random numbers"),
        },
        Tried::Wait(seconds) => wait(seconds),
        Tried::Wrong => {
            let told = Some("This is not the token.".to_owned());
            let mut response = house.answer(Ask::SignIn { told, next }, viewer).await;
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
    }
}

async fn sign_out(State(house): State<House>, request: Request) -> Answered {
    if !is_own(request.headers()) {
        return plain(StatusCode::FORBIDDEN, "this form belongs to another page");
    }
    let cookie = house.access.close(request.headers());
    see("/", Some(&cookie))
}

async fn acknowledge(State(house): State<House>, Path(id): Path<String>, request: Request) -> Answered {
    let viewer = house.viewer(&request);
    let is_api = request.uri().path().starts_with("/api/");
    if !viewer.signed_in {
        return plain(StatusCode::FORBIDDEN, "only who has the token acknowledges");
    }
    // A token in a header is sent by nobody's form; a cookie may be.
    if !request.headers().contains_key("authorization") && !is_own(request.headers()) {
        return plain(StatusCode::FORBIDDEN, "this form belongs to another page");
    }
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let by = field(&fields, "by").unwrap_or_default();
    let by: String = by.trim().chars().filter(|letter| !letter.is_control()).take(MOST_NAME).collect();
    if by.is_empty() {
        let told = "Say who has seen it, in the field `by`.";
        return house.said(StatusCode::UNPROCESSABLE_ENTITY, "A name is missing", told, viewer).await;
    }
    match house.pages.acknowledge(id.clone(), by).await {
        Acknowledged::Done if is_api => house.answer(Ask::Api(Api::Incident(id)), viewer).await,
        Acknowledged::Done => see(&format!("/incidents/{id}"), None),
        Acknowledged::NotOpen => {
            let told = "No incident of that name is open that nobody had seen.";
            house.said(StatusCode::CONFLICT, "Nothing to acknowledge", told, viewer).await
        }
        Acknowledged::Nobody => {
            let told = "The monitor did not answer; nothing was noted.";
            house.said(StatusCode::SERVICE_UNAVAILABLE, "Not acknowledged", told, viewer).await
        }
    }
}

fn see(place: &str, cookie: Option<&str>) -> Answered {
    let mut response = plain(StatusCode::SEE_OTHER, "");
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/")));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}

/// Whether a form was sent by a page of ours: what the browser says of it, where it says anything (Fetch Metadata; RFC 6454). A page
/// that tells nobody where it comes from, as ours do, has the origin `null`.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return ["same-origin", "none"].contains(&site);
    }
    match (text(ORIGIN.as_str()), text(HOST.as_str())) {
        (None | Some("null"), _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, authority)| authority == host),
        (Some(_), None) => false,
    }
}

/// A page of ours to go to; the first one where another place is named.
fn own(next: Option<String>) -> String {
    next.filter(|path| Ask::page(path).is_some()).unwrap_or_else(|| "/".to_owned())
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

type Fields = Vec<(String, String)>;

fn field(fields: &Fields, name: &str) -> Option<String> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// The fields of a form, or of an object of JSON.
async fn fields(request: Request) -> Result<Fields, Answered> {
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    let body = match tokio::time::timeout(FORM, to_bytes(request.into_body(), MOST_FORM)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(plain(StatusCode::PAYLOAD_TOO_LARGE, "a form of this page has no more than 8 kB")),
        Err(_) => return Err(plain(StatusCode::REQUEST_TIMEOUT, "the form did not come in time")),
    };
    if !is_json {
        return Ok(url::form_urlencoded::parse(&body).into_owned().collect());
    }
    match serde_json::from_slice(&body) {
        Ok(serde_json::Value::Object(members)) => {
            let text = |(name, value): (String, serde_json::Value)| Some((name, value.as_str()?.to_owned()));
            Ok(members.into_iter().filter_map(text).collect())
        }
        _ => Err(plain(StatusCode::UNPROCESSABLE_ENTITY, "this is no object of JSON")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{is_own, own};

    #[test]
    fn a_form_of_another_page_is_told_from_ours() {
        for (lines, ours) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("host", "localhost:7117"), ("origin", "http://localhost:7117")], true),
            (&[("host", "localhost:7117"), ("origin", "http://localhost:8000")], false),
            (&[("host", "localhost:7117"), ("origin", "null")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "null")], false),
            (&[("origin", "http://localhost:7117")], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_own(&headers), ours, "{lines:?}");
        }
    }

    #[test]
    fn behind_the_form_lies_a_page_of_ours() {
        for (next, place) in [
            (Some("/incidents/a-1"), "/incidents/a-1"),
            (Some("https://evil.example"), "/"),
            (Some("//evil.example"), "/"),
            (None, "/"),
        ] {
            assert_eq!(own(next.map(str::to_owned)), place);
        }
    }
}
