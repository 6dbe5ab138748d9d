//! Puts a client through a plan's lessons: each against a twin of its own that misbehaves, judged by what arrived there.

pub mod client;
pub mod evidence;
pub mod house;
pub mod play;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;

use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::check::gauntlet::trial::{Trial, judge};
use crate::domain::gauntlet::{Ended, GauntletRun, Judged, LeftOut, LessonRun, Play, Question};
use crate::domain::lesson::Lesson;
use crate::domain::lesson::plan::{HEALTHY, Plan};
use crate::domain::record::Outcome;
use crate::domain::timeline::Timeline;
use crate::engine::gauntlet::client::Client;
use crate::engine::gauntlet::house::House;
use crate::engine::gauntlet::play::play;

/// Requests of one play that a record keeps; those that findings name are among the first.
const KEPT_ARRIVALS: usize = 100;

/// What is to be played.
pub struct Order {
    pub plan: Plan,
    /// In the plan's order.
    pub lessons: Vec<Lesson>,
    pub client: Client,
    /// How long the command may take where a lesson says nothing else.
    pub within: Duration,
    /// Lessons at the same time.
    pub jobs: usize,
    pub speed: f64,
    pub halt: Halt,
    /// Told of each lesson as it ends.
    pub told: Arc<dyn Fn(&LessonRun) + Send + Sync>,
}

