// Handlers that an ancestor holds for its descendants: as frameworks keep them on the elements themselves,
// and as plain code tells its targets apart: closest("…"), matches("…"), dataset.x, tagName === "LI" …
const functionText = (() => {
  const native = uncurry(weakGet(originals, Function.prototype.toString) || Function.prototype.toString);
  return (fn) => native(weakGet(originals, fn) || fn);
})();
const isFunction = (value) => typeof value === "function";
const plainValue = (object, key) => {
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor ? descriptor.value : undefined;
};

const KEPT_TYPES =
  "click|dblclick|doubleclick|contextmenu|mousedown|mouseup|pointerdown|pointerup|tap|press|mouseenter|dragstart|drop";
const PROP_EVENTS = new RegExp(`^(?:on|on:|\\$\\$|__|@)?(${KEPT_TYPES})(?:capture|once|false|true)?$`, "i");
const CLICK_KEY = /click|mousedown|pointerdown|tap$|press$/i;

function eventReason(key) {
  const match = PROP_EVENTS.exec(key.replace(/^__zone_symbol__/, ""));
  if (!match) return 0;
  const type = match[1].toLowerCase();
  return REASON_BY_TYPE[type === "doubleclick" ? "dblclick" : type === "press" ? "click" : type] || 0;
}

const isCallable = (value) =>
  isFunction(value) ||
  (Array.isArray(value) &&
    value.some((item) => isFunction(item) || (item && isFunction(plainValue(Object(item), "callback")))));

// Own properties that a framework left on the element: React's props, Vue's invokers, Svelte's and Solid's handlers …
function expandoReasons(scene, node, keys) {
  for (const key of keys) {
    if (typeof key !== "string") continue;
    if (/^(_reactListening|__reactContainer\$|_reactRootContainer)/.test(key)) node.frameworkRoot = true;
    const value = plainValue(node.el, key);
    if (value === null || (typeof value !== "object" && !isFunction(value))) continue;
    if (/^jQuery\d/.test(key)) jqueryReasons(scene, node, plainValue(value, "events"));
    else if (!/^on|^__zone_symbol__/.test(key) && node.listened) propertyBag(scene, node, key, value);
  }
  const number = keys.find(
    (key) => typeof key === "string" && /^jQuery\d/.test(key) && typeof plainValue(node.el, key) === "number",
  );
  if (number) jqueryReasons(scene, node, jqueryEvents(node.el));
}

function propertyBag(scene, node, key, value) {
  if (isCallable(value)) return keptHandler(scene, node, eventReason(key) || (CLICK_KEY.test(key) ? CLICK : 0), value);
  if (isFunction(value) || Array.isArray(value) || value instanceof Node) return;
  readBag(scene, node, value);
  for (const inner of ["props", "on", "listeners", "handlers", "memoizedProps"]) {
    const nested = plainValue(value, inner);
    if (nested && typeof nested === "object") readBag(scene, node, nested);
  }
}

function readBag(scene, node, bag) {
  const keys = ownKeys(bag);
  if (keys.length > 200) return;
  for (const key of keys) {
    const reason = typeof key === "string" ? eventReason(key) : 0;
    const value = reason ? plainValue(bag, key) : null;
    if (isCallable(value)) keptHandler(scene, node, reason, value);
  }
}

// A handler kept for an element may again be meant for elements inside it.
function keptHandler(scene, node, reason, handler) {
  if (reason & ACTIVATION && isFunction(handler) && firstElement(node.el)) {
    scene.delegators.push({ node, scope: node.el, entries: [{ type: "click", fn: handler, kept: reason }] });
  } else node.reasons |= reason;
}

// jQuery 1 and 2 keep their data elsewhere and show it through $._data.
function jqueryEvents(el) {
  try {
    return window.jQuery && isFunction(window.jQuery._data) ? window.jQuery._data(el, "events") : null;
  } catch {
    return null;
  }
}

const jqueryTargets = new WeakSet();

// The document's own handlers, as jQuery keeps them.
function documentExpandos(scene) {
  const key = ownKeys(document).find((name) => typeof name === "string" && /^jQuery\d/.test(name));
  if (!key) return;
  const value = plainValue(document, key);
  jqueryReasons(scene, null, typeof value === "number" ? jqueryEvents(document) : plainValue(Object(value), "events"));
}

function jqueryReasons(scene, node, events) {
  if (!events || typeof events !== "object") return;
  jqueryTargets.add(node ? node.el : document);
  for (const type of ownKeys(events)) {
    const reason = typeof type === "string" ? reasonOfType(type, false) : 0;
    const handlers = reason ? plainValue(events, type) : null;
    if (!Array.isArray(handlers)) continue;
    for (const handler of handlers) jqueryHandler(scene, node, type, handler);
  }
}

