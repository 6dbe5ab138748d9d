//! A canary in what every store says and shows, in a certificate, in a panic; and the search that the canary tests share.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Bytes in a row that give a secret away.
const WINDOW: usize = 12;

/// Looks for canaries as they are, as encodings write them, and cut in pieces by lines, quotes and colours.
pub struct Search {
    windows: HashSet<[u8; WINDOW]>,
    joined: HashSet<[u8; WINDOW]>,
}

impl Search {
    pub fn of(canaries: &[&str]) -> Self {
        let mut search = Self { windows: HashSet::new(), joined: HashSet::new() };
        for form in canaries.iter().flat_map(|canary| forms(canary)) {
            assert!(form.len() >= WINDOW, "{form} is too short to be told from chance");
            search.windows.extend(windows(form.as_bytes()).map(|(_, window)| window));
            search.joined.extend(windows(&join(form.as_bytes())).map(|(_, window)| window));
        }
        search
    }

    /// What stands around the first trace of a canary.
    pub fn finds(&self, text: &[u8]) -> Option<String> {
        let joined = join(text);
        let around = |text: &[u8], at: usize| {
            String::from_utf8_lossy(&text[at.saturating_sub(120)..text.len().min(at + 60)]).into_owned()
        };
        let whole = windows(text).find(|(_, window)| self.windows.contains(window));
        let split = windows(&joined).find(|(_, window)| self.joined.contains(window));
        whole.map(|(at, _)| around(text, at)).or_else(|| split.map(|(at, _)| around(&joined, at)))
    }

    #[track_caller]
    pub fn is_clean(&self, name: &str, text: impl AsRef<[u8]>) {
        if let Some(found) = self.finds(text.as_ref()) {
            panic!("{name} holds a canary: …{found}…");
        }
    }
}

/// Every way in which a text may be written into another one.
fn forms(canary: &str) -> Vec<String> {
    let percent: String = url::form_urlencoded::byte_serialize(canary.as_bytes()).collect();
    let json = serde_json::Value::from(canary).to_string();
    let html = canary.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = vec![canary.to_owned(), json[1..json.len() - 1].to_owned(), html, hex::encode(canary)];
    forms.extend([percent.replace('+', "%20"), percent, hex::encode_upper(canary)]);
    for shift in 0..3 {
        // What stands before it in the same text moves its bits; its own letters are those in the middle.
        let shifted = [&b"xxx"[..shift], canary.as_bytes()].concat();
        for encoded in [STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.push(encoded[(shift * 8).div_ceil(6)..encoded.len() - 4].to_owned());
        }
    }
    forms
}

fn windows(text: &[u8]) -> impl Iterator<Item = (usize, [u8; WINDOW])> {
    text.windows(WINDOW).enumerate().filter_map(|(at, window)| Some((at, window.try_into().ok()?)))
}

/// The text without what may stand between the pieces of a value: blanks, line ends, quotes, backslashes, signs, colours.
fn join(text: &[u8]) -> Vec<u8> {
    let colours = regex::bytes::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    let plain = colours.replace_all(text, &b""[..]);
    plain.iter().copied().filter(|byte| !b" \t\r\n\"'\\+,|".contains(byte)).collect()
}

#[test]
fn the_search_finds_what_it_looks_for_in_every_form() {
    let canary = "cAn4ry/key+\"of&the<search>'=x9";
    let search = Search::of(&[canary]);
    for form in [
        forms(canary),
        vec![
            format!("Basic {}", STANDARD.encode(format!("user:{canary}"))),
            format!("…{}…", &canary[3..18]),
            format!("{}\n      {}", &canary[..9], &canary[9..]),
            format!("\"{}\" + \"{}\"", &canary[..8], &canary[8..]),
            format!("\u{1b}[1m{}\u{1b}[0m{}", &canary[..10], &canary[10..]),
        ],
    ]
    .concat()
    {
        assert!(search.finds(form.as_bytes()).is_some(), "{form}");
        assert!(search.finds(format!("before {form} behind").as_bytes()).is_some(), "{form}");
    }
    for innocent in ["", "cAn4ry", "the key of the search", "[redacted]", "Y0FuNHJ5"] {
        assert_eq!(search.finds(innocent.as_bytes()), None, "{innocent}");
    }
}

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn panics_with_a_canary() {
    preflight::cli::exit::hide_panics();
    let secret = std::env::var("SHOP_TOKEN").expect("a secret");
    panic!("the vendor refused {secret}");
}

