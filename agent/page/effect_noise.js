// Which parts of a document change by themselves: clocks, carousels, tickers. First part of the recorder.
// Each change is remembered with its time while no action is under way; what ticks then is no effect later.
const MAX_ELEMENTS = 20000; // above that, texts are compared around the target only
const MAX_CONTROLS = 3000;
const MAX_JOURNAL = 20000; // changed nodes kept; the rest is only counted
const MAX_HTML = 20000; // characters of HTML compared to tell a re-rendered node from a changed one
const TICKS = 8; // times kept of a node's changes, before and since an action began
const LATEST = 1500; // milliseconds after an action began; what changes later may well do so by itself
const UNSEEN = new Set(["SCRIPT", "STYLE", "LINK", "META", "TEMPLATE", "NOSCRIPT", "TITLE", "BASE", "HEAD"]);
const DULL_ATTRIBUTE = /^(tabindex|nonce|id|name|aria-describedby|data-(focus|hover|press|whatin(put|tent))[\w-]*)$/;
const DULL_CLASS = /focus|hover|ripple|tabbing|keyboard|touch|mouse|pointer|ng-(un)?touched/i;
const TOOLTIP = '[role="tooltip"], [class*="tooltip" i], [data-tippy-root]';
const CONTAINER =
  'li, tr, td, form, fieldset, dialog, details, nav, section, article, [role="dialog"], [role="row"],' +
  ' [role="listitem"], [role="menu"], [role="listbox"], [role="tablist"], [role="toolbar"], [role="group"]';
const STATES = ["checked", "selected", "expanded", "pressed", "current", "valuenow"].map((name) => "aria-" + name);

const [now, origin] = [performance.now.bind(performance), performance.timeOrigin];
const idle = new WeakMap(); // node -> {what: [times]} of changes that no action caused
let journal = null;
let token = 0;
let changes = 0;
let changedAt = now();
let stirredAt = now(); // the same with what changes all the time
let acting = false;
let idleSince = now();
let watchedSince = now();
let onChange = () => {}; // wakes who waits for a change
const roots = new Set();

const parentOf = (node) => node.parentNode || node.host || null;
const elementOf = (node) => (node.nodeType === 1 ? node : node.parentElement);

const observer = new MutationObserver((records) => {
  try {
    take(records);
  } catch {
    changes += records.length; // an error here would look like one of the page's own
  }
});
const watchRoot = (root) => {
  if (roots.has(root)) return;
  roots.add(root);
  observer.observe(root, {
    subtree: true, childList: true, attributes: true, characterData: true,
    attributeOldValue: true, characterDataOldValue: true,
  });
};

// Every element below `top`, in order, through open shadow roots.
function* elements(top) {
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    yield node;
    if (node.shadowRoot) yield* elements(node.shadowRoot);
  }
}

const watchShadows = (top) => {
  if (top.shadowRoot) watchRoot(top.shadowRoot);
  for (const each of elements(top)) if (each.shadowRoot) watchRoot(each.shadowRoot);
};

// ---- noise: what changes by itself ----

const remember = (store, node, what, time) => {
  let kinds = store.get(node);
  if (!kinds) store.set(node, (kinds = {}));
  const times = (kinds[what] ||= []);
  if (times.length && time - times[times.length - 1] < 30) return; // the same tick
  if (store !== idle && times.length >= TICKS) return; // those right after the action began tell most
  times.push(time);
  // What ticked before a long action must not be crowded out by what ticks while it goes on.
  if (times.length > 2 * TICKS) times.splice(acting && times[TICKS] >= base.began ? TICKS : 0, 1);
};

const timesOf = (store, node, what) => store.get(node)?.[what] || [];

// At least two gaps, all about the same; some ticks may have been missed.
const regular = (times) => {
  if (times.length < 3) return false;
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  const step = Math.min(...gaps);
  return gaps.every((gap) => Math.abs(gap - step * Math.round(gap / step)) < 0.25 * step + 30 && gap < 8 * step + 60);
};

// "noise": it changes by itself; "doubtful": it may, so wait and see; "": it does not.
// `ticking`: nothing but digits in it is different, as in clocks and in counters that an action counts up.
const noiseOf = (node, what, ticking) => {
  const before = timesOf(idle, node, what).filter((time) => time < base.began).slice(-TICKS);
  const after = timesOf(journal.times, node, what);
  const steady = before.length > 2 && regular(before.concat(after));
  if (what !== "content") {
    if (steady || (before.length && after.length > 2)) return "noise";
    return before.length > 1 ? "doubtful" : "";
  }
  if (!ticking) return steady && before.length > 3 ? "noise" : "";
  if (before.length) return steady || after.length > 2 ? "noise" : "doubtful";
  const gap = after.length > 1 ? after[1] - after[0] : 1200;
  if (base.quiet > 1.2 * gap || base.began - watchedSince > 1500) return ""; // it would have ticked before, too
  return after.length > 2 ? "noise" : "doubtful";
};

const noteTime = (record, time) => {
  const caused = acting && time - base.began < LATEST;
  const what = record.type === "attributes" ? record.attributeName : "content";
  const node = record.type === "characterData" ? parentOf(record.target) : record.target;
  if (!node) return false;
  const known = timesOf(idle, node, what).length > 1;
  if (!caused) remember(idle, node, what, time);
  if (journal) remember(journal.times, node, what, time);
  // Slides of a carousel take turns: their parent stands for them.
  if (record.type === "attributes" && parentOf(node)) {
    if (!caused) remember(idle, parentOf(node), "child " + what, time);
    if (journal) remember(journal.times, parentOf(node), "child " + what, time);
  }
  return known;
};
