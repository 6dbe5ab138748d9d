//! Lists that come in pages.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use serde_json::Value;

use crate::check::body;
use crate::check::path::select;
use crate::domain::finding::{Code, Finding};
use crate::steps::args::Args;
use crate::steps::lists::repeated;
use crate::steps::request::link;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, World, no_answer};

/// A list that has not ended by then never ends.
const MOST_PAGES: usize = 200;

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::When,
        expression: "I GET every page of {text} by {text} until {path} is empty",
        block: Block::None,
        meaning: "Asks for page 1, 2, 3 … by a query parameter, up to the first page whose list is empty.",
        example: "When I GET every page of \"/api/v1/accounts/1/conversations\" by \"page\" until \"$.data.payload\" is empty",
        handler: Handler::Later(by_number),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "I GET every page of {text} by its next link",
        block: Block::None,
        meaning: "Asks for the list and follows the `Link` header with rel=\"next\" to the last page.",
        example: "When I GET every page of \"/admin/api/2026-10/products.json?limit=50\" by its next link",
        handler: Handler::Later(by_link),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the pages hold {count} items at {path}",
        block: Block::None,
        meaning: "What the path selects on all pages together has this number. Where it selects an array, its elements count.",
        example: "Then the pages hold 27 items at \"$.data.payload\"",
        handler: Handler::Now(|world, args| {
            let (wanted, path) = (args.count(0)?, args.text(1));
            let Some(items) = items_on_pages(world, &path)? else { return Ok(()) };
            let came = items.len() as u64;
            world.promise((came != wanted).then(|| {
                Finding::new(Code::Pagination, format!("the pages hold {came} items at {path}, expected {wanted}"))
                    .expected(wanted.to_string())
                    .actual(came.to_string())
            }));
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the values of {path} are unique on all pages",
        block: Block::None,
        meaning: "What the path selects on all pages together holds no value twice.",
        example: "Then the values of \"$.data.payload[*].id\" are unique on all pages",
        handler: Handler::Now(|world, args| {
            let path = args.text(0);
            let Some(items) = items_on_pages(world, &path)? else { return Ok(()) };
            let finding = if items.is_empty() {
                Some(Finding::new(Code::Pagination, format!("{path} selects nothing on any page")).expected("a value"))
            } else {
                repeated(items)
            };
            world.promise(finding);
            Ok(())
        }),
    },
];

fn by_number<'a>(world: &'a mut World, args: &'a Args) -> LocalBoxFuture<'a, StepResult> {
    async move {
        let (list, parameter, path) = (args.text(0), args.text(1), args.text(2));
        world.pages.clear();
        let given = std::mem::take(&mut world.draft);
        for page in 1..=MOST_PAGES {
            world.draft.headers.clone_from(&given.headers);
            world.draft.query.clone_from(&given.query);
            world.draft.query.push((parameter.clone(), page.to_string()));
            world.ask("GET", &list).await?;
            world.pages.push(world.exchanges.len() - 1);
            let Some(document) = world.document()? else { return Ok(()) };
            let nodes = select(&path, &document)?;
            let ended = nodes.iter().all(|node| node.value.as_array().is_some_and(Vec::is_empty));
            if ended {
                return Ok(());
            }
        }
        world.promise(Some(endless()));
        Ok(())
    }
    .boxed_local()
}

fn by_link<'a>(world: &'a mut World, args: &'a Args) -> LocalBoxFuture<'a, StepResult> {
    async move {
        world.pages.clear();
        let given = world.draft.headers.clone();
        let mut target = args.text(0);
        for _ in 0..MOST_PAGES {
            world.draft.headers = given.clone();
            world.ask("GET", &target).await?;
            world.pages.push(world.exchanges.len() - 1);
            let Some(answer) = world.answer()? else { return Ok(()) };
            match answer.header("link").and_then(|links| link(&links, "next")) {
                Some(next) => target = next,
                None => return Ok(()),
            }
        }
        world.promise(Some(endless()));
        Ok(())
    }
    .boxed_local()
}

fn endless() -> Finding {
    Finding::new(Code::Pagination, format!("the list has not ended after {MOST_PAGES} pages")).expected("a last page")
}

/// What a path selects on every page, arrays opened; None when a page could not be read, which is the finding.
fn items_on_pages(world: &mut World, path: &str) -> Result<Option<Vec<(String, Value)>>, crate::steps::world::Stop> {
    if world.pages.is_empty() {
        return Err("no pages were asked for before this promise".to_owned().into());
    }
    let mut items = Vec::new();
    for (number, index) in world.pages.clone().into_iter().enumerate() {
        let known = world.exchanges.document(index).cloned();
        let page = match (known, world.exchanges.get(index).map(|exchange| &exchange.outcome)) {
            (Some(document), _) => Ok(document),
            (None, Some(Ok(answer))) => body::json(answer).map(Arc::new),
            (None, Some(Err(reason))) => Err(Box::new(no_answer(reason))),
            (None, None) => continue,
        };
        let page = match page {
            Ok(page) => page,
            Err(finding) => {
                world.promise(Some(*finding));
                return Ok(None);
            }
        };
        for node in select(path, &page)? {
            let place = format!("page {} {}", number + 1, node.pointer);
            match node.value {
                Value::Array(elements) => items.extend(elements.iter().map(|element| (place.clone(), element.clone()))),
                value => items.push((place, value.clone())),
            }
        }
    }
    Ok(Some(items))
}
