// Tells of what a person does, each with the page as it was just before: runs in a world of its own, which the page does
// not see, in every frame, and changes nothing. `magentaRecord` is a binding of DevTools.
//
//     magentaRecord('{"kind": "click", "at": 1764131593.2, "value": null, "seen": {…once.js…}, "spent": [3.1]}')
const WISH = { hide: RECORD_HIDE, chars: 4000, layout: true };
const FRAMES = "iframe,frame,object,embed,fencedframe";
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

// Whether another control on the page is called the same, and in which row, item or card this one stands.
function placeOf(scene, el, { role, name }) {
  const alike = hasNamesake(scene, el, role, name);
  for (let at = flatParent(el); at && alike; at = flatParent(at)) {
    const node = scene.nodes.get(at);
    const within = node && ITEMS.has(containerKind(node)) ? itemName(scene, node, name) : "";
    if (within) return { alike, within };
  }
  return { alike, within: "" };
}

const MOST_NAMESAKES = 40; // names are slow to work out, and a person waits

function hasNamesake(scene, el, role, name) {
  const text = fold(textContent(el));
  const label = attr(el, "aria-label");
  let left = MOST_NAMESAKES;
  for (const other of Array.from(queryAll(document, localName(el)))) {
    if (other === el || fold(textContent(other)) !== text || attr(other, "aria-label") !== label) continue;
    if (!hasArea(edges(boundingRect(other)))) continue;
    if (namedAs(scene, other).name === name && roleOf(other) === role) return true;
    if (--left === 0) return false;
  }
  return false;
}

// What a row is called: its heading, else the first words in it that are not the control's own.
function itemName(scene, { el }, name) {
  for (const each of [...Array.from(queryAll(el, HEADINGS)), ...Array.from(queryAll(el, "*"))]) {
    if ((firstElement(each) && !matches(each, HEADINGS)) || matches(each, "button,input,select,textarea,option")) continue;
    const text = visibleText(scene, each, 80);
    if (/\p{L}/u.test(text) && text !== name) return text;
  }
  return "";
}

function tell(kind, look, value = null) {
  const { at, seen } = look || { at: now(), seen: null };
  magentaRecord(JSON.stringify({ kind, at, value, seen, spent: spent.splice(0) }));
}

const isHidden = (el) => FIELD_TAGS.has(localName(el)) && isPrivateField(el, localName(el));
const valueIn = (el) => (isEditable(el) ? fold(textContent(el)) : fieldValue(el, localName(el)));
const isTyped = (el) => (el ? TYPED.test(elementType(el, roleOf(el))) : false);

// One line for each field that was changed, once the person is through with it.
function flush() {
  if (!field) return;
  const value = valueIn(field.el);
  if (value !== field.before) tell("fill", field, isHidden(field.el) ? null : value);
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
      // Where the page stays, the next thing that is typed comes after this.
      if (field && field.el === el) field = { ...look, before: field.before };
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

// What is private now, in the window and out of it, what page this is, and where it shows other documents. `typed` is what
// stood in secret fields of any page.
globalThis.magentaLook = (typed, layout) =>
  timed(() => {
    WISH.hide.typed = typed;
    const heading = queryAll(document, "h1")[0];
    const look = JSON.parse(lookOnce(null, { ...WISH, layout, whole: true }));
    const frames = last.scene.private.words.roots.flatMap((root) => Array.from(queryAll(root, FRAMES), boundingRect));
    const shown = frames.map(edges).filter((rect) => hasArea(rect) && inWindow(rect));
    return JSON.stringify({ ...look, at: now(), frames: shown, heading: heading ? fold(textContent(heading)) : "" });
  });
if (window === window.top) {
  const [entry] = performance.getEntriesByType("navigation");
  const value = entry ? entry.type : "";
  magentaRecord(JSON.stringify({ kind: "arrival", at: now(), value, seen: null, spent: [], url: location.href }));
}
