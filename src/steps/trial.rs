//! Receivers and clients on trial: a whole webhook suite, and a client's way through lessons of the gauntlet.

use futures::FutureExt as _;
use serde_json_path::JsonPath;
use url::Url;

use crate::domain::finding::{Code, Finding};
use crate::domain::gauntlet::{GauntletRun, Judged, Question};
use crate::domain::nearest::nearest;
use crate::domain::receiver::cases;
use crate::domain::record::Outcome;
use crate::domain::suite::Suite;
use crate::steps::args::Args;
use crate::steps::receiving::scheme;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::workshop::{Course, Siege};
use crate::steps::world::{StepResult, Stop, World};

/// Findings that one promise tells.
const MOST_TOLD: usize = 5;

/// What a scenario has put on trial.
#[derive(Default)]
pub struct Trial {
    /// Where effects are counted: an address, and what is read there.
    observe: Option<(Url, JsonPath)>,
    pub suite: Option<Suite>,
    pub gauntlet: Option<GauntletRun>,
}

impl Trial {
    /// Something was asked that is no request of the scenario's own.
    pub fn was_held(&self) -> bool {
        self.suite.is_some() || self.gauntlet.is_some()
    }
}

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "the receiver's effects are counted at {text} by {path}",
        block: Block::None,
        meaning: "The address of a receiver's counter, and the number (or the list) in its answer: so it is seen what a delivery has done.",
        example: "Given the receiver's effects are counted at \"http://127.0.0.1:3000/effects\" by \"$.count\"",
        handler: Handler::Now(observe),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "the receiver at {text} is attacked with scheme {text}",
        block: Block::None,
        meaning: "Sends every case of the webhook suite to a receiver on this machine, signed with the secret that the contract has for the scheme. `preflight webhook attack` does the same, and asks for an approval where the receiver is elsewhere.",
        example: "When the receiver at \"http://127.0.0.1:3000/hook\" is attacked with scheme \"shopify\"",
        handler: Handler::Later(|world, args| attack(world, args, None).boxed_local()),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "the receiver at {text} is attacked with scheme {text} and the secret {text}",
        block: Block::None,
        meaning: "The same, signed with this secret.",
        example: "When the receiver at \"http://127.0.0.1:3000/hook\" is attacked with scheme \"stripe\" and the secret \"whsec_test\"",
        handler: Handler::Later(|world, args| attack(world, args, Some(args.text(2))).boxed_local()),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "no case is broken",
        block: Block::None,
        meaning: "The receiver did what it must in every case that could be asked, and right deliveries were among them.",
        example: "Then no case is broken",
        handler: Handler::Now(no_case_is_broken),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the case {text} is {name}",
        block: Block::None,
        meaning: "One case of the suite came out so: kept, broken or unasked.",
        example: "Then the case \"stale-timestamp\" is kept",
        handler: Handler::Now(one_case),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "the client {text} goes through lesson(s) {text}",
        block: Block::None,
        meaning: "Runs a command against the twin of the integration, once for each of these lessons of the gauntlet, after one in which nothing misbehaves. `{url}`, `{host}` and `{port}` in its words are the twin's; a word with spaces stands in single quotes. It runs only where PREFLIGHT_COMMANDS=1 allows commands.",
        example: "When the client \"node client.js\" goes through lesson \"throttled-seconds\"",
        handler: Handler::Later(|world, args| send_through(world, args).boxed_local()),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the client does nothing wrong",
        block: Block::None,
        meaning: "No expectation of the lessons was broken, and each lesson could ask at least one.",
        example: "Then the client does nothing wrong",
        handler: Handler::Now(|world, _| judge(world, |_| true)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "it waits as the vendor asked",
        block: Block::None,
        meaning: "In each lesson that asks for a wait, the client came back no sooner.",
        example: "Then it waits as the vendor asked",
        handler: Handler::Now(|world, _| judge(world, |judged| judged.question == Question::Wait)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the client is found to be wrong: {name}",
        block: Block::None,
        meaning: "One of the lessons found this: a word of `preflight gauntlet`'s findings. It keeps a known fault known.",
        example: "Then the client is found to be wrong: wrong-unit",
        handler: Handler::Now(is_found_wrong),
    },
];

