//! A request to `/rest/v1/…`, from its path to its answer.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use crate::twin::kit::reply::{self, WithHeader};
use crate::twin::kit::request::header;
use crate::twin::supabase::rest::answer::{Context, bare, negotiate, render_rows, with_some};
use crate::twin::supabase::rest::call::{call, find_function};
use crate::twin::supabase::rest::error::{RestError, Told, Version};
use crate::twin::supabase::rest::hint;
use crate::twin::supabase::rest::mutate::{Mutation, find_columns, require_key_filters};
use crate::twin::supabase::rest::payload::{self, Payload};
use crate::twin::supabase::rest::plan::{Purpose, read_plan};
use crate::twin::supabase::rest::read::read_table;
use crate::twin::supabase::store::database::Database;
use crate::twin::supabase::store::error::PgError;
use crate::twin::supabase::store::function::Volatility;
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::policy::Session;
use crate::wire::postgrest::media::Media;
use crate::wire::postgrest::prefer::{Honoured, Preferences};
use crate::wire::postgrest::query::{Dialect, Query};
use crate::wire::postgrest::range::{Range, parse_range};

/// The roles that a Supabase project has.
pub const ROLES: [&str; 3] = ["anon", "authenticated", "service_role"];

/// PostgREST in front of a database.
pub struct Service<'a> {
    pub database: &'a mut Database,
    pub version: Version,
    /// `db-max-rows`
    pub max_rows: Option<i64>,
}

