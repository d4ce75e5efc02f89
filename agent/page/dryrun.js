// Handlers whose text does not tell their targets (a selector in a variable, a helper, a WeakMap, a bound function)
// are called on trial: DevTools stops a call at its first side effect (`throwOnSideEffect`), so nothing happens, and
// whether it was stopped tells whether the handler acts on that target. Python drives it: see dry_run.py.
//
//     trial = { fn, node, scope, elements, signatures, status, acting: WeakSet, bySignature: Map }
//     status: new | decided | undecided
const trials = new WeakMap(); // function → node it listens on → its trial
const unclearTexts = new Set(); // texts of handlers that acted on their own container or could not be decided
const TRIAL_ELEMENTS = 300;
const TRIALS_AT_ONCE = 40;

function needsTrial(reading, isRoot) {
  if (reading.driver) return false;
  if (reading.native || reading.passes) return true;
  if (reading.selectors.length === 1 && !reading.self) return false;
  return reading.looks || (isRoot && reading.selectors.length > 1);
}

// The trial of a handler if it has been decided; otherwise it is put on the list.
function trialOf(scene, node, scope, entry, reading) {
  const known = trials.get(entry.fn)?.get(scope);
  const inside = node ? scene.list.slice(node.index + 1, node.end) : scene.list;
  if (known && (known.status !== "decided" || !isStale(known, inside)))
    return known.status === "decided" ? known : null;
  if (unclearTexts.has(reading.text) || scene.trials.length >= TRIALS_AT_ONCE) return null;
  const trial = newTrial(inside, node, scope, entry);
  if (trial.elements.length) scene.trials.push(trial);
  return null;
}

function signatureOf(node) {
  const outer = node.parent ? `${node.parent.tag}.${attr(node.parent.el, "class")}` : "";
  return `${outer}>${node.tag}.${attr(node.el, "class")}|${attrNames(node.el).join(" ")}|${attr(node.el, "role")}`;
}

function newTrial(inside, node, scope, entry) {
  const tree = scope === document ? document : rootOf(scope);
  const all = inside.filter((at) => !isRootTarget(at) && rootOf(at.el) === tree);
  const few = all.length <= TRIAL_ELEMENTS ? all : oneOfEach(all).slice(0, TRIAL_ELEMENTS);
  return {
    fn: entry.fn,
    type: entry.type,
    node,
    scope,
    size: inside.length,
    status: "new",
    acting: new WeakSet(),
    bySignature: new Map(),
    tested: new WeakSet(few.map((at) => at.el)),
    elements: few.map((at) => at.el),
    signatures: few.map(signatureOf),
  };
}

const SMALL = 1000; // elements that are looked at one by one for something new

// Whether there is something inside by now that the handler has not been tried on, nor on anything like it.
function isStale(trial, inside) {
  if (inside.length > SMALL) return Math.abs(inside.length - trial.size) > trial.size / 4;
  const tree = trial.scope === document ? document : rootOf(trial.scope);
  return inside.some(
    (at) =>
      !trial.tested.has(at.el) &&
      !isRootTarget(at) &&
      !trial.bySignature.has(signatureOf(at)) &&
      rootOf(at.el) === tree,
  );
}

function oneOfEach(nodes) {
  const seen = new Set();
  return nodes.filter((node) => {
    const signature = signatureOf(node);
    return !seen.has(signature) && seen.add(signature);
  });
}

const actsOn = (trial, node) =>
  trial.tested.has(node.el) ? trial.acting.has(node.el) : trial.bySignature.get(signatureOf(node)) === true;

// The outermost elements of each chain that the handler acts on, and those that its text names.
function markActing(scene, node, trial, selectors, reason) {
  const inside = node ? scene.list.slice(node.index + 1, node.end) : scene.list;
  let count = 0;
  for (const at of inside) {
    if (isRootTarget(at) || !actsOn(trial, at)) continue;
    const outer = at.parent && at.parent !== node && !isRootTarget(at.parent) && actsOn(trial, at.parent);
    if (outer && !selectors.some((selector) => matches(at.el, selector))) continue;
    at.reasons |= reason;
    count += 1;
  }
  return count;
}

// What an event has besides its targets.
const EVENT_FACTS = {
  bubbles: true,
  cancelable: true,
  composed: true,
  isTrusted: true,
  defaultPrevented: false,
  eventPhase: 3,
  timeStamp: 1,
  button: 0,
  buttons: 1,
  detail: 1,
  clientX: 1,
  clientY: 1,
  pageX: 1,
  pageY: 1,
  which: 1,
  pointerType: "mouse",
  isPrimary: true,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  relatedTarget: null,
  view: window,
  preventDefault() {},
  stopPropagation() {},
  stopImmediatePropagation() {},
  persist() {},
  isDefaultPrevented() {
    return false;
  },
  isPropagationStopped() {
    return false;
  }, // React's and jQuery's events
};
const createObject = Object.create;
const eventBase = (() => {
  const properties = { __proto__: null };
  for (const key of ownKeys(EVENT_FACTS)) properties[key] = { value: EVENT_FACTS[key], writable: true };
  return createObject(MouseEvent.prototype, properties);
})();

// An event that looks like a real one; made anew for each call, so that a handler may write to it. Whatever checks for
// side effects is slow, so the path is worked out only when it is asked for.
function fakeEvent(type, target, current, wrap) {
  const wrapped = wrap(target);
  const path = () => {
    const nodes = [];
    for (let at = target; at; at = parentOf(at)) nodes[nodes.length] = wrap(at);
    nodes[nodes.length] = window;
    return nodes;
  };
  return createObject(eventBase, {
    type: { value: type },
    target: { value: wrapped, writable: true },
    srcElement: { value: wrapped },
    currentTarget: { value: wrap(current), writable: true },
    path: { get: path },
    nativeEvent: { value: { type, target: wrapped } },
    composedPath: { value: path },
  });
}

