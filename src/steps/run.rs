//! What all scenarios of a run share: who answers, as whom we ask, and what is known of each integration.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use crate::adapter::client::caller::Caller;
use crate::adapter::client::{Client, Peer};
use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::adapter::stage::{Stage, lock};
use crate::check::schema::Schemas;
use crate::domain::exchange::Response;
use crate::domain::flag;
use crate::domain::integration::{Manifest, Name};
use crate::domain::secret::Redactor;
use crate::domain::target::Target;
use crate::steps::workshop::Workshop;
use crate::steps::world::Stop;

/// One integration as a run sees it.
pub struct Party {
    pub manifest: Manifest,
    pub base_url: Url,
    /// By file name.
    pub fixtures: BTreeMap<String, Bytes>,
    /// `${NAME}` -> value.
    pub variables: BTreeMap<String, String>,
    /// When the next live request may be sent.
    pub next_request: Mutex<Option<Instant>>,
}

/// What all scenarios of a run share.
pub struct Run {
    pub target: Target,
    pub parties: BTreeMap<Name, Party>,
    pub client: Client,
    /// How often a live service is asked, and when not; None for twins, which are asked once and at once.
    pub caller: Option<Caller>,
    /// The twins' stage; None on a live target.
    pub stage: Option<Arc<Stage>>,
    pub schemas: Schemas,
    pub flags: BTreeMap<String, flag::Declared>,
    /// Flags of a live target whose state is known, because we switched them.
    pub switched: BTreeMap<String, bool>,
    /// What `@requires:` may ask for beside variables.
    pub capabilities: BTreeSet<String>,
    pub redactor: Redactor,
    /// Why an integration is no party here, where that is known.
    pub absent: BTreeMap<Name, String>,
    /// Who gave the live answers.
    pub hosts: Mutex<BTreeMap<Name, Host>>,
    /// The end of the run before it is done.
    pub halt: Halt,
    /// Who does what stands above sentences.
    pub workshop: Option<Arc<dyn Workshop>>,
}

/// What showed that a live host answered.
#[derive(Clone, Debug, Default)]
pub struct Host {
    pub addresses: BTreeSet<String>,
    /// Of the last answer that came over TLS.
    pub certificate: Option<String>,
    /// The first ones.
    pub request_ids: Vec<String>,
}

/// Headers in which vendors name a request: the common one, Chatwoot's and Rails', Cloudflare's, Supabase's, Amazon's,
/// Google's, Meta's, Slack's and Fly's.
const REQUEST_ID_HEADERS: [&str; 9] = [
    "x-request-id",
    "request-id",
    "cf-ray",
    "sb-request-id",
    "x-amzn-requestid",
    "x-guploader-uploadid",
    "x-fb-trace-id",
    "x-slack-req-id",
    "fly-request-id",
];

/// Request ids that a record keeps.
const MOST_REQUEST_IDS: usize = 10;

impl Host {
    /// Notes an answer and who gave it.
    pub fn note(&mut self, peer: &Peer, answer: Option<&Response>) {
        // A proxy's address is not the host's.
        let address = peer.address.map(|address| address.to_string());
        self.addresses.extend(peer.proxy.as_ref().map(|proxy| format!("through the proxy {proxy}")).or(address));
        if peer.certificate.is_some() {
            self.certificate.clone_from(&peer.certificate);
        }
        let Some(answer) = answer else { return };
        for name in REQUEST_ID_HEADERS {
            if self.request_ids.len() < MOST_REQUEST_IDS
                && let Some(id) = answer.header(name)
            {
                let id: String = id.chars().take(128).collect();
                self.request_ids.push(format!("{name}: {id}"));
            }
        }
    }
}

impl Run {
    /// Who does what stands above sentences.
    ///
    /// # Errors
    /// Nobody does in this run.
    pub fn workshop(&self) -> Result<&dyn Workshop, Stop> {
        let none = || Stop::Unasked("nobody puts receivers and clients on trial in this run".to_owned());
        self.workshop.as_deref().ok_or_else(none)
    }

    /// The time outside; a scenario on a twin has its own.
    pub fn now(&self) -> Timestamp {
        clock::now()
    }

    /// A fixture by `integration/file` or, within one integration, by file name.
    pub fn fixture(&self, own: &Name, name: &str) -> Option<&Bytes> {
        let (integration, file) = name.split_once('/').unwrap_or((own.as_str(), name));
        let party = self.parties.iter().find(|(name, _)| name.as_str() == integration)?.1;
        party.fixtures.get(file)
    }

