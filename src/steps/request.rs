//! Requests: what is given, and asking.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use serde_json::json;

use crate::check::path::select;
use crate::domain::finding::{Code, Finding};
use crate::domain::secret::Redactor;
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, Stop, World};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "the header {text} is {text}",
        block: Block::None,
        meaning: "The next request carries this header.",
        example: "Given the header \"Prefer\" is \"count=exact\"",
        handler: Handler::Now(|world, args| world.give_header(&args.text(0), &args.text(1))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the query parameter {text} is {text}",
        block: Block::None,
        meaning: "The next request carries this query parameter, encoded as HTML forms are.",
        example: "Given the query parameter \"status\" is \"open\"",
        handler: Handler::Now(|world, args| {
            world.draft.query.push((args.text(0), args.text(1)));
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the body is:",
        block: Block::DocString,
        meaning: "The next request carries this body. Where it is JSON and no content type is given, it is sent as `application/json`.",
        example: "Given the body is:\n  \"\"\"\n  {\"content\": \"hi\"}\n  \"\"\"",
        handler: Handler::Now(|world, args| give_body(world, args.docstring()?)),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the body is the fixture {text}",
        block: Block::None,
        meaning: "The next request carries the bytes of a fixture.",
        example: "Given the body is the fixture \"chatwoot/message.json\"",
        handler: Handler::Now(|world, args| give_fixture(world, &args.text(0))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the form is:",
        block: Block::Table,
        meaning: "The next request carries these fields as an HTML form (`application/x-www-form-urlencoded`).",
        example: "Given the form is:\n  | grant_type | client_credentials |",
        handler: Handler::Now(give_form),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the GraphQL variables are:",
        block: Block::DocString,
        meaning: "The next GraphQL query carries these variables.",
        example: "Given the GraphQL variables are:\n  \"\"\"\n  {\"first\": 5}\n  \"\"\"",
        handler: Handler::Now(|world, args| {
            world.draft.graphql_variables = Some(args.json()?);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "my timeout is {count} ms",
        block: Block::None,
        meaning: "From now on a request waits no longer than this for its whole answer.",
        example: "Given my timeout is 3000 ms",
        handler: Handler::Now(|world, args| {
            world.timeout = Some(Duration::from_millis(args.count(0)?));
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I {method} {text}",
        block: Block::None,
        meaning: "Sends a request to a path of the service, with what was given.",
        example: "When I GET \"/api/analytics/idea-pool\"",
        handler: Handler::Later(|world, args| {
            async move { world.ask(&args.text(0), &args.text(1)).await }.boxed_local()
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I {method} {text} with the body:",
        block: Block::DocString,
        meaning: "Sends a request with this body. Where it is JSON and no content type is given, it is sent as `application/json`.",
        example: "When I POST \"/api/experiments/track\" with the body:\n  \"\"\"\n  {\"eventType\": \"exposure\"}\n  \"\"\"",
        handler: Handler::Later(|world, args| {
            async move {
                give_body(world, args.docstring()?)?;
                world.ask(&args.text(0), &args.text(1)).await
            }
            .boxed_local()
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I {method} {text} with the fixture {text}",
        block: Block::None,
        meaning: "Sends a request with the bytes of a fixture as its body.",
        example: "When I POST \"/rest/v1/idea_pool\" with the fixture \"supabase/idea.json\"",
        handler: Handler::Later(|world, args| {
            async move {
                give_fixture(world, &args.text(2))?;
                world.ask(&args.text(0), &args.text(1)).await
            }
            .boxed_local()
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I {method} {text} {count} time(s)",
        block: Block::None,
        meaning: "Sends the same request several times, one after the other.",
        example: "When I GET \"/admin/api/2026-10/shop.json\" 41 times",
        handler: Handler::Later(|world, args| {
            async move {
                let times = args.count(2)?;
                world.ask(&args.text(0), &args.text(1)).await?;
                repeat(world, times.saturating_sub(1)).await
            }
            .boxed_local()
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I query GraphQL at {text}:",
        block: Block::DocString,
        meaning: "Posts a GraphQL document as `{\"query\", \"variables\"}`.",
        example: "When I query GraphQL at \"/admin/api/2026-10/graphql.json\":\n  \"\"\"\n  { shop { name } }\n  \"\"\"",
        handler: Handler::Later(query_graphql),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I repeat the request",
        block: Block::None,
        meaning: "Sends the last request again, as it was.",
        example: "When I repeat the request",
        handler: Handler::Later(|world, _| async move { world.repeat().await }.boxed_local()),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I repeat the request {count} time(s)",
        block: Block::None,
        meaning: "Sends the last request again, several times, one after the other.",
        example: "When I repeat the request 30 times",
        handler: Handler::Later(|world, args| async move { repeat(world, args.count(0)?).await }.boxed_local()),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I follow the {text} link",
        block: Block::None,
        meaning: "Asks for the target of the last answer's `Link` header (RFC 8288) with this relation.",
        example: "When I follow the \"next\" link",
        handler: Handler::Later(|world, args| async move { follow(world, &args.text(0)).await }.boxed_local()),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "{count} second(s) pass",
        block: Block::None,
        meaning: "Lets time pass for the twins; nobody waits.",
        example: "When 60 seconds pass",
        handler: Handler::Now(|world, args| {
            let by = Duration::from_secs(args.count(0)?);
            world.seat()?.scene().advance(by);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I remember {path} as {text}",
        block: Block::None,
        meaning: "Keeps a value of the last answer, to be used as `${name}`.",
        example: "When I remember \"$.id\" as \"conversation\"",
        handler: Handler::Now(remember),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I remember the header {text} as {text}",
        block: Block::None,
        meaning: "Keeps a header of the last answer, to be used as `${name}`.",
        example: "When I remember the header \"Location\" as \"created\"",
        handler: Handler::Now(remember_header),
    },
];

pub fn give_body(world: &mut World, text: &str) -> StepResult {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if is_json && !world.draft.headers.contains_key("content-type") {
        world.give_header("content-type", "application/json")?;
    }
    world.draft.body = Some(Bytes::from(text.to_owned()));
    Ok(())
}

fn give_fixture(world: &mut World, name: &str) -> StepResult {
    let own = world.integration()?.clone();
    let bytes = world.run()?.fixture(&own, name).cloned();
    let bytes = bytes.ok_or_else(|| format!("there is no fixture `{name}`"))?;
    if Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
        && !world.draft.headers.contains_key("content-type")
    {
        world.give_header("content-type", "application/json")?;
    }
    world.draft.body = Some(bytes);
    Ok(())
}

fn give_form(world: &mut World, args: &Args) -> StepResult {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for row in args.table()? {
        let [name, value] = row.as_slice() else {
            return Err("a form's table has two columns: name and value".to_owned().into());
        };
        form.append_pair(name, value);
    }
    world.give_header("content-type", "application/x-www-form-urlencoded")?;
    world.draft.body = Some(Bytes::from(form.finish()));
    Ok(())
}

fn query_graphql<'a>(world: &'a mut World, args: &'a Args) -> LocalBoxFuture<'a, StepResult> {
    async move {
        let mut body = json!({ "query": args.docstring()? });
        if let Some(variables) = world.draft.graphql_variables.take() {
            body["variables"] = variables;
        }
        give_body(world, &body.to_string())?;
        world.ask("POST", &args.text(0)).await
    }
    .boxed_local()
}

/// More repetitions than any limit of a vendor needs.
const MOST_TIMES: u64 = 10_000;

async fn repeat(world: &mut World, times: u64) -> StepResult {
    if times > MOST_TIMES {
        return Err(format!("{times} times is more than the {MOST_TIMES} that are sent").into());
    }
    for _ in 0..times {
        world.repeat().await?;
    }
    Ok(())
}

/// Follows a link; where there is none, that is the finding.
pub async fn follow(world: &mut World, relation: &str) -> StepResult {
    let Some(answer) = world.answer()? else { return Ok(()) };
    let links = answer.header("link").unwrap_or_default();
    if let Some(target) = link(&links, relation) {
        world.ask("GET", &target).await
    } else {
        world.promise(Some(
            Finding::new(Code::Pagination, format!("the answer has no \"{relation}\" link"))
                .expected(format!("rel=\"{relation}\""))
                .actual(if links.is_empty() { "no Link header".to_owned() } else { links }),
        ));
        Err(Stop::Unasked(format!("there is no \"{relation}\" link to follow")))
    }
}

/// The target of a relation in a `Link` header.
pub fn link(header: &str, relation: &str) -> Option<String> {
    header.split(',').find_map(|part| {
        let (target, parameters) = part.trim().strip_prefix('<')?.split_once('>')?;
        let is = |parameter: &str| {
            parameter.trim().strip_prefix("rel=").is_some_and(|rel| rel.trim_matches('"') == relation)
        };
        parameters.split(';').any(is).then(|| target.to_owned())
    })
}

fn remember(world: &mut World, args: &Args) -> StepResult {
    keep(world, &args.text(0), &args.text(1))
}

/// Keeps a value of the last answer under a name.
///
/// # Errors
/// There is nothing to keep; that is the finding.
pub fn keep(world: &mut World, path: &str, name: &str) -> StepResult {
    let Some(document) = world.document()? else { return Ok(()) };
    if let Some(node) = select(path, &document)?.first() {
        let member = node.pointer.rsplit('/').next().unwrap_or_default();
        if Redactor::is_secret_member(member) {
            world.secrets.extend(node.value.as_str().map(str::to_owned));
        }
        world.remembered.insert(name.to_owned(), node.value.clone());
        Ok(())
    } else {
        world.promise(Some(
            Finding::new(Code::Value, format!("{path} selects nothing to remember"))
                .expected("a value")
                .actual("nothing"),
        ));
        Err(Stop::Unasked(format!("{path} could not be remembered")))
    }
}

fn remember_header(world: &mut World, args: &Args) -> StepResult {
    let name = args.text(0);
    let Some(answer) = world.answer()? else { return Ok(()) };
    if let Some(value) = answer.header(&name) {
        if Redactor::is_secret_header(&name) {
            world.secrets.push(value.clone());
        }
        world.remembered.insert(args.text(1), value.into());
        Ok(())
    } else {
        world.promise(Some(
            Finding::new(Code::Header, format!("the header {name} is absent")).expected("a value").actual("absent"),
        ));
        Err(Stop::Unasked(format!("the header {name} could not be remembered")))
    }
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn a_link_is_found_by_its_relation() {
        let header = "<https://s/a?page_info=x>; rel=\"previous\", <https://s/a?page_info=y>; rel=\"next\"";
        assert_eq!(link(header, "next").as_deref(), Some("https://s/a?page_info=y"));
        assert_eq!(link(header, "last"), None);
        assert_eq!(link("", "next"), None);
    }
}
