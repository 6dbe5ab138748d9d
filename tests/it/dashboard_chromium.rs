//! The dashboard in a real Chromium: nothing on the console, the filter, the words beside the shapes, narrow screens.

use std::path::PathBuf;
use std::process::Command;

use preflight::domain::readiness::{Readiness, State};
use preflight::domain::record::Record;
use preflight::report::dashboard::Dashboard;
use preflight::report::html;
use tempfile::TempDir;

use crate::peer::skipped;
use crate::{report_hostile, sample};

/// A page in a folder, and the browser that opens it.
struct Bench {
    browser: PathBuf,
    folder: TempDir,
}

/// What the browser made of a page.
struct Opened {
    dom: String,
    /// Lines that the page or the browser wrote on the console.
    console: Vec<String>,
}

impl Bench {
    /// None with the reason printed where there is no browser; with `PREFLIGHT_REQUIRE_PEERS=1` that is a failure.
    fn new((readiness, records): &(Readiness, Vec<Record>)) -> Option<Self> {
        let named = std::env::var_os("PREFLIGHT_PEER_CHROMIUM").map(PathBuf::from);
        let Some(browser) = named.into_iter().chain([PathBuf::from("/usr/bin/chromium")]).find(|path| path.exists())
        else {
            skipped("Chromium (set PREFLIGHT_PEER_CHROMIUM to its path)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let dashboard = Dashboard::new(readiness, records, sample::TOOL, sample::now());
        let page = html::draw(&dashboard).expect("a page");
        std::fs::write(folder.path().join("readiness.html"), page).expect("a writable folder");
        Some(Self { browser, folder })
    }

    fn small() -> Option<Self> {
        Self::new(&sample::small())
    }

    /// Opens the page with a hash behind its address.
    fn open(&self, hash: &str) -> Opened {
        self.visit(&format!("file://{}{hash}", self.folder.path().join("readiness.html").display()))
    }

    /// Opens the page in a frame of a width, with a script that writes what it measured into the outer page.
    fn measure(&self, width: u32, script: &str) -> String {
        let page = std::fs::read_to_string(self.folder.path().join("readiness.html")).expect("the page");
        // The page's own policy forbids foreign scripts, so the measuring one takes the place of the policy.
        let (before, rest) = page.split_once("<meta http-equiv=").expect("a policy");
        let (_, after) = rest.split_once('>').expect("a policy");
        let measured = format!("{before}{after}<script>parent.postMessage(String({script}), '*')</script>");
        std::fs::write(self.folder.path().join("measured.html"), measured).expect("a writable folder");
        let outer = format!(
            "<iframe src=measured.html style='width:{width}px;height:900px;border:0'></iframe><output></output>\
             <script>onmessage = (event) => {{ document.querySelector('output').textContent = event.data }}</script>"
        );
        let file = self.folder.path().join("outer.html");
        std::fs::write(&file, outer).expect("a writable folder");
        let opened = self.visit(&format!("file://{}", file.display()));
        let (_, rest) = opened.dom.split_once("<output>").expect("an output");
        rest.split_once("</output>").expect("an output").0.to_owned()
    }

    fn visit(&self, address: &str) -> Opened {
        let profile = tempfile::tempdir_in(self.folder.path()).expect("a folder");
        let output = Command::new(&self.browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--enable-logging=stderr", "--log-level=0", "--virtual-time-budget=3000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(address)
            .output()
            .expect("a browser that starts");
        let said = String::from_utf8_lossy(&output.stderr);
        let console = said.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(dom.contains("</html>"), "the browser drew nothing: {said}");
        Opened { dom, console }
    }
}

impl Opened {
    /// The names of the integrations whose section is shown.
    fn shown(&self) -> Vec<String> {
        let tags = self.dom.split("<details class=\"integration\"").skip(1);
        let open = tags.filter_map(|tag| tag.split('>').next()).filter(|tag| !tag.contains("hidden"));
        open.filter_map(|tag| tag.split("data-n=\"").nth(1)?.split('"').next()).map(str::to_owned).collect()
    }

    fn count(&self) -> &str {
        let after = self.dom.split("<output id=\"count\" aria-live=\"polite\">").nth(1).expect("a count");
        after.split('<').next().unwrap_or_default()
    }

    fn environment(&self) -> &str {
        let after = self.dom.split("class=\"env on\"").nth(1).expect("an environment that is shown");
        after.split("data-env=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
    }
}

#[test]
fn the_page_works_from_a_file_without_a_word_on_the_console() {
    let Some(bench) = Bench::small() else { return };
    let opened = bench.open("");
    assert!(
        opened.dom.split("<head>").next().is_some_and(|tag| tag.contains("class=\"js\"")),
        "the script did not run"
    );
    assert_eq!(opened.console, Vec::<String>::new());
    assert_eq!(opened.environment(), "staging", "the worst verdict is shown first");
    assert_eq!((opened.shown().len(), opened.count()), (8, ""));
}

#[test]
fn a_complaint_on_the_console_would_be_heard() {
    let Some(bench) = Bench::small() else { return };
    let file = bench.folder.path().join("readiness.html");
    let page = std::fs::read_to_string(&file).expect("the page");
    let foreign =
        page.replace("</main>", "<script>document.title = 'owned'</script><img src=\"https://a.example/x\"></main>");
    std::fs::write(&file, foreign).expect("a writable folder");
    let opened = bench.open("");
    let refused = opened.console.iter().filter(|line| line.contains("Content Security Policy")).count();
    assert_eq!(refused, 2, "the page's policy refuses a foreign script and a request: {:?}", opened.console);
    assert!(!opened.dom.contains("<title>owned</title>"));
}

#[test]
fn a_page_that_is_old_says_so() {
    for (judged, old) in [("2020-01-01T00:00:00Z", true), ("2999-01-01T00:00:00Z", false)] {
        let (mut readiness, records) = sample::small();
        readiness.judged = judged.parse().expect("a timestamp");
        let Some(bench) = Bench::new(&(readiness, records)) else { return };
        let opened = bench.open("");
        let (_, note) = opened.dom.split_once("id=\"old\"").expect("a note");
        let (tag, rest) = note.split_once('>').expect("a tag");
        assert_eq!(!tag.contains("hidden"), old, "{judged}");
        assert_eq!(rest.split("</p>").next().is_some_and(|text| text.contains(" days ago</b>")), old, "{judged}");
    }
}

#[test]
fn hostile_text_is_drawn_and_not_obeyed() {
    let Some(bench) = Bench::new(&report_hostile::hostile()) else { return };
    let opened = bench.open("#q=onerror");
    assert_eq!(opened.console, Vec::<String>::new());
    assert_eq!((opened.dom.matches("<script").count(), opened.dom.matches("<img").count()), (1, 0));
    assert_eq!(opened.count(), "8 of 8 integrations shown", "the script works over it");
}

#[test]
fn the_filter_stands_in_the_address() {
    let Some(bench) = Bench::small() else { return };
    let table: [(&str, &str, &[&str]); 7] = [
        ("#state=failing", "staging", &["shopify"]),
        ("#state=failing,blocked", "staging", &["ga4", "shopify"]),
        ("#state=stale&env=local", "local", &["supabase"]),
        ("#q=chat", "staging", &["chatwoot"]),
        ("#q=IDEA-POOL-7", "staging", &["idea-pool"]),
        ("#q=no+such+thing", "staging", &[]),
        ("#state=waived&q=chat&theme=dark", "staging", &["chatwoot"]),
    ];
    for (hash, environment, names) in table {
        let opened = bench.open(hash);
        assert_eq!(opened.environment(), environment, "{hash}");
        assert_eq!(opened.shown(), names, "{hash}");
        let noun = "integrations";
        assert_eq!(opened.count(), format!("{} of 8 {noun} shown", names.len()), "{hash}");
        let rows = opened.dom.matches("<tr data-n=").count();
        let hidden = opened.dom.matches("hidden=\"\"><th scope=\"row\"><a href=\"#i-").count();
        assert_eq!(rows - hidden, names.len() * 3, "{hash}: the matrices show the same");
        assert_eq!(opened.console, Vec::<String>::new(), "{hash}");
    }
}

#[test]
fn a_search_for_a_promise_opens_its_section_and_shows_its_scenario_alone() {
    let Some(bench) = Bench::small() else { return };
    let opened = bench.open("#q=IDEA-POOL-13");
    let section = opened.dom.split("id=\"i-idea-pool\"").nth(1).expect("a section");
    assert!(section.split('>').next().is_some_and(|tag| tag.contains("open")), "it is open");
    let section = section.split("id=\"i-redis\"").next().unwrap_or_default();
    let scenarios = section.split("<li").filter(|item| item.contains("asked for")).collect::<Vec<_>>();
    let shown: Vec<&&str> = scenarios.iter().filter(|item| !item.starts_with(" hidden")).collect();
    assert_eq!((scenarios.len(), shown.len()), (13, 1), "{shown:?}");
}

#[test]
fn every_state_is_told_by_a_word_and_a_shape_of_its_own() {
    let Some(bench) = Bench::small() else { return };
    let script = "JSON.stringify([...document.querySelectorAll('.legend dt')].map((word) => \
                  [word.textContent.trim(), getComputedStyle(word, '::before').maskImage]))";
    let told = bench.measure(1280, script).replace("&quot;", "\"").replace("&amp;", "&");
    let pairs: Vec<(String, String)> = serde_json::from_str(&told).expect("pairs");
    let words: Vec<&str> = pairs.iter().map(|(word, _)| word.as_str()).collect();
    assert_eq!(words, State::ALL.map(State::as_str));
    let mut shapes: Vec<&str> = pairs.iter().map(|(_, shape)| shape.as_str()).collect();
    assert!(shapes.iter().all(|shape| shape.starts_with("url(")), "{shapes:?}");
    shapes.sort_unstable();
    shapes.dedup();
    assert_eq!(shapes.len(), State::ALL.len(), "no two states share a shape");
}

/// The least contrast between a text and what is behind it, over everything that is drawn (WCAG 2.2, 1.4.3).
pub const CONTRAST: &str = "(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
    const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((v) => { v /= 255;
        return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
    const behind = (element) => { for (let e = element; e; e = e.parentElement) {
        const colour = rgba(getComputedStyle(e).backgroundColor); if (colour[3] > 0.99) return colour; } return [255, 255, 255]; };
    let worst = 99, where = '';
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.textContent.trim() || !element.getClientRects().length) continue;
        if (['SCRIPT', 'STYLE'].includes(element.tagName)) continue;
        const [one, other] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
        const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        if (contrast < worst) { worst = contrast; where = element.outerHTML.slice(0, 80); }
    }
    return worst.toFixed(2) + ' ' + where;
})()";

#[test]
fn every_text_has_the_contrast_of_wcag_aa_in_light_and_dark() {
    let Some(bench) = Bench::small() else { return };
    for theme in ["light", "dark"] {
        let script = format!("(document.documentElement.dataset.theme = '{theme}', {CONTRAST})");
        let worst = bench.measure(1280, &script);
        println!("{theme}: {worst}");
        let ratio: f64 = worst.split(' ').next().and_then(|ratio| ratio.parse().ok()).expect("a ratio");
        assert!(ratio >= 4.5, "{theme}: {worst}");
        assert!(ratio < 20.0, "{theme}: nothing was measured: {worst}");
    }
}

#[test]
fn nothing_is_cut_off_on_a_narrow_screen() {
    let Some(bench) = Bench::small() else { return };
    let script = "(() => { for (const details of document.querySelectorAll('details')) details.open = true; \
                  const root = document.documentElement; return root.scrollWidth - root.clientWidth; })()";
    for width in [360, 800, 1280] {
        assert_eq!(bench.measure(width, script), "0", "pixels over the edge at {width}");
    }
}

#[test]
fn a_page_without_anything_and_one_with_very_much_work_too() {
    for (integrations, scenarios) in [(0, 0), (200, 50)] {
        let Some(bench) = Bench::new(&sample::large(integrations, scenarios)) else { return };
        let opened = bench.open(if integrations == 0 { "" } else { "#q=service-1&state=ready" });
        assert_eq!(opened.console, Vec::<String>::new());
        // Every second one has nothing broken, and half of the names begin so.
        assert_eq!(opened.shown().len(), integrations / 4);
    }
}