#[test]
fn a_panic_says_where_and_not_what() {
    let canary = "cAn4ryInThePanicOfAThread";
    let mut itself = std::process::Command::new(std::env::current_exe().expect("this program"));
    itself.args(["--exact", "canary::panics_with_a_canary", "--ignored", "--nocapture"]).env("SHOP_TOKEN", canary);
    let ran = itself.output().expect("it runs");
    assert!(!ran.status.success());
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("preflight has a defect at tests/it/canary.rs:"), "{said}");
    let search = Search::of(&[canary]);
    search.is_clean("stderr", &ran.stderr);
    search.is_clean("stdout", &ran.stdout);
}

#[cfg(unix)]
mod stores {
    use std::os::unix::fs::PermissionsExt as _;

    use super::Search;
    use crate::live_tls;
    use crate::server::{MANIFEST, Server, respond};
    use crate::shell::Folder;

    /// A canary for each mouth, so that a trace says which one it came from.
    fn canary(mouth: &str) -> String {
        format!("cAn4ry-{mouth}-Qm9vWkLp3RtZx81")
    }

    /// Programs that say a canary on both streams; those that succeed print it as a value, the others fail.
    const PROGRAMS: [(&str, u8); 8] = [
        ("op", 1),
        ("doppler", 0),
        ("fly", 0),
        ("gh", 1),
        ("value", 0),
        ("fails", 3),
        ("flagword", 0),
        ("flagfails", 2),
    ];

    const FEATURE: &str = "Feature: f\n  Scenario: s\n    When I GET \"/items\"\n    Then the status is 200\n";

    fn workspace(pages: u16, tls: u16) -> String {
        let url = format!("http://127.0.0.1:{pages}");
        format!(
            "version: 1\nname: test\nenvironments:\n  staging:\n    base_urls: {{shop: 'https://localhost:{tls}'}}\n    dotenv: .env.staging\n\
integrations:\n  shop:\npolicy:\n  staging: {{require: [contract-live, credentials]}}\nsecrets:\n\
\x20 OP: {{service: shop, kept_in: ['op://Team/Shop/credential']}}\n\
\x20 DOPPLER: {{service: shop, kept_in: ['doppler:shop/stg/DOPPLER'], shape: '^x'}}\n\
\x20 FLY: {{service: shop, kept_in: ['fly:hotdash']}}\n\
\x20 GITHUB: {{service: shop, kept_in: ['github:me/shop/staging']}}\n\
\x20 VAULT: {{service: shop, kept_in: ['vault:secret/shop#token'], shape: '^x'}}\n\
\x20 COMMAND: {{service: shop, kept_in: ['command:value'], shape: '^x'}}\n\
\x20 FAILING: {{service: shop, kept_in: ['command:fails']}}\n\
\x20 FILE: {{service: shop, kept_in: ['file:secret.txt'], shape: '^x'}}\n\
\x20 SHOP_TOKEN: {{service: shop, kept_in: ['dotenv:.env.staging'], shape: '^x'}}\n\
flags:\n\
\x20 by_command: {{integrations: [shop], parser: {{names: [A]}}, kept_in: ['command:flagword'], canary: {{request: GET /, live: {{'$.a': 1}}, mock: {{'$.a': 2}}}}}}\n\
\x20 by_failure: {{integrations: [shop], parser: {{names: [B]}}, kept_in: ['command:flagfails']}}\n\
\x20 by_ofrep: {{integrations: [shop], parser: {{names: [C]}}, kept_in: ['ofrep:{url}']}}\n\
\x20 by_unleash: {{integrations: [shop], parser: {{names: [D]}}, kept_in: ['unleash:{url}']}}\n\
\x20 by_flagd: {{integrations: [shop], parser: {{names: [E]}}, kept_in: ['flagd:flags.json']}}\n\
\x20 by_dotenv: {{integrations: [shop], parser: {{names: [F]}}, kept_in: ['dotenv:.env.flags']}}\n"
        )
    }

    /// Answers everything with a page that holds a canary, in its head too.
    fn pages() -> Server {
        Server::start(|asked, out| {
            let (head, text) = (canary("head"), canary("page"));
            let status = match asked.path.split('/').nth(1) {
                Some("ofrep") => format!("500 {head}"),
                Some("api") => format!("403 {head}"),
                _ => format!("200 {head}"),
            };
            let headers =
                [format!("content-type: text/{head}"), format!("x-error: {head}"), format!("etag: \"{head}\"")];
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let body =
                format!("<html><title>{text}</title>{{\"errorDetails\":\"{text}\",\"errors\":[\"{text}\"]}}</html>");
            respond(out, &status, &headers, body.as_bytes());
        })
    }

