//! Requests in PostgREST's language, read as PostgREST reads them: same grammar, same error texts.
//!
//! Source of every rule here: PostgREST 12.0.2, `ApiRequest`, `ApiRequest.QueryParams`, `ApiRequest.Preferences`,
//! `RangeQuery` and `MediaType`, held against the real program by the differential test.

pub mod filter;
pub mod media;
pub mod name;
pub mod order;
pub mod parsec;
pub mod prefer;
pub mod query;
pub mod range;
pub mod select;
