// The page of `magenta label`: shows one item after the other and sends what is said about it.
// Whatever comes from a logged page is put in as text, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);
const NAME = "magenta-label-name";
const ACTIONS = { double_click: "double click", right_click: "right click" };
const POLL_MS = 15000;

let item = null;
let closeView = false;
let busy = false;
let later = [];

const me = () => localStorage.getItem(NAME) || "";

async function ask(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ by: me(), ...body }),
  };
  const answer = await fetch(path, options);
  const found = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  if (!answer.ok) throw new Error(found.error || `the server answered ${answer.status}`);
  return found;
}

/** Runs one request at a time; what fails is said, and the sentence stays where it is. */
async function during(work) {
  if (busy) return;
  busy = true;
  say("");
  try {
    show(await work());
  } catch (error) {
    const lost = error instanceof TypeError;
    say(lost ? "The server does not answer; nothing is lost. Start magenta label again, then go on here." : error.message);
  } finally {
    busy = false;
  }
}

const say = (text) => { $("message").textContent = text; };
const next = () => during(() => ask(`/next?by=${encodeURIComponent(me())}&skip=${later.join(",")}`));

function show(found) {
  showProgress(found.progress);
  item = found.item;
  $("work").hidden = !item;
  $("done").hidden = Boolean(item);
  if (item) showItem();
  else $("again").focus();
  if (found.note) say(found.note);
}

function showProgress(progress) {
  const done = progress.labelled + progress.rejected;
  $("bar").value = done / Math.max(done + progress.left + progress.disputed, 1);
  for (const name of ["left", "labelled", "rejected", "disputed"]) $(name).textContent = progress[name].toLocaleString("en");
  const { percent, pairs, kappa } = progress.agreement;
  const beyond = kappa === null ? "" : `, κ ${kappa.toFixed(2)}`;
  $("agreement").textContent = percent === null ? "–" : `${Math.round(percent)} % of ${pairs}${beyond}`;
  $("who").textContent = `${me()} · ${progress.people[me()] || 0}`;
  const people = Object.entries(progress.people).map(([name, count]) => `${name} ${count}`).join(", ");
  $("who").title = `Change your name. ${people}`;
  $("summary").textContent = `${done} labelled or rejected${people ? `: ${people}` : ""}. What you put off comes again when you look again.`;
}

function showItem() {
  $("why").textContent = item.why;
  $("action").textContent = `${ACTIONS[item.action_type] || item.action_type} · ${item.element_type}`;
  $("text").textContent = item.text ? `“${item.text.slice(0, 160)}”` : "";
  $("sentence").value = item.draft || item.summary || "";
  $("url").textContent = item.url;
  $("where").textContent = item.site;
  $("step").textContent = item.step_text || item.goal || "";
  $("stepped").hidden = !(item.step_text || item.goal);
  $("html").textContent = item.html;
  showOthers();
  showPicture();
  typed();
  // Where there is nothing to accept, one writes at once.
  if (item.summary) $("sentence").blur();
  else $("sentence").focus();
}

function showOthers() {
  const told = item.others.map((other) => {
    const line = document.createElement("li");
    line.textContent = `${other.by}: ${other.summary || "cannot be told"}`;
    return line;
  });
  $("others").replaceChildren(...told);
  $("others").hidden = !told.length;
}

function showPicture() {
  const picture = $("picture");
  picture.classList.add("waiting");
  picture.onload = () => picture.classList.remove("waiting");
  picture.src = `/picture/${item.id}/${closeView ? "crop" : "page"}`;
  $("stage").classList.toggle("close", closeView);
  $("zoom").setAttribute("aria-pressed", String(closeView));
}

const sentence = () => $("sentence").value.trim().replace(/\s+/g, " ");
const isChanged = () => sentence() !== (item.summary || "");

function typed() {
  const changed = isChanged();
  $("sentence").classList.toggle("changed", changed);
  $("accept").firstElementChild.textContent = changed ? "Save the sentence" : "Accept";
  $("accept").disabled = !sentence();
}

function judge(verdict) {
  const about = item;
  const summary = verdict === "edited" ? sentence() : null;
  during(() => ask("/judge", { id: about.id, verdict, summary }));
}

const actions = {
  accept: () => sentence() && judge(isChanged() ? "edited" : "accepted"),
  reject: () => judge("rejected"),
  undo: () => during(() => ask("/undo", {})),
  edit() {
    $("sentence").focus();
    $("sentence").setSelectionRange($("sentence").value.length, $("sentence").value.length);
  },
  later() {
    later.push(item.id);
    next();
  },
  zoom() {
    closeView = !closeView;
    showPicture();
  },
};

const KEYS = { Enter: "accept", a: "accept", e: "edit", r: "reject", l: "later", u: "undo", f: "zoom" };

function pressed(event) {
  if ($("ask").open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target === $("sentence")) {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      actions.accept();
    } else if (event.key === "Escape") {
      $("sentence").value = item.summary || "";
      typed();
      $("sentence").blur();
    }
    return;
  }
  if (!item) {
    if (event.key === "u") actions.undo();
    return;
  }
  if (event.key === "Enter" && event.target.closest("button, summary")) return;  // it presses that
  const name = KEYS[event.key];
  if (!name) return;
  event.preventDefault();
  actions[name]();
}

function introduce() {
  $("name").value = me();
  $("ask").showModal();
}

$("ask").addEventListener("cancel", (event) => me() || event.preventDefault());
$("ask").addEventListener("close", () => {
  const name = $("name").value.trim();
  if (name) localStorage.setItem(NAME, name);
  later = [];
  next();
});
for (const name of Object.keys(actions)) $(name).addEventListener("click", () => actions[name]());
$("undo-last").addEventListener("click", () => actions.undo());
$("again").addEventListener("click", () => { later = []; next(); });
$("who").addEventListener("click", introduce);
$("sentence").addEventListener("input", typed);
document.addEventListener("keydown", pressed);
// Keeps what is shown lent to this person, and the figures true, while others work.
setInterval(async () => {
  if (!me() || busy || document.hidden) return;
  const found = await ask(`/held?by=${encodeURIComponent(me())}&id=${item ? item.id : ""}`).catch(() => null);
  if (found && !busy) showProgress(found.progress);
}, POLL_MS);

if (me()) next();
else introduce();
