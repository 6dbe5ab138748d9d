// Puts newer parts in the place of older ones, and says when nothing new comes. Without it the page reads the same, once.
(() => {
  "use strict";
  const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  const root = document.documentElement;
  const alive = document.getElementById("alive");
  const lost = document.getElementById("lost");
  const themes = ["auto", "light", "dark"];
  const button = document.getElementById("theme");
  let theme = "auto";

  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* there may be no storage */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  function paint(name) {
    theme = themes.includes(name) ? name : "auto";
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    button.textContent = "Theme: " + theme;
  }
  button.addEventListener("click", () => {
    paint(themes[(themes.indexOf(theme) + 1) % themes.length]);
    remember("preflight-theme", theme);
  });
  button.hidden = false;
  paint(recall("preflight-theme"));

  const focusable = "a[href],button,input,summary,[tabindex]";

  // Who reads, types or marks something there is not disturbed: it is put in its place the next time.
  function busy(old) {
    const marked = getSelection();
    if (marked && !marked.isCollapsed && marked.containsNode(old, true)) return true;
    const at = document.activeElement;
    return at && at.tagName === "INPUT" && old.contains(at);
  }

  const waiting = new Map();

  function put(id, html) {
    const old = document.getElementById(id);
    if (!old) return;
    const box = document.createElement("template");
    box.innerHTML = html.trim();
    const fresh = box.content.firstElementChild;
    if (!fresh) return;
    if (busy(old)) { waiting.set(id, html); return; }
    waiting.delete(id);
    fresh.hidden = old.hidden;
    for (const open of all("details[data-k][open]", old)) {
      const same = all("details[data-k]", fresh).find((details) => details.dataset.k === open.dataset.k);
      if (same) same.open = true;
    }
    if (old.outerHTML === fresh.outerHTML) return;
    const at = old.contains(document.activeElement) ? all(focusable, old).indexOf(document.activeElement) : -1;
    const scrolled = all(".wide", old).map((wide) => wide.scrollLeft);
    old.replaceWith(fresh);
    all(".wide", fresh).forEach((wide, index) => { wide.scrollLeft = scrolled[index] || 0; });
    if (at >= 0) {
      const target = all(focusable, fresh)[at] || all(focusable, fresh)[0];
      if (target) target.focus({ preventScroll: true });
    }
  }

  // The filter of the services.
  const form = document.getElementById("filter");
  function filter() {
    if (!form) return;
    const words = document.getElementById("q").value.trim().toLowerCase();
    const wanted = all("input[type=checkbox]:checked", form).map((box) => box.value);
    let shown = 0;
    const rows = all(".services tr[data-s]");
    for (const row of rows) {
      const named = !words || row.querySelector("th").textContent.toLowerCase().includes(words);
      row.hidden = !(named && (!wanted.length || wanted.includes(row.dataset.s)));
      if (!row.hidden) shown += 1;
    }
    for (const group of all(".services tbody")) group.hidden = !group.querySelector("tr[data-s]:not([hidden])");
    const told = words || wanted.length ? shown + " of " + rows.length + " services shown" : "";
    const count = document.getElementById("count");
    if (count.textContent !== told) count.textContent = told;
  }
  if (form) {
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = all(".services tr[data-s]").length < 8;
    filter();
  }

  // When something was heard last, by the clock of this machine: both ends need not agree on the time.
  const LATE = 15000;
  let heard = Date.now();
  let source = null;
  const two = (number) => String(number).padStart(2, "0");
  const clock = (time) => two(time.getUTCHours()) + ":" + two(time.getUTCMinutes()) + ":" + two(time.getUTCSeconds()) + " UTC";

  function tell(text) {
    if (lost.textContent !== text) lost.textContent = text;
    lost.hidden = !text;
    alive.classList.toggle("late", Boolean(text));
  }

  function listen() {
    if (source) source.close();
    source = new EventSource("/events?of=" + encodeURIComponent(root.dataset.path));
    source.addEventListener("parts", (event) => {
      heard = Date.now();
      const news = JSON.parse(event.data);
      for (const [id, html] of news.parts) put(id, html);
      for (const [id, html] of [...waiting]) put(id, html);
      if (news.title && document.title !== news.title) document.title = news.title;
      alive.textContent = "as of " + clock(new Date(news.at));
      alive.hidden = false;
      tell("");
      filter();
    });
    source.addEventListener("error", () => {
      tell("The connection to the monitor is lost. This page shows how it was at " + clock(new Date(heard)) + ".");
    });
  }

  if (root.dataset.path) {
    listen();
    setInterval(() => {
      if (Date.now() - heard < LATE) return;
      tell("Nothing was heard from the monitor for " + Math.round((Date.now() - heard) / 1000) + " s. This page shows how it was at " + clock(new Date(heard)) + ".");
      if (source.readyState === EventSource.CLOSED) listen();
    }, 5000);
  }
})();