function jqueryHandler(scene, node, type, handler) {
  const reason = reasonOfType(type, false);
  const selector = handler && handler.selector;
  const scope = node ? node.el : document;
  if (typeof selector === "string" && selector) {
    scene.delegators.push({ node, scope, entries: [], reason, selectors: [selector.replace(/^>/, ":scope >")] });
  } else if (isFunction(handler && handler.handler) && (!node || firstElement(node.el))) {
    scene.delegators.push({ node, scope, entries: [{ type, fn: handler.handler, jquery: true }] });
  } else if (node && !isRootTarget(node)) node.reasons |= reason;
}

const LITERAL = "([\"'`])((?:\\\\.|(?!\\Q)[^\\\\])*)\\Q";
const literal = (group) => LITERAL.replace(/\\Q/g, `\\${group}`);
const css = (value) => value.replace(/["\\]/g, "\\$&");
const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

// [pattern, index of the interesting group, how it becomes a selector]
const READINGS = [
  [`(?:closest|[mM]atches|MatchesSelector|\\.is)\\s*\\(\\s*${literal(1)}`, 2, (text) => text],
  [`(?:closest|matches)\\w*\\s*\\(\\s*[\\w$.]+\\s*,\\s*${literal(1)}`, 2, (text) => text],
  [`(?:classList\\s*\\.\\s*contains|hasClass)\\s*\\(\\s*${literal(1)}`, 2, (text) => `[class~="${css(text)}"]`],
  [`className\\s*===?\\s*${literal(1)}`, 2, (text) => `[class="${css(text)}"]`],
  [`className\\s*\\.\\s*(?:includes|indexOf)\\s*\\(\\s*${literal(1)}`, 2, (text) => `[class*="${css(text)}"]`],
  ["dataset\\s*\\??\\.\\s*([A-Za-z_$][\\w$]*)", 1, (text) => `[data-${kebab(text)}]`],
  [`dataset\\s*\\[\\s*${literal(1)}`, 2, (text) => `[data-${kebab(text)}]`],
  [`${literal(1)}\\s*in\\s+[\\w$.]+\\.dataset`, 2, (text) => `[data-${kebab(text)}]`],
  ["\\{\\s*([A-Za-z_$][\\w$]*)\\s*(?:[,:][^{}]*)?\\}\\s*=\\s*[\\w$.]+\\.dataset", 1, (text) => `[data-${kebab(text)}]`],
  [`(?:getAttribute|hasAttribute)\\s*\\(\\s*${literal(1)}`, 2, (text) => `[${text}]`],
  [
    `(?:tagName|nodeName|localName)(?:\\s*\\.\\s*to(?:Lower|Upper)Case\\(\\))?\\s*===?\\s*${literal(1)}`,
    2,
    (text) => text.toLowerCase(),
  ],
  [`${literal(1)}\\s*===?\\s*[\\w$.]+\\.(?:tagName|nodeName|localName)`, 2, (text) => text.toLowerCase()],
  [`\\.id\\s*===?\\s*${literal(1)}`, 2, (text) => `[id="${css(text)}"]`],
  [`${literal(1)}\\s*===?\\s*[\\w$.]+\\.id\\b`, 2, (text) => `[id="${css(text)}"]`],
  [`\\.name\\s*===?\\s*${literal(1)}`, 2, (text) => `[name="${css(text)}"]`],
];

// `if (!t.closest("x")) close()` is about everything else; `if (!t.closest("x")) return` is about x.
function isNegated(source, match) {
  const before = source.slice(Math.max(0, match.index - 80), match.index);
  if (!/![\w$.?()\s]*$/.test(before)) return false;
  return !/^[^;{}]*\)\s*\{?\s*return\b/.test(source.slice(match.index));
}

function switchSelectors(source) {
  const match = /switch\s*\(\s*[\w$.?]*\.(id|className|tagName|nodeName)/.exec(source);
  if (!match) return [];
  const cases = Array.from(source.matchAll(new RegExp(`case\\s*${literal(1)}`, "g")), (found) => found[2]);
  if (match[1] === "id") return cases.map((text) => `[id="${css(text)}"]`);
  return cases.map((text) => (match[1] === "className" ? `[class="${css(text)}"]` : text.toLowerCase()));
}

// `e.target === e.currentTarget`, as backdrops have it.
const COMPARES_TARGET = new RegExp(
  [
    "target\\s*[!=]==?\\s*[\\w$]*\\.?(?:currentTarget|this\\b)",
    "(?:this|currentTarget)\\s*[!=]==?\\s*[\\w$]+\\.target",
  ].join("|"),
);
const readings = new WeakMap(); // function → what its text says about its targets

// { selectors, plain }: `plain` is true for a handler that does not look at its event's target at all.
function readSource(fn) {
  const known = readings.get(fn);
  if (known) return known;
  let source = "";
  try {
    source = functionText(isFunction(fn) ? fn : fn.handleEvent).slice(0, 20000);
  } catch {
    source = ""; // not a function: nothing to read
  }
  const found = [];
  for (const [pattern, group, build] of READINGS) {
    for (const match of source.matchAll(new RegExp(pattern, "g"))) {
      if (!match[group].includes("${") && !isNegated(source, match)) found.push(build(match[group]));
    }
  }
  const reading = {
    selectors: Array.from(new Set([...found, ...switchSelectors(source)])),
    self: COMPARES_TARGET.test(source),
    text: source,
    passes: passesEvent(source),
    looks: /\b(?:target|srcElement|composedPath|originalTarget)\b/.test(source),
    driver: /\bthis\._hitTargetInterceptor\b/.test(source), // Playwright's own, which waits for its clicks to arrive
    native: /\{\s*\[native code\]\s*\}\s*$/.test(source),
  };
  readings.set(fn, reading);
  return reading;
}

// Whether a function hands its event on to another one, or reads it in ways that its text does not show.
function passesEvent(source) {
  const match = /^(?:async\s+)?(?:function\b[^(]*|[\w$]+\s*)?\(?\s*([\w$]+)/.exec(source);
  if (/\barguments\b|\bwindow\.event\b/.test(source)) return true;
  return (
    Boolean(match) &&
    new RegExp(`[(,]\\s*${match[1].replace(/\$/g, "\\$")}\\s*[,)]`).test(source.slice(match[0].length))
  );
}

// Marks what the selectors match within a document, a shadow root or an element.
function markMatches(scene, scope, selectors, reason) {
  let count = 0;
  for (const selector of selectors) {
    for (const el of matching(scope, selector)) {
      const target = scene.nodes.get(el);
      if (!target || isRootTarget(target)) continue;
      target.reasons |= reason;
      count += 1;
    }
  }
  return count;
}

function matching(scope, selector) {
  try {
    return Array.from(queryAll(scope, selector));
  } catch {
    return NOTHING; // not CSS: jQuery has selectors of its own
  }
}

// A delegator is { node, scope, entries }: `scope` is what is listened on, `node` the element that it belongs to.
function resolveDelegator(scene, { node, scope, entries, selectors, reason: known }) {
  if (selectors) markMatches(scene, scope, selectors, known);
  for (const entry of entries) {
    if (jqueryTargets.has(scope) && !entry.jquery && isJqueryDispatch(entry.fn)) continue;
    for (const fn of handlersBehind(scope, entry)) resolveEntry(scene, node, scope, { ...entry, fn });
  }
}

// The handlers that a framework's listener calls: zone.js keeps them beside it, Vue inside it.
function handlersBehind(scope, { type, fn }) {
  if (!isFunction(fn)) return [fn];
  for (const target of scope === document ? [document, window] : [scope]) {
    for (const phase of ["false", "true"]) {
      const tasks = plainValue(target, `__zone_symbol__${type}${phase}`);
      if (Array.isArray(tasks)) return tasks.map((task) => task.callback).filter((callback) => callback);
    }
  }
  const kept = plainValue(fn, "value") || plainValue(fn, "fns");
  return isFunction(kept) ? [kept] : [fn];
}

function resolveEntry(scene, node, scope, entry) {
  const reason = entry.kept || reasonOfType(entry.type, entry.passive);
  const reading = readSource(entry.fn);
  const root = !node || isRootTarget(node) || node.frameworkRoot;
  const trial = needsTrial(reading, root) ? trialOf(scene, node, scope, entry, reading) : null;
  let count = trial ? markActing(scene, node, trial, reading.selectors, reason) : 0;
  if (!count) count = markMatches(scene, scope, reading.selectors, reason);
  if (!count && node && scope === node.el && shadowOf(scope))
    count = markMatches(scene, shadowOf(scope), reading.selectors, reason);
  if (root || (count && !reading.self)) return;
  node.reasons |= reason;
  node.backdrop ||= reading.self;
}

function isJqueryDispatch(fn) {
  try {
    return /event\.dispatch\.apply|event\.triggered/.test(functionText(fn));
  } catch {
    return false;
  }
}
