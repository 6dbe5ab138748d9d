//! Probes against our own twins as they are served, in both releases of Chatwoot, and every known lie over them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::shell::{Folder, Ran};

/// A twin that is served as long as this lives.
struct Twin {
    child: Child,
    url: String,
    environment: Vec<(String, String)>,
}

impl Twin {
    fn serve(folder: &Folder, arguments: &[&str]) -> Self {
        let line = [&["serve", "--json", "--quiet"], arguments].concat();
        let mut child = folder.command(&line).stdout(Stdio::piped()).spawn().expect("the binary runs");
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("its stdout")).read_line(&mut first).expect("a line");
        let told: Value = serde_json::from_str(&first).expect("JSON");
        let pairs = told["environment"].as_object().expect("what its clients read");
        let environment =
            pairs.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        Self { child, url: told["url"].as_str().expect("an address").to_owned(), environment: environment.collect() }
    }

    /// Probes it.
    fn probed(&self, folder: &Folder, name: &str) -> Ran {
        let workspace = format!(
            "version: 1\nname: test\nenvironments:\n  here:\n    base_urls: {{{name}: '{}'}}\nintegrations:\n  {name}:\n",
            self.url
        );
        folder.write("preflight.yaml", &workspace);
        // Patient enough for a machine that is busy.
        let shipped = std::fs::read_to_string(format!("{}/fixtures/{name}/probes.yaml", env!("CARGO_MANIFEST_DIR")));
        let patient = shipped
            .expect("its probes")
            .replace("within 2000 ms", "within 60000 ms")
            .replace("within 3000 ms", "within 60000 ms");
        let slow = "service: SERVICE\n    thresholds: {healthy: {success_percent: 95, p95_ms: 50000}, degraded: {success_percent: 90, p95_ms: 60000}}";
        let patient = ["infrastructure", "webhook"]
            .iter()
            .fold(patient, |text, word| text.replace(&format!("service: {word}"), &slow.replace("SERVICE", word)));
        folder.write(&format!("fixtures/{name}/probes.yaml"), &patient.replace("p95_ms: 2000", "p95_ms: 60000"));
        let known: Vec<(&str, &str)> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        folder.preflight_with(&["probe", "--env", "here", "--no-journal"], &known)
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn twins_are_healthy_and_are_not_when_they_are_ill() {
    for (arguments, name, code, told) in [
        (&["chatwoot"][..], "chatwoot", 0, "GET /rails/health, which documents name, is not a route"),
        (&["chatwoot", "--set", "chatwoot.version=4.6.0"], "chatwoot", 0, "this release has no GET /health"),
        (&["chatwoot", "--set", "chatwoot.data_services=failing"], "chatwoot", 1, "$.data_services is \"failing\""),
        (&["chatwoot", "--set", "chatwoot.queue_services=failing"], "chatwoot", 1, "$.queue_services is \"failing\""),
        (&["chatwoot", "--set", "chatwoot.header-stripped=true"], "chatwoot", 1, "You need to sign in or sign up"),
        (&["chatwoot", "--set", "chatwoot.account-suspended=true"], "chatwoot", 1, "Account is suspended"),
        (&["chatwoot", "--fault", "chatwoot=status:503"], "chatwoot", 1, "came 503"),
        (&["chatwoot", "--fault", "chatwoot=truncate"], "chatwoot", 1, "the answer broke off"),
        (&["shopify"], "shopify", 0, "2 steps"),
        (&["supabase"], "supabase", 0, "4 steps"),
        (&["webhooks"], "webhooks", 0, "2 probes (2 kept)"),
    ] {
        let folder = Folder::with(&[]);
        let twin = Twin::serve(&folder, arguments);
        twin.probed(&folder, name).exits(code).says(told);
    }
}

#[test]
fn our_own_probes_believe_no_lie() {
    let folder = Folder::with(&[]);
    let names = ["chatwoot", "shopify", "supabase", "openai", "ga4", "fly", "webhooks"];
    let ran = folder.preflight(&[&["prove", "--probes", "--json", "--jobs", "32"][..], &names].concat()).exits(0);
    let trial: Value = serde_json::from_str(&ran.out).expect("a document");
    let schema: Value = serde_json::from_str(include_str!("../../schemas/preflight/trial.json")).expect("JSON");
    assert!(jsonschema::validator_for(&schema).expect("a schema").is_valid(&trial), "{trial}");
    let tried = trial["tried"].as_array().expect("probes");
    assert_eq!(tried.len(), 8);
    for probe in tried {
        assert!(probe.get("unproven").is_none(), "{probe}");
        let told = probe["told"].as_array().expect("lies");
        assert_eq!(told.len(), 14, "{}", probe["probe"]);
        for lie in told {
            assert_ne!(lie["fate"], "believed", "{}: {lie}", probe["probe"]);
        }
    }
    // Over Chatwoot each of them can be told.
    let chatwoot = tried.iter().find(|probe| probe["probe"] == "chatwoot").expect("it");
    assert!(chatwoot["told"].as_array().expect("lies").iter().all(|lie| lie["fate"] == "noticed"), "{chatwoot}");
}

/// The probes of the users' scripts, as far as a probe may be written so.
#[test]
fn a_probe_that_looks_at_little_is_shown_what_it_believes() {
    let probes = "version: 1\nprobes:\n  - name: naive\n    service: api\n    steps:\n\
        \x20     - {name: api, depth: liveness, http: {request: GET /api}, expect: ['\"$.version\" is present']}\n";
    let folder = Folder::with(&[
        ("preflight.yaml", "version: 1\nname: test\nenvironments:\n  here:\nintegrations:\n  chatwoot:\n"),
        ("fixtures/chatwoot/probes.yaml", probes),
    ]);
    let ran = folder.preflight(&["prove", "--probes", "naive", "--jobs", "32"]).exits(1);
    for lie in ["failing Every answer is 200, and its body says that the service fails", "silent-cache A cache answers"]
    {
        assert!(ran.err.split_whitespace().collect::<Vec<_>>().join(" ").contains(lie), "{}", ran.screen());
    }
    ran.says("believes naive (twin)").says("changes nothing here: stripped-header");
}
