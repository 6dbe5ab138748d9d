//! Plays a lesson once: a fresh twin on ports of its own, the client, and what arrived.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::adapter::director::{Direction, Director, Door};
use crate::adapter::serve::{self, Pace, Service};
use crate::adapter::{child, clock};
use crate::domain::gauntlet::{Ended, Play};
use crate::domain::lesson::Lesson;
use crate::engine::gauntlet::Order;
use crate::engine::gauntlet::client::{Address, Client, Inside, filled};
use crate::engine::gauntlet::house::House;

/// How long a client that runs elsewhere may take to send its first request.
const FIRST_REQUEST: Duration = Duration::from_mins(1);

/// How long a command may take to send its first request.
const START: Duration = Duration::from_secs(15);

/// Between two looks whether a first request has come.
const LOOK: Duration = Duration::from_millis(50);

/// What one client came to.
struct Came {
    ended: Ended,
    said: Vec<u8>,
}

/// Plays it.
///
/// # Errors
/// The client cannot be started, or no port can be had.
pub async fn play(house: &House, order: &Order, lesson: &Lesson) -> anyhow::Result<Play> {
    let direction = Direction {
        lesson: lesson.clone(),
        speed: order.speed,
        redactor: house.redactor.clone(),
        secrets: house.secrets.clone(),
        reads: house.reads.clone(),
    };
    let director = Director::new(direction);
    let scene = house.stage.free_scene(house.leaves_outside().iter());
    let limit = lesson.within.map_or(order.within, Duration::from_secs_f64);
    let clients = if order.client.is_elsewhere() { 1 } else { lesson.clients };
    let (mut servers, mut addresses) = (JoinSet::new(), Vec::new());
    for client in 1..=clients {
        let service = Service {
            stage: Arc::clone(&house.stage),
            at: house.integration.clone(),
            pace: Pace::Real,
            common: Some(Arc::clone(&scene)),
            outside: house.outside.clone(),
            courier: None,
            gaps: None,
            door: Some(Door { director: Arc::clone(&director), client }),
        };
        addresses.push(open(house, order, service, &mut servers).await?);
    }
    let began = clock::start();
    let came = futures::future::join_all(addresses.iter().map(|address| live(order, &director, address, limit))).await;
    let came = came.into_iter().collect::<anyhow::Result<Vec<Came>>>()?;
    let timeline = director.end();
    let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    // The port is free again before the next lesson takes it.
    servers.shutdown().await;
    let worst = came.iter().max_by_key(|came| weight(came.ended));
    let ended = worst.map_or(Ended::Running, |came| came.ended);
    let said = worst.filter(|_| ended != Ended::Exit(0)).map(|came| String::from_utf8_lossy(&came.said).into_owned());
    Ok(Play { ended, took_us, said: house.redactor.cut_body(&said.unwrap_or_default()), timeline })
}

/// Of several clients the one that fared worst speaks for all.
fn weight(ended: Ended) -> u8 {
    match ended {
        Ended::Exit(0) | Ended::Running => 0,
        Ended::OutOfTime => 1,
        Ended::Exit(_) => 2,
        Ended::Signal => 3,
        Ended::TooLoud => 4,
        Ended::Stopped => 5,
    }
}

async fn open(house: &House, order: &Order, service: Service, servers: &mut JoinSet<()>) -> anyhow::Result<Address> {
    let port = if let Client::Elsewhere { port } = order.client { port } else { 0 };
    let (plain, bound) = serve::bind(port).await?;
    servers.spawn(serve::run(plain, service.clone(), None));
    let mut tls_url = None;
    if let Some((identity, _)) = &house.tls {
        let (secured, bound) = serve::bind(if port == 0 { 0 } else { port.saturating_add(1) }).await?;
        servers.spawn(serve::run(secured, service, Some(identity.acceptor.clone())));
        tls_url = Some(format!("https://localhost:{}", bound.port()));
    }
    let url = format!("http://{bound}");
    let environment = house.environment(&url, tls_url.as_deref());
    Ok(Address { url, tls_url, host: bound.ip().to_string(), port: bound.port(), environment })
}

async fn live(order: &Order, director: &Director, address: &Address, limit: Duration) -> anyhow::Result<Came> {
    let time_up = time_up(director, START.max(limit), limit);
    match &order.client {
        Client::Command(line) => {
            let ending = child::play(&filled(line, address), &address.environment, time_up, &order.halt).await?;
            Ok(Came { ended: ending.how, said: ending.said })
        }
        Client::Inside(client) => Ok(Came { ended: inside(client, address, time_up).await, said: Vec::new() }),
        Client::Elsewhere { .. } => {
            let ended = tokio::select! {
                () = order.halt.called() => Ended::Stopped,
                () = self::time_up(director, FIRST_REQUEST, limit) => Ended::Running,
            };
            Ok(Came { ended, said: Vec::new() })
        }
    }
}

async fn inside(client: &Inside, address: &Address, time_up: impl Future<Output = ()>) -> Ended {
    // A task of its own, so that a client that panics has failed and no more.
    let mut task = tokio::spawn(client(address.clone()));
    tokio::select! {
        done = &mut task => done.map_or(Ended::Signal, Ended::Exit),
        () = time_up => {
            task.abort();
            Ended::OutOfTime
        }
    }
}

/// Returns when a play is over: `limit` after its first request, because what a command needs to start is not its client's
/// time; or when none has come within `start`. The play is frozen first: that the client is ended then is not its own doing.
async fn time_up(director: &Director, start: Duration, limit: Duration) {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    loop {
        let (first, now) = (director.first_us(), director.now_us());
        let due = first.map_or(micros(start), |first| first.saturating_add(micros(limit)));
        if now >= due {
            director.freeze();
            return;
        }
        let left = Duration::from_micros(due - now);
        tokio::time::sleep(if first.is_none() { left.min(LOOK) } else { left }).await;
    }
}
