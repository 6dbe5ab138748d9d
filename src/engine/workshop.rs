//! What sentences let be done that stands above them: an attack on a receiver, a client's way through lessons.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::delivery::Clearance;
use crate::adapter::environment::Environment;
use crate::adapter::observer::{self, Observer};
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, plans};
use crate::domain::gauntlet::GauntletRun;
use crate::domain::inventory;
use crate::domain::lesson::Lesson;
use crate::domain::secret::Redactor;
use crate::domain::suite::Suite;
use crate::engine::attack::prepare::{Wish, prepare};
use crate::engine::attack::{self, perform};
use crate::engine::gauntlet::client as played;
use crate::engine::gauntlet::house::{Furniture, House};
use crate::engine::{gauntlet, twins};
use crate::steps::workshop::{Course, Siege, Workshop};
use crate::steps::world::Stop;

/// The variable of the shell that lets contracts start commands: a contract is data, and a command is not.
pub const COMMANDS: &str = "PREFLIGHT_COMMANDS";

/// How long an effect is waited for, and a receiver that throttles.
const SETTLE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a command may take for a lesson that says nothing else, and lessons at the same time.
const WITHIN: Duration = Duration::from_secs(8);
const JOBS: usize = 4;

/// Does it for the contracts of a workspace.
pub struct Bench {
    workspace: Workspace,
}

impl Bench {
    pub fn new(workspace: &Workspace) -> Self {
        Self { workspace: workspace.clone() }
    }

    async fn besiege(&self, siege: Siege) -> Result<Suite, Stop> {
        let clearance = Clearance::of_loopback(&siege.url).ok_or_else(|| {
            let host = siege.url.host_str().unwrap_or_default();
            Stop::Unasked(format!("{host} is not this machine: `preflight webhook attack` asks for an approval"))
        })?;
        let environment = shell()?;
        let mut redactor = Redactor::default();
        redactor.hide(secrecy::ExposeSecret::expose_secret(&siege.secret));
        let wish = Wish {
            scheme: std::borrow::Cow::Owned(siege.scheme),
            secret: siege.secret,
            url: siege.url,
            body: None,
            topic: None,
            verify_token: None,
            now: clock::now(),
        };
        let (crafter, traits, sender) = prepare(&self.workspace, &environment, wish)
            .map_err(|error| Stop::Unasked(format!("the suite cannot be prepared: {error}")))?;
        let observer = match siege.observe {
            None => None,
            Some((url, path)) => {
                let client = client(Options { timeout: Duration::from_secs(5), ..Options::new(Safety::SafeOnly) })?;
                let observer = Observer::Path { client, request: observer::question(&url, None), path };
                observer.count().await.map_err(|error| Stop::Unasked(error.to_string()))?;
                Some(observer)
            }
        };
        let order = attack::Order {
            crafter,
            traits,
            integration: Some(siege.integration),
            client: client(Options { most_bytes: 512 * 1024, ..Options::new(Safety::Anything) })?,
            clearance,
            only: Vec::new(),
            deadline: Duration::from_millis(sender.deadline_ms),
            sender,
            settle: SETTLE,
            patience: PATIENCE,
            rate: None,
            flood: None,
            timing: 0,
            redactor,
        };
        Ok(perform(&order, observer, siege.halt).await)
    }

    async fn send_through(&self, course: Course) -> Result<GauntletRun, Stop> {
        let allowed = shell()?.variable(COMMANDS).map_err(|error| Stop::Unasked(error.to_string()))?;
        if allowed.is_none() {
            return Err(Stop::Unasked(format!("it starts a command, which {COMMANDS}=1 allows")));
        }
        let plan = plans::read(None).map_err(|error| Stop::Unasked(error.to_string()))?;
        let name = course.integration.as_str();
        if !twins::names().contains(&name) && !plan.stand_ins.contains_key(name) {
            return Err(Stop::Unasked(format!("nothing answers for {name}: it has no twin and no stand-in")));
        }
        let chosen = plan.lessons_for(name, &course.lessons).map_err(|error| {
            let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            Stop::BadStep(format!("{error}{hint}"))
        })?;
        let lessons: Vec<Lesson> = chosen.into_iter().cloned().collect();
        let furniture = Furniture { plan: &plan, upstream: None, certificate: None, seed: 0 };
        let unasked = |error: anyhow::Error| Stop::Unasked(format!("{error:#}"));
        let house = House::build(&self.workspace, course.integration, &furniture).map_err(unasked)?;
        let order = gauntlet::Order {
            plan,
            lessons,
            client: played::Client::Command(course.line),
            within: WITHIN,
            jobs: JOBS,
            speed: 1.0,
            halt: course.halt,
            told: Arc::new(|_| {}),
        };
        gauntlet::run(&house, &order).await.map_err(unasked)
    }
}

impl Workshop for Bench {
    fn attack(&self, siege: Siege) -> LocalBoxFuture<'_, Result<Suite, Stop>> {
        self.besiege(siege).boxed_local()
    }

    fn gauntlet(&self, course: Course) -> LocalBoxFuture<'_, Result<GauntletRun, Stop>> {
        self.send_through(course).boxed_local()
    }
}

fn shell() -> Result<Environment, Stop> {
    Environment::load(None, "", &inventory::Environment::default()).map_err(|error| Stop::Unasked(error.to_string()))
}

fn client(options: Options) -> Result<Client, Stop> {
    Client::new(options).map_err(|error| Stop::Unasked(error.to_string()))
}