    /// How long a live request has to wait to stay under the vendor's limit, with a fifth to spare.
    pub fn wait_before(&self, at: &Name, now: Instant) -> Duration {
        let Some(party) = self.parties.get(at).filter(|_| self.target == Target::Live) else { return Duration::ZERO };
        let Some(limit) = &party.manifest.rate_limit else { return Duration::ZERO };
        let gap = Duration::from_secs(u64::from(limit.per_seconds)).mul_f64(1.25) / limit.requests.max(1);
        let mut next = lock(&party.next_request);
        let turn = next.filter(|turn| *turn > now).unwrap_or(now);
        *next = Some(turn + gap);
        turn - now
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Mutex;
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::{Host, Party, Run};
    use crate::adapter::client::{Client, Options, Peer, Safety};
    use crate::adapter::{clock, yaml};
    use crate::check::schema::Schemas;
    use crate::domain::exchange::Response;
    use crate::domain::integration::Name;
    use crate::domain::secret::Redactor;
    use crate::domain::target::Target;

    fn run(target: Target, limit: &str) -> Run {
        let manifest = format!("title: Shop\nmodels: {{versions: ['1'], source: a test}}\n{limit}");
        let party = Party {
            manifest: yaml::read("manifest.yaml", manifest.as_bytes()).unwrap(),
            base_url: "https://shop.example".parse().unwrap(),
            fixtures: BTreeMap::new(),
            variables: BTreeMap::new(),
            next_request: Mutex::default(),
        };
        Run {
            target,
            parties: BTreeMap::from([("shop".parse().unwrap(), party)]),
            client: Client::new(Options::new(Safety::Anything)).unwrap(),
            caller: None,
            stage: None,
            schemas: Schemas::new(BTreeMap::new()),
            flags: BTreeMap::new(),
            switched: BTreeMap::new(),
            capabilities: BTreeSet::new(),
            redactor: Redactor::default(),
            absent: BTreeMap::new(),
            hosts: Mutex::default(),
            halt: crate::adapter::halt::Halt::default(),
            workshop: None,
        }
    }

    const LIMIT: &str = "rate_limit: {requests: 60, per_seconds: 60, source: a test}\n";

    #[test]
    fn live_requests_stay_under_the_vendors_limit() {
        let (run, shop): (Run, Name) = (run(Target::Live, LIMIT), "shop".parse().unwrap());
        let start = clock::start();
        let at = |seconds| start + Duration::from_secs(seconds);
        // All at once: each waits for its turn, and in no minute are there more than 48 of the 60 that are allowed.
        let waits: Vec<Duration> = (0..100).map(|_| run.wait_before(&shop, start)).collect();
        assert_eq!(waits[..3], [0, 1250, 2500].map(Duration::from_millis));
        for first in &waits {
            let minute = *first..*first + Duration::from_mins(1);
            assert!(waits.iter().filter(|turn| minute.contains(*turn)).count() <= 48);
        }
        // A turn that nobody took is not saved up.
        assert_eq!(run.wait_before(&shop, at(1000)), Duration::ZERO);
        assert_eq!(run.wait_before(&shop, at(1000)), Duration::from_millis(1250));
        assert_eq!(run.wait_before(&shop, at(1001)), Duration::from_millis(1500));
    }

    #[test]
    fn a_twin_and_a_service_without_a_limit_are_asked_at_once() {
        let shop: Name = "shop".parse().unwrap();
        for run in [run(Target::Twin, LIMIT), run(Target::Live, "")] {
            let start = clock::start();
            assert!((0..10).all(|_| run.wait_before(&shop, start).is_zero()));
        }
    }

    #[test]
    fn a_host_shows_where_and_who_it_was() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "abc".parse().unwrap());
        headers.insert("cf-ray", "8f-FRA".parse().unwrap());
        headers.insert("x-other", "1".parse().unwrap());
        let answer = Response { status: StatusCode::OK, headers, body: Bytes::new() };
        let peer =
            Peer { address: Some("127.0.0.1:443".parse().unwrap()), proxy: None, certificate: Some("00ff".to_owned()) };
        let mut host = Host::default();
        host.note(&peer, Some(&answer));
        host.note(&Peer::default(), None);
        assert_eq!(host.addresses, BTreeSet::from(["127.0.0.1:443".to_owned()]));
        assert_eq!(host.certificate.as_deref(), Some("00ff"));
        assert_eq!(host.request_ids, ["x-request-id: abc", "cf-ray: 8f-FRA"]);
        (0..100).for_each(|_| host.note(&peer, Some(&answer)));
        assert_eq!(host.request_ids.len(), 10);
    }
}
