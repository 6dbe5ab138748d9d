//! A conversation from its greeting to its end: what the steps of a probe ask, and what each of them heard.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::HeaderMap;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use url::Url;

use crate::adapter::child::spoken::{Farewell, Started, Way};
use crate::adapter::client::{Client, Peer};
use crate::adapter::clock;
use crate::adapter::mcp::http::Http;
use crate::adapter::mcp::stdio::Stdio;
use crate::adapter::mcp::trouble::{Told, Trouble};
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;
use crate::domain::probe::mcp::{Call, Era as Wanted, Handshake, Tools};
use crate::wire::mcp::call;
use crate::wire::mcp::drift::{Drift, drift};
use crate::wire::mcp::greeting::{self, Discovered, Server};
use crate::wire::mcp::harmless::{Harmless, Unproven, Vouched};
use crate::wire::mcp::message::{Refusal, shown};
use crate::wire::mcp::question::Question;
use crate::wire::mcp::tools::{Pager, Tool};
use crate::wire::mcp::version::Era;

/// Where a server is, everything filled in.
pub enum Place {
    /// A program and its arguments, and the variables that it is given.
    Command { line: Vec<String>, environment: BTreeMap<String, SecretString> },
    Http { client: Client, url: Url, headers: HeaderMap },
}

/// How it is spoken with.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub era: Wanted,
    /// What the first answer may take.
    pub cold_start: Duration,
    /// What a process may take to end once its stdin is closed.
    pub shutdown: Duration,
}

/// A server that has greeted.
pub struct Session {
    line: Line,
    server: Server,
    /// Once they were listed.
    tools: Option<Vec<Tool>>,
    asked: u64,
    shutdown: Duration,
}

enum Line {
    Stdio(Box<Stdio>),
    Http(Box<Http>),
}

type Outcome = Result<Result<Value, Refusal>, Trouble>;

/// A greeting that went well or not, with what was seen on the way.
struct Greeted {
    met: Result<(Line, Server), Trouble>,
    cold_start: Option<Duration>,
    facts: Vec<(String, String)>,
}

impl Session {
    /// Greets a server and holds it against what is expected: the handshake, and then one question in the warm. `limit` is for
    /// each answer but the first.
    pub async fn open(place: &Place, manner: Manner, wanted: &Handshake, limit: Duration) -> (Heard, Option<Self>) {
        let Greeted { met, cold_start, facts } = match place {
            Place::Command { line, environment } => in_process(&Started { line, environment }, manner).await,
            Place::Http { client, url, headers } => {
                at_endpoint(Http::new(client.clone(), url.clone(), headers.clone()), manner, limit).await
            }
        };
        let heard = Heard { cold_start, facts, checks: 1, ..Heard::default() };
        match met {
            Err(trouble) => (troubled(heard, &trouble), None),
            Ok((line, server)) => {
                let mut session = Self { line, server, tools: None, asked: 1, shutdown: manner.shutdown };
                let heard = session.greeted(heard, wanted, limit).await;
                (session.seen(heard), Some(session))
            }
        }
    }

    async fn greeted(&mut self, mut heard: Heard, wanted: &Handshake, limit: Duration) -> Heard {
        let server = &self.server;
        heard = heard.fact("era", server.era.as_str()).fact("version", &*server.version);
        let name = shown(server.name.as_deref().unwrap_or_default().as_bytes());
        let release = shown(server.release.as_deref().unwrap_or_default().as_bytes());
        heard = heard.fact("server", format!("{name} {release}").trim());
        let other_name = wanted.name.as_ref().filter(|wanted| Some(*wanted) != server.name.as_ref());
        if wanted.name.is_some() {
            let finding = |wanted: &String| {
                Finding::new(Code::Value, "another server answers").expected(wanted).actual(name.clone())
            };
            heard = heard.promise(other_name.map(finding));
        }
        if !wanted.versions.is_empty() {
            let message = "a version was agreed on that is not among those that may be";
            let finding =
                || Finding::new(Code::Value, message).expected(wanted.versions.join(", ")).actual(&*server.version);
            let is_known = wanted.versions.contains(&server.version);
            heard = heard.promise((!is_known).then(finding));
        }
        let ping = if server.era == Era::Modern { Question::Discover } else { Question::Ping };
        let start = clock::start();
        let answer = self.ask(&ping, limit).await;
        heard.took = start.elapsed();
        match answer {
            Err(trouble) => troubled(heard, &trouble),
            Ok(answer) => {
                let refused = answer.err().map(|refusal| {
                    let message = format!("{} is refused: {}", ping.method(), told(&refusal));
                    Finding::new(Code::Value, message)
                });
                heard.promise(refused)
            }
        }
    }

