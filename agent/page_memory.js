// What need not be worked out anew while a page stays as it is: names, contexts and locators of its candidates.
//
// Kept for one generation: until the DOM changes, an event changes a field, or other elements are drawn. Boxes,
// visibility, points, states and handlers are always looked at afresh.
//
//     memory = { generation, facts: Map(element → number), rows: [facts by number], kinds: [{ role, type }], … }
let memory = newMemory(0);
let changed = true;
const watchRoot = uncurry(MutationObserver.prototype.observe);
const stopWatching = uncurry(MutationObserver.prototype.disconnect);
const pendingChanges = uncurry(MutationObserver.prototype.takeRecords);
const watcher = new MutationObserver(() => noteChange());
const EVERYTHING = { __proto__: null, subtree: true, childList: true, attributes: true, characterData: true };
const QUIETLY = { __proto__: null, capture: true, passive: true };

for (const type of ["input", "change", "reset"]) addListener(window, type, () => noteChange(), QUIETLY);

// One change is as good as many: nothing more is recorded until the page is looked at again.
function noteChange() {
  changed = true;
  stopWatching(watcher);
}

function newMemory(number) {
  return {
    number,
    generation: "",
    list: [],
    visible: [],
    potentials: [],
    facts: new Map(),
    rows: [],
    kinds: [],
    contexts: [],
    containers: new Map(),
    columns: new Map(),
    headings: new Map(),
  };
}

// Makes `memory` fit the scene: the old one if nothing has changed, else an empty one.
function refreshMemory(scene) {
  if (!changed && pendingChanges(watcher).length === 0 && isSameScene(scene)) return;
  memory = newMemory(memory.number + 1);
  memory.generation = `${frameKey}:${memory.number}`;
  memory.list = scene.list.map((node) => node.el);
  memory.visible = scene.list.map((node) => node.visible);
  memory.potentials = scene.known.map(({ el, reasons }) => [el, reasons]);
  stopWatching(watcher);
  for (const root of [document, ...scene.roots, ...scene.closed]) watchRoot(watcher, root, EVERYTHING);
  changed = false;
}

function isSameScene({ list, known }) {
  const { potentials } = memory;
  if (list.length !== memory.list.length || known.length !== potentials.length) return false;
  for (let i = 0; i < list.length; i++) {
    if (list[i].el !== memory.list[i] || list[i].visible !== memory.visible[i]) return false;
  }
  return known.every(({ el, reasons }, i) => el === potentials[i][0] && reasons === potentials[i][1]);
}