const sameNode = (node) => node;

// Stand-ins for the nodes in reach, one for each: their closest() and matches() are no side effects to DevTools, which
// the real ones are. They are made beforehand, since making a Proxy counts as a side effect as well.
function standIns(trial) {
  const made = new Map();
  const real = new Map();
  const current = trial.scope;
  const nodes = [...Array.from(queryAll(current, "*")).slice(0, 5000)];
  for (let at = current; at; at = parentOf(at)) nodes.push(at);
  const wrap = (value) => made.get(value) || value;
  const unwrap = (value) => real.get(value) || value;
  const known = nearestOf(nodes, readSource(trial.fn).selectors);
  for (const node of nodes) {
    const proxy = new Proxy(node, { __proto__: null, get: (at, key) => standInValue(at, key, wrap, unwrap, known) });
    made.set(node, proxy);
    real.set(proxy, node);
  }
  return wrap;
}

// What closest() answers for the selectors that the handler's text names: selector → node → element or null.
function nearestOf(nodes, selectors) {
  const known = new Map();
  for (const selector of selectors) {
    const answers = new Map();
    try {
      for (const node of nodes) if (nodeType(node) === ELEMENT) answers.set(node, elementClosest(node, selector));
      known.set(selector, answers);
    } catch {
      // not CSS: jQuery has selectors of its own
    }
  }
  return known;
}

function standInValue(node, key, wrap, unwrap, known) {
  const nearest = (selector) => {
    const answers = known.get(selector);
    const answer = answers ? answers.get(node) : undefined;
    return answer === undefined ? purely(node, selector) : answer;
  };
  if (key === "closest") return (selector) => wrap(nearest(selector));
  if (key === "matches" || key === "webkitMatchesSelector") return (selector) => nearest(selector) === node;
  const value = node[key];
  if (typeof value !== "function") return wrap(value);
  return (a, b) => wrap(apply(value, node, [unwrap(a), unwrap(b)]));
}

// closest() without calling it.
function purely(node, selector) {
  let root = node;
  while (parentOf(root)) root = parentOf(root);
  const found = new Set(Array.from(queryAll(root, selector)));
  for (let at = node; at; at = parentOf(at)) if (found.has(at)) return at;
  return null;
}

// Calls a handler on some of its elements, on its own container if none are given. Only ever under throwOnSideEffect.
api.tryOut = (index, wrapped, indices) => {
  const trial = last.trials[index];
  const current = trial.scope;
  const own = nodeType(current) === ELEMENT ? current : null;
  const wrap = wrapped ? trial.wrap : sameNode;
  const count = indices.length || 1;
  for (let i = 0; i < count; i++) {
    const target = indices.length ? trial.elements[indices[i]] : own || calmTarget(trial);
    const event = fakeEvent(trial.type, target, current, wrap);
    if (typeof trial.fn === "function") apply(trial.fn, wrap(current), [event]);
    else trial.fn.handleEvent(event);
  }
  return count;
};

// What stands for "nothing in particular": the body, or the shadow root itself.
const calmTarget = (trial) => (trial.scope === document ? pageBody(document) : trial.scope);

// What tells a handler again when the page is loaded anew: its event, where it listens, and its text. Bound functions
// all have the same text, so nothing does.
function handlerKey(trial) {
  const { text, native } = readSource(trial.fn);
  if (native) return "";
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  const scope = trial.node ? `${signatureOf(trial.node)}#${attr(trial.node.el, "id")}` : "document";
  return `${trial.type} ${scope} ${text.length} ${hash}`;
}

// [{ handler, likely: how many of its elements, the last ones, its text speaks of, elements: what tells each again }]
api.openTrials = () =>
  pristine(() =>
    JSON.stringify(
      last.trials.map((trial) => {
        const known = nearestOf(trial.elements, readSource(trial.fn).selectors);
        const likely = (el) => Array.from(known.values()).some((answers) => answers.get(el));
        const order = trial.elements.map((el, i) => [likely(el), el, trial.signatures[i]]);
        const sorted = [...order.filter(([is]) => !is), ...order.filter(([is]) => is)];
        trial.elements = sorted.map(([, el]) => el);
        trial.signatures = sorted.map(([, , signature]) => signature);
        trial.wrap = standIns(trial);
        const count = sorted.filter(([is]) => is).length;
        const elements = sorted.map(([, el, signature]) => `${signature}#${attr(el, "id")}`);
        return { handler: handlerKey(trial), likely: count, elements };
      }),
    ),
  );

// acting: indices of the elements that the handler acts on; null when it could not be decided.
api.settleTrial = (index, acting) =>
  pristine(() => {
    const trial = last.trials[index];
    if (!trials.has(trial.fn)) trials.set(trial.fn, new WeakMap());
    trials.get(trial.fn).set(trial.scope, trial);
    trial.status = acting ? "decided" : "undecided";
    if (!acting) unclearTexts.add(readSource(trial.fn).text);
    const indices = new Set(acting || []);
    trial.elements.forEach((el, i) => {
      if (indices.has(i)) trial.acting.add(el);
      trial.bySignature.set(trial.signatures[i], indices.has(i));
    });
    trial.elements = [];
    trial.wrap = null;
  });