fn address(text: &str) -> Result<Url, Stop> {
    let url = Url::parse(text).map_err(|error| Stop::BadStep(format!("`{text}` is no address: {error}")))?;
    let is_one = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_one.then_some(url).ok_or_else(|| Stop::BadStep(format!("`{text}` is no address: use http:// or https://")))
}

fn observe(world: &mut World, args: &Args) -> StepResult {
    let path = args.text(1);
    let read = JsonPath::parse(&path).map_err(|error| format!("`{path}` is no JSONPath (RFC 9535): {error}"))?;
    world.trial.observe = Some((address(&args.text(0))?, read));
    Ok(())
}

async fn attack(world: &mut World, args: &Args, secret: Option<String>) -> StepResult {
    let url = address(&args.text(0))?;
    let scheme = scheme(world, &args.text(1))?.into_owned();
    let known = || world.lookup(&scheme.secret_variable);
    let secret = secret
        .or_else(known)
        .ok_or_else(|| Stop::Unasked(format!("needs ${{{}}}, which has no value", scheme.secret_variable)))?;
    let run = std::sync::Arc::clone(world.run()?);
    let siege = Siege {
        url,
        scheme,
        secret: secret.into(),
        integration: world.integration()?.clone(),
        observe: world.trial.observe.clone(),
        halt: run.halt.clone(),
    };
    world.trial.suite = Some(run.workshop()?.attack(siege).await?);
    Ok(())
}

fn suite(world: &World) -> Result<&Suite, Stop> {
    let none = || Stop::BadStep("no receiver was attacked before this promise".to_owned());
    world.trial.suite.as_ref().ok_or_else(none)
}

fn no_case_is_broken(world: &mut World, _: &Args) -> StepResult {
    let suite = suite(world)?;
    let told = |case: &crate::domain::suite::CaseRun| {
        let what = case.findings.first().map_or(case.wanted.as_str(), |finding| finding.message.as_str());
        format!("{}: {what}", case.name)
    };
    let broken: Vec<String> = suite.of(Outcome::Broken).map(told).collect();
    if broken.is_empty() {
        // A suite of which nothing was kept has shown nothing, and so has one whose right delivery was never answered.
        let valid = suite.cases.iter().find(|case| case.name == "valid");
        if let Some(reason) = valid.filter(|case| case.outcome != Outcome::Kept).and_then(|case| case.reason.clone()) {
            return Err(Stop::Unasked(reason));
        }
        if suite.of(Outcome::Kept).next().is_none() {
            return Err(Stop::Unasked("no case of the suite could be asked".to_owned()));
        }
        world.promise(None);
        return Ok(());
    }
    let count = broken.len();
    world.promise(Some(several(Code::Webhook, &format!("{count} cases of the suite are broken"), &broken)));
    Ok(())
}

fn several(code: Code, what: &str, all: &[String]) -> Finding {
    let more = all.len().saturating_sub(MOST_TOLD);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let told = all[..all.len().min(MOST_TOLD)].join("; ");
    Finding::new(code, format!("{what}: {told}{more}")).expected("none").actual(all.len().to_string())
}

fn one_case(world: &mut World, args: &Args) -> StepResult {
    let (name, wanted) = (args.text(0), args.text(1));
    let known = [Outcome::Kept, Outcome::Broken, Outcome::Unasked];
    let Some(wanted) = known.into_iter().find(|outcome| outcome.as_str() == wanted) else {
        return Err(format!("`{wanted}` is nothing that a case comes out as: write kept, broken or unasked").into());
    };
    let suite = suite(world)?;
    let Some(found) = suite.cases.iter().find(|case| case.name == name) else {
        if let Some(left) = suite.not_applicable.iter().find(|left| left.name == name) {
            return Err(Stop::BadStep(format!(
                "the case `{name}` does not apply to {}: {}",
                suite.scheme, left.reason
            )));
        }
        let near = nearest(&name, cases::all().map(|case| case.name)).map(|near| format!("; did you mean `{near}`?"));
        return Err(Stop::BadStep(format!("the suite has no case `{name}`{}", near.unwrap_or_default())));
    };
    let (came, wanted) = (found.outcome.as_str(), wanted.as_str());
    let why = found.findings.first().map(|finding| finding.message.clone()).or_else(|| found.reason.clone());
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let finding = (came != wanted).then(|| {
        Finding::new(Code::Webhook, format!("the case {name} is {came}{why}, expected {wanted}"))
            .expected(wanted)
            .actual(came)
    });
    world.promise(finding);
    Ok(())
}

