//! A served twin reads its flag where the app would: from the store, again and again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::adapter::flags::store::{Question, Store, assignments};
use crate::adapter::stage::lock;
use crate::domain::flag::Declared;
use crate::domain::flag::change::{Change, Turn};
use crate::domain::flag::sighting::Switch;
use crate::domain::integration::Name;
use crate::twin::scene::Scene;

/// Between two looks at the store.
const LOOK: Duration = Duration::from_millis(500);

/// A flag that a twin follows.
pub struct Followed {
    pub flag: String,
    pub declared: Declared,
    pub environment: String,
    /// The twin whose variables are set as the flag is.
    pub twin: Name,
    pub store: Box<dyn Store>,
}

/// Told when the flag changes, or when the store stops telling.
pub type Told = Arc<dyn Fn(&str) + Send + Sync>;

/// Follows for as long as it is polled. What is unknown changes nothing: the app goes on with what it has.
pub async fn follow(followed: Followed, scene: Arc<Mutex<Scene>>, told: Told) {
    let mut last = None;
    loop {
        let Followed { flag, declared, environment, twin, store } = &followed;
        let question = Question { flag, declared, parser: &declared.parser, environment };
        let switch = store.read(question).await.switch;
        if last.as_ref() != Some(&switch) {
            told(&format!("{flag}: {switch} ({})", store.place()));
            if let Switch::On | Switch::Off = switch {
                let turn = if switch == Switch::On { Turn::On } else { Turn::Off };
                let change = Change { flag, declared, environment, turn, expected: None };
                for (name, value) in assignments(&change) {
                    let value = value.map_or(Value::Null, Value::from);
                    let _ = lock(&scene).arrange(twin, &format!("env:{name}"), &value);
                }
            }
            last = Some(switch);
        }
        tokio::time::sleep(LOOK).await;
    }
}
