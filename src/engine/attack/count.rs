//! Effects: counted before and after, with the patience that a receiver needs which works behind its answer.

use std::time::Duration;

use crate::adapter::clock;
use crate::adapter::observer::{Observer, in_header};
use crate::domain::receiver::answers::Counted;
use crate::engine::attack::craft::Delivery;
use crate::engine::attack::line::Line;

/// Between two looks at a count that has not moved yet.
const LOOK: Duration = Duration::from_millis(5);

/// The least and the most time that is given to an effect that should not be there.
const LEAST_QUIET: Duration = Duration::from_millis(30);
const MOST_QUIET: Duration = Duration::from_secs(2);

/// Counts the effects of one receiver.
pub struct Counter {
    observer: Option<Observer>,
    /// An unsigned delivery: who counts in its answers is asked by it.
    question: Option<Delivery>,
    /// The longest that is waited for an effect.
    settle: Duration,
    /// From the answer to the effect, as the first right delivery showed.
    pub lag: Option<Duration>,
    /// Why nothing can be learned from the count.
    pub blind: Option<String>,
    pub moved: bool,
}

impl Counter {
    pub fn new(observer: Option<Observer>, question: Option<Delivery>, settle: Duration) -> Self {
        let blind = observer.is_none().then(|| "nobody counts effects".to_owned());
        Self { observer, question, settle, lag: None, blind, moved: false }
    }

    pub fn told(&self) -> Option<String> {
        self.observer.as_ref().map(Observer::told)
    }

    /// Effects so far.
    ///
    /// # Errors
    /// Why there is no count.
    pub async fn now(&self, line: &Line) -> Result<i64, String> {
        if let Some(reason) = &self.blind {
            return Err(reason.clone());
        }
        let observer = self.observer.as_ref().ok_or("nobody counts effects")?;
        match (observer.own_header(), &self.question) {
            (Some(name), Some(question)) => {
                let (_, headers) = line.send("count", question).await;
                in_header(&headers, name).map_err(|error| error.to_string())
            }
            _ => observer.count().await.map_err(|error| error.to_string()),
        }
    }

    /// How long an effect that should not be there is given to show itself.
    pub fn quiet(&self) -> Duration {
        self.lag.map_or(LEAST_QUIET, |lag| lag * 3).clamp(LEAST_QUIET, MOST_QUIET)
    }

    /// Effects since `before`: waits until there are `least`, and where `careful` whether more come.
    pub async fn since(&mut self, before: Result<i64, String>, least: i64, careful: bool, line: &Line) -> Counted {
        let before = match before {
            Ok(before) => before,
            Err(reason) => return Counted::Unknown(reason),
        };
        let limit = match self.lag {
            Some(lag) => (lag * 10).clamp(Duration::from_millis(250), self.settle),
            None => self.settle,
        };
        let start = clock::start();
        let mut came;
        loop {
            came = match self.now(line).await {
                Ok(now) => now - before,
                Err(reason) => return Counted::Unknown(reason),
            };
            if came >= least || start.elapsed() >= limit {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        if came >= least && least > 0 {
            self.lag.get_or_insert_with(|| start.elapsed());
        }
        if careful {
            tokio::time::sleep(self.quiet()).await;
            came = match self.now(line).await {
                Ok(now) => now - before,
                Err(reason) => return Counted::Unknown(reason),
            };
        }
        self.moved |= came != 0;
        Counted::Effects(came)
    }
}
