//! Where scenes are kept while they play: one server, the state scoped by a key that each request carries.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::domain::integration::Name;
use crate::twin::scene::{Prototypes, Scene};
use crate::twin::{Identity, Twin};

/// The request header that names the scene. It is taken off before a twin sees the request.
pub const SCENE_HEADER: &str = "x-preflight-scene";

/// How many locks the scenes are spread over.
const SHARDS: usize = 16;

/// Every scene that is being played, and the prototypes that new ones are forked from.
pub struct Stage {
    prototypes: Arc<Prototypes>,
    start: Timestamp,
    next: AtomicU64,
    scenes: [Mutex<HashMap<u64, Arc<Mutex<Scene>>>>; SHARDS],
}

/// A scene's seat on the stage; the scene ends when it is dropped.
pub struct Seat {
    stage: Arc<Stage>,
    key: u64,
    scene: Arc<Mutex<Scene>>,
}

impl Stage {
    /// A stage whose scenes begin at `start`.
    pub fn new(prototypes: Prototypes, start: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            prototypes: Arc::new(prototypes),
            start,
            next: AtomicU64::new(1),
            scenes: std::array::from_fn(|_| Mutex::default()),
        })
    }

    /// Begins a scene.
    pub fn open(self: &Arc<Self>) -> Seat {
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        let scene = Arc::new(Mutex::new(Scene::new(self.start, Arc::clone(&self.prototypes))));
        lock(self.shard(key)).insert(key, Arc::clone(&scene));
        Seat { stage: Arc::clone(self), key, scene }
    }

    /// The scene of a key.
    pub fn scene(&self, key: u64) -> Option<Arc<Mutex<Scene>>> {
        lock(self.shard(key)).get(&key).cloned()
    }

    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.prototypes.keys()
    }

    pub fn identity(&self, of: &Name) -> Option<Identity> {
        self.prototypes.get(of).map(|twin| Twin::identity(twin.as_ref()))
    }

    /// A scene that belongs to no seat: a server's own. The twins in `without` are real services there.
    pub fn free_scene<'a>(&self, without: impl Iterator<Item = &'a Name>) -> Arc<Mutex<Scene>> {
        let mut scene = Scene::new(self.start, Arc::clone(&self.prototypes));
        for name in without {
            scene.leave_outside(name.clone());
        }
        Arc::new(Mutex::new(scene))
    }

    fn shard(&self, key: u64) -> &Mutex<HashMap<u64, Arc<Mutex<Scene>>>> {
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below 16")]
        let index = (key % SHARDS as u64) as usize;
        &self.scenes[index]
    }
}

impl Seat {
    /// The value of [`SCENE_HEADER`].
    pub fn key(&self) -> u64 {
        self.key
    }

    pub fn scene(&self) -> MutexGuard<'_, Scene> {
        lock(&self.scene)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(self.stage.shard(self.key)).remove(&self.key);
    }
}

/// Locks; a scene whose step panicked is used on, its scenario has failed already.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
