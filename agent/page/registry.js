// Records what a page cannot be asked for later: its event listeners and its closed shadow roots.
//
// Runs before the page's own scripts, in every frame. Natives are wrapped in proxies that behave and print as
// before; nothing is stored where the page can see it. The one way in is a patched native called on TOKEN
// instead of a real receiver: Element.prototype.attachShadow.call(TOKEN) returns the api. One throws nothing where it is
// not patched: Function.prototype.toString.call(() => {}, TOKEN).
const {
  Array,
  Boolean,
  Error,
  JSON,
  Map,
  Math,
  Number,
  Object,
  Proxy,
  Reflect,
  RegExp,
  Set,
  String,
  Symbol,
  WeakMap,
  WeakSet,
} = globalThis;
const { apply, ownKeys, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const uncurry = Function.prototype.bind.bind(Function.prototype.call);
const weakGet = uncurry(WeakMap.prototype.get);
const weakSet = uncurry(WeakMap.prototype.set);

const CLICKS = [
  "click",
  "dblclick",
  "auxclick",
  "contextmenu",
  "mousedown",
  "mouseup",
  "pointerdown",
  "pointerup",
  "tap",
];
const TOUCHES = ["touchstart", "touchend"];
const KEYS = ["keydown", "keyup", "keypress"];
const HOVERS = ["mouseenter", "mouseover", "pointerenter", "pointerover"];
const DRAGS = ["dragstart", "drop", "dragover", "dragenter"];
const RECORDED = new Set([...CLICKS, ...TOUCHES, ...KEYS, ...HOVERS, ...DRAGS]);
const isRecorded = uncurry(Set.prototype.has);

const listeners = new WeakMap(); // EventTarget → [{ type, fn, capture, passive, once, signal, sentinel }]
const closedRoots = new WeakMap(); // host → its closed ShadowRoot
const originals = new WeakMap(); // our proxy → the native that it wraps
const addListener = uncurry(EventTarget.prototype.addEventListener);
const removeListener = uncurry(EventTarget.prototype.removeEventListener);
const eventTarget = uncurry(getOwnPropertyDescriptor(Event.prototype, "target").get);
const signalAborted = uncurry(getOwnPropertyDescriptor(AbortSignal.prototype, "aborted").get);

// An option's value, without running a getter of the page's a second time.
function option(options, name) {
  if (options === null || typeof options !== "object") return undefined;
  const descriptor = getOwnPropertyDescriptor(options, name);
  return descriptor ? descriptor.value : undefined;
}

function isCapture(options) {
  return typeof options === "boolean" ? options : Boolean(option(options, "capture"));
}

function indexOfListener(list, type, fn, capture) {
  for (let i = 0; i < list.length; i++) {
    if (list[i].type === type && list[i].fn === fn && list[i].capture === capture) return i;
  }
  return -1;
}

function dropAt(list, index) {
  for (let i = index + 1; i < list.length; i++) list[i - 1] = list[i];
  if (index >= 0) list.length -= 1;
}

function forget(target, type, fn, capture) {
  const list = weakGet(listeners, target);
  const index = list ? indexOfListener(list, type, fn, capture) : -1;
  if (index < 0) return;
  const { sentinel } = list[index];
  dropAt(list, index);
  if (sentinel) removeListener(target, type, sentinel, capture);
}

// A `once` listener leaves the record when it fires: our own listener in front of it sees that moment.
function watchOnce(target, entry) {
  entry.sentinel = () => forget(target, entry.type, entry.fn, entry.capture);
  addListener(target, entry.type, entry.sentinel, {
    __proto__: null,
    once: true,
    passive: true,
    capture: entry.capture,
  });
}

function record(target, type, fn, options) {
  if (!isRecorded(RECORDED, type) || (typeof fn !== "function" && (typeof fn !== "object" || fn === null))) return;
  const capture = isCapture(options);
  let list = weakGet(listeners, target);
  if (!list) weakSet(listeners, target, (list = []));
  if (indexOfListener(list, type, fn, capture) >= 0) return;
  const entry = {
    __proto__: null,
    type,
    fn,
    capture,
    passive: option(options, "passive"),
    signal: option(options, "signal"),
  };
  if (option(options, "once")) watchOnce(target, entry);
  defineProperty(list, list.length, {
    __proto__: null,
    value: entry,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

function aborted(entry) {
  try {
    return Boolean(entry.signal) && signalAborted(entry.signal);
  } catch {
    return false;
  }
}

const NOTHING = [];

// Tells this document from all others, to Python.
const frameKey = crypto.getRandomValues(new Uint32Array(4)).join("-");

// Live listeners of a target; on* handlers are read elsewhere, from the element itself.
function listenersOf(target) {
  const list = weakGet(listeners, target);
  return list === undefined ? NOTHING : list.filter((entry) => !aborted(entry));
}

function patch(owner, name, around) {
  const descriptor = owner && getOwnPropertyDescriptor(owner, name);
  if (!descriptor || typeof descriptor.value !== "function") return;
  const proxy = new Proxy(descriptor.value, { __proto__: null, apply: around });
  weakSet(originals, proxy, descriptor.value);
  defineProperty(owner, name, { __proto__: null, ...descriptor, value: proxy });
}

function receiver(self) {
  return self === undefined || self === null ? globalThis : self;
}

function install() {
  patch(EventTarget.prototype, "addEventListener", (native, self, args) => {
    if (self === TOKEN) return api;
    const fresh = typeof args[0] === "string" && isRecorded(RECORDED, args[0]);
    if (fresh && option(args[2], "once")) record(receiver(self), args[0], args[1], args[2]);
    const result = apply(native, self, args);
    if (fresh) record(receiver(self), args[0], args[1], args[2]);
    return result;
  });
  patch(EventTarget.prototype, "removeEventListener", (native, self, args) => {
    const result = apply(native, self, args);
    if (typeof args[0] === "string") forget(receiver(self), args[0], args[1], isCapture(args[2]));
    return result;
  });
  patch(Element.prototype, "attachShadow", (native, self, args) => {
    if (self === TOKEN) return api;
    const root = apply(native, self, args);
    noteRoot(self);
    if (option(args[0], "mode") === "closed") weakSet(closedRoots, self, root);
    return root;
  });
  patch(Function.prototype, "toString", (native, self, args) => {
    if (args[0] === TOKEN) return api;
    return apply(native, (typeof self === "function" && weakGet(originals, self)) || self, args);
  });
}

// Language built-ins as they were when this ran. A page may replace them later (Prototype.js, polyfills, spite).
const GUARDED = [
  Object.prototype,
  Array.prototype,
  String.prototype,
  Number.prototype,
  RegExp.prototype,
  Function.prototype,
  Map.prototype,
  Set.prototype,
  WeakMap.prototype,
  WeakSet.prototype,
  Object,
  Array,
  String,
  Number,
  JSON,
  Math,
  Reflect,
  getPrototypeOf([][Symbol.iterator]()),
  getPrototypeOf(new Map()[Symbol.iterator]()),
  getPrototypeOf(new Set()[Symbol.iterator]()),
  getPrototypeOf(""[Symbol.iterator]()),
  getPrototypeOf(getPrototypeOf([][Symbol.iterator]())),
];
const snapshots = [];

function snapshot() {
  for (let i = 0; i < GUARDED.length; i++) {
    const known = { __proto__: null };
    const keys = ownKeys(GUARDED[i]);
    for (let k = 0; k < keys.length; k++) known[keys[k]] = getOwnPropertyDescriptor(GUARDED[i], keys[k]);
    delete known.toJSON; // none of these has one natively
    snapshots[i] = known;
  }
}

function sameProperty(now, then) {
  return now === then || (now && then && now.value === then.value && now.get === then.get && now.set === then.set);
}

// Puts one object back into its first state and notes in `undo` what it took away.
function makePristine(object, known, undo) {
  const keys = ownKeys(object);
  for (let k = 0; k < keys.length; k++) {
    const now = getOwnPropertyDescriptor(object, keys[k]);
    if (sameProperty(now, known[keys[k]])) continue;
    const done = known[keys[k]] ? defineProperty(object, keys[k], known[keys[k]]) : deleteProperty(object, keys[k]);
    if (done) undo[undo.length] = { __proto__: null, object, key: keys[k], now };
  }
  const first = ownKeys(known);
  for (let k = 0; k < first.length; k++) {
    if (getOwnPropertyDescriptor(object, first[k])) continue;
    defineProperty(object, first[k], known[first[k]]);
    undo[undo.length] = { __proto__: null, object, key: first[k], now: undefined };
  }
}

// Calls `work` with the built-ins as they were at first; the page, whose code cannot run meanwhile, sees nothing of it.
function pristine(work) {
  const undo = [];
  for (let i = 0; i < GUARDED.length; i++) makePristine(GUARDED[i], snapshots[i], undo);
  try {
    return work();
  } finally {
    for (let i = 0; i < undo.length; i++) {
      const { object, key, now } = undo[i];
      if (now) defineProperty(object, key, now);
      else deleteProperty(object, key);
    }
  }
}
