// What need not be worked out anew: names, texts and contexts of elements that have not changed since the last look.
//
// A MutationObserver of ours notes where the DOM changes; whatever contains such a place is forgotten, and so is what
// style sheets have shown or hidden since. Boxes, points, states and handlers are always looked at afresh.
//
//     memory = { generation, seen: Map(element → visible), names, bases, own, columns, headings: Map(element → …),
//                states, numbers: Map(element → number of its row), rows: [facts in frames.py's order], kinds, contexts }
const watchRoot = uncurry(MutationObserver.prototype.observe);
const stopWatching = uncurry(MutationObserver.prototype.disconnect);
const pendingChanges = uncurry(MutationObserver.prototype.takeRecords);
const watcher = new MutationObserver((records) => noteChanges(records));
const EVERYTHING = { __proto__: null, subtree: true, childList: true, attributes: true, characterData: true };
const QUIETLY = { __proto__: null, capture: true, passive: true };
const SHAPING = new Set(["inert", "name", "open", "slot"]); // attributes on which it depends what is drawn, and where
const MOST_CHANGES = 5000; // more than that, and starting over is cheaper
const setAdd = uncurry(Set.prototype.add);
const setSize = uncurry(getOwnPropertyDescriptor(Set.prototype, "size").get);
const recordType = uncurry(getOwnPropertyDescriptor(MutationRecord.prototype, "type").get);
const recordTarget = uncurry(getOwnPropertyDescriptor(MutationRecord.prototype, "target").get);
const recordAttribute = uncurry(getOwnPropertyDescriptor(MutationRecord.prototype, "attributeName").get);
const recordAdded = uncurry(getOwnPropertyDescriptor(MutationRecord.prototype, "addedNodes").get);

let memories = 0;
let memory = newMemory();
let changes = new Set(); // nodes that changed since the last look
let arrivals = new Set(); // nodes that were put somewhere
let startOver = true;
let rebuilt = true; // whether other elements may be drawn than at the last look
let watched = new WeakSet(); // roots that are being watched

function newMemory() {
  memories += 1;
  return {
    generation: `${frameKey}:${memories}`,
    same: false,
    partly: false,
    seen: new Map(),
    potentials: [],
    names: new Map(),
    bases: new Map(),
    own: new Map(),
    columns: new Map(),
    headings: new Map(),
    states: new Map(),
    numbers: new Map(),
    rows: [],
    kinds: [],
    contexts: [],
  };
}

// Runs while the page's own code does, so it uses nothing that a page may have replaced.
function noteChanges(records) {
  for (let i = 0; i < records.length; i++) {
    // What inline styles show or hide is seen anyway, and animations set them all the time.
    if (recordAttribute(records[i]) === "style") continue;
    setAdd(changes, recordTarget(records[i]));
    const attribute = recordAttribute(records[i]);
    if (attribute === null ? recordType(records[i]) === "childList" : isRecorded(SHAPING, attribute)) rebuilt = true;
    const added = recordAdded(records[i]);
    for (let k = 0; k < added.length; k++) setAdd(arrivals, added[k]);
  }
  if (setSize(changes) + setSize(arrivals) > MOST_CHANGES) {
    startOver = true;
    rebuilt = true;
    stopWatching(watcher);
  }
}

// A root that an element was given shows something else than the element did; no record tells of it.
function noteRoot(host) {
  rebuilt = true;
  setAdd(changes, host);
  noteChanges(NOTHING);
}

// Fields that labels speak of: their values are no part of the DOM.
function watchFields() {
  for (const type of ["input", "change", "reset"])
    addListener(window, type, (event) => setAdd(changes, eventTarget(event) || document), QUIETLY);
}

// Makes `memory` fit the scene.
function refreshMemory(scene) {
  noteChanges(pendingChanges(watcher));
  if (startOver || memory.rows.length > 4 * scene.known.length + 2000) {
    memory = newMemory();
    watched = new WeakSet();
    stopWatching(watcher);
  } else {
    const touched = touchedSince(scene);
    memory.same = touched.size === 0 && hasSamePotentials(scene);
    if (!memory.same) {
      memory.states = new Map();
      forgetTouched(scene, touched);
    }
  }
  memory.seen = new Map(scene.list.map((node) => [node.el, node.visible]));
  memory.potentials = scene.known.map(({ el, reasons }) => [el, reasons]);
  for (const root of [document, ...scene.roots, ...scene.closed]) {
    if (!watched.has(root)) watchRoot(watcher, root, EVERYTHING);
    watched.add(root);
  }
  changes = new Set();
  arrivals = new Set();
  startOver = false;
  rebuilt = false;
}

// Elements in which something changed, or is shown that was not, or no longer.
function touchedSince(scene) {
  const touched = new Set();
  const touch = (node) => {
    for (let at = node; at && !touched.has(at); at = flatParent(at)) touched.add(at);
  };
  for (const node of changes) touch(isShadow(node) ? hostOf(node) : node);
  for (const node of scene.list) if (memory.seen.get(node.el) !== node.visible) touch(node.el);
  for (const el of memory.seen.keys()) if (!scene.nodes.has(el)) touch(el);
  return touched;
}

function hasSamePotentials({ known }) {
  const { potentials } = memory;
  if (known.length !== potentials.length) return false;
  return known.every(({ el, reasons }, i) => el === potentials[i][0] && reasons === potentials[i][1]);
}

// What was moved elsewhere is forgotten with everything in it; names and words that other elements give are always asked anew.
function forgetTouched(scene, touched) {
  const forget = (el) => {
    for (const facts of [memory.names, memory.bases, memory.own, memory.columns, memory.headings]) facts.delete(el);
  };
  touched.forEach(forget);
  for (const node of arrivals) {
    const moved = scene.nodes.get(node);
    if (moved) for (let i = moved.index; i < moved.end; i++) forget(scene.list[i].el);
  }
  for (const { el } of scene.known) {
    if (hasAttr(el, "aria-describedby") || isShape(el)) forget(el);
    else if (LABELABLE.has(localName(el)) || hasAttr(el, "aria-labelledby")) memory.names.delete(el);
  }
}