/// What a request is about.
enum Target<'a> {
    Root,
    Table(&'a str),
    Function(&'a str),
}

impl Service<'_> {
    /// Answers a request whose path, without the gateway's prefix, has these segments.
    ///
    /// # Errors
    /// What PostgREST or the database refuses.
    pub fn answer(
        &mut self,
        request: &Request<Bytes>,
        segments: &[String],
        session: &Session,
    ) -> Result<Response<Bytes>, RestError> {
        let target = match segments {
            [] => Target::Root,
            [name] => Target::Table(name),
            [rpc, name] if rpc == "rpc" => Target::Function(name),
            _ => return Err(RestError::NotFound),
        };
        let method = request.method();
        check_method(&target, method)?;
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let arguments = matches!(target, Target::Function(_)) && reads;
        let dialect = Dialect { arguments, not_null: self.version == Version::V14 };
        let query = Query::parse(request.uri().query().unwrap_or_default(), dialect)?;
        let profiled = self.check_profile(request)?;
        let range = self.range(request, &query)?;
        let payload = read_payload(request, &query, &target)?;
        let (version, method) = (self.version, method.clone());
        let preferences = Preferences::read(
            request.headers().get_all("prefer").iter().filter_map(|value| value.to_str().ok()),
            version == Version::V14,
        );
        let mut context = Context { version, method, preferences, media: Media::Json, profiled, range };
        let accepted = Media::accepted(header(request, "accept"));
        match target {
            Target::Root => root(&context, &accepted),
            Target::Function(name) => self.call(name, &query, payload, &accepted, &mut context, request, session),
            Target::Table(name) => self.table(name, &query, &payload, &accepted, &mut context, session),
        }
    }

    fn check_profile(&self, request: &Request<Bytes>) -> Result<bool, RestError> {
        let writes = matches!(*request.method(), Method::POST | Method::PATCH | Method::PUT | Method::DELETE);
        let name = if writes { "content-profile" } else { "accept-profile" };
        match header(request, name) {
            None => Ok(false),
            Some("public") => Ok(true),
            Some(other) => Err(match self.version {
                Version::V12 => Told::new(406, "PGRST106", "The schema must be one of the following: public"),
                Version::V14 => Told::new(406, "PGRST106", format!("Invalid schema: {other}"))
                    .hint(Some("Only the following schemas are exposed: public".into())),
            }
            .into()),
        }
    }

    /// The rows asked for by `limit`, `offset` and `Range` together.
    fn range(&self, request: &Request<Bytes>, query: &Query) -> Result<Range, RestError> {
        let method = request.method();
        let asked = header(request, "range").filter(|_| *method == Method::GET).map_or(Range::ALL, parse_range);
        let limit = query.ranges.get("limit").copied().unwrap_or(Range::ALL);
        let range = if limit.is_none_asked() { Range::NONE } else { asked.and(limit) };
        if range.is_empty() && !limit.is_none_asked() {
            let details = if asked.is_empty() {
                "The lower boundary must be lower than or equal to the upper boundary in the Range header."
            } else {
                "Limit should be greater than or equal to zero."
            };
            return Err(Told::new(416, "PGRST103", "Requested range not satisfiable").details(details).into());
        }
        let changes = matches!(*method, Method::PATCH | Method::DELETE);
        if self.version == Version::V12 && changes && !query.ranges.is_empty() && query.orders.is_empty() {
            return Err(Told::new(400, "PGRST109", "A 'limit' was applied without an explicit 'order'")
                .hint(Some("Apply an 'order' using unique column(s)".into()))
                .into());
        }
        if *method == Method::PUT && range != Range::ALL {
            let message = "limit/offset querystring parameters are not allowed for PUT";
            return Err(Told::new(400, "PGRST114", message).into());
        }
        Ok(range)
    }

    /// The schema cache of PostgREST 13 and later knows its tables.
    fn check_table(&self, name: &str) -> Result<(), RestError> {
        if self.version == Version::V12 || self.database.table(name).is_some() {
            return Ok(());
        }
        let near = hint::nearest(name, self.database.table_names(), 0.75);
        Err(RestError::NoTable(name.to_owned(), near.first().map(|(_, table)| (*table).to_owned())))
    }

    fn table(
        &mut self,
        name: &str,
        query: &Query,
        payload: &Payload,
        accepted: &[Media],
        context: &mut Context,
        session: &Session,
    ) -> Result<Response<Bytes>, RestError> {
        if context.method == Method::OPTIONS {
            return self.options(name);
        }
        self.check_table(name)?;
        if matches!(context.method, Method::GET | Method::HEAD) {
            return self.read(name, query, accepted, context, session);
        }
        let plan = read_plan(self.database, name, query, context.range, Purpose::Written, None)?;
        let columns = match context.method {
            Method::PUT => {
                require_key_filters(self.database, name, query)?;
                find_columns(self.database, self.version, name, &payload.keys)?
            }
            Method::DELETE => Vec::new(),
            _ => find_columns(self.database, self.version, name, &payload.keys)?,
        };
        context.require_known_preferences()?;
        context.media = negotiate(self.version, accepted)?;
        begin(session)?;
        let method = context.method.clone();
        let mutation = Mutation { database: self.database, session, context, query, plan: &plan, name };
        match method {
            Method::POST => mutation.create(&columns, payload),
            Method::PUT => mutation.put(&columns, payload),
            Method::PATCH => mutation.update(&columns, payload),
            _ => mutation.delete(),
        }
    }

    fn read(
        &self,
        name: &str,
        query: &Query,
        accepted: &[Media],
        context: &mut Context,
        session: &Session,
    ) -> Result<Response<Bytes>, RestError> {
        let plan = read_plan(self.database, name, query, context.range, Purpose::Read, self.max_rows)?;
        context.media = negotiate(self.version, accepted)?;
        context.require_known_preferences()?;
        begin(session)?;
        let read = read_table(self.database, &plan, session)?;
        context.require_singular(read.rows.len())?;
        let counted = context.preferences.count.is_some().then_some(read.total);
        let text = render_rows(&read.rows, &context.media);
        let (status, range, mut text) = context.ranged(read.rows.len(), counted, text);
        if context.method == Method::HEAD {
            text.clear();
        }
        let location =
            if query.canonical.is_empty() { format!("/{name}") } else { format!("/{name}?{}", query.canonical) };
        let applied = context.preferences.applied(&[Honoured::Count, Honoured::Handling]);
        let response = bare(status, text).with_header("content-range", range).with_header("content-location", location);
        Ok(with_some(context.with_content_type(response), "preference-applied", applied))
    }

    fn options(&self, name: &str) -> Result<Response<Bytes>, RestError> {
        let Some(table) = self.database.table(name) else {
            return Err(match self.version {
                Version::V12 => RestError::NotFound,
                Version::V14 => RestError::NoTable(name.to_owned(), None),
            });
        };
        let put = if table.primary_key.is_empty() { "" } else { ",PUT" };
        Ok(allowed(&format!("OPTIONS,GET,HEAD,POST{put},PATCH,DELETE")))
    }

    #[expect(clippy::too_many_arguments, reason = "one call of one caller: a struct would only rename the arguments")]
    fn call(
        &mut self,
        name: &str,
        query: &Query,
        payload: Payload,
        accepted: &[Media],
        context: &mut Context,
        request: &Request<Bytes>,
        session: &Session,
    ) -> Result<Response<Bytes>, RestError> {
        let posted = context.method == Method::POST;
        let arguments: BTreeMap<String, Json> = if posted {
            match payload.items.into_iter().next() {
                Some(Json::Object(members)) => {
                    members.into_iter().filter(|(key, _)| payload.keys.contains(key)).collect()
                }
                _ => BTreeMap::new(),
            }
        } else {
            query.arguments.iter().map(|(key, value)| (key.clone(), Json::Text(value.clone()))).collect()
        };
        let keys: BTreeSet<&str> = if posted {
            payload.keys.iter().map(String::as_str).collect()
        } else {
            arguments.keys().map(String::as_str).collect()
        };
        let given: Vec<&str> = keys.into_iter().collect();
        let media = posted.then(|| header(request, "content-type").map_or(Media::Json, Media::read));
        let function = {
            let single = context.preferences.single_object;
            find_function(self.database, self.version, name, &given, media.as_ref(), single)?
        };
        if context.method == Method::OPTIONS {
            let verbs =
                if function.volatility == Volatility::Volatile { "OPTIONS,POST" } else { "OPTIONS,GET,HEAD,POST" };
            return Ok(allowed(verbs));
        }
        context.media = negotiate(self.version, accepted)?;
        begin(session)?;
        call(self.database, function, &arguments, query, context, session, self.max_rows)
    }
}