    /// Lists all tools, and holds them against those that are pinned. The list is the document: names, hashes of the input
    /// schemas, and what the server says of each.
    pub async fn tools(&mut self, wanted: &Tools, limit: Duration) -> Heard {
        let start = clock::start();
        let (tools, pages) = match self.list(limit).await {
            Ok(listed) => listed,
            Err(heard) => return self.seen(*heard),
        };
        let mut heard = Heard::document(&document(&tools), start.elapsed());
        heard.checks = u32::try_from(wanted.pinned.len()).unwrap_or(u32::MAX).saturating_add(1);
        heard.findings = drift(&wanted.pinned, wanted.others, &tools).into_iter().map(finding).collect();
        let heard = heard.fact("tools", tools.len().to_string()).fact("pages", pages.to_string());
        self.tools = Some(tools);
        self.seen(heard)
    }

    async fn list(&mut self, limit: Duration) -> Result<(Vec<Tool>, usize), Box<Heard>> {
        let start = clock::start();
        let (mut pager, mut cursor) = (Pager::default(), None);
        let broken = |message: String, took: Instant| {
            let finding = Finding::new(Code::Tool, message);
            Box::new(Heard { took: took.elapsed(), ..Heard::default() }.promise(Some(finding)))
        };
        loop {
            let left = limit.saturating_sub(start.elapsed());
            let answer = self.ask(&Question::ListTools { cursor: cursor.take() }, left).await;
            let answer = answer.map_err(|trouble| {
                let heard = Heard { took: start.elapsed(), checks: 1, ..Heard::default() };
                Box::new(troubled(heard, &trouble))
            })?;
            let page =
                answer.map_err(|refusal| broken(format!("tools/list is refused: {}", told(&refusal)), start))?;
            if let Err(word) = greeting::complete(&page) {
                return Err(broken(format!("a page of tools/list is not complete but `{}`", shown(word.as_bytes())), start));
            }
            match pager.take(&page) {
                Ok(Some(next)) => cursor = Some(next),
                Ok(None) => {
                    let pages = pager.pages();
                    return Ok((pager.into_tools(), pages));
                }
                Err(bad) => return Err(broken(bad.to_string(), start)),
            }
        }
    }

    /// Calls a tool that only reads. Its result is the document.
    pub async fn call(&mut self, call: &Call, limit: Duration) -> Heard {
        let start = clock::start();
        if self.tools.is_none() {
            match self.list(limit).await {
                Ok((tools, _)) => self.tools = Some(tools),
                Err(heard) => return self.seen(*heard),
            }
        }
        let arguments = if let Value::Object(members) = &call.arguments { members.clone() } else { Map::new() };
        let vouched = Vouched { read_only: call.read_only, why: call.why.as_deref() };
        let listed = self.tools.as_deref().unwrap_or_default();
        let harmless = match Harmless::prove(&call.tool, arguments, listed, vouched) {
            Ok(harmless) => harmless,
            Err(unproven @ Unproven::NotListed(_)) => {
                return Heard::default().promise(Some(Finding::new(Code::Tool, unproven.to_string())));
            }
            Err(unproven) => return Heard::nothing(CannotTell::new(Word::NoApproval, unproven.to_string())),
        };
        let left = limit.saturating_sub(start.elapsed());
        let asked = clock::start();
        let answer = self.ask(&Question::Call(harmless), left).await;
        let took = asked.elapsed();
        let heard = match answer {
            Err(trouble) => troubled(Heard { took, checks: 1, ..Heard::default() }, &trouble),
            Ok(outcome) => match (call::read(&outcome), outcome) {
                (Ok(called), Ok(result)) => {
                    let heard = Heard { checks: 1, ..Heard::document(&result, took) };
                    heard.fact("parts", called.parts.to_string())
                }
                (Err(bad), _) => {
                    let hint = bad.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
                    let finding = Finding::new(Code::Tool, format!("{}: {bad}{hint}", call.tool));
                    Heard { took, ..Heard::default() }.promise(Some(finding))
                }
                // What is no result was read as none.
                (Ok(_), Err(refusal)) => troubled(Heard::default(), &Trouble::NotPermitted(refusal.to_string())),
            },
        };
        self.seen(heard)
    }

