//! Chatwoot's refusals, each in its own shape.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;

use crate::twin::kit::{reply, request};

/// Why a request is refused. Sources are of 4.15.1.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// No token reached Rails (`devise_token_auth` 1.2.5, `render_authenticate_error`).
    SignIn,
    /// `app/controllers/concerns/access_token_auth_helper.rb`
    UnknownToken,
    /// A bot's token on an endpoint for users.
    BotsNotAuthorized,
    /// `app/controllers/concerns/ensure_current_account_helper.rb`
    AccountSuspended,
    NotInAccount,
    BotNotInAccount,
    /// A Pundit policy said no: 401, where others say 403.
    NotAllowed,
    /// A record was not found, also the account itself.
    NotFound,
    /// `ActionController::ParameterMissing`.
    Missing(&'static str),
    /// An error that the controller rescues itself.
    Unprocessable(String),
    /// `ActiveRecord::RecordInvalid`: another shape than every other error.
    Invalid(Invalid),
    Forbidden(&'static str),
    PaymentRequired(&'static str),
    /// An exception that nobody rescues.
    Crash,
    /// The body is not the JSON that it says it is.
    Malformed,
    /// Rails has no such route.
    NoRoute,
    /// The front page, asked for JSON.
    NotAcceptable,
    /// `rack-attack` 6.7.0 as configured: plain text, no `Retry-After`.
    Throttled,
    /// Chatwoot has it, the twin has not.
    NotModelled(&'static str),
}

/// The validation errors of one record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Invalid {
    /// `(attribute, what is wrong with it)`
    errors: Vec<(&'static str, &'static str)>,
}

impl Invalid {
    pub fn add(&mut self, attribute: &'static str, wrong: &'static str) {
        self.errors.push((attribute, wrong));
    }

    /// Ok when nothing was added.
    pub fn check(self) -> Result<(), Refusal> {
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self)) }
    }

    /// `Title has already been taken, Color is invalid`
    pub fn message(&self) -> String {
        let sentence = |(attribute, wrong): &(&str, &str)| format!("{} {wrong}", humanize(attribute));
        self.errors.iter().map(sentence).collect::<Vec<_>>().join(", ")
    }

    fn attributes(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.errors.iter().map(|(attribute, _)| *attribute).collect();
        names.dedup();
        names
    }
}

/// `phone_number` -> `Phone number`
fn humanize(attribute: &str) -> String {
    let words = attribute.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Refusal {
    /// The answer on the wire.
    pub fn response(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let error = |status: StatusCode, text: &str| reply::json(status, &json!({ "error": text }));
        match self {
            Self::SignIn => reply::json(
                StatusCode::UNAUTHORIZED,
                &json!({ "errors": ["You need to sign in or sign up before continuing."] }),
            ),
            Self::UnknownToken => error(StatusCode::UNAUTHORIZED, "Invalid Access Token"),
            Self::BotsNotAuthorized => {
                error(StatusCode::UNAUTHORIZED, "Access to this endpoint is not authorized for bots")
            }
            Self::AccountSuspended => error(StatusCode::UNAUTHORIZED, "Account is suspended"),
            Self::NotInAccount => error(StatusCode::UNAUTHORIZED, "You are not authorized to access this account"),
            Self::BotNotInAccount => error(StatusCode::UNAUTHORIZED, "Bot is not authorized to access this account"),
            Self::NotAllowed => error(StatusCode::UNAUTHORIZED, "You are not authorized to do this action"),
            Self::NotFound => error(StatusCode::NOT_FOUND, "Resource could not be found"),
            Self::Missing(name) => {
                error(StatusCode::UNPROCESSABLE_ENTITY, &format!("param is missing or the value is empty: {name}"))
            }
            Self::Unprocessable(text) => error(StatusCode::UNPROCESSABLE_ENTITY, text),
            Self::Invalid(invalid) => reply::json(
                StatusCode::UNPROCESSABLE_ENTITY,
                &json!({ "message": invalid.message(), "attributes": invalid.attributes() }),
            ),
            Self::Forbidden(text) => error(StatusCode::FORBIDDEN, text),
            Self::PaymentRequired(text) => error(StatusCode::PAYMENT_REQUIRED, text),
            // The route names JSON as its format, so the exception page is JSON whatever was accepted.
            Self::Crash => exception_json(StatusCode::INTERNAL_SERVER_ERROR),
            Self::Malformed => exception_page(StatusCode::BAD_REQUEST, request),
            Self::NoRoute => exception_page(StatusCode::NOT_FOUND, request),
            Self::NotAcceptable => {
                error(StatusCode::NOT_ACCEPTABLE, "Please use API routes instead of dashboard routes for JSON requests")
            }
            Self::Throttled => reply::typed(StatusCode::TOO_MANY_REQUESTS, "text/plain", "Retry later\n"),
            Self::NotModelled(what) => error(StatusCode::NOT_IMPLEMENTED, what),
        }
    }
}

/// Rails' `PublicExceptions`: JSON for a client that accepts JSON and nothing like a browser's list, else an HTML page.
fn exception_page(status: StatusCode, request: &Request<Bytes>) -> Response<Bytes> {
    let accept = request::header(request, "accept").unwrap_or_default();
    if accept.starts_with("application/json") && !accept.contains("*/*") {
        return exception_json(status);
    }
    let reason = status.canonical_reason().unwrap_or_default();
    let page = format!("<!DOCTYPE html>\n<html><head><title>{reason} ({})</title></head></html>\n", status.as_u16());
    reply::typed(status, "text/html; charset=UTF-8", page)
}

fn exception_json(status: StatusCode) -> Response<Bytes> {
    reply::json(status, &json!({ "status": status.as_u16(), "error": status.canonical_reason() }))
}

/// The body of a refusal that a fault asks for.
pub fn by_status(status: StatusCode) -> Response<Bytes> {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Refusal::Throttled.response(&Request::default()),
        StatusCode::UNAUTHORIZED => Refusal::UnknownToken.response(&Request::default()),
        StatusCode::NOT_FOUND => Refusal::NotFound.response(&Request::default()),
        // nginx answers these itself while the application is away.
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
            let page = format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
                 <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
            );
            reply::typed(status, "text/html", page)
        }
        _ => exception_json(status),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::{Invalid, Refusal};

    #[test]
    fn a_record_says_what_is_wrong_with_it_in_rails_words() {
        let mut invalid = Invalid::default();
        invalid.add("phone_number", "should be in e164 format");
        invalid.add("email", "has already been taken");
        assert_eq!(invalid.message(), "Phone number should be in e164 format, Email has already been taken");
        assert!(Invalid::default().check().is_ok());
    }

    #[test]
    fn an_unknown_route_answers_in_the_accepted_form() {
        for (accept, expected) in [("application/json", "application/json"), ("*/*", "text/html")] {
            let request = Request::get("/rails/health").header("accept", accept).body(Bytes::new()).unwrap();
            let response = Refusal::NoRoute.response(&request);
            assert_eq!(response.status(), 404);
            assert!(response.headers()["content-type"].to_str().unwrap().starts_with(expected), "{accept}");
        }
    }
}