/// Plays every lesson. The healthy one comes first; where the client fails there, the others are not played.
///
/// # Errors
/// The client cannot be started, or no port can be had.
pub async fn run(house: &House, order: &Order) -> anyhow::Result<GauntletRun> {
    let began = clock::start();
    let first = order.lessons.iter().find(|lesson| lesson.name == HEALTHY).cloned().unwrap_or_else(healthy);
    let mut baseline = lesson_run(house, order, &first, None).await?;
    (order.told)(&baseline);
    let base = baseline.plays.first().cloned();
    let fit =
        baseline.judged.iter().all(|judged| judged.question != Question::Healthy || judged.outcome == Outcome::Kept);
    let others: Vec<&Lesson> = order.lessons.iter().filter(|lesson| lesson.name != HEALTHY).collect();
    let mut lessons = Vec::new();
    if fit {
        lessons = played(house, order, &others, base.as_ref()).await?;
    } else {
        let why = baseline.judged.first().map_or("", |judged| judged.told.as_str()).to_owned();
        let left = |lesson: &&Lesson| unplayed(lesson, &format!("not played, because of the healthy lesson: {why}"));
        lessons.extend(others.iter().map(left));
    }
    thin(&mut baseline);
    lessons.insert(0, baseline);
    Ok(GauntletRun {
        integration: house.integration.clone(),
        plan: order.plan.name.clone(),
        client: None,
        modelled: house.modelled.clone(),
        speed: order.speed,
        lessons,
        left_out: left_out(&order.plan),
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn healthy() -> Lesson {
    Lesson {
        name: HEALTHY.to_owned(),
        title: "Nothing misbehaves".to_owned(),
        source: "the client's own promise".to_owned(),
        of: Vec::new(),
        faults: Vec::new(),
        wait: 0.0,
        strikes: crate::domain::lesson::Strikes::default(),
        limit: None,
        expect: crate::domain::lesson::expect::Expect { healthy: true, ..Default::default() },
        within: None,
        runs: 1,
        clients: 1,
    }
}

fn left_out(plan: &Plan) -> Vec<LeftOut> {
    let told = plan.leave_out.iter();
    told.map(|left| LeftOut { lesson: left.lesson.clone(), why: left.why.clone() }).collect()
}

/// Many at the same time; those that measure small differences alone, behind the others.
async fn played(
    house: &House,
    order: &Order,
    lessons: &[&Lesson],
    base: Option<&Play>,
) -> anyhow::Result<Vec<LessonRun>> {
    let one = |(place, lesson): (usize, &Lesson)| {
        let lesson = lesson.clone();
        async move {
            if order.halt.is_called() {
                return Ok((place, unplayed(&lesson, "not played: stopped by its user")));
            }
            let mut ran = lesson_run(house, order, &lesson, base).await?;
            (order.told)(&ran);
            thin(&mut ran);
            anyhow::Ok((place, ran))
        }
    };
    let jobs = if order.client.is_elsewhere() { 1 } else { order.jobs.max(1) };
    let numbered = || lessons.iter().copied().enumerate();
    let crowd = |lesson: &Lesson| lesson.runs > 1 || lesson.clients > 1;
    let mut runs: Vec<anyhow::Result<(usize, LessonRun)>> =
        futures::stream::iter(numbered().filter(|(_, lesson)| !crowd(lesson)).map(one))
            .buffer_unordered(jobs)
            .collect()
            .await;
    for alone in numbered().filter(|(_, lesson)| crowd(lesson)) {
        runs.push(one(alone).await);
    }
    let mut runs: Vec<(usize, LessonRun)> = runs.into_iter().collect::<anyhow::Result<_>>()?;
    runs.sort_by_key(|(place, _)| *place);
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}

async fn lesson_run(house: &House, order: &Order, lesson: &Lesson, base: Option<&Play>) -> anyhow::Result<LessonRun> {
    // A client that runs elsewhere is asked for nothing, so that there is no second run of it.
    let runs = if order.client.is_elsewhere() { 1 } else { lesson.runs };
    let plays = futures::future::join_all((0..runs).map(|_| play(house, order, lesson))).await;
    let plays = plays.into_iter().collect::<anyhow::Result<Vec<Play>>>()?;
    let cut_off = plays.iter().find(|play| matches!(play.ended, Ended::Stopped | Ended::TooLoud));
    let judged = match cut_off.map(|play| play.ended) {
        Some(Ended::Stopped) => vec![Judged::unasked(question(lesson), "stopped by its user")],
        Some(_) => vec![Judged::unasked(question(lesson), "the command wrote without end and was ended")],
        None => judge(&Trial { lesson, plays: &plays, healthy: base }),
    };
    Ok(LessonRun {
        lesson: lesson.name.clone(),
        title: lesson.title.clone(),
        source: lesson.source.clone(),
        script: script(lesson),
        outcome: LessonRun::worst(&judged),
        judged,
        plays,
    })
}

fn question(lesson: &Lesson) -> Question {
    if lesson.name == HEALTHY { Question::Healthy } else { Question::Retry }
}

fn unplayed(lesson: &Lesson, why: &str) -> LessonRun {
    let judged = vec![Judged::unasked(question(lesson), why)];
    LessonRun {
        lesson: lesson.name.clone(),
        title: lesson.title.clone(),
        source: lesson.source.clone(),
        script: script(lesson),
        outcome: Outcome::Unasked,
        judged,
        plays: Vec::new(),
    }
}

fn script(lesson: &Lesson) -> Vec<String> {
    let step = |step: &crate::domain::lesson::step::Step| match (step.always, step.lasts, step.times) {
        (true, ..) => format!("{}, always", step.name()),
        (false, Some(seconds), _) => format!("{} for {seconds} s", step.name()),
        (false, None, Some(times)) if times > 1 => format!("{}, {times} times", step.name()),
        _ => step.name(),
    };
    let limit = lesson.limit.map(|limit| format!("{} requests in {} s", limit.requests, limit.seconds));
    lesson.faults.iter().map(step).chain(limit).collect()
}

/// A record keeps the beginning of each timeline, and what findings name.
fn thin(run: &mut LessonRun) {
    let named: Vec<(u32, Vec<u32>)> =
        run.findings().map(|flaw| (flaw.play, flaw.requests.iter().copied().take(20).collect())).collect();
    for (place, play) in (0..).zip(&mut run.plays) {
        let Timeline { arrivals, left_out } = &mut play.timeline;
        let before = arrivals.len();
        let shown = |number: u32| named.iter().any(|(play, numbers)| *play == place && numbers.contains(&number));
        arrivals.retain(|arrival| arrival.number as usize <= KEPT_ARRIVALS || shown(arrival.number));
        *left_out = left_out.saturating_add(u32::try_from(before - arrivals.len()).unwrap_or(u32::MAX));
    }
}