    /// Ends the conversation in order, and tells how it ended.
    pub async fn end(self) -> Vec<(String, String)> {
        match self.line {
            Line::Stdio(stdio) => farewell(&stdio.end(self.shutdown).await),
            Line::Http(http) => http.end(self.shutdown).await.map(|told| ("ended".to_owned(), told)).into_iter().collect(),
        }
    }

    async fn ask(&mut self, question: &Question, limit: Duration) -> Outcome {
        self.asked += 1;
        ask(&mut self.line, question, self.server.era, self.asked, limit).await
    }

    /// Who answered, and what was said aside.
    fn seen(&self, mut heard: Heard) -> Heard {
        match &self.line {
            Line::Stdio(stdio) => {
                heard.facts.extend(aside(&stdio.said_aside()));
            }
            Line::Http(http) => note(&mut heard, &http.peer),
        }
        heard
    }
}

fn note(heard: &mut Heard, peer: &Peer) {
    heard.address = peer.address.map(|address| address.to_string());
    heard.certificate.clone_from(&peer.certificate);
}

async fn ask(line: &mut Line, question: &Question, era: Era, id: u64, limit: Duration) -> Outcome {
    match line {
        Line::Stdio(stdio) => stdio.ask(question, era, id, limit).await,
        Line::Http(http) => http.ask(question, era, id, limit).await,
    }
}

/// Finds out the era in a process, and where that is not the newer one, greets in the older way in another process.
async fn in_process(started: &Started<'_>, manner: Manner) -> Greeted {
    let mut facts = Vec::new();
    if manner.era != Wanted::Legacy {
        let began = clock::start();
        let mut stdio = match Stdio::start(started) {
            Ok(stdio) => stdio,
            Err(trouble) => return Greeted { met: Err(trouble), cold_start: None, facts },
        };
        let answer = stdio.ask(&Question::Discover, Era::Modern, 1, manner.cold_start).await;
        let took = began.elapsed();
        let found = discovered(answer);
        if let Found::Modern(server) = found {
            return Greeted { met: Ok((Line::Stdio(Box::new(stdio)), server)), cold_start: Some(took), facts };
        }
        let last = aside(&stdio.said_aside());
        let farewell = farewell(&stdio.end(manner.shutdown).await);
        match found {
            Found::Trouble(trouble) if manner.era == Wanted::Modern || !trouble.may_be_of_the_older_era() => {
                facts.extend(last.into_iter().chain(farewell));
                return Greeted { met: Err(trouble), cold_start: None, facts };
            }
            Found::Trouble(trouble) => facts.push(("discover".to_owned(), trouble.to_string())),
            _ if manner.era == Wanted::Modern => {
                return Greeted { met: Err(not_modern()), cold_start: None, facts };
            }
            _ => {}
        }
    }
    let began = clock::start();
    let stdio = match Stdio::start(started) {
        Ok(stdio) => stdio,
        Err(trouble) => return Greeted { met: Err(trouble), cold_start: None, facts },
    };
    let mut line = Line::Stdio(Box::new(stdio));
    match handshake(&mut line, manner.cold_start).await {
        Ok(server) => Greeted { met: Ok((line, server)), cold_start: Some(began.elapsed()), facts },
        Err(trouble) => {
            if let Line::Stdio(stdio) = line {
                facts.extend(aside(&stdio.said_aside()));
                facts.extend(farewell(&stdio.end(manner.shutdown).await));
            }
            Greeted { met: Err(trouble), cold_start: None, facts }
        }
    }
}