fn read_payload(request: &Request<Bytes>, query: &Query, target: &Target) -> Result<Payload, RestError> {
    if !matches!(*request.method(), Method::POST | Method::PATCH | Method::PUT) {
        return Ok(Payload::default());
    }
    let media = header(request, "content-type").map_or(Media::Json, Media::read);
    let columns = query.columns.as_ref().filter(|_| *request.method() != Method::PUT);
    payload::read(request.body(), &media, columns, matches!(target, Target::Function(_)))
}

fn check_method(target: &Target, method: &Method) -> Result<(), RestError> {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS];
    if matches!(target, Target::Function(_)) && !known.contains(method) {
        return Err(Told::new(405, "PGRST101", format!("Cannot use the {method} method on RPC")).into());
    }
    if known.contains(method) || [Method::PATCH, Method::PUT, Method::DELETE].contains(method) {
        return Ok(());
    }
    Err(Told::new(405, "PGRST117", format!("Unsupported HTTP method: {method}")).into())
}

/// The `OpenAPI` description is not modelled.
fn root(context: &Context, accepted: &[Media]) -> Result<Response<Bytes>, RestError> {
    match context.method {
        Method::OPTIONS => Ok(allowed("OPTIONS,GET,HEAD")),
        Method::GET | Method::HEAD => {
            let known = [Media::OpenApi, Media::Json, Media::Any];
            if accepted.iter().any(|media| known.contains(media)) {
                return Err(RestError::Gap("the OpenAPI description at the root".into()));
            }
            let names: Vec<String> = accepted.iter().map(Media::name).collect();
            Err(RestError::media_type(context.version, &names))
        }
        _ => Err(RestError::NotFound),
    }
}

/// The role that a token names must exist: the first thing that a transaction finds out.
fn begin(session: &Session) -> Result<(), RestError> {
    if ROLES.contains(&session.role.as_str()) {
        return Ok(());
    }
    Err(PgError::new("22023", format!("role \"{}\" does not exist", session.role)).into())
}

fn allowed(verbs: &str) -> Response<Bytes> {
    reply::empty(StatusCode::OK).with_header("access-control-allow-origin", "*").with_header("allow", verbs)
}
