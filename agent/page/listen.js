// Tells of what a person does, each with the page as it was just before: runs in a world of its own, which the page does
// not see, in every frame, and changes nothing. `magentaRecord` is a binding of DevTools.
//
//     magentaRecord('{"kind": "click", "at": 1764131593.2, "value": null, "seen": {…once.js…}, "spent": [3.1]}')
const WISH = { hide: RECORD_HIDE, chars: 4000, layout: true };
const TYPED = /^input:(?!checkbox|radio|file|button|submit|reset|image|range|color|hidden)|^textarea$/;
let pressed = null; // what was seen when the mouse button went down
let keyed = null; // the same for a key
let field = null; // the field that is being filled in, as it was before
let dragged = null;
let entered = 0; // when Enter was last pressed in a field

const now = () => (performance.timeOrigin + performance.now()) / 1000;
const targetOf = (event) => actedOn(event.composedPath()[0]);

function see(el) {
  const at = now();
  const seen = JSON.parse(lookOnce(el, WISH));
  if (seen.element) Object.assign(seen.element, placeOf(last.scene, el, seen.element));
  return { el, at, seen };
}

// How many controls on the page are called the same, and in which row, item or card this one stands.
function placeOf(scene, el, { role, name }) {
  let alike = 0;
  for (const other of queryAll(document, INTERACTIVE)) {
    if (other !== el && hasArea(edges(boundingRect(other))) && roleOf(other) === role && namedAs(scene, other).name === name)
      alike += 1;
  }
  for (let at = flatParent(el); at; at = flatParent(at)) {
    const node = scene.nodes.get(at);
    if (node && ITEMS.has(containerKind(node))) return { alike, within: itemName(scene, node, name) };
  }
  return { alike, within: "" };
}

function itemName(scene, { el }, name) {
  const heading = queryAll(el, HEADINGS)[0] || queryAll(el, "td,th,[role=cell],[role=gridcell]")[0];
  const text = heading ? visibleText(scene, heading, 80) : visibleText(scene, el, 80);
  return text === name ? "" : text;
}

function tell(kind, look, value = null) {
  const { at, seen } = look || { at: now(), seen: null };
  magentaRecord(JSON.stringify({ kind, at, value, seen, spent: spent.splice(0) }));
}

const valueIn = (el) => (isEditable(el) ? fold(textContent(el)) : fieldValue(el, localName(el)));
const isTyped = (el) => (el ? TYPED.test(elementType(el, roleOf(el))) : false);

// One line for each field that was changed, once the person is through with it.
function flush() {
  if (!field) return;
  const value = valueIn(field.el);
  if (value !== field.before) tell("fill", field, isSecret(field.el) || everSecret.has(field.el) ? null : value);
  field = { ...field, before: value };
}

const HEARD = {
  pointerdown(event) {
    const el = targetOf(event);
    if (field && field.el !== el) flush();
    pressed = see(el);
  },
  click(event) {
    const el = targetOf(event);
    const type = elementType(el, roleOf(el));
    const label = localName(event.composedPath()[0]) === "label" || closest(event.composedPath()[0], "label");
    if (/^(checkbox|radio|input:file|select|option)$/.test(type) && FIELD_TAGS.has(localName(el))) return;
    if (isTyped(el) || (event.detail === 0 && now() - entered < 0.3)) return;
    if (label && labelControl(label) && labelControl(label) !== el && !contains(label, el)) return;
    tell("click", of(el));
  },
  dblclick: (event) => tell("double_click", of(targetOf(event))),
  contextmenu: (event) => tell("right_click", of(targetOf(event))),
  focusin(event) {
    const el = event.composedPath()[0];
    if (field && field.el === el) return;
    flush();
    field = isTyped(el) ? { ...of(el), before: valueIn(el) } : null;
  },
  focusout: () => flush(),
  change(event) {
    const el = event.composedPath()[0];
    const tag = localName(el);
    const type = tag === "input" ? inputType(el) : tag;
    if (type === "checkbox" || type === "radio") tell(el.checked ? "check" : "uncheck", of(el));
    else if (tag === "select") tell("select", of(el), selectedText(el));
    else if (type === "file") tell("upload", of(el), Array.from(el.files, (file) => file.name).join(", "));
    else if (!isTyped(el)) tell("fill", of(el), valueIn(el));
  },
  keydown(event) {
    const el = event.composedPath()[0];
    const { key } = event;
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (/^(Control|Shift|Alt|Meta|Tab|AltGraph)$/.test(key)) return;
    if (key === "Enter" && isTyped(el) && localName(el) === "input") {
      const look = see(el);
      flush();
      entered = now();
      tell("press", look, "Enter");
    } else if (key === " " || key === "Enter") {
      keyed = isTyped(el) ? null : see(actedOn(el));
    } else if (/^(Escape|F\d+)$/.test(key) || (held && !/^[acvxz]$/i.test(key) && !key.startsWith("Arrow"))) {
      const names = [["ctrlKey", "Control"], ["altKey", "Alt"], ["metaKey", "Meta"], ["shiftKey", "Shift"]];
      const keys = names.filter(([flag]) => event[flag]).map(([, name]) => name);
      tell("press", see(el), [...keys, key.length === 1 ? key.toUpperCase() : key].join("+"));
    }
  },
  dragstart: (event) => (dragged = of(targetOf(event))),
  drop(event) {
    const goal = see(targetOf(event)).seen.element;
    if (dragged) tell("drag", dragged, goal ? goal.name || goal.text : "");
    dragged = null;
  },
  pagehide: () => flush(),
};

// What was seen before the page could react, if it is of this element.
function of(el) {
  if (pressed && pressed.el === el) return pressed;
  return keyed && keyed.el === el ? keyed : see(el);
}

const spent = []; // milliseconds for which the page was held up, each time

function timed(work) {
  const began = performance.now();
  try {
    return work();
  } finally {
    spent.push(Math.round((performance.now() - began) * 100) / 100);
  }
}

for (const [type, hear] of Object.entries(HEARD)) {
  const listener = (event) => {
    if (!event.isTrusted && type !== "change" && type !== "pagehide") return;
    timed(() => hear(event));
  };
  window.addEventListener(type, listener, { capture: true, passive: true });
}

// A closed shadow root that DevTools found.
globalThis.magentaRoot = (root) => weakSet(closedRoots, hostOf(root), root);

// What is private now, and what page this is.
globalThis.magentaLook = () =>
  timed(() => {
    const heading = queryAll(document, "h1")[0];
    const look = JSON.parse(lookOnce(null, { ...WISH, layout: false }));
    return JSON.stringify({ ...look, heading: heading ? fold(textContent(heading)) : "" });
  });
if (window === window.top) {
  const [entry] = performance.getEntriesByType("navigation");
  const value = entry ? entry.type : "";
  magentaRecord(JSON.stringify({ kind: "arrival", at: now(), value, seen: null, spent: [], url: location.href }));
}
