"use strict";
// Filters, order, keys and the picture viewer. The report can be read without it.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const list = byId("list");
  const scenarios = all(".scenario").map((node) => ({
    node,
    details: node.querySelector("details"),
    // An earlier attempt counts for no verdict.
    verdict: node.classList.contains("superseded") ? "" : node.dataset.v,
    passed: node.dataset.v === "passed",
    tags: JSON.parse(node.dataset.tags),
    text: node.textContent.toLowerCase(),
    order: Number(node.dataset.order),
    seconds: Number(node.dataset.seconds),
    ran: node.dataset.ran,
    name: node.dataset.name,
  }));
  const orders = {
    order: (a, b) => a.order - b.order,
    ran: (a, b) => a.ran.localeCompare(b.ran) || a.order - b.order,
    slow: (a, b) => b.seconds - a.seconds,
    name: (a, b) => a.name.localeCompare(b.name),
  };
  const chips = all("[data-verdict]");
  const search = byId("q");
  const tag = byId("tag");
  const sort = byId("sort");
  const fold = byId("fold");
  let verdict = "";

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const s of scenarios) {
      const fits = (!verdict || s.verdict === verdict) && (!tag?.value || s.tags.includes(tag.value))
        && words.every((word) => s.text.includes(word));
      s.node.hidden = !fits;
      shown += fits;
    }
    byId("empty").hidden = shown > 0 || !scenarios.length;
    byId("shown").textContent = `${shown} of ${scenarios.length} scenarios shown`;
  }

  function choose(name) {
    verdict = name;
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.verdict === name));
    filter();
  }

  function reset() {
    search.value = "";
    if (tag) tag.value = "";
    choose("");
  }

  function reorder() {
    list.append(...[...scenarios].sort(orders[sort.value]).map((s) => s.node));
  }

  function foldAll() {
    const open = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", String(open));
    fold.textContent = open ? "Close all" : "Open all";
    for (const s of scenarios) if (!s.node.hidden) s.details.open = open;
  }

  function step(by) {
    const heads = all(".scenario:not([hidden]) > details > summary", list);
    const at = heads.indexOf(document.activeElement?.closest(".scenario")?.querySelector("summary"));
    const next = heads[at < 0 ? (by > 0 ? 0 : heads.length - 1) : Math.min(heads.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function openLinked() {
    const linked = location.hash.length > 1 && byId(location.hash.slice(1));
    const details = linked && linked.querySelector("details");
    if (details) {
      details.open = true;
      linked.scrollIntoView();
    }
  }

  const viewer = byId("viewer");
  function enlarge(button) {
    const from = button.querySelector("img");
    const picture = viewer.querySelector("img");
    picture.src = from.src;
    picture.alt = from.alt;
    viewer.querySelector("p").textContent = from.alt;
    viewer.showModal();
  }

  function onKey(event) {
    const typing = event.target.closest("input, select, textarea") || viewer.open;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && event.target === search) reset();
    if (typing) return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
    }
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  }

  // Each picture stands in the file once; its other places borrow it.
  for (const img of all("img[data-p]")) img.src = byId(img.dataset.p).src;
  for (const chip of chips) chip.addEventListener("click", () => choose(chip.dataset.verdict));
  search.addEventListener("input", filter);
  tag?.addEventListener("change", filter);
  sort.addEventListener("change", reorder);
  fold.addEventListener("click", foldAll);
  byId("reset").addEventListener("click", reset);
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".zoom");
    if (button) enlarge(button);
  });
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", openLinked);
  window.addEventListener("beforeprint", () => scenarios.forEach((s) => !s.passed && (s.details.open = true)));
  byId("tools").hidden = false;
  openLinked();
})();