async fn at_endpoint(mut http: Http, manner: Manner, limit: Duration) -> Greeted {
    let first = limit.max(manner.cold_start);
    let done = |met| Greeted { met, cold_start: None, facts: Vec::new() };
    if manner.era != Wanted::Legacy {
        http.version = Some(greeting::offered(Era::Modern).to_owned());
        match discovered(http.ask(&Question::Discover, Era::Modern, 1, first).await) {
            Found::Modern(server) => return done(Ok((Line::Http(Box::new(http)), server))),
            Found::Trouble(trouble) if manner.era == Wanted::Modern || !trouble.may_be_of_the_older_era() => {
                return done(Err(trouble));
            }
            _ if manner.era == Wanted::Modern => return done(Err(not_modern())),
            _ => {}
        }
        http = http.afresh();
    }
    let mut line = Line::Http(Box::new(http));
    let met = handshake(&mut line, first).await;
    let Line::Http(http) = &mut line else { return done(met.map(|server| (line, server))) };
    match met {
        Err(Trouble::Status { meaning: crate::wire::mcp::http::Meaning::Unknown, .. }) if http.is_old(limit).await => {
            done(Err(Trouble::OldTransport))
        }
        met => done(met.map(|server| (line, server))),
    }
}

/// What `server/discover` brought.
enum Found {
    Modern(Server),
    Legacy,
    Trouble(Trouble),
}

fn discovered(answer: Outcome) -> Found {
    match answer.map(|outcome| greeting::discovered(&outcome)) {
        Ok(Discovered::Modern(Ok(server))) => Found::Modern(server),
        Ok(Discovered::Modern(Err(bad))) => Found::Trouble(Trouble::Greeting(bad)),
        Ok(Discovered::Legacy) => Found::Legacy,
        Err(trouble) => Found::Trouble(trouble),
    }
}

fn not_modern() -> Trouble {
    Trouble::Greeting(greeting::BadGreeting::OtherVersions(vec!["an older version, with a handshake".to_owned()]))
}

/// `initialize`, and the word that it was understood.
async fn handshake(line: &mut Line, limit: Duration) -> Result<Server, Trouble> {
    let answer = ask(line, &Question::Initialize, Era::Legacy, 1, limit).await?;
    let server = greeting::initialized(&answer).map_err(Trouble::Greeting)?;
    if let Line::Http(http) = line {
        http.version = Some(server.version.clone());
    }
    ask(line, &Question::Initialized, Era::Legacy, 0, limit).await?.ok();
    Ok(server)
}

fn troubled(mut heard: Heard, trouble: &Trouble) -> Heard {
    match trouble.told() {
        Told::Broken(finding) => heard.findings.push(finding),
        Told::Cannot(cannot) => heard.cannot = Some(cannot),
    }
    heard
}

fn told(refusal: &Refusal) -> String {
    shown(refusal.to_string().as_bytes())
}

fn finding(drift: Drift) -> Finding {
    match drift {
        Drift::Missing { name, near } => {
            let near = near.map(|near| format!("; the most similar one is `{near}`")).unwrap_or_default();
            Finding::new(Code::Tool, format!("the tool `{name}` is gone{near}"))
        }
        Drift::Changed { name, pinned, found } => {
            Finding::new(Code::Tool, format!("the input schema of the tool `{name}` is not the pinned one"))
                .expected(pinned)
                .actual(found)
        }
        Drift::Added { name } => {
            let name = shown(name.as_bytes());
            Finding::new(Code::Tool, format!("the tool `{name}` is there and not pinned (`others: true` allows it)"))
        }
    }
}

fn document(tools: &[Tool]) -> Value {
    let tool = |tool: &Tool| json!({ "name": tool.name, "input_schema_sha256": tool.schema, "read_only": tool.read_only });
    json!({ "tools": tools.iter().map(tool).collect::<Vec<Value>>() })
}

/// What was said on stderr: evidence, and never a fault.
fn aside(said: &str) -> Option<(String, String)> {
    let clean: String = said.chars().map(|letter| if letter.is_control() && letter != '\n' { '�' } else { letter }).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| ("stderr".to_owned(), clean.to_owned()))
}

fn farewell(farewell: &Farewell) -> Vec<(String, String)> {
    let millis = farewell.took.as_millis();
    let how = match farewell.way {
        Way::ByItself => "by itself, before anybody asked for it".to_owned(),
        Way::OnClose => format!("{millis} ms after its stdin was closed"),
        Way::OnTerminate => format!("only when it was asked to (SIGTERM), {millis} ms after its stdin was closed"),
        Way::OnKill => format!("only when it was killed, {millis} ms after its stdin was closed"),
    };
    let code = farewell.code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    let mut facts = vec![("ended".to_owned(), format!("{how}{code}"))];
    if farewell.left > 0 {
        facts.push(("left".to_owned(), format!("{} of its processes outlived it and were ended", farewell.left)));
    }
    facts
}