async fn send_through(world: &mut World, args: &Args) -> StepResult {
    let line = words(&args.text(0))?;
    let lessons = args.text(1).split(',').map(|name| name.trim().to_owned()).collect();
    let run = std::sync::Arc::clone(world.run()?);
    let integration = world.integration()?.clone();
    let course = Course { integration, line, lessons, halt: run.halt.clone() };
    world.trial.gauntlet = Some(run.workshop()?.gauntlet(course).await?);
    Ok(())
}

/// The words of a command line. No shell reads it: single quotes hold a word together, and nothing else is special.
fn words(line: &str) -> Result<Vec<String>, Stop> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            letter if letter.is_whitespace() && !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    if quoted {
        return Err(Stop::BadStep("a single quote of the command line is never closed".to_owned()));
    }
    if words.is_empty() {
        return Err(Stop::BadStep("the command line names no program".to_owned()));
    }
    Ok(words)
}

fn gauntlet(world: &World) -> Result<&GauntletRun, Stop> {
    let none = || Stop::BadStep("no client went through a lesson before this promise".to_owned());
    world.trial.gauntlet.as_ref().ok_or_else(none)
}

/// Each lesson must have asked something of this, and found nothing.
fn judge(world: &mut World, about: impl Fn(&Judged) -> bool) -> StepResult {
    let (mut broken, mut kept, mut unasked) = (Vec::new(), 0, None);
    for lesson in &gauntlet(world)?.lessons {
        let judged: Vec<&Judged> = lesson.judged.iter().filter(|judged| about(judged)).collect();
        let told = |judged: &&Judged| format!("{}: {}", lesson.lesson, judged.told);
        broken.extend(judged.iter().filter(|judged| judged.outcome == Outcome::Broken).map(told));
        if judged.iter().any(|judged| judged.outcome == Outcome::Kept) {
            kept += 1;
        } else if let Some(first) = judged.first() {
            unasked.get_or_insert_with(|| told(first));
        }
    }
    if !broken.is_empty() {
        world.promise(Some(several(Code::Client, "the client is wrong", &broken)));
        return Ok(());
    }
    match unasked {
        Some(reason) => Err(Stop::Unasked(reason)),
        None if kept == 0 => Err(Stop::Unasked("none of the lessons asks that".to_owned())),
        None => {
            world.promise(None);
            Ok(())
        }
    }
}

fn is_found_wrong(world: &mut World, args: &Args) -> StepResult {
    let wanted = args.text(0);
    let known = crate::domain::gauntlet::Code::ALL.map(crate::domain::gauntlet::Code::as_str);
    if !known.contains(&wanted.as_str()) {
        let near = nearest(&wanted, known).map(|near| format!("; did you mean `{near}`?"));
        return Err(Stop::BadStep(format!("the gauntlet finds no `{wanted}`{}", near.unwrap_or_default())));
    }
    let run = gauntlet(world)?;
    let found: Vec<&str> =
        run.lessons.iter().flat_map(|lesson| lesson.findings().map(|flaw| flaw.code.as_str())).collect();
    let holds = found.contains(&wanted.as_str());
    let came = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
    world.promise((!holds).then(|| {
        let told = format!("{wanted} was not found (found: {came})");
        Finding::new(Code::Client, told).expected(wanted.clone()).actual(came)
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_line_falls_into_words() {
        for (line, expected) in [
            ("node client.js", vec!["node", "client.js"]),
            ("  sh -c 'curl -s \"$1\"'  {url} ", vec!["sh", "-c", "curl -s \"$1\"", "{url}"]),
            ("a ''", vec!["a", ""]),
            ("it'$HOME's", vec!["it$HOMEs"]),
        ] {
            assert_eq!(words(line).unwrap(), expected, "{line}");
        }
        assert!(words("").is_err() && words(" ").is_err() && words("sh -c 'x").is_err());
    }
}