    #[test]
    fn nothing_that_a_store_or_a_certificate_says_is_repeated() {
        let pages = pages();
        let in_name = format!("{}.example", canary("certificate")).to_lowercase();
        let (_runtime, tls, pem, _) = live_tls::serve(&in_name);
        let dotenv = format!(
            "SHOP_TOKEN={}\nVAULT_ADDR=http://127.0.0.1:{port}\nVAULT_TOKEN={}\nGITHUB_API_URL=http://127.0.0.1:{port}\nGH_TOKEN={}\n\
             OFREP_TOKEN={}\nUNLEASH_API_TOKEN={}\n",
            canary("dotenv"),
            canary("vaulttoken"),
            canary("ghtoken"),
            canary("ofreptoken"),
            canary("unleashtoken"),
            port = pages.port,
        );
        let flagd = format!(
            "{{\"flags\":{{\"by_flagd\":{{\"state\":\"{0}\",\"variants\":{{\"{0}\":\"{0}\"}},\"defaultVariant\":\"{0}\"}}}}}}",
            canary("flagd")
        );
        let folder = Folder::with(&[
            ("preflight.yaml", &workspace(pages.port, tls)),
            ("fixtures/shop/manifest.yaml", MANIFEST),
            ("features/shop/own.feature", FEATURE),
            (".env.staging", &dotenv),
            (".env.flags", &format!("F={}\n", canary("flagvalue"))),
            ("secret.txt", &canary("file")),
            ("flags.json", &flagd),
            ("roots.pem", &pem),
        ]);
        for (name, code) in PROGRAMS {
            let said = canary(name);
            folder
                .write(&format!("bin/{name}"), &format!("#!/bin/sh\necho '{said}'\necho '{said}' >&2\nexit {code}\n"));
            let path = folder.path().join("bin").join(name);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        }
        let mouths = [
            "head",
            "page",
            "dotenv",
            "vaulttoken",
            "ghtoken",
            "ofreptoken",
            "unleashtoken",
            "flagd",
            "flagvalue",
            "file",
        ];
        let mut planted: Vec<String> = mouths.into_iter().map(canary).collect();
        planted.extend(PROGRAMS.map(|(name, _)| canary(name)));
        planted.push(in_name);
        let search = Search::of(&planted.iter().map(String::as_str).collect::<Vec<_>>());
        let environment = [
            ("PATH", format!("{}:/usr/bin:/bin", folder.path().join("bin").display())),
            ("SSL_CERT_FILE", folder.path().join("roots.pem").display().to_string()),
        ];
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for verb in [
            "check --target live --env staging --json",
            "secrets --env staging --timeout 5",
            "secrets --env staging --values --json --timeout 5",
            "flags --env staging",
            "flags --json",
            "flip by_command --env staging --rehearse",
            "flip by_command --env staging --dry-run",
            "approve flip by_command --env staging --by ana --why launch --until 1h",
            "flip by_command --env staging --rehearse --json",
            "gate --env staging --json",
            "gate --env staging --explain shop",
            "report --format html,markdown,json,junit,tap,github,badge,terminal,matrix,vendors,messages,metrics --json",
            "evidence list --json",
            "evidence show 1 --json",
            "evidence verify",
            "blockers",
            "lint",
        ] {
            let words: Vec<&str> = verb.split(' ').collect();
            let ran = folder.preflight_with(&words, &environment);
            assert!(ran.code.is_some_and(|code| code < 4), "{}", ran.screen());
            assert!(!(ran.out.is_empty() && ran.err.is_empty()), "{verb} says something");
            search.is_clean(&format!("the stdout of {verb}"), &ran.out);
            search.is_clean(&format!("the stderr of {verb}"), &ran.err);
            if verb.starts_with("check") {
                ran.says("the TLS handshake failed: the certificate is for another name than localhost");
            }
        }
        let reports = folder.path().join("reports");
        let artefacts: Vec<_> = folder.files().into_iter().filter(|path| path.starts_with(&reports)).collect();
        assert!(artefacts.len() > 10, "{artefacts:?}");
        for path in artefacts {
            search.is_clean(&path.display().to_string(), std::fs::read(&path).expect("a file"));
        }
        let asked: Vec<String> = pages.asked().iter().map(|asked| asked.path.clone()).collect();
        for store in ["/v1/secret/", "/repos/me/shop/", "/ofrep/", "/api/client/features"] {
            assert!(asked.iter().any(|path| path.starts_with(store)), "{store} was asked: {asked:?}");
        }
    }
}
