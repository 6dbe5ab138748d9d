(() => {
  "use strict";
  const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  const root = document.documentElement;
  const form = document.getElementById("filter");
  const search = document.getElementById("q");
  const count = document.getElementById("count");
  const boxes = all("input[type=checkbox]", form);
  const cards = all(".card");
  const environments = all("section.env");
  const sections = all(".integration");
  const first = document.querySelector(".card.first");
  const themes = ["auto", "light", "dark"];
  const button = document.getElementById("theme");
  const texts = new Map();
  let chosen = first ? first.dataset.env : null;
  let theme = "auto";

  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* a file may have no storage */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  function paint(name) {
    theme = themes.includes(name) ? name : "auto";
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    button.textContent = "Theme: " + theme;
  }

  const text = (section) => {
    if (!texts.has(section)) texts.set(section, section.textContent.toLowerCase());
    return texts.get(section);
  };

  // Which states the chosen environment shows for each integration.
  function statesOf(environment) {
    const states = new Map();
    for (const row of all("tbody tr[data-n]", environment)) {
      states.set(row.dataset.n, all("td", row).map((cell) => cell.textContent.trim()));
    }
    return states;
  }

  function apply() {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    const words = search.value.trim().toLowerCase();
    for (const card of cards) {
      if (card.dataset.env === chosen) card.setAttribute("aria-current", "true"); else card.removeAttribute("aria-current");
    }
    let shown = null;
    for (const environment of environments) {
      const on = environment.dataset.env === chosen;
      environment.classList.toggle("on", on);
      if (on) shown = environment;
    }
    const states = shown ? statesOf(shown) : new Map();
    let visible = 0;
    const hidden = new Set();
    for (const section of sections) {
      const name = section.dataset.n;
      const inState = !wanted.length || (states.get(name) || []).some((state) => wanted.includes(state));
      const head = section.querySelector("summary h3").textContent.toLowerCase();
      const inHead = head.includes(words);
      const inText = !words || inHead || text(section).includes(words);
      section.hidden = !(inState && inText);
      if (section.hidden) hidden.add(name); else visible += 1;
      const narrow = words && !inHead && inText && inState;
      if (narrow || section.dataset.narrow) {
        for (const item of all(".list li", section)) item.hidden = Boolean(narrow) && !item.textContent.toLowerCase().includes(words);
        for (const list of all(".list", section)) {
          const found = all("li", list).some((item) => !item.hidden);
          list.hidden = Boolean(narrow) && !found;
          if (narrow && found) list.open = true;
        }
        if (narrow) { section.open = true; section.dataset.narrow = "1"; } else delete section.dataset.narrow;
      }
    }
    for (const row of all("tbody tr[data-n]")) row.hidden = hidden.has(row.dataset.n);
    for (const group of all(".matrix tbody")) group.hidden = !group.querySelector("tr[data-n]:not([hidden])");
    const filtered = wanted.length || words;
    count.textContent = filtered ? visible + " of " + sections.length + (sections.length === 1 ? " integration" : " integrations") + " shown" : "";
  }

  function write() {
    const hash = new URLSearchParams();
    if (chosen !== null && !(first && first.dataset.env === chosen)) hash.set("env", chosen);
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    if (wanted.length) hash.set("state", wanted.join(","));
    if (search.value.trim()) hash.set("q", search.value.trim());
    const address = "#" + hash;
    if (address !== location.hash) history.replaceState(null, "", address === "#" ? location.pathname + location.search : address);
  }

  // `#env=…&state=…&q=…&theme=…` is a filter, anything else an anchor.
  function read() {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return open(hash);
    const wish = new URLSearchParams(hash);
    if (environments.some((environment) => environment.dataset.env === wish.get("env"))) chosen = wish.get("env");
    const wanted = (wish.get("state") || "").split(",");
    for (const box of boxes) box.checked = wanted.includes(box.value);
    search.value = wish.get("q") || "";
    if (wish.has("theme")) paint(wish.get("theme"));
    apply();
    if (wish.has("open")) open("i-" + wish.get("open"));
  }

  function open(id) {
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.classList.contains("integration")) {
      if (target.hidden) {
        for (const box of boxes) box.checked = false;
        search.value = "";
        apply();
      }
      target.open = true;
      target.scrollIntoView();
      target.querySelector("summary").focus({ preventScroll: true });
    } else if (target.classList.contains("env")) {
      chosen = target.dataset.env;
      apply();
    }
  }

  let timer;
  const later = () => { clearTimeout(timer); timer = setTimeout(() => { apply(); write(); }, 120); };
  search.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); write(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  for (const card of cards) {
    card.addEventListener("click", (event) => {
      event.preventDefault();
      chosen = card.dataset.env;
      apply();
      write();
    });
  }
  button.addEventListener("click", () => {
    paint(themes[(themes.indexOf(theme) + 1) % themes.length]);
    remember("preflight-theme", theme);
  });
  // A cell's reason stands in the integration's section; the pointer need not go there.
  document.getElementById("matrix").addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td");
    if (!cell || cell.title) return;
    const section = document.getElementById("i-" + cell.parentElement.dataset.n);
    const environment = cell.closest("section.env").dataset.env;
    const heading = cell.closest("table").tHead.rows[0].cells[cell.cellIndex].firstChild.textContent;
    for (const line of all(".criteria tbody tr", section)) {
      const where = line.cells[1].textContent;
      if (line.cells[0].textContent.split(", ").includes(heading) && (where === "all" || where.split(", ").includes(environment))) {
        cell.title = line.cells[3].innerText;
      }
    }
  });
  addEventListener("hashchange", read);
  let closed = [];
  addEventListener("beforeprint", () => {
    // Two hundred integrations would be a thousand sheets: then what the reader has opened is printed.
    const shown = sections.filter((section) => !section.hidden);
    if (shown.length > 40) return;
    closed = shown.filter((section) => !section.open).concat(all(".list:not([open])"));
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of closed) details.open = false; closed = []; });

  // What was ready when it was judged may be stale by now, and a page cannot judge.
  const days = Math.floor((Date.now() - Date.parse(root.dataset.judged)) / 864e5);
  if (days >= 1) {
    const old = document.getElementById("old");
    old.querySelector("b").textContent = days === 1 ? "1 day ago" : days + " days ago";
    old.hidden = false;
  }

  root.classList.add("js");
  form.hidden = sections.length === 0;
  button.hidden = false;
  paint(recall("preflight-theme"));
  apply();
  read();
})();
